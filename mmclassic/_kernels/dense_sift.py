"""Grey picture to upright SIFT descriptors on a grid, at several scales."""

from collections.abc import Sequence

import cv2
import numpy as np

from mmclassic._kernels.oriented_bins import (
    N_BINS,
    N_ORIENTATIONS,
    Axis,
    pool_orientations,
)
from mmclassic._kernels.root_sift import root_sift
from mmclassic._local_features import LocalFeatures

__all__ = ["dense_sift"]

_N_VALUES = N_BINS * N_BINS * N_ORIENTATIONS
# Lowe's: values above it are clipped, and the unit vector is scaled to bytes.
_CLIP = 0.2
# Contrast, of the picture's largest value, that rounding alone brings about.
_NO_CONTRAST = 1e-5
_SCALE = 512.0
# Descriptors normalised at once, 512 KiB of them.
_CHUNK = 2**10


def dense_sift(
    image: np.ndarray,
    *,
    step: int | tuple[int, int] = 4,
    bin_sizes: Sequence[int] = (4, 8, 12),
    sigma: float = 0.6,
    window: str = "flat",
    contrast_threshold: float = 1.0,
    low_contrast: str = "drop",
    root: bool = False,
    mask: np.ndarray | None = None,
) -> LocalFeatures:
    """Compute upright SIFT descriptors on a grid.

    A descriptor is a grid of 4 x 4 bins, each a histogram of 8 gradient orientations,
    as OpenCV's ``SIFT`` computes for a keypoint of angle 0 and of size ``bin_size *
    2 / 3``, in its order: rows of bins, bins, orientations. The gradient is spread
    over 8 orientation maps, these are smoothed by triangles, and the descriptors only
    sample them, as VLFeat's ``dsift`` does [2]_. The triangles are as wide as what
    step and bin have as common divisor, and wider ones are sums of those: scales that
    are multiples of the step cost little more than one.

    Parameters
    ----------
    image : ndarray of shape (height, width)
        A grey picture of any real type. Where it is smaller than the bins' centres
        span (``3 * bin_size + 1`` pixels), a scale gives no descriptor.
    step : int or (int, int), default=4
        Distance of the grid's points, in pixels: down and across.
    bin_sizes : sequence of int, default=(4, 8, 12)
        Width of a bin at each scale, in pixels; a descriptor spans four.
    sigma : float, default=0.6
        Standard deviation of the Gaussian blur before the gradient, in pixels; 0 for
        none.
    window : {"flat", "gaussian"}, default="flat"
        Weights of the bins: all equal, or falling with the distance from the centre
        (standard deviation two bins, taken at the bins' centres).
    contrast_threshold : float, default=1.0
        Norm below which a descriptor is of low contrast, where a value is the mean
        over its bin of the difference between the pixels on either side, in the
        picture's units.
    low_contrast : {"drop", "zero"}, default="drop"
        What becomes of descriptors of low contrast: left out, or all zeros. Those of
        no contrast at all are always left out.
    root : bool, default=False
        Return RootSIFT [3]_: the square root of each descriptor after L1
        normalisation, float32.
    mask : ndarray of shape (height, width), bool, default=None
        Keep only descriptors whose centre is True here. None: all.

    Returns
    -------
    LocalFeatures
        ``descriptors`` of shape (n, 128), uint8 (float32 if ``root``), and the
        ``positions`` of their centres, (y, x) in [0, 1]; scale by scale, row by row.

    Raises
    ------
    ValueError
        If a parameter is out of range, the picture is not of shape (height, width),
        or holds NaN or infinity.

    References
    ----------
    .. [1] D. Lowe, "Distinctive image features from scale-invariant keypoints",
       IJCV 60 (2004). :doi:`10.1023/B:VISI.0000029664.99615.94`
    .. [2] A. Vedaldi and B. Fulkerson, "VLFeat: an open and portable library of
       computer vision algorithms", ACM Multimedia 2010.
       :doi:`10.1145/1873951.1874249`
    .. [3] R. Arandjelovic and A. Zisserman, "Three things everyone should know to
       improve object retrieval", CVPR 2012. :doi:`10.1109/CVPR.2012.6248018`

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.image import dense_sift
    >>> checks = np.kron(np.indices((8, 8)).sum(axis=0) % 2 * 255, np.ones((8, 8)))
    >>> features = dense_sift(checks, step=8, bin_sizes=(8,))
    >>> features.descriptors.shape, features.descriptors.dtype
    ((25, 128), dtype('uint8'))
    """
    steps = (step, step) if isinstance(step, (int, np.integer)) else tuple(step)
    _check_parameters(steps, bin_sizes, sigma, window, contrast_threshold, low_contrast)
    image = _as_grey(image)
    if mask is not None and mask.shape != image.shape:
        raise ValueError(
            f"The mask must have the image's shape {image.shape}. Got {mask.shape} "
            "instead."
        )
    descriptors, centres = _describe(
        image, steps, bin_sizes, sigma, window, contrast_threshold, low_contrast, mask
    )
    positions = (centres + 0.5) / np.maximum(image.shape, 1)
    return LocalFeatures(
        root_sift(descriptors) if root else descriptors, positions.astype(np.float32)
    )


