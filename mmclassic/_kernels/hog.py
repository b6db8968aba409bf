"""Picture to histograms of oriented gradients, one per cell, normalised in blocks."""

from functools import lru_cache

import numpy as np
from numpy.typing import DTypeLike

from mmclassic._kernels.block_norms import normalise_blocks
from mmclassic._kernels.gradients import votes_of_float, votes_of_uint8

__all__ = ["hog", "hog_blocks"]

_STRIP_PIXELS = 2**15

_BLOCK_NORMS = ("L1", "L1-sqrt", "L2", "L2-Hys")


def hog(
    image: np.ndarray,
    *,
    orientations: int = 9,
    pixels_per_cell: tuple[int, int] = (8, 8),
    cells_per_block: tuple[int, int] = (3, 3),
    block_norm: str = "L2-Hys",
    transform_sqrt: bool = False,
    feature_vector: bool = True,
    channel_axis: int | None = None,
) -> np.ndarray:
    """Compute the histograms of oriented gradients of a picture.

    Every pixel votes with its gradient's magnitude for the orientation bin that its
    gradient falls in (0 to 180 degrees); cells average the votes; overlapping blocks
    of cells are normalised. Equal to scikit-image's ``hog`` with the same parameters.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, channels)
        A grey picture, or a coloured one if ``channel_axis`` says where the channels
        are. uint8 is the fastest.
    orientations : int, default=9
        Number of orientation bins in 180 degrees.
    pixels_per_cell : (int, int), default=(8, 8)
        Height and width of a cell, in pixels.
    cells_per_block : (int, int), default=(3, 3)
        Height and width of a block, in cells.
    block_norm : {"L1", "L1-sqrt", "L2", "L2-Hys"}, default="L2-Hys"
        Normalisation of a block; "L2-Hys" clips at 0.2 and normalises again.
    transform_sqrt : bool, default=False
        Take the square root of the picture first. It must hold no negative value.
    feature_vector : bool, default=True
        Return one flat vector.
    channel_axis : int or None, default=None
        Axis of the colour channels; each pixel takes the channel whose gradient is
        the largest. None: the picture is grey.

    Returns
    -------
    features : ndarray
        Shape (n_blocks_row, n_blocks_col, n_cells_row, n_cells_col, n_orientations),
        flat if ``feature_vector``. float32 for pictures of float32 and float16,
        float64 for all others.

    Raises
    ------
    ValueError
        If a parameter is out of range, the picture is smaller than one block, of the
        wrong number of dimensions, or holds NaN or infinity.

    References
    ----------
    .. [1] N. Dalal and B. Triggs, "Histograms of oriented gradients for human
       detection", CVPR 2005. :doi:`10.1109/CVPR.2005.177`

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.image import hog
    >>> stripes = np.tile(np.repeat(np.array([0, 255], dtype=np.uint8), 8), (32, 2))
    >>> hog(stripes, cells_per_block=(2, 2)).shape
    (324,)
    """
    _check_parameters(orientations, pixels_per_cell, cells_per_block, block_norm)
    image = _channels_last(np.asarray(image), channel_axis)
    blocks = hog_blocks(
        image,
        orientations,
        pixels_per_cell,
        cells_per_block,
        block_norm,
        transform_sqrt,
        _float_dtype(image),
    )
    return blocks.ravel() if feature_vector else blocks


def hog_blocks(
    image: np.ndarray,
    orientations: int,
    pixels_per_cell: tuple[int, int],
    cells_per_block: tuple[int, int],
    block_norm: str,
    transform_sqrt: bool,
    dtype: DTypeLike,
) -> np.ndarray:
    """Return what ``hog`` does in the given type, its parameters not checked again.

    The channels come last, and the result is of five dimensions.
    """
    height, width = image.shape[:2]
    cell_height, cell_width = pixels_per_cell
    n_rows, n_columns = height // cell_height, width // cell_width
    if n_rows < cells_per_block[0] or n_columns < cells_per_block[1]:
        raise ValueError(
            f"The image of {height} x {width} pixels is too small for HOG with "
            f"pixels_per_cell={tuple(pixels_per_cell)} and "
            f"cells_per_block={tuple(cells_per_block)}, which need "
            f"{cell_height * cells_per_block[0]} rows and "
            f"{cell_width * cells_per_block[1]} columns. Lower them or enlarge the "
            "image."
        )
    if image.dtype == bool:
        image = image.astype(np.uint8)
    cells = _cell_histograms(image, orientations, pixels_per_cell, transform_sqrt)
    return normalise_blocks(cells, cells_per_block, block_norm, dtype)


