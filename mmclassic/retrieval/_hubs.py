"""Items that are near to most queries to what is taken off their distances for it."""

import numpy as np
from numpy.typing import NDArray

from mmclassic.retrieval._search import VALUES, distances_to

__all__ = ["MAX_KNOWN", "hub_terms", "some_of"]

MAX_KNOWN = 1000  # training rows that an item is compared with

Vectors = NDArray[np.float32]


def some_of(vectors: Vectors) -> Vectors:
    """Return at most MAX_KNOWN rows, evenly spaced.

    Parameters
    ----------
    vectors : ndarray of shape (n_rows, n_features), float32

    Returns
    -------
    ndarray of shape (n_known, n_features), float32
    """
    n = len(vectors)
    if n <= MAX_KNOWN:
        return vectors
    return vectors[np.linspace(0, n - 1, MAX_KNOWN).round().astype(int)]


def hub_terms(
    rows: Vectors, known: Vectors, n_neighbors: int, metric: str
) -> NDArray[np.float32]:
    """Return half the mean distance of each row to the nearest known queries.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features), float32
        What is searched.
    known : ndarray of shape (n_known, n_features), float32
        Queries of the training rows; both as :func:`prepare` gave them.
    n_neighbors : int
        How many of the nearest; of fewer all.
    metric : str

    Returns
    -------
    ndarray of shape (n_rows,), float32

    References
    ----------
    Conneau et al., "Word translation without parallel data" (2018), arXiv:1710.04087,
    eq. 3. What they take off for the query is the same for all that it may find.
    """
    k = min(n_neighbors, len(known))
    terms = np.empty(len(rows), dtype=np.float32)
    size = max(1, VALUES // len(known))
    for start in range(0, len(rows), size):
        found = distances_to(rows[start : start + size], known, metric)
        nearest = np.partition(found, k - 1, axis=1)[:, :k]
        terms[start : start + size] = nearest.mean(axis=1) / 2
    return terms
