"""Grey picture to orientation maps, smoothed where SIFT's bins have their centres."""

import cv2
import numpy as np
from scipy import sparse

__all__ = ["N_BINS", "N_ORIENTATIONS", "bin_centres", "pool_across", "pool_down"]

N_ORIENTATIONS = 8
N_BINS = 4
# Pixels whose eight orientation maps are held at once, 1 MiB of them.
_STRIP_PIXELS = 2**15


def bin_centres(firsts: np.ndarray, bin_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct centres of bins along an axis, and those of each descriptor.

    Parameters
    ----------
    firsts : ndarray of shape (n,), int
        Where each descriptor's first bin has its centre, in pixels.
    bin_size : int, pixels

    Returns
    -------
    centres : ndarray of shape (n_centres,), int
        Sorted.
    which : ndarray of shape (n, 4), int
        Indices into ``centres``.
    """
    centres = firsts[:, np.newaxis] + bin_size * np.arange(N_BINS)
    distinct, inverse = np.unique(centres, return_inverse=True)
    return distinct, inverse.reshape(centres.shape)


def pool_down(
    image: np.ndarray, sigma: float, scales: list[tuple[int, np.ndarray]]
) -> list[np.ndarray]:
    """Smooth the orientation maps down the picture, only where bins have centres.

    A strip of the maps is made once for all scales, and left while it is in the
    cache.

    Parameters
    ----------
    image : ndarray of shape (height, width), float32
    sigma : float, pixels
        Of the Gaussian blur before the gradient; 0 for none.
    scales : list of (bin_size, firsts)
        Of each scale the width of a bin, in pixels, and the rows where the first bins
        have their centres.

    Returns
    -------
    list of ndarrays of shape (n_centres, width, 8), float32
        One a scale. A value is a weighted mean of gradient magnitudes over rows.
    """
    if not scales:
        return []
    if sigma:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    height, width = image.shape
    centres = [bin_centres(firsts, size)[0] for size, firsts in scales]
    pooled = [np.zeros((len(c), width * N_ORIENTATIONS), np.float32) for c in centres]
    step = min(max(1, _STRIP_PIXELS // width), height)
    # One buffer for all strips: fresh memory costs as much as what is put in it.
    buffer = np.empty(step * width * N_ORIENTATIONS, np.float32)
    first = np.arange(0, buffer.size, N_ORIENTATIONS)
    for top in range(0, height, step):
        bottom = min(top + step, height)
        maps = _orientation_maps(image, top, bottom, buffer, first)
        for (size, _), rows, sums in zip(scales, centres, pooled, strict=True):
            # Centres whose triangles reach into the strip.
            reach = slice(*np.searchsorted(rows, [top - size + 1, bottom + size - 1]))
            sums[reach] += _triangles(rows[reach] - top, size, bottom - top) @ maps
    return [sums.reshape(-1, width, N_ORIENTATIONS) for sums in pooled]


def _triangles(centres: np.ndarray, bin_size: int, extent: int) -> sparse.csr_matrix:
    """Weight every pixel of an axis for each centre: triangles of unit sum."""
    offsets = np.arange(1 - bin_size, bin_size)
    pixels = centres[:, np.newaxis] + offsets
    weights = np.broadcast_to(_triangle(bin_size), pixels.shape)
    inside = (pixels >= 0) & (pixels < extent)
    ends = np.concatenate([[0], np.cumsum(inside.sum(axis=1))])
    return sparse.csr_matrix(
        (weights[inside], pixels[inside], ends), shape=(len(centres), extent)
    )


def _triangle(bin_size: int) -> np.ndarray:
    offsets = np.arange(1 - bin_size, bin_size)
    return ((1 - np.abs(offsets) / bin_size) / bin_size).astype(np.float32)


def _orientation_maps(
    image: np.ndarray, top: int, bottom: int, buffer: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """Spread rows' gradients over the nearest two orientations: (rows, width * 8).

    The result lies in the buffer; ``first`` is where each pixel's values begin in it.
    """
    above, below = max(top - 1, 0), min(bottom + 1, len(image))
    strip = image[above:below]
    down = cv2.Sobel(strip, cv2.CV_32F, 0, 1, ksize=1)[top - above :][: bottom - top]
    across = cv2.Sobel(image[top:bottom], cv2.CV_32F, 1, 0, ksize=1)
    # Angles turn from x towards y as in a diagram, where y points up.
    magnitudes, turns = cv2.cartToPolar(across, -down)
    turns *= np.float32(N_ORIENTATIONS / (2 * np.pi))
    floors = np.floor(turns)
    lower = floors.astype(np.intp).ravel() & (N_ORIENTATIONS - 1)
    turns -= floors
    turns *= magnitudes
    magnitudes -= turns
    first = first[: lower.size]
    maps = buffer[: lower.size * N_ORIENTATIONS]
    maps.fill(0)
    maps[first + lower] = magnitudes.ravel()
    lower = (lower + 1) & (N_ORIENTATIONS - 1)
    maps[first + lower] = turns.ravel()
    return maps.reshape(bottom - top, -1)


def pool_across(down: np.ndarray, bin_size: int, centres: np.ndarray) -> np.ndarray:
    """Smooth what ``pool_down`` returned across the picture, where bins have centres.

    Parameters
    ----------
    down : ndarray of shape (n_rows, width, 8), float32
    bin_size : int, pixels
    centres : ndarray of shape (n_columns,), int
        The columns, in pixels.

    Returns
    -------
    ndarray of shape (n_rows, n_columns, 8), float32
    """
    triangle, one = _triangle(bin_size), np.ones(1, np.float32)
    pooled = np.empty((len(down), len(centres), N_ORIENTATIONS), np.float32)
    step = max(1, _STRIP_PIXELS // 4 // down.shape[1])
    for start in range(0, len(down), step):
        rows = slice(start, start + step)
        smooth = cv2.sepFilter2D(
            down[rows], -1, triangle, one, borderType=cv2.BORDER_CONSTANT
        )
        pooled[rows] = smooth[:, centres]
    return pooled
