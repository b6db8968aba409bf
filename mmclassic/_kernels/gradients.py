"""Picture to one vote a pixel: its gradient's orientation bin and magnitude."""

import math
from functools import lru_cache

import cv2
import numpy as np

__all__ = ["votes_of_float", "votes_of_uint8"]

# What a uint8 picture's gradient can be: -255..255 in each direction.
_LEVELS = 511
# (511 * row gradient + column gradient) of every pixel; OpenCV's mirrored border
# makes the gradient across an edge zero, as the definition asks.
_CODE = np.array([[0, -_LEVELS, 0], [-1, 0, 1], [0, _LEVELS, 0]], dtype=np.float32)
# Fraction of a bin within which a float32 angle may lie on either side of an edge.
_EDGE = 1e-3
# Above it, squares leave the range of float32: the exact path is taken.
_LARGE = 1e15


def votes_of_uint8(
    image: np.ndarray, orientations: int
) -> tuple[np.ndarray, np.ndarray]:
    """Look up each pixel's bin and magnitude by its gradient, of 511 x 511 possible.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, channels), uint8
        Of several channels, the one whose gradient is the largest votes.
    orientations : int
        Number of bins in 180 degrees.

    Returns
    -------
    bins : ndarray of shape (height, width), unsigned int
    magnitudes : ndarray of shape (height, width), float32
    """
    table_bins = _bin_table(orientations)
    table_magnitudes = _magnitude_table()
    if image.ndim == 2:
        codes = _gradient_codes(image)
        return table_bins.take(codes), table_magnitudes.take(codes)
    codes = _gradient_codes(image[:, :, 0])
    magnitudes = table_magnitudes.take(codes)
    for channel in range(1, image.shape[2]):
        others = _gradient_codes(image[:, :, channel])
        larger = table_magnitudes.take(others)
        np.copyto(codes, others, where=larger > magnitudes)
        np.maximum(magnitudes, larger, out=magnitudes)
    return table_bins.take(codes), magnitudes


def _gradient_codes(channel: np.ndarray) -> np.ndarray:
    if min(channel.shape) == 1:  # a mirrored border needs two pixels
        grow = [(0, int(size == 1)) for size in channel.shape]
        height, width = channel.shape
        return _gradient_codes(np.pad(channel, grow, mode="edge"))[:height, :width]
    codes = cv2.filter2D(np.ascontiguousarray(channel), cv2.CV_32F, _CODE)
    # A gradient and its opposite have one orientation: half a table, half the misses.
    # By way of int32: from float32 straight to int64 takes twice the time.
    return np.abs(codes, out=codes).astype(np.int32).astype(np.intp)


@lru_cache(maxsize=1)
def _magnitude_table() -> np.ndarray:
    table = np.hypot(*_gradients_of_codes()).astype(np.float32)
    table.flags.writeable = False
    return table


@lru_cache(maxsize=4)
def _bin_table(orientations: int) -> np.ndarray:
    table, _ = _exact_bins(*_gradients_of_codes(), orientations)
    table = table.astype(np.min_scalar_type(orientations))
    table.flags.writeable = False
    return table


def _gradients_of_codes() -> tuple[np.ndarray, np.ndarray]:
    """Return the row and column gradient that each code stands for."""
    rows, columns = np.divmod(np.arange(255 * _LEVELS + 256) + 255, _LEVELS)
    return rows.astype(np.float64), columns - 255.0


def _exact_bins(
    rows: np.ndarray, columns: np.ndarray, orientations: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return each gradient's bin, and whether it falls in none.

    A tiny negative angle modulo 180 rounds to 180 itself, beyond the last bin;
    scikit-image drops its vote, and so do we.
    """
    degrees = np.rad2deg(np.arctan2(rows, columns)) % 180
    edges = 180.0 / orientations * np.arange(orientations + 1)
    bins = np.searchsorted(edges, degrees, side="right") - 1
    beyond = bins == orientations
    bins[beyond] = 0
    return bins, beyond


def votes_of_float(
    image: np.ndarray, orientations: int
) -> tuple[np.ndarray, np.ndarray]:
    """Bin by a fast float32 angle; ask the exact one where that is near an edge.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, channels)
        float32 or float64, finite.
    orientations : int
        Number of bins in 180 degrees.

    Returns
    -------
    bins : ndarray of shape (height, width), intp
    magnitudes : ndarray of shape (height, width), float
    """
    rows, columns = _gradients(image)
    if image.ndim == 3:
        rows, columns = _largest_channel(rows, columns)
    large = max(np.abs(rows).max(), np.abs(columns).max()) > _LARGE
    if large:
        rows, columns = rows.astype(np.float64), columns.astype(np.float64)
        bins, beyond = _exact_bins(rows, columns, orientations)
        return bins, np.where(beyond, 0.0, np.hypot(rows, columns))
    magnitudes = np.sqrt(rows * rows + columns * columns)
    turns = np.arctan2(
        rows.astype(np.float32, copy=False), columns.astype(np.float32, copy=False)
    )
    turns *= np.float32(orientations / math.pi)
    floors = np.floor(turns)
    bins = floors.astype(np.intp)
    turns -= floors
    bins[bins < 0] += orientations
    # The bin of a horizontal gradient is 0 whatever the rounding.
    near = ((turns < _EDGE) | (turns > 1 - _EDGE)) & (rows != 0)
    bins[rows == 0] = 0
    exact, beyond = _exact_bins(
        rows[near].astype(np.float64), columns[near].astype(np.float64), orientations
    )
    bins[near] = exact
    if beyond.any():
        magnitudes.flat[np.flatnonzero(near)[beyond]] = 0
    return bins, magnitudes


def _gradients(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.zeros_like(image), np.zeros_like(image)
    np.subtract(image[2:], image[:-2], out=rows[1:-1])
    np.subtract(image[:, 2:], image[:, :-2], out=columns[:, 1:-1])
    return rows, columns


def _largest_channel(
    rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    best_rows, best_columns = rows[..., 0].copy(), columns[..., 0].copy()
    best = np.hypot(best_rows, best_columns)
    for channel in range(1, rows.shape[2]):
        magnitudes = np.hypot(rows[..., channel], columns[..., channel])
        larger = magnitudes > best
        np.copyto(best, magnitudes, where=larger)
        np.copyto(best_rows, rows[..., channel], where=larger)
        np.copyto(best_columns, columns[..., channel], where=larger)
    return best_rows, best_columns
