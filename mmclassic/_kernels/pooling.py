"""Sets of vectors to statistics of each dimension: moments, extremes, quantiles."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["STATISTICS", "pool", "quantiles"]


def pool(descriptors: NDArray[Any], statistic: str) -> NDArray[np.float64]:
    """Return one statistic of each dimension over a set, zeros if it is empty.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float64
    statistic : str
        A key of STATISTICS.

    Returns
    -------
    ndarray of shape (d,), float64
    """
    if not len(descriptors):
        return np.zeros(descriptors.shape[1])
    return STATISTICS[statistic](descriptors)


def quantiles(descriptors: NDArray[Any], levels: Any) -> NDArray[np.float64]:
    """Return quantiles of each dimension over a set, zeros if it is empty.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float64
    levels : sequence of n_levels floats
        In [0, 1].

    Returns
    -------
    ndarray of shape (n_levels * d,), float64
    """
    if not len(descriptors):
        return np.zeros(len(levels) * descriptors.shape[1])
    # As numpy.quantile does, which takes longer to find the ranks than to sort.
    ranks = np.asarray(levels, dtype=np.float64) * (len(descriptors) - 1)
    below = ranks.astype(np.intp)
    ordered = np.sort(descriptors, axis=0)
    low = ordered[below]
    high = ordered[np.minimum(below + 1, len(descriptors) - 1)]
    return (low + (high - low) * (ranks - below)[:, np.newaxis]).ravel()


def _std(x: NDArray[np.float64]) -> NDArray[np.float64]:
    # Less the first, equal numbers are exact zeros; their mean need not be exact.
    return (x - x[0]).std(axis=0)


def _standardized_moment(
    x: NDArray[np.float64], power: Literal[3, 4]
) -> NDArray[np.float64]:
    """Return the mean of ((x - mean) / std) ** power; 0 where the std is noise."""
    shifted = x - x[0]
    centred = shifted - shifted.mean(axis=0)
    std = np.sqrt((centred * centred).mean(axis=0))
    varies = std > 1e-12 * np.abs(x).max(axis=0)
    scores = np.divide(centred, std, out=np.zeros_like(centred), where=varies)
    powers = scores * scores  # numpy's own power is many times slower
    powers *= scores if power == 3 else powers
    return powers.mean(axis=0)


def _skew(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return _standardized_moment(x, 3)


def _kurtosis(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the excess kurtosis: 0 for a normal distribution, and for a constant."""
    fourth = _standardized_moment(x, 4)
    return np.where(fourth > 0, fourth - 3, 0)


def _change(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean absolute difference of each descriptor to the one before."""
    if len(x) < 2:
        return np.zeros(x.shape[1])
    return np.abs(np.diff(x, axis=0)).mean(axis=0)


STATISTICS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "mean": lambda x: x.mean(axis=0),
    "std": _std,
    "skew": _skew,
    "kurtosis": _kurtosis,
    "min": lambda x: x.min(axis=0),
    "max": lambda x: x.max(axis=0),
    "median": lambda x: np.median(x, axis=0),
    "change": _change,
}
