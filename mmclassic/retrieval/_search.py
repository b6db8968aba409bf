"""Vectors of queries to the nearest of an index's, exactly or by faiss."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

__all__ = [
    "METRICS",
    "VALUES",
    "FaissSearch",
    "distances_to",
    "nearest",
    "prepare",
    "row_distances",
]

METRICS = ("cosine", "nc", "centered", "l1")
VALUES = 2**24  # of distances at once, 64 MiB
LISTS, PROBED = 4.0, 8  # of faiss: lists a root of rows; one in so many is looked into

Vectors = NDArray[np.float32]


def prepare(
    vectors: NDArray[Any], metric: str, mean: NDArray[np.float64] | None = None
) -> Vectors:
    """Return vectors in the form that :func:`nearest` compares.

    Parameters
    ----------
    vectors : ndarray of shape (n_rows, n_features)
    metric : {"cosine", "nc", "centered", "l1"}
    mean : ndarray of shape (n_features,), default=None
        What "nc" takes off first.

    Returns
    -------
    ndarray of shape (n_rows, n_features), float32
        Of unit length, or zeros, unless "l1".
    """
    if metric == "l1":
        return np.ascontiguousarray(vectors, dtype=np.float32)
    if metric == "nc" and mean is not None:
        vectors = vectors - mean
    if metric == "centered":
        vectors = vectors - vectors.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    # What is left of a row of equal numbers is rounding, and points nowhere.
    known = lengths > 1e-12
    scaled = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=known)
    return np.ascontiguousarray(scaled, dtype=np.float32)


def nearest(
    queries: Vectors,
    rows: Vectors,
    n_neighbors: int,
    metric: str,
    terms: Vectors | None = None,
) -> tuple[Vectors, NDArray[np.intp]]:
    """Return the nearest rows of each query, the nearest first.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_features), float32
    rows : ndarray of shape (n_rows, n_features), float32
        Both as :func:`prepare` gave them.
    n_neighbors : int
        At most n_rows.
    metric : str
    terms : ndarray of shape (n_rows,), float32, default=None
        What is taken off the distances to each row.

    Returns
    -------
    distances : ndarray of shape (n_queries, n_neighbors), float32
        1 minus the cosine, in [0, 2], or the sum of the absolute differences; less the
        terms.
    indices : ndarray of shape (n_queries, n_neighbors)
        Positions in `rows`; of equal distances the earlier first, as far as they are
        among the nearest.
    """
    found = np.empty((len(queries), n_neighbors), dtype=np.intp)
    distances = np.empty((len(queries), n_neighbors), dtype=np.float32)
    size = max(1, VALUES // max(len(rows), 1))
    for start in range(0, len(queries), size):
        block = distances_to(queries[start : start + size], rows, metric)
        if terms is not None:
            block -= terms
        columns = _smallest(block, n_neighbors)
        found[start : start + size] = columns
        distances[start : start + size] = np.take_along_axis(block, columns, axis=1)
    return distances, found


def row_distances(a: Vectors, b: Vectors, metric: str) -> Vectors:
    """Return the distance of each row of two blocks, as :func:`nearest` measures it.

    Parameters
    ----------
    a, b : ndarrays of shape (n_rows, n_features), float32
        As :func:`prepare` gave them.
    metric : str

    Returns
    -------
    ndarray of shape (n_rows,), float32
    """
    if metric == "l1":
        return np.abs(a - b).sum(axis=1, dtype=np.float32)
    return np.asarray(np.clip(1.0 - np.einsum("ij,ij->i", a, b), 0.0, 2.0))


def distances_to(queries: Vectors, rows: Vectors, metric: str) -> NDArray[Any]:
    """Return the distance of each query to each row, as :func:`nearest` measures it.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_features), float32
    rows : ndarray of shape (n_rows, n_features), float32
    metric : str

    Returns
    -------
    ndarray of shape (n_queries, n_rows)
    """
    if metric == "l1":
        return cdist(queries, rows, "cityblock")
    products = queries @ rows.T
    return np.clip(1.0 - products, 0.0, 2.0, out=products)


def _smallest(values: NDArray[Any], k: int) -> NDArray[np.intp]:
    """Return the columns of the k smallest values of each row, in rising order."""
    if k == values.shape[1]:
        return np.argsort(values, axis=1, kind="stable")
    columns = np.sort(np.argpartition(values, k - 1, axis=1)[:, :k], axis=1)
    order = np.argsort(np.take_along_axis(values, columns, 1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)


class FaissSearch:
    """A search of many rows by faiss, which looks into the nearest lists of them.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features), float32
    metric : str
        As of :func:`nearest`.
    terms : ndarray of shape (n_rows,), float32, default=None
        What is taken off the distances to each row, unless "l1".

    Notes
    -----
    The lists looked into may hold fewer rows than are asked for: such a query is
    compared with every row.
    """

    def __init__(
        self, rows: Vectors, metric: str, terms: Vectors | None = None
    ) -> None:
        faiss = _import_faiss()
        self.terms = terms
        if terms is not None:  # a coordinate that is 1 of every query
            rows = np.column_stack([rows, terms])
        kind = faiss.METRIC_L1 if metric == "l1" else faiss.METRIC_INNER_PRODUCT
        n_lists = max(1, int(LISTS * np.sqrt(len(rows))))
        self.rows = rows[:, : rows.shape[1] - (terms is not None)]
        self.metric = metric
        if len(rows) < 40 * n_lists:  # too few for faiss to learn the lists from
            self.index = faiss.index_factory(rows.shape[1], "Flat", kind)
        else:
            self.index = faiss.index_factory(rows.shape[1], f"IVF{n_lists},Flat", kind)
            self.index.nprobe = -(-n_lists // PROBED)
            self.index.train(rows)
        self.index.add(rows)

    def __call__(
        self, queries: Vectors, n_neighbors: int
    ) -> tuple[Vectors, NDArray[np.intp]]:
        """Return distances and positions as :func:`nearest` does."""
        asked = queries
        if self.terms is not None:
            asked = np.column_stack([queries, np.ones(len(queries), np.float32)])
        values, found = self.index.search(asked, n_neighbors)
        if self.metric != "l1":
            values = 1.0 - values
            if self.terms is None:
                values = np.clip(values, 0.0, 2.0)
        distances, positions = values.astype(np.float32), found.astype(np.intp)
        short = (positions < 0).any(axis=1)  # faiss fills up with -1
        distances[short], positions[short] = nearest(
            queries[short], self.rows, n_neighbors, self.metric, self.terms
        )
        return distances, positions


def _import_faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise ImportError(
            "search='faiss' of CrossModalRetriever needs faiss. Install it by "
            'pip install "mmclassic[faiss]", or choose search="exact".'
        ) from error
    return faiss
