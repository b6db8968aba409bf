"""Rows to zero-padded float32 blocks of one size, so that products repeat bitwise."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK_ROWS", "padded_blocks"]

# A float32 matrix product depends on its number of rows in the last bits; with one
# size, what a descriptor becomes depends neither on its item nor on its batch.
BLOCK_ROWS = 256


def padded_blocks(
    rows: NDArray[Any], order: NDArray[np.intp] | None = None
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield consecutive rows in blocks of BLOCK_ROWS, the last one padded with zeros.

    The same array is yielded each time, overwritten.

    Parameters
    ----------
    rows : ndarray of shape (n, d), any real dtype
    order : ndarray of shape (m,), intp, or None
        Which rows, in which order; all of them in theirs if None.

    Yields
    ------
    start : int
        Position of the block's first row.
    n : int
        How many rows of the block are no padding.
    block : ndarray of shape (BLOCK_ROWS, d), float32
    """
    n_rows = len(rows) if order is None else len(order)
    block = np.zeros((BLOCK_ROWS, rows.shape[1]), dtype=np.float32)
    for start in range(0, n_rows, BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, n_rows)
        block[: stop - start] = rows[
            slice(start, stop) if order is None else order[start:stop]
        ]
        block[stop - start :] = 0
        yield start, stop - start, block
