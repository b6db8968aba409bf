"""Grey picture to orientation maps, smoothed where SIFT's bins have their centres."""

from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import cv2
import numpy as np

__all__ = ["N_BINS", "N_ORIENTATIONS", "Axis", "pool_orientations"]

N_ORIENTATIONS = 8
N_BINS = 4
# Pixels of a strip, whose ramps stay in the cache; fewer rows would be blurred again
# for the next strip, more multiplied by zeros.
_STRIP_PIXELS, _STRIP_ROWS = 2**14, (16, 48)


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Where along an axis bins lie, as sums of triangles around centres.

    Parameters
    ----------
    width : int, pixels
        From a triangle's peak to its foot.
    centres : ndarray of shape (n_centres,), int
        The triangles' peaks, sorted; less than a width outside of the picture.
    places : slice or ndarray of shape (n_centres,), int
        Index of the centres into pixels, with a width of them before the picture.
    factor : int
        Widths in a bin. Its own triangle is the sum of ``2 * factor - 1`` of these,
        around neighbouring centres, with weights that are a triangle as well.
    which : ndarray of shape (n, 4), int
        Of each descriptor's bins, the index of the centre.
    """

    width: int
    centres: np.ndarray
    places: slice | np.ndarray
    factor: int
    which: np.ndarray

    @classmethod
    def of_bins(
        cls, firsts: np.ndarray, bin_size: int, step: int, extent: int
    ) -> "Axis":
        """Plan an axis so that scales share the triangles.

        Parameters
        ----------
        firsts : ndarray of shape (n,), int
            Where each descriptor's first bin has its centre, in pixels.
        bin_size, step : int, pixels
            Width of a bin, and distance of the descriptors.
        extent : int, pixels
            Of the picture.
        """
        bins = firsts[:, np.newaxis] + bin_size * np.arange(N_BINS)
        width = gcd(bin_size, step)
        if width == 1:
            centres, which = np.unique(bins, return_inverse=True)
            which = which.reshape(bins.shape)
            return cls(bin_size, centres, centres + bin_size, 1, which)
        start = int(firsts[0]) % width - width
        centres = np.arange(start, extent + width, width)
        places = slice(start + width, extent + 2 * width, width)
        return cls(width, centres, places, bin_size // width, (bins - start) // width)

    @property
    def key(self) -> tuple[int, bytes]:
        """What axes of the same triangles have in common."""
        return self.width, self.centres.tobytes()


def pool_orientations(
    image: np.ndarray, sigma: float, scales: list[tuple[Axis, Axis]]
) -> list[np.ndarray]:
    """Smooth the maps of eight orientations by triangles, where bins have centres.

    Parameters
    ----------
    image : ndarray of shape (height, width), uint8 or float32
    sigma : float, pixels
        Of the Gaussian blur before the gradient; 0 for none.
    scales : list of (Axis, Axis)
        Where each scale has its bins, down and across the picture.

    Returns
    -------
    list of ndarrays of shape (n_rows, n_columns, 8), float32
        One a scale, of its axes' centres: weighted means of gradient magnitudes.
    """
    if not scales:
        return []
    # Triangles that scales have in common are pooled once.
    grids = {(down.key, across.key): (down, across) for down, across in scales}
    pooled = dict(zip(grids, _pool(image, sigma, list(grids.values())), strict=True))
    return [
        _widen(pooled[down.key, across.key], down.factor, across.factor)
        for down, across in scales
    ]


def _pool(
    image: np.ndarray, sigma: float, grids: list[tuple[Axis, Axis]]
) -> list[np.ndarray]:
    height, width = image.shape
    pooled = [
        np.zeros((len(down.centres), len(across.centres), N_ORIENTATIONS), np.float32)
        for down, across in grids
    ]
    step = min(height, int(np.clip(_STRIP_PIXELS // max(1, width), *_STRIP_ROWS)))
    # One buffer for all strips: fresh memory costs as much as what is put in it.
    buffer = np.empty((_N_RAMPS, step, width), np.float32)
    for top in range(0, height, step):
        bottom = min(top + step, height)
        ramps = buffer[:, : bottom - top]
        _fill_ramps(ramps, *_gradients(image, sigma, top, bottom))
        for (down, across), sums in zip(grids, pooled, strict=True):
            # Centres whose triangles reach into the strip.
            ends = [top - down.width + 1, bottom + down.width - 1]
            first, last = np.searchsorted(down.centres, ends)
            if first == last:
                continue
            centres = tuple((down.centres[first:last] - top).tolist())
            weights = _triangles(centres, down.width, bottom - top)
            sums[first:last] += _sum_around(weights, ramps, across)
    return pooled


def _gradients(
    image: np.ndarray, sigma: float, top: int, bottom: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows' gradients across and up, of the blurred picture."""
    blur = _gaussian(sigma)
    first, n_rows = max(0, top - 1), bottom - top
    start = max(0, first - len(blur) // 2)
    strip = image[start : bottom + 1 + len(blur) // 2]
    if sigma:
        strip = cv2.sepFilter2D(strip, cv2.CV_32F, blur, blur)
    # What lies beyond was blurred as if the picture ended with the strip.
    strip = strip[first - start :][: n_rows + 1 + top - first]
    inside = slice(top - first, top - first + n_rows)
    across = cv2.Sobel(strip[inside], cv2.CV_32F, 1, 0, ksize=1)
    up = cv2.Sobel(strip, cv2.CV_32F, 0, 1, ksize=1, scale=-1)[inside]
    return across, up


@lru_cache(maxsize=8)
def _gaussian(sigma: float) -> np.ndarray:
    """Return the kernel that OpenCV blurs float32 with."""
    kernel = cv2.getGaussianKernel(round(8 * sigma + 1) | 1, sigma, cv2.CV_32F)
    kernel.flags.writeable = False
    return kernel


def _fill_ramps(ramps: np.ndarray, across: np.ndarray, up: np.ndarray) -> None:
    """Write the magnitudes m of gradients, and max(0, a - k) m for k from 0 to 7.

    a is the gradient's angle in eighths of a turn, from x towards y as in a diagram. A
    vote shared by the nearest two orientations is a second difference of these ramps,
    and a sum of votes is one of sums: what lies between is linear.
    """
    magnitudes, turned = ramps[0], ramps[1]
    cv2.cartToPolar(across, up, magnitudes, turned)
    cv2.multiply(turned, magnitudes, turned, N_ORIENTATIONS / (2 * np.pi))
    for lower, ramp in zip(ramps[1:-1], ramps[2:], strict=True):
        np.subtract(lower, magnitudes, out=ramp)
        cv2.threshold(ramp, 0, 0, cv2.THRESH_TOZERO, ramp)


def _second_differences() -> np.ndarray:
    """Return what turns the nine ramps into eight orientations: (9, 8)."""
    # Of the ramps for k from -1 to 8 the first is m more than the second, the last 0.
    ramps = np.zeros((N_ORIENTATIONS + 2, N_ORIENTATIONS + 1), np.float32)
    ramps[0, :2] = 1
    ramps[1:-1, 1:] = np.eye(N_ORIENTATIONS)
    votes = np.diff(ramps, 2, axis=0)
    votes[0] += ramps[-2]  # angles that approach a full turn
    return np.ascontiguousarray(votes.T)


_TO_ORIENTATIONS = _second_differences()
_N_RAMPS = len(_TO_ORIENTATIONS)
_ONE = np.ones(1, np.float32)


@lru_cache(maxsize=256)
def _triangles(centres: tuple[int, ...], width: int, n_rows: int) -> np.ndarray:
    """Weigh rows for each centre, of a strip: triangles of unit sum."""
    distances = np.abs(np.array(centres)[:, np.newaxis] - np.arange(n_rows))
    weights = np.maximum(width - distances, 0).astype(np.float32)
    weights /= width**2
    weights.flags.writeable = False
    return weights


def _sum_around(weights: np.ndarray, ramps: np.ndarray, across: Axis) -> np.ndarray:
    """Sum rows of the ramps, then smooth them across and make them orientations."""
    n_rows, width, margin = len(weights), ramps.shape[2], across.width
    # Triangles of centres beyond the picture's sides reach into it.
    rows = np.zeros((_N_RAMPS, n_rows, width + 2 * margin), np.float32)
    np.matmul(weights, ramps, out=rows[:, :, margin : margin + width])
    smooth = cv2.filter2D(
        rows.reshape(_N_RAMPS * n_rows, -1), -1, _triangle(margin)[np.newaxis]
    )
    sums = smooth[:, across.places].reshape(_N_RAMPS, -1)
    return (sums.T @ _TO_ORIENTATIONS).reshape(n_rows, -1, N_ORIENTATIONS)


def _widen(maps: np.ndarray, down: int, across: int) -> np.ndarray:
    """Add up triangles next to each other to some that are so many times as wide."""
    if down == across == 1:
        return maps
    return cv2.sepFilter2D(
        maps, -1, _triangle(across), _triangle(down), borderType=cv2.BORDER_CONSTANT
    )


@lru_cache(maxsize=16)
def _triangle(width: int) -> np.ndarray:
    """Weigh offsets from 1 - width to width - 1: a triangle of unit sum."""
    offsets = np.arange(1 - width, width)
    triangle = ((width - np.abs(offsets)) / width**2).astype(np.float32)
    triangle.flags.writeable = False
    return triangle
