"""SIFT descriptors of a picture to those of the picture and its mirror image."""

import numpy as np

from mmclassic._kernels.oriented_bins import N_BINS, N_ORIENTATIONS
from mmclassic._local_features import LocalFeatures

__all__ = ["with_mirrored"]


def _mirrored_order() -> np.ndarray:
    """Return where each value of a mirrored descriptor stood before."""
    n_values = N_BINS * N_BINS * N_ORIENTATIONS
    order = np.arange(n_values).reshape(N_BINS, N_BINS, N_ORIENTATIONS)
    # An angle a turns to pi - a, half of all orientations less its own.
    turned = (N_ORIENTATIONS // 2 - np.arange(N_ORIENTATIONS)) % N_ORIENTATIONS
    return order[:, ::-1][:, :, turned].ravel()


_ORDER = _mirrored_order()


def with_mirrored(features: LocalFeatures) -> LocalFeatures:
    """Return upright SIFT descriptors, then those of the mirrored picture.

    Left and right change places: the columns of bins, the orientations and the
    positions' x. Nothing is computed anew.

    Parameters
    ----------
    features : LocalFeatures
        Of n upright descriptors, their bins row by row, with positions (y, x).

    Returns
    -------
    LocalFeatures
        Of 2 * n descriptors.
    """
    places = features.positions * np.array([1, -1], np.float32) + np.array(
        [0, 1], np.float32
    )
    return LocalFeatures(
        np.concatenate([features.descriptors, features.descriptors[:, _ORDER]]),
        np.concatenate([features.positions, places]),
    )
