"""A colour picture to statistics of colour around the points of a grid."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["local_color"]

CELLS = 4  # of a patch, each way


def local_color(
    pixels: NDArray[np.uint8], step: int, cell_sizes: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return means and deviations of L*a*b* in four by four cells around each point.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
        RGB.
    step : int
        Distance of the points, pixels.
    cell_sizes : sequence of int
        Width of a cell at each scale, pixels; at least 1.

    Returns
    -------
    descriptors : ndarray of shape (n_points, 96), float32
        Cell by cell, from the top left; of each the three means, then the three
        standard deviations, L*, a* and b* in the range [0, 255].
    centers : ndarray of shape (n_points, 2), float32
        Row and column, pixels. No point where a patch doesn't fit into the picture.

    References
    ----------
    Perronnin, Sánchez & Mensink, "Improving the Fisher kernel for large-scale image
    classification" (2010), doi:10.1007/978-3-642-15561-1_11: section 4.1.
    """
    colors = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    height, width = colors.shape[:2]
    descriptors, centers = [], []
    for size in cell_sizes:
        n_rows = (height - CELLS * size) // step + 1
        n_columns = (width - CELLS * size) // step + 1
        if n_rows < 1 or n_columns < 1:
            continue
        # A box of an even size has its anchor right of its middle: at its size // 2.
        means = cv2.blur(colors, (size, size), borderType=cv2.BORDER_REFLECT)
        squares = cv2.blur(colors * colors, (size, size), borderType=cv2.BORDER_REFLECT)
        deviations = np.sqrt(np.maximum(squares - means * means, 0.0))
        cells = np.concatenate([means, deviations], axis=2)
        grid = np.empty((n_rows, n_columns, CELLS, CELLS, 6), dtype=np.float32)
        for row in range(CELLS):
            for column in range(CELLS):
                top, left = size // 2 + row * size, size // 2 + column * size
                at = cells[top::step, left::step]
                grid[:, :, row, column] = at[:n_rows, :n_columns]
        descriptors.append(grid.reshape(-1, CELLS * CELLS * 6))
        middle = CELLS * size / 2
        y, x = np.divmod(np.arange(n_rows * n_columns), n_columns)
        centers.append(np.column_stack([y * step + middle, x * step + middle]))
    if not descriptors:
        return np.empty((0, 96), np.float32), np.empty((0, 2), np.float32)
    return np.concatenate(descriptors), np.concatenate(centers).astype(np.float32)
