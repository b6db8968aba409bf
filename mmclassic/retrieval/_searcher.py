"""Searcher: rows of a table to an index, and queries to its nearest rows."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from mmclassic.retrieval._checks import check_n_neighbors, check_target
from mmclassic.retrieval._evaluate import evaluate
from mmclassic.retrieval._index import (
    Mapped,
    make_index,
    map_queries,
    map_table,
    paired,
    search_index,
)

__all__ = ["Searcher"]


class Searcher:
    """What a retriever does with a common space once it is fitted."""

    method: str
    metric: str

    def index(self, X: Any) -> "Searcher":
        """Let the rows of X be found, in place of those that were.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
            A DataFrame may lack the columns of modalities that aren't to be found.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If X has no row that has any modality.
        """
        check_is_fitted(self)
        mapped, _ = map_table(self, X, whole=False)
        if not any(len(own.rows) for own in mapped.values()):
            raise ValueError(
                "X has no row with any modality, so nothing could be found. Index one "
                "row at least."
            )
        self._set_index(mapped)
        return self

    def _set_index(self, mapped: dict[str, Mapped]) -> None:
        self._index = make_index(self, mapped)
        self._searches: dict[
            tuple[str, str], Any
        ] = {}  # of faiss, made when they are asked
        self.indexed_ = {name: len(rows) for name, (rows, *_) in self._index.items()}

    def kneighbors(
        self,
        queries: Any,
        *,
        modality: str,
        target: str | None = None,
        n_neighbors: int | None = 10,
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Find the indexed rows whose item of one modality is nearest to a query.

        Parameters
        ----------
        queries : column of n_queries cells, or table
            List, array or Series of cells, or a table with the modality's columns.
        modality : str
            Name of the part that the queries are for.
        target : str or None, default=None
            Name of the part that is looked at in the index: another, or the same. Of
            two parts the other, if None.
        n_neighbors : int or None, default=10
            None for all, ranked.

        Returns
        -------
        distances : ndarray of shape (n_queries, n_neighbors), float32
            By the metric, less what `n_hub_neighbors` takes off.
        indices : ndarray of shape (n_queries, n_neighbors)
            Row positions in what is indexed, the nearest first. Rows that lack the
            target are never among them.

        Raises
        ------
        ValueError
            If a modality is none of the parts, a query is missing, or no row or fewer
            than `n_neighbors` are indexed by the target.
        """
        check_is_fitted(self)
        target = check_target(self, modality, target)
        n_neighbors = check_n_neighbors(self, target, n_neighbors)
        vectors = map_queries(self, queries, modality)
        indexed, directions = self._index[target], (modality, target)
        return search_index(self, indexed, vectors, directions, n_neighbors)

    def paired_distances(self, X: Any) -> NDArray[np.float32]:
        """Return how far the modalities of each row are from one another.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_pairs), float32
            A column for each pair of parts, in their order: of three the first and
            second, the first and third, the second and third. NaN where a row lacks
            one of a pair. Nothing is taken off for hubs.
        """
        check_is_fitted(self)
        return paired(self, *map_table(self, X, whole=True))

    def evaluate(self, X: Any, y: Any = None) -> pd.DataFrame:
        """Score the search of the rows of X among themselves, in each direction.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), default=None
            Classes: a row's answers are right if they are of its class. If None, only
            its own row is.

        Returns
        -------
        DataFrame
            A row a direction, such as "text -> image"; columns as of
            :func:`ranking_scores`.
        """
        check_is_fitted(self)
        return evaluate(self, X, y)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean average precision of :meth:`evaluate`, over all directions.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), default=None

        Returns
        -------
        float
        """
        return float(self.evaluate(X, y)["MAP"].mean())

    def _metric(self) -> str:
        if self.metric != "auto":
            return self.metric
        return "cosine" if self.method == "correlation" else "centered"

    def __getstate__(self) -> dict[str, Any]:
        state: Any = super().__getstate__()
        if "_searches" in state:  # what faiss made stays in this process
            state = {**state, "_searches": {}}
        return state  # type: ignore[no-any-return]
