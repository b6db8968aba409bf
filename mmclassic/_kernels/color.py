"""RGB picture to a histogram of its colours, or to one opponent colour."""

import cv2
import numpy as np

__all__ = ["COLOR_SPACES", "OPPONENTS", "color_histogram", "opponent"]

# What turns 8-bit RGB into each space, all three channels over 0..255.
COLOR_SPACES = {
    "rgb": None,
    "hsv": cv2.COLOR_RGB2HSV_FULL,
    "lab": cv2.COLOR_RGB2LAB,
    "ycrcb": cv2.COLOR_RGB2YCrCb,
}
# Where each opponent colour stands in L*a*b*.
OPPONENTS = {"red-green": 1, "yellow-blue": 2}
_NEUTRAL, _GAIN = 128, 3


def color_histogram(
    image: np.ndarray,
    *,
    n_bins: int | tuple[int, int, int] = 16,
    color_space: str = "rgb",
    joint: bool = False,
    grid: tuple[int, int] = (1, 1),
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Count the colours of a picture.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3), uint8
        RGB.
    n_bins : int or (int, int, int), default=16
        Bins a channel, of equal width over 0 to 255.
    color_space : {"rgb", "hsv", "lab", "ycrcb"}, default="rgb"
        Where to count, each channel scaled to 0 to 255.
    joint : bool, default=False
        Count triples of channels (n_bins ** 3 values), or each channel alone (3 *
        n_bins values).
    grid : (int, int), default=(1, 1)
        Rows and columns of the parts of the picture that are counted apart.
    mask : ndarray of shape (height, width), bool, default=None
        Count only where it is True. None: everywhere.

    Returns
    -------
    ndarray of shape (grid[0] * grid[1] * n_values,), float32
        Part by part in rows; each sums to 1, or to 0 where the mask leaves nothing.

    Raises
    ------
    ValueError
        If a parameter is out of range or the picture is not RGB of uint8.

    References
    ----------
    .. [1] M. Swain and D. Ballard, "Color indexing", IJCV 7 (1991).
       :doi:`10.1007/BF00130487`

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic._kernels.color import color_histogram
    >>> red = np.zeros((4, 4, 3), dtype=np.uint8)
    >>> red[..., 0] = 255
    >>> color_histogram(red, n_bins=2, joint=True)
    array([0., 0., 0., 0., 1., 0., 0., 0.], dtype=float32)
    """
    bins = (n_bins,) * 3 if isinstance(n_bins, (int, np.integer)) else tuple(n_bins)
    _check(image, bins, color_space, grid, mask)
    conversion = COLOR_SPACES[color_space]
    if conversion is not None:
        image = cv2.cvtColor(np.ascontiguousarray(image), conversion)
    levels = [
        image[:, :, channel].astype(np.intp) * n // 256
        for channel, n in enumerate(bins)
    ]
    parts = _parts(image.shape[:2], grid)
    n_parts = grid[0] * grid[1]
    if joint:
        codes = (levels[0] * bins[1] + levels[1]) * bins[2] + levels[2]
        counts = _count(codes, parts, n_parts, int(np.prod(bins)), mask)
    else:
        counts = np.concatenate(
            [
                _count(level, parts, n_parts, n, mask)
                for level, n in zip(levels, bins, strict=True)
            ],
            axis=1,
        )
    sums = counts.sum(axis=1, keepdims=True)
    return (counts / np.maximum(sums, 1)).ravel().astype(np.float32)


def _check(
    image: np.ndarray,
    bins: tuple[int, ...],
    color_space: str,
    grid: tuple[int, int],
    mask: np.ndarray | None,
) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            "color_histogram takes an RGB image of shape (height, width, 3), uint8. "
            f"Got {image.dtype} of shape {image.shape} instead."
        )
    if len(bins) != 3 or not all(1 <= n <= 256 for n in bins):
        raise ValueError(
            "The 'n_bins' parameter of color_histogram must be an int in the range "
            f"[1, 256] or three of them. Got {bins!r} instead."
        )
    if color_space not in COLOR_SPACES:
        raise ValueError(
            "The 'color_space' parameter of color_histogram must be a str among "
            f"{set(COLOR_SPACES)}. Got {color_space!r} instead."
        )
    if len(grid) != 2 or not all(n >= 1 for n in grid):
        raise ValueError(
            "The 'grid' parameter of color_histogram must be two ints in the range "
            f"[1, inf). Got {grid!r} instead."
        )
    if mask is not None and mask.shape != image.shape[:2]:
        raise ValueError(
            f"The mask must have the image's shape {image.shape[:2]}. Got "
            f"{mask.shape} instead."
        )


def _parts(shape: tuple[int, ...], grid: tuple[int, int]) -> np.ndarray:
    """Return the number of the grid's part that each pixel lies in."""
    rows = np.arange(shape[0]) * grid[0] // max(shape[0], 1)
    columns = np.arange(shape[1]) * grid[1] // max(shape[1], 1)
    return rows[:, np.newaxis] * grid[1] + columns


def _count(
    codes: np.ndarray,
    parts: np.ndarray,
    n_parts: int,
    n_codes: int,
    mask: np.ndarray | None,
) -> np.ndarray:
    numbered = parts * n_codes + codes
    seen = numbered.ravel() if mask is None else numbered[mask]
    return np.bincount(seen, minlength=n_parts * n_codes).reshape(n_parts, n_codes)


def opponent(image: np.ndarray, name: str) -> np.ndarray:
    """Return one opponent colour of a picture.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3), uint8
        RGB.
    name : {"red-green", "yellow-blue"}
        a* or b* of CIE L*a*b*.

    Returns
    -------
    ndarray of shape (height, width), uint8
        128 where there is neither, above it the first, threefold, and clipped where
        that leaves 0 to 255.
    """
    values = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[..., OPPONENTS[name]]
    stretched = _NEUTRAL + _GAIN * (values.astype(np.int16) - _NEUTRAL)
    return np.clip(stretched, 0, 255).astype(np.uint8)
