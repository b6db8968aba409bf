"""Descriptors to the axes of most variance, and to their coordinates along them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.blocks import padded_blocks

__all__ = ["fit_axes", "project"]


def fit_axes(
    descriptors: NDArray[np.float32], n_axes: int | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean, and the axes of most variance as columns.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
    n_axes : int or None
        How many at most; all of them, left as they are, if None or at least d.

    Returns
    -------
    mean : ndarray of shape (d,), float32
    axes : ndarray of shape (d, n_axes), float32
        Fewer where the descriptors are flat in other directions: only rounding would
        be seen there. Each axis' largest entry is positive.
    """
    n, d = descriptors.shape
    mean = descriptors.mean(axis=0, dtype=np.float64).astype(np.float32)
    if n_axes is None or n_axes >= d:
        return mean, np.eye(d, dtype=np.float32)
    covariance = np.zeros((d, d))
    for _, n_rows, block in padded_blocks(descriptors):
        centred = (block[:n_rows] - mean).astype(np.float64)
        covariance += centred.T @ centred
    variances, axes = np.linalg.eigh(covariance / n)
    variances, axes = variances[::-1][:n_axes], axes[:, ::-1][:, :n_axes]
    kept = variances > 1e-7 * variances[0]
    kept[0] = True
    axes = axes[:, kept]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    return mean, np.ascontiguousarray(axes, dtype=np.float32)


def project(
    descriptors: NDArray[Any], mean: NDArray[np.float32], axes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the coordinates of centred descriptors along axes.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
    mean : ndarray of shape (d,), float32
    axes : ndarray of shape (d, n_axes), float32

    Returns
    -------
    ndarray of shape (n, n_axes), float32
    """
    projected = np.empty((len(descriptors), axes.shape[1]), dtype=np.float32)
    for start, n, block in padded_blocks(descriptors):
        projected[start : start + n] = ((block - mean) @ axes)[:n]
    return projected