def _check_parameters(
    orientations: int,
    pixels_per_cell: tuple[int, int],
    cells_per_block: tuple[int, int],
    block_norm: str,
) -> None:
    if not isinstance(orientations, (int, np.integer)) or orientations < 1:
        raise ValueError(
            "The 'orientations' parameter of hog must be an int in the range "
            f"[1, inf). Got {orientations!r} instead."
        )
    pairs = {"pixels_per_cell": pixels_per_cell, "cells_per_block": cells_per_block}
    for name, pair in pairs.items():
        if len(pair) != 2 or any(int(size) != size or size < 1 for size in pair):
            raise ValueError(
                f"The '{name}' parameter of hog must be two ints in the range "
                f"[1, inf). Got {pair!r} instead."
            )
    if block_norm not in _BLOCK_NORMS:
        raise ValueError(
            f"The 'block_norm' parameter of hog must be a str among {_BLOCK_NORMS}. "
            f"Got {block_norm!r} instead."
        )


def _channels_last(image: np.ndarray, channel_axis: int | None) -> np.ndarray:
    n_dimensions = 2 if channel_axis is None else 3
    if image.ndim != n_dimensions:
        raise ValueError(
            f"hog with channel_axis={channel_axis} takes an image of {n_dimensions} "
            f"dimensions. Got an array of shape {image.shape} instead. Set "
            "channel_axis=-1 for (height, width, channels) and None for grey."
        )
    if channel_axis is None:
        return image
    return np.moveaxis(image, channel_axis, -1)


def _cell_histograms(
    image: np.ndarray,
    orientations: int,
    pixels_per_cell: tuple[int, int],
    transform_sqrt: bool,
) -> np.ndarray:
    """Average the votes in each cell: (n_rows, n_columns, orientations)."""
    height, width = image.shape[:2]
    cell_height, cell_width = pixels_per_cell
    n_rows, n_columns = height // cell_height, width // cell_width
    as_float = image.dtype != np.uint8 or transform_sqrt
    # float32 has digits to spare for the gradients of bytes.
    cells = np.empty(
        (n_rows, n_columns, orientations),
        np.float32 if image.dtype == np.uint8 else np.float64,
    )
    # A strip of cells at a time: what is in the cache costs a third.
    step = max(1, _STRIP_PIXELS // (cell_height * width))
    for start in range(0, n_rows, step):
        stop = min(start + step, n_rows)
        top, bottom = start * cell_height, stop * cell_height
        above = min(top, 1)
        strip = image[top - above : bottom + 1]
        if as_float:
            strip = _as_finite(strip, transform_sqrt)
            bins, magnitudes = votes_of_float(strip, orientations)
        else:
            bins, magnitudes = votes_of_uint8(strip, orientations)
        inside = np.s_[above : above + bottom - top, : n_columns * cell_width]
        cells[start:stop] = _average_in_cells(
            bins[inside], magnitudes[inside], orientations, pixels_per_cell
        )
    return cells


def _float_dtype(image: np.ndarray) -> type:
    return np.float32 if image.dtype in (np.float32, np.float16) else np.float64


def _as_finite(image: np.ndarray, transform_sqrt: bool) -> np.ndarray:
    image = image.astype(_float_dtype(image), copy=False)
    if not np.isfinite(image.sum()) and not np.isfinite(image).all():
        raise ValueError(
            "The image holds NaN or infinity. Replace them before hog, for instance "
            "with numpy.nan_to_num."
        )
    if not transform_sqrt:
        return image
    if image.min() < 0:
        raise ValueError(
            "transform_sqrt=True takes no negative values. Shift the image to start "
            "at 0 or set transform_sqrt=False."
        )
    return np.sqrt(image)


def _average_in_cells(
    bins: np.ndarray,
    magnitudes: np.ndarray,
    orientations: int,
    pixels_per_cell: tuple[int, int],
) -> np.ndarray:
    cell_height, cell_width = pixels_per_cell
    n_rows, n_columns = bins.shape[0] // cell_height, bins.shape[1] // cell_width
    bins = bins + _first_bins(*bins.shape, orientations, cell_height, cell_width)
    sums = np.bincount(
        bins.ravel(), magnitudes.ravel(), minlength=n_rows * n_columns * orientations
    )
    return sums.reshape(n_rows, n_columns, -1) / (cell_height * cell_width)


@lru_cache(maxsize=4)
def _first_bins(
    height: int, width: int, orientations: int, cell_height: int, cell_width: int
) -> np.ndarray:
    """Return the number of the first bin of each pixel's cell."""
    rows, columns = np.arange(height) // cell_height, np.arange(width) // cell_width
    first = (rows[:, None] * (width // cell_width) + columns) * orientations
    first.flags.writeable = False
    return first
