"""Read X, in any form that scikit-learn indexes by row, as one list of cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmclassic.media import is_missing

__all__ = ["Column", "read_column"]


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one modality, a row each.

    Parameters
    ----------
    cells : list of length n_samples
        The cells as they stood in X.
    labels : sequence or None
        The rows' index labels, where X has an index.
    """

    cells: list[Any]
    labels: Sequence[Any] | None = None

    def __len__(self) -> int:
        return len(self.cells)

    def present(self) -> np.ndarray:
        """Return which rows hold something, bool of shape (n_samples,)."""
        return np.array([not is_missing(cell) for cell in self.cells], dtype=bool)

    def take(self, rows: np.ndarray) -> "Column":
        """Return the column of the given row positions, in their order."""
        labels = self.labels
        if labels is not None:
            take = getattr(labels, "take", None)  # an index's, all rows at once
            labels = take(rows) if take else [labels[row] for row in rows.tolist()]
        return Column([self.cells[row] for row in rows.tolist()], labels)


def read_column(X: Any) -> Column:
    """Return the cells of X, which must hold exactly one column.

    Parameters
    ----------
    X : list, ndarray, Series, or DataFrame of one column
        pandas or polars. An array of more than one dimension holds one item along
        its first axis: (n_samples, height, width) is n_samples grey pictures.

    Returns
    -------
    Column

    Raises
    ------
    TypeError
        If X is one item instead of a sequence of items.
    ValueError
        If X has more than one column.
    """
    if isinstance(X, Column):
        return X
    if isinstance(X, str | bytes | bytearray | dict) or X is None:
        raise TypeError(
            f"X must hold one item a row. Got a single {type(X).__name__} instead; "
            "wrap it in a list: [item]."
        )
    if hasattr(X, "iloc"):
        return _read_pandas(X)
    if hasattr(X, "get_columns") or hasattr(X, "to_list"):
        return _read_polars(X)
    if hasattr(X, "tocsr"):
        raise TypeError("X must be a column of items. Got a sparse matrix instead.")
    if isinstance(X, np.ndarray):
        return Column(_array_cells(X))
    if not isinstance(X, Sequence):
        raise TypeError(
            f"X must be a list, array, Series or one-column DataFrame. Got "
            f"{type(X).__name__} instead."
        )
    return Column(list(X))


def _read_pandas(X: Any) -> Column:
    if X.ndim == 2:
        _check_one_column(X.columns)
        X = X.iloc[:, 0]
    return Column(list(X), X.index)


def _read_polars(X: Any) -> Column:
    if hasattr(X, "get_columns"):
        _check_one_column(X.columns)
        X = X.get_columns()[0]
    return Column(X.to_list())


def _array_cells(X: np.ndarray) -> list[Any]:
    if X.ndim == 0:
        raise TypeError("X must hold one item a row. Got a 0-dimensional array.")
    if X.dtype.kind in "OUS" and X.ndim == 2:
        _check_one_column(range(X.shape[1]))
        X = X[:, 0]
    return X.tolist() if X.dtype.kind in "US" else list(X)


def _check_one_column(columns: Sequence[Any]) -> None:
    if len(columns) != 1:
        raise ValueError(
            f"X must have one column. Got {len(columns)} instead: "
            f"{', '.join(map(repr, columns))}. Select one, or give each to its own "
            "part of an EarlyFusion."
        )
