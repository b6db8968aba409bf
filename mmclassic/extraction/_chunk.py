"""Rows of a table on their way to a worker, and what comes back."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chunk", "Described"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that follow each other in a table.

    Parameters
    ----------
    start : int
        Of the table's rows, the first.
    n_rows : int
    cells : list of Series or DataFrame
        A part each: of the rows where it is present.
    present : list of ndarray of bool, shape (n_rows,)
    known : str
        Digest of what was described before, "" if nothing was.
    """

    start: int
    n_rows: int
    cells: list[Any]
    present: list[NDArray[np.bool_]]
    known: str


@dataclass(slots=True)
class Described:
    """What is known of a chunk afterwards.

    Parameters
    ----------
    start, n_rows : int
    digest : str
        Of the items' content; "" where it isn't known, so that nobody relies on it.
    blocks : list of ndarray of shape (n_present, n_features), float32, or None
        A part each. None where they are only in the file.
    present : list of ndarray of bool, shape (n_rows,)
        Rows of the blocks.
    invalid : list of (reason, subject, row, label)
        Items that count as missing.
    warned : list of (category, message)
        Of a worker process.
    is_known : bool
        Whether it had been described before, and nothing has changed.
    """

    start: int
    n_rows: int
    digest: str
    blocks: list[NDArray[np.float32]] | None
    present: list[NDArray[np.bool_]]
    invalid: list[tuple[Any, ...]] = field(default_factory=list)
    warned: list[tuple[type[Warning], str]] = field(default_factory=list)
    is_known: bool = False
