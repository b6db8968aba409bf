"""Ranked answers to how well they rank: average precision, and ranks of right ones."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["average_precision", "first_rank", "reciprocal_rank"]


def average_precision(
    relevant: NDArray[np.bool_], n_relevant: NDArray[np.integer] | None = None
) -> NDArray[np.float64]:
    """Return each query's average precision, over the ranks of its relevant answers.

    Parameters
    ----------
    relevant : ndarray of bool, shape (n_queries, n_ranks)
        Whether the answer at each rank is relevant, the best first.
    n_relevant : ndarray of int, shape (n_queries,), default=None
        How many there are in all; those among the answers if None. Relevant ones that
        aren't among the answers count as found at a precision of 0.

    Returns
    -------
    ndarray of shape (n_queries,)
        NaN for a query that nothing is relevant to.
    """
    found = np.cumsum(relevant, axis=1)
    precision = found / np.arange(1, relevant.shape[1] + 1)
    total = relevant.sum(axis=1) if n_relevant is None else np.asarray(n_relevant)
    sums = np.where(relevant, precision, 0.0).sum(axis=1)
    return np.divide(sums, total, out=np.full(len(sums), np.nan), where=total > 0)


def first_rank(relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the rank of each query's first relevant answer, from 1; inf for none.

    Parameters
    ----------
    relevant : ndarray of bool, shape (n_queries, n_ranks)

    Returns
    -------
    ndarray of shape (n_queries,)
    """
    if relevant.shape[1] == 0:
        return np.full(len(relevant), np.inf)
    return np.where(relevant.any(axis=1), relevant.argmax(axis=1) + 1.0, np.inf)


def reciprocal_rank(relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return 1 over the rank of each query's first relevant answer, 0 for none.

    Parameters
    ----------
    relevant : ndarray of bool, shape (n_queries, n_ranks)

    Returns
    -------
    ndarray of shape (n_queries,)
    """
    return np.asarray(1.0 / first_rank(relevant))
