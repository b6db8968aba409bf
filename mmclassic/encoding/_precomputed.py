"""Cells of LocalFeatures or arrays to LocalFeatures: descriptor="precomputed"."""

from typing import Any

import numpy as np

from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError

__all__ = ["describe_precomputed"]


def describe_precomputed(cell: Any) -> LocalFeatures:
    """Return the LocalFeatures that a cell holds.

    Parameters
    ----------
    cell : LocalFeatures, or array-like of shape (n, d) or (d,)
        A vector is one descriptor. The rows of an array are taken as evenly spaced in
        time: the i-th lies at (i + 0.5) / n.

    Returns
    -------
    LocalFeatures

    Raises
    ------
    MediaError
        If the cell holds anything else, or values that are not finite.
    """
    features = cell if isinstance(cell, LocalFeatures) else _read_array(cell)
    if not np.isfinite(features.descriptors).all():
        raise MediaError("holds NaN or infinite values. Mark it as missing: None.")
    return features


def _read_array(cell: Any) -> LocalFeatures:
    try:
        descriptors = np.asarray(cell)
        if descriptors.dtype.kind not in "biuf":
            descriptors = descriptors.astype(np.float64)
    except (TypeError, ValueError):
        raise MediaError(
            "holds no numbers; with descriptor='precomputed' each cell must be "
            "LocalFeatures or an array of shape (n, d) or (d,)."
        ) from None
    if descriptors.ndim == 1:
        descriptors = descriptors[np.newaxis, :]
    if descriptors.ndim != 2:
        raise MediaError(
            "must be LocalFeatures or an array of shape (n, d) or (d,); got shape "
            f"{descriptors.shape}."
        )
    if descriptors.shape[1] == 0:
        descriptors = descriptors[:0]
    n = len(descriptors)
    positions = (np.arange(n, dtype=np.float32) + np.float32(0.5)) / max(n, 1)
    return LocalFeatures(descriptors, positions[:, np.newaxis])
