"""LocalColor: a picture to means and deviations of colour around points of a grid."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from mmclassic._base import CACHE_CONSTRAINTS, ItemTransformer
from mmclassic._execution import Cache, Libraries
from mmclassic._kernels.local_color import local_color
from mmclassic._local_features import LocalFeatures
from mmclassic.image._parameters import check_ints
from mmclassic.image._picture import Picture, load_picture, shrunk

__all__ = ["LocalColor"]

N_VALUES = 96


class LocalColor(ItemTransformer):
    """Describe a picture by colours around the points of a grid, at several scales.

    Each point has a patch of four by four cells, and each cell the mean and the
    standard deviation of L*, a* and b*: where which colour is, and how plain or busy it
    is. ``FisherVector(LocalColor())`` beside that of `DenseSIFT`, which sees no colour,
    tells more of a photograph than either. ``transform`` gives mean and standard
    deviation over the points.

    Of a picture with transparency, the points are kept whose place is opaque.

    Parameters
    ----------
    step : int, default=8
        Distance of the grid's points, pixels.
    cell_sizes : sequence of int, default=(4, 8, 12)
        Width of a cell at each scale, pixels; a patch is four of them wide.
    max_size : int or None, default=512
        Scale pictures down whose longer side has more pixels. None keeps them.
    invalid : {"error", "missing"}, default="error"
        Whether ``transform`` stops at an invalid picture, or warns once and gives NaN.
    n_jobs : int or None, default=None
        Pictures described at once, as joblib's.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps what was computed of each picture, for every fold and process;
        see `mmclassic.cache.FeatureCache`. None is that of the enclosing encoder.

    See Also
    --------
    ColorHistogram : How much of which colour there is.

    Notes
    -----
    A picture smaller than a patch has no descriptor at that scale.

    References
    ----------
    Perronnin, F., Sánchez, J. & Mensink, T. (2010). Improving the Fisher kernel for
    large-scale image classification. ECCV.
    https://doi.org/10.1007/978-3-642-15561-1_11

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.image import LocalColor
    >>> red = np.zeros((32, 32, 3), dtype=np.uint8)
    >>> red[..., 0] = 255
    >>> features = LocalColor(cell_sizes=(4,)).describe(red)
    >>> features.descriptors.shape
    (9, 96)
    >>> features.descriptors[0, :6]  # L*, a* and b*, and their deviations
    array([136, 208, 195,   0,   0,   0], dtype=uint8)
    """

    _libraries = Libraries(("numpy", "cv2"))
    _parameter_constraints: dict[str, Any] = {
        "step": [Interval(Integral, 1, None, closed="left")],
        "cell_sizes": [tuple, list],
        "max_size": [Interval(Integral, 1, None, closed="left"), None],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        step: int = 8,
        *,
        cell_sizes: Sequence[int] = (4, 8, 12),
        max_size: int | None = 512,
        invalid: str = "error",
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.step = step
        self.cell_sizes = cell_sizes
        self.max_size = max_size
        self.invalid = invalid
        self.n_jobs = n_jobs
        self.cache = cache

    def _validate_params(self) -> None:
        super()._validate_params()
        check_ints(self, "cell_sizes")

    @property
    def _n_descriptor_features(self) -> int:
        return N_VALUES

    def _load(self, cell: Any) -> Picture:
        return shrunk(load_picture(cell, "rgb"), self.max_size)

    def _describe(self, item: Picture) -> LocalFeatures:
        values, centers = local_color(item.pixels, self.step, self.cell_sizes)
        if item.mask is not None:
            row, column = centers.astype(int).T
            opaque = item.mask[row, column]
            values, centers = values[opaque], centers[opaque]
        size = np.array(item.pixels.shape[:2], dtype=np.float32)
        return LocalFeatures(np.rint(values).astype(np.uint8), centers / size)
