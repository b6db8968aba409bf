"""Know which rows of the user's X a nested estimator was given."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from mmclassic._execution._thread_var import ThreadVar

__all__ = ["original_row", "rows_within"]

_rows: ThreadVar[np.ndarray | None] = ThreadVar(None)


@contextmanager
def rows_within(rows: np.ndarray) -> Iterator[None]:
    """State that X inside this context is the given rows of the X outside.

    Errors and warnings raised inside then name the row of the outermost X.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int or bool
        Row positions, or a mask.
    """
    rows = np.asarray(rows)
    if rows.dtype == bool:
        rows = np.flatnonzero(rows)
    outer = _rows.get()
    token = _rows.set(rows if outer is None else outer[rows])
    try:
        yield
    finally:
        _rows.reset(token)


def original_row(row: int) -> int:
    """Return the position in the outermost X of a row of the X at hand."""
    rows = _rows.get()
    return row if rows is None else int(rows[row])
