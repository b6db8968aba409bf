"""Moments of a mixture's parts to the Fisher vector of each region."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.gaussian_mixture import (
    DiagonalMixture,
    Moments,
    posterior_moments,
)
from mmclassic._kernels.pyramid import Regions

__all__ = ["fisher_gradients", "region_moments"]


def region_moments(
    descriptors: NDArray[Any],
    projection: NDArray[np.float32],
    offset: NDArray[np.float32],
    regions: Regions,
) -> Moments:
    """Return the moments of each component over each region.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
    projection, offset : ndarrays
        Of ``DiagonalMixture.linear_form``.
    regions : Regions

    Returns
    -------
    Moments
        Of shapes (n_regions, n_components) and (n_regions, n_components, d).
    """
    by_atom = [
        posterior_moments(descriptors, projection, offset, members)[0]
        for members in regions.by_atom()
    ]
    return Moments(
        regions.sums(np.array([moments.counts for moments in by_atom])),
        regions.sums(np.array([moments.squares for moments in by_atom])),
        regions.sums(np.array([moments.sums for moments in by_atom])),
    )


def fisher_gradients(
    moments: Moments, mixture: DiagonalMixture
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the normalised gradients with respect to weights, means and deviations.

    Parameters
    ----------
    moments : Moments
        Of shapes (n_regions, n_components) and (n_regions, n_components, d).
    mixture : DiagonalMixture

    Returns
    -------
    weights : ndarray of shape (n_regions, n_components), float64
    means, deviations : ndarrays of shape (n_regions, n_components, d), float64
        Zeros for a region without descriptors.

    References
    ----------
    .. [1] Sánchez, Perronnin, Mensink & Verbeek, "Image classification with the Fisher
       vector: theory and practice", IJCV 105, 2013, eq. 16-18.
       :doi:`10.1007/s11263-013-0636-x`
    """
    # The posteriors of a descriptor sum to 1, so the counts sum to the descriptors.
    n = np.maximum(moments.counts.sum(axis=1), 1)[:, np.newaxis]
    root = np.sqrt(np.maximum(mixture.weights, 1e-12))
    counts = moments.counts[..., np.newaxis]
    mu, variance = mixture.means, mixture.variances
    scale = (n * root)[..., np.newaxis]
    weights = (moments.counts - n * mixture.weights) / (n * root)
    weights *= moments.counts.sum(axis=1, keepdims=True) > 0
    means = (moments.sums - mu * counts) / (np.sqrt(variance) * scale)
    squares = moments.squares - 2 * mu * moments.sums + mu**2 * counts
    deviations = (squares / variance - counts) / (np.sqrt(2) * scale)
    return weights, means, deviations
