"""ColorHistogram: a picture to the shares of its colours, in parts of a grid."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from mmclassic._base import CACHE_CONSTRAINTS, ItemTransformer
from mmclassic._execution import Cache, Libraries
from mmclassic._kernels.color import COLOR_SPACES, color_histogram
from mmclassic._local_features import LocalFeatures
from mmclassic.image._parameters import check_ints
from mmclassic.image._picture import Picture, cropped, load_picture

__all__ = ["ColorHistogram"]


class ColorHistogram(ItemTransformer):
    """Describe a picture by how much of each colour it holds.

    ``transform`` gives one row of fixed length, part of the grid by part; each part
    sums to 1, unless ``root``. ``describe`` gives one descriptor for each part.

    Of a picture with transparency only what is opaque is counted; a part without any
    gives zeros in ``transform`` and no descriptor in ``describe``.

    Parameters
    ----------
    n_bins : int or (int, int, int), default=16
        Bins a channel, of equal width.
    color_space : {"rgb", "hsv", "lab", "ycrcb"}, default="rgb"
        Where to count.
    joint : bool, default=False
        Count triples of channels (n_bins ** 3 values; take 4 to 8 bins), or each
        channel alone (3 * n_bins values).
    grid : (int, int), default=(1, 1)
        Rows and columns of the parts.
    crop : bool, default=False
        Cut pictures with transparency to the box around what is opaque first; only
        matters with a grid.
    root : bool, default=False
        Take the square root of the shares, so that Euclidean distance compares them
        as the Hellinger distance does. It helps most classifiers.
    invalid : {"error", "missing"}, default="error"
        Whether ``transform`` stops at an invalid picture, or warns once and gives NaN.
    n_jobs : int or None, default=None
        Pictures described at once, as joblib's.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps what was computed of each picture, for every fold and process;
        see `mmclassic.cache.FeatureCache`. None is that of the enclosing encoder.

    References
    ----------
    Swain, M. & Ballard, D. (1991). Color indexing. International Journal of Computer
    Vision, 7, 11-32. https://doi.org/10.1007/BF00130487

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.image import ColorHistogram
    >>> red = np.zeros((8, 8, 3), dtype=np.uint8)
    >>> red[..., 0] = 255
    >>> ColorHistogram(n_bins=2, joint=True).fit_transform([red])
    array([[0., 0., 0., 0., 1., 0., 0., 0.]], dtype=float32)
    >>> ColorHistogram(n_bins=2).get_feature_names_out()[:3]
    array(['colorhistogram_0_0_r0', 'colorhistogram_0_0_r1',
           'colorhistogram_0_0_g0'], dtype=object)
    """

    _libraries = Libraries(("numpy", "cv2"))
    _parameter_constraints: dict[str, Any] = {
        "n_bins": [Interval(Integral, 1, 256, closed="both"), tuple, list],
        "color_space": [StrOptions(set(COLOR_SPACES))],
        "joint": ["boolean"],
        "grid": [tuple, list],
        "crop": ["boolean"],
        "root": ["boolean"],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        n_bins: int | tuple[int, int, int] = 16,
        *,
        color_space: str = "rgb",
        joint: bool = False,
        grid: Sequence[int] = (1, 1),
        crop: bool = False,
        root: bool = False,
        invalid: str = "error",
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.n_bins = n_bins
        self.color_space = color_space
        self.joint = joint
        self.grid = grid
        self.crop = crop
        self.root = root
        self.invalid = invalid
        self.n_jobs = n_jobs
        self.cache = cache

    def _validate_params(self) -> None:
        super()._validate_params()
        if not isinstance(self.n_bins, Integral):
            check_ints(self, "n_bins", 3)
            if max(self._bins) > 256:
                raise ValueError(
                    "The 'n_bins' parameter of ColorHistogram must be three ints in "
                    f"the range [1, 256]. Got {self.n_bins!r} instead."
                )
        check_ints(self, "grid", 2)

    @property
    def _bins(self) -> tuple[int, int, int]:
        if isinstance(self.n_bins, (int, np.integer)):
            return self.n_bins, self.n_bins, self.n_bins
        first, second, third = self.n_bins
        return first, second, third

    @property
    def _n_descriptor_features(self) -> int:
        return int(np.prod(self._bins)) if self.joint else sum(self._bins)

    def _load(self, cell: Any) -> Picture:
        picture = load_picture(cell, "rgb")
        return cropped(picture) if self.crop else picture

    def _describe(self, item: Picture) -> LocalFeatures:
        parts = self._histogram(item).reshape(-1, self._n_descriptor_features)
        rows, columns = self.grid
        y, x = np.divmod(np.arange(rows * columns), columns)
        positions = np.column_stack([(y + 0.5) / rows, (x + 0.5) / columns])
        seen = parts.any(axis=1)
        return LocalFeatures(parts[seen], positions[seen].astype(np.float32))

    def _transform_cell(self, cell: Any) -> NDArray[np.float32]:
        return self._histogram(self._load(cell))

    def _histogram(self, item: Picture) -> NDArray[np.float32]:
        shares = color_histogram(
            item.pixels,
            n_bins=self._bins,
            color_space=self.color_space,
            joint=self.joint,
            grid=(self.grid[0], self.grid[1]),
            mask=item.mask,
        )
        return np.sqrt(shares) if self.root else shares

    def _feature_names(self) -> list[str]:
        letters = "rgb" if self.color_space == "rgb" else self.color_space
        channels = {"ycrcb": ("y", "cr", "cb")}.get(self.color_space, tuple(letters))
        if self.joint:
            values = ["_".join(map(str, index)) for index in np.ndindex(self._bins)]
        else:
            values = [
                f"{channel}{i}"
                for channel, n in zip(channels, self._bins, strict=True)
                for i in range(n)
            ]
        rows, columns = self.grid
        return [
            f"colorhistogram_{row}_{column}_{value}"
            for row in range(rows)
            for column in range(columns)
            for value in values
        ]
