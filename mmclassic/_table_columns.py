"""Tell the columns of a table that hold numbers from those that hold categories."""

from numbers import Real
from typing import Any

import numpy as np

from mmclassic.media import is_missing

__all__ = ["category_columns", "number_columns"]


def number_columns(X: Any) -> list[int]:
    """Return the positions of the columns of numbers.

    Parameters
    ----------
    X : pandas or polars DataFrame, or ndarray of shape (n_samples, n_columns)

    Returns
    -------
    list of int
        Of columns of a type of numbers, and of columns of objects that are all
        numbers or missing. Truth values are categories.
    """
    return [at for at, column in enumerate(_columns(X)) if _holds_numbers(column)]


def category_columns(X: Any) -> list[int]:
    """Return the positions of the other columns.

    Parameters
    ----------
    X : pandas or polars DataFrame, or ndarray of shape (n_samples, n_columns)

    Returns
    -------
    list of int
    """
    return [at for at, column in enumerate(_columns(X)) if not _holds_numbers(column)]


def _columns(X: Any) -> list[Any]:
    if hasattr(X, "get_columns"):
        return list(X.get_columns())
    if hasattr(X, "iloc"):
        return [X.iloc[:, at] for at in range(X.shape[1])]
    return list(np.asarray(X).T)


def _holds_numbers(column: Any) -> bool:
    if hasattr(column.dtype, "is_numeric"):
        return bool(column.dtype.is_numeric())
    kind = getattr(column.dtype, "kind", "O")
    if kind != "O":
        return kind in "iuf"
    present = [cell for cell in column if not is_missing(cell)]
    return bool(present) and all(
        isinstance(cell, Real) and not isinstance(cell, bool | np.bool_)
        for cell in present
    )
