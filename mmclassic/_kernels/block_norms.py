"""Histograms of cells to overlapping blocks of them, each of unit norm."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import DTypeLike

__all__ = ["normalise_blocks"]

_EPS = 1e-5
# Values of blocks normalised at once: what is in the cache costs half.
_STRIP_VALUES = 2**16


def normalise_blocks(
    cells: np.ndarray,
    cells_per_block: tuple[int, int],
    block_norm: str,
    dtype: DTypeLike,
) -> np.ndarray:
    """Cut all overlapping blocks and normalise each by its own norm.

    Parameters
    ----------
    cells : ndarray of shape (n_rows, n_columns, n_orientations), float
        A histogram a cell.
    cells_per_block : (int, int)
        Height and width of a block, in cells.
    block_norm : {"L1", "L1-sqrt", "L2", "L2-Hys"}
        "L2-Hys" clips at 0.2 and normalises again.
    dtype : data type
        Of the result.

    Returns
    -------
    ndarray of shape (n_blocks_row, n_blocks_col, *cells_per_block, n_orientations)
    """
    windows = _windows(cells, cells_per_block)
    if block_norm in ("L1", "L1-sqrt"):
        norms = _sum_in_blocks(cells.sum(axis=2), cells_per_block) + _EPS
    else:
        squares = _sum_in_blocks(np.vecdot(cells, cells), cells_per_block)
        norms = np.sqrt(squares + _EPS**2)
    step = max(1, _STRIP_VALUES // windows[0].size)
    if step >= len(windows):
        return _normalise(windows, norms, block_norm).astype(dtype, copy=False)
    blocks = np.empty(windows.shape, dtype)
    for start in range(0, len(blocks), step):
        rows = slice(start, start + step)
        blocks[rows] = _normalise(windows[rows], norms[rows], block_norm)
    return blocks


def _normalise(windows: np.ndarray, norms: np.ndarray, block_norm: str) -> np.ndarray:
    per_block = np.s_[..., np.newaxis, np.newaxis, np.newaxis]
    if block_norm != "L2-Hys":
        blocks = np.multiply(windows, (1 / norms)[per_block], order="C")
        return np.sqrt(blocks, out=blocks) if block_norm == "L1-sqrt" else blocks
    # Both norms at the end, a pass less: the limit grows with the first.
    blocks = np.minimum(windows, (0.2 * norms)[per_block], order="C")
    flat = blocks.reshape(*norms.shape, -1)
    squares = np.vecdot(flat, flat)
    flat *= (1 / np.sqrt(squares + (_EPS * norms) ** 2))[..., np.newaxis]
    return blocks


def _sum_in_blocks(values: np.ndarray, cells_per_block: tuple[int, int]) -> np.ndarray:
    """Sum one value a cell over the cells of each block."""
    rows, columns = cells_per_block
    # Not a box filter: its running sums carry rounding from strong cells to blank ones.
    sums = cv2.sepFilter2D(
        values, -1, _ones(columns), _ones(rows), None, (0, 0), 0, cv2.BORDER_CONSTANT
    )
    return sums[: values.shape[0] - rows + 1, : values.shape[1] - columns + 1]


@lru_cache(maxsize=8)
def _ones(n: int) -> np.ndarray:
    ones = np.ones(n, np.float32)
    ones.flags.writeable = False
    return ones


def _windows(cells: np.ndarray, cells_per_block: tuple[int, int]) -> np.ndarray:
    """View all overlapping blocks: (n_blocks_row, n_blocks_col, rows, columns, ...)."""
    (n_rows, n_columns), rest = cells.shape[:2], cells.shape[2:]
    rows, columns = cells_per_block
    cells = np.ascontiguousarray(cells)
    # A tenth of the time of numpy's sliding_window_view, which small pictures feel.
    return np.ndarray(
        (n_rows - rows + 1, n_columns - columns + 1, rows, columns, *rest),
        cells.dtype,
        cells,
        strides=(*cells.strides[:2], *cells.strides),
    )
