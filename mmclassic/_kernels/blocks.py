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
    rows: NDArray[Any],
    order: NDArray[np.intp] | None = None,
    *,
    multiple: int = BLOCK_ROWS,
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield consecutive rows in blocks of BLOCK_ROWS, the last one padded with zeros.

    The same memory is yielded each time, overwritten.

    Parameters
    ----------
    rows : ndarray of shape (n, d), any real dtype
    order : ndarray of shape (m,), intp, or None
        Which rows, in which order; all of them in theirs if None.
    multiple : int, default=BLOCK_ROWS
        The last block is padded to a multiple of this. With less than BLOCK_ROWS,
        products depend on how many rows there are.

    Yields
    ------
    start : int
        Position of the block's first row.
    n : int
        How many rows of the block are no padding.
    block : ndarray of shape (n_block, d), float32
    """
    n_rows = len(rows) if order is None else len(order)
    block = np.empty((BLOCK_ROWS, rows.shape[1]), dtype=np.float32)
    for start in range(0, n_rows, BLOCK_ROWS):
        n = min(BLOCK_ROWS, n_rows - start)
        block[:n] = rows[
            slice(start, start + n) if order is None else order[start : start + n]
        ]
        size = -(-n // multiple) * multiple
        block[n:size] = 0
        yield start, n, block[:size]
