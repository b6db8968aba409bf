"""Read X of several columns: which cells are there, and a part's rows of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.media import is_missing

__all__ = ["as_table", "column_names", "n_rows", "presence", "select"]


def as_table(X: Any) -> Any:
    """Return X as a DataFrame or a 2-D array.

    Parameters
    ----------
    X : pandas or polars DataFrame, 2-D array, or list of rows

    Returns
    -------
    DataFrame or ndarray of shape (n_samples, n_columns)
        A list of rows becomes an array of objects; anything else returns as it is.

    Raises
    ------
    TypeError
        If X is of another kind.
    ValueError
        If X is an array of another dimension, or its rows differ in length.
    """
    if _is_frame(X):
        return X
    if hasattr(X, "tocsr"):
        raise TypeError("X must be a table of cells. Got a sparse matrix instead.")
    if isinstance(X, np.ndarray):
        if X.ndim != 2:
            raise ValueError(
                f"Expected 2D array, got {X.ndim}D array instead: X must be a table "
                "of shape (n_samples, n_columns)."
            )
        return X
    if isinstance(X, str | bytes) or not isinstance(X, Sequence):
        raise TypeError(
            "X must be a pandas or polars DataFrame, a 2-D array or a list of rows. "
            f"Got {type(X).__name__} instead."
        )
    return _array_of_rows(X)


def _is_frame(X: Any) -> bool:
    return hasattr(X, "columns") and (hasattr(X, "iloc") or hasattr(X, "get_columns"))


def _array_of_rows(rows: Sequence[Any]) -> NDArray[np.object_]:
    for row in rows:
        if isinstance(row, str | bytes | dict) or not isinstance(row, Sequence):
            if not (isinstance(row, np.ndarray) and row.ndim == 1):
                raise ValueError(
                    "Expected 2D array, got 1D array instead: each row of X must be "
                    f"a list of cells. Got {type(row).__name__} instead."
                )
    widths = sorted({len(row) for row in rows})
    if len(widths) > 1:
        raise ValueError(
            f"The rows of X must have one length. Got lengths {widths} instead."
        )
    table = np.empty((len(rows), widths[0] if widths else 0), dtype=object)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            table[i, j] = cell  # a cell may be an array: assign one at a time
    return table


def n_rows(table: Any) -> int:
    """Return the number of rows of a DataFrame or array."""
    return int(table.shape[0])


def column_names(table: Any) -> list[Any] | None:
    """Return the names of a DataFrame's columns, None for an array."""
    return list(table.columns) if _is_frame(table) else None


def select(table: Any, positions: int | list[int], rows: NDArray[Any]) -> Any:
    """Return some rows of one column as a sequence, or of several as a table.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    positions : int or list of int
        An int gives a Series, or an array of one dimension; a list gives a
        DataFrame, or an array of two.
    rows : ndarray of bool, shape (n_samples,)

    Returns
    -------
    Series, DataFrame or ndarray
    """
    every = bool(rows.all())
    kept = np.flatnonzero(rows)
    if isinstance(table, np.ndarray):
        chosen = table[:, positions]
        return chosen if every else chosen[kept]
    if hasattr(table, "iloc"):
        chosen = table.iloc[:, positions]
        return chosen if every else chosen.iloc[kept]
    chosen = (
        table.to_series(positions)
        if isinstance(positions, int)
        else table.select([table.columns[position] for position in positions])
    )
    return chosen if every else chosen[kept.tolist()]


def presence(table: Any, positions: list[int]) -> NDArray[np.bool_]:
    """Return which rows hold something in any of some columns.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    positions : list of int

    Returns
    -------
    ndarray of bool, shape (n_samples,)
    """
    present = np.zeros(n_rows(table), dtype=bool)
    every = np.ones(n_rows(table), dtype=bool)
    for position in positions:
        present |= _holds_something(select(table, position, every))
    return present


def _holds_something(column: Any) -> NDArray[np.bool_]:
    kind = getattr(column.dtype, "kind", "O")
    if kind in "biufc":  # numbers of numpy and pandas, without a loop
        if hasattr(column, "notna"):
            return np.asarray(column.notna(), dtype=bool)
        return np.asarray(~np.isnan(column))
    return np.array([not is_missing(cell) for cell in column], dtype=bool)