def _check_parameters(
    steps: tuple[int, ...],
    bin_sizes: Sequence[int],
    sigma: float,
    window: str,
    contrast_threshold: float,
    low_contrast: str,
) -> None:
    def complain(name: str, wanted: str, value: object) -> None:
        raise ValueError(
            f"The '{name}' parameter of dense_sift must be {wanted}. "
            f"Got {value!r} instead."
        )

    def are_sizes(values: Sequence[int]) -> bool:
        return all(isinstance(v, (int, np.integer)) and v >= 1 for v in values)

    if len(steps) != 2 or not are_sizes(steps):
        complain("step", "an int in the range [1, inf) or two of them", steps)
    if len(bin_sizes) == 0 or not are_sizes(bin_sizes):
        complain("bin_sizes", "one or more ints in the range [1, inf)", bin_sizes)
    if not 0 <= sigma < np.inf:
        complain("sigma", "a float in the range [0, inf)", sigma)
    if window not in ("flat", "gaussian"):
        complain("window", "a str among {'flat', 'gaussian'}", window)
    if not 0 <= contrast_threshold < np.inf:
        complain("contrast_threshold", "a float in [0, inf)", contrast_threshold)
    if low_contrast not in ("drop", "zero"):
        complain("low_contrast", "a str among {'drop', 'zero'}", low_contrast)


def _as_grey(image: np.ndarray) -> np.ndarray:
    """Return uint8 as it is, everything else as finite float32."""
    image = np.asarray(image)
    if image.ndim != 2:
        raise ValueError(
            "dense_sift takes a grey image of shape (height, width). Got an array of "
            f"shape {image.shape} instead. Convert colours to grey first."
        )
    if image.dtype == np.uint8:
        return np.ascontiguousarray(image)
    grey = np.ascontiguousarray(image, dtype=np.float32)
    if not np.isfinite(grey).all():
        raise ValueError(
            "The image holds NaN, infinity or values beyond float32. Replace them "
            "before dense_sift, for instance with numpy.nan_to_num."
        )
    return grey


def _describe(
    image: np.ndarray,
    steps: tuple[int, ...],
    bin_sizes: Sequence[int],
    sigma: float,
    window: str,
    contrast_threshold: float,
    low_contrast: str,
    mask: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the descriptors, uint8, and their centres in pixels."""
    scales, grids = [], []
    for size in bin_sizes:
        rows = _grid(image.shape[0], size, steps[0])
        columns = _grid(image.shape[1], size, steps[1])
        if len(rows) and len(columns):
            down = Axis.of_bins(rows, size, steps[0], image.shape[0])
            scales.append((down, Axis.of_bins(columns, size, steps[1], image.shape[1])))
            grids.append(_centres(rows, columns, size))
    weights = _bin_weights(window)
    blank = _NO_CONTRAST * max(
        float(image.max(initial=0)), -float(image.min(initial=0))
    )
    parts = [(np.empty((0, _N_VALUES), np.uint8), np.empty((0, 2)))]
    maps = pool_orientations(image, sigma, scales)
    for smooth, (down, across), centres in zip(maps, scales, grids, strict=True):
        step = max(1, _CHUNK // len(across.which))
        for start in range(0, len(down.which), step):
            chunk = slice(start, start + step)
            values = _sample(smooth, down.which[chunk], across.which)
            points = centres[chunk].reshape(-1, 2)
            if mask is not None:
                inside = mask[tuple(points.astype(np.intp).T)]
                values, points = values[inside], points[inside]
            if weights is not None:
                values *= weights
            parts.append(
                _finish(values, points, contrast_threshold, low_contrast, blank)
            )
    descriptors, places = zip(*parts, strict=True)
    return np.concatenate(descriptors), np.concatenate(places)


def _grid(extent: int, bin_size: int, step: int) -> np.ndarray:
    """Place the first bin's centre of each descriptor along one axis, centred."""
    room = extent - 1 - (N_BINS - 1) * bin_size
    return np.arange(room % step // 2, room + 1, step) if room >= 0 else np.arange(0)


def _centres(rows: np.ndarray, columns: np.ndarray, bin_size: int) -> np.ndarray:
    """Return the descriptors' centres (y, x) in pixels: (n_rows, n_columns, 2)."""
    centres = np.empty((len(rows), len(columns), 2))
    centres[:, :, 0] = rows[:, np.newaxis]
    centres[:, :, 1] = columns
    centres += (N_BINS - 1) / 2 * bin_size
    return centres


def _sample(smooth: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Take the bins of the descriptors in rows: (n, 128)."""
    # Of each descriptor in a row, where its bins lie in a row of maps; then add rows.
    first = np.repeat(rows * smooth.shape[1], N_BINS, axis=1)
    bins = first[:, np.newaxis] + np.tile(columns, (1, N_BINS))
    values = smooth.reshape(-1, N_ORIENTATIONS).take(bins.ravel(), axis=0)
    return values.reshape(-1, _N_VALUES)


def _bin_weights(window: str) -> np.ndarray | None:
    if window == "flat":
        return None
    offsets = np.arange(N_BINS) - (N_BINS - 1) / 2
    weights = np.exp(-0.5 * (offsets / (N_BINS / 2)) ** 2).astype(np.float32)
    return np.repeat(np.outer(weights, weights), N_ORIENTATIONS)


def _finish(
    values: np.ndarray,
    points: np.ndarray,
    contrast_threshold: float,
    low_contrast: str,
    blank: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Leave out or zero descriptors of low contrast, and make bytes of the others."""
    contrast = np.sqrt(np.vecdot(values, values))
    strong = contrast > max(contrast_threshold, blank)
    if low_contrast == "zero":
        values[~strong] = 0
        strong = contrast > blank
    if not strong.all():
        values, points, contrast = values[strong], points[strong], contrast[strong]
    return _to_bytes(values, contrast), points


def _to_bytes(values: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Normalise, clip, normalise again and round: Lowe (2004), section 6.1."""
    if not len(values):
        return values.astype(np.uint8)
    np.minimum(values, (_CLIP * norms)[:, np.newaxis], out=values)
    norms = np.sqrt(np.vecdot(values, values))
    values *= (_SCALE / np.maximum(norms, 1e-30))[:, np.newaxis]
    # Rounds halves to even, and stops at 255.
    return cv2.convertScaleAbs(values)
