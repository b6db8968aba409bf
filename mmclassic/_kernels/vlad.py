"""Descriptors and a codebook to the sums of residuals from each word."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.codebook import nearest_words
from mmclassic._kernels.pyramid import Regions

__all__ = ["residual_sums"]


def residual_sums(
    descriptors: NDArray[Any], codebook: NDArray[np.float32], regions: Regions
) -> NDArray[np.float64]:
    """Return the sum, over each word's descriptors, of their difference to the word.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
    codebook : ndarray of shape (n_words, d), float32
    regions : Regions

    Returns
    -------
    ndarray of shape (n_regions, n_words, d), float64

    References
    ----------
    .. [1] Jégou, Douze, Schmid & Pérez, "Aggregating local descriptors into a compact
       image representation", CVPR 2010, eq. 1. :doi:`10.1109/CVPR.2010.5540039`
    """
    n_words, d = codebook.shape
    sums = np.zeros((regions.n_atoms * n_words, d))
    if len(descriptors):
        words = nearest_words(descriptors, codebook)
        residuals = descriptors - codebook[words]
        cells = regions.atoms * n_words + words
        order = np.argsort(cells, kind="stable")
        filled, starts = np.unique(cells[order], return_index=True)
        sums[filled] = np.add.reduceat(
            residuals[order], starts, axis=0, dtype=np.float64
        )
    return regions.sums(sums.reshape(regions.n_atoms, n_words, d))
