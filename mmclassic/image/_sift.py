"""SIFT: a picture to descriptors of the keypoints that stand out in it."""

from dataclasses import replace
from numbers import Integral, Real
from typing import Any

import cv2
import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from mmclassic._base import CACHE_CONSTRAINTS, ItemTransformer
from mmclassic._execution import Cache, Libraries
from mmclassic._kernels.root_sift import root_sift
from mmclassic._local_features import LocalFeatures
from mmclassic.image._picture import Picture, load_picture, shrunk

__all__ = ["SIFT"]

N_VALUES = 128


class SIFT(ItemTransformer):
    """Describe a picture by the SIFT descriptors of its keypoints, as OpenCV's.

    ``describe`` gives one descriptor a keypoint; their number varies, and is 0 for a
    blank picture. ``transform`` gives mean and standard deviation over them; words
    and Fisher vectors are the encoders' work: ``BagOfWords(SIFT())``.

    Of a picture with transparency, keypoints are kept where it is opaque.

    Parameters
    ----------
    n_features : int or None, default=None
        Keep this many keypoints, those of the highest contrast. None keeps all.
    n_octave_layers : int, default=3
        Scales in each octave.
    contrast_threshold : float, default=0.04
        Keypoints of less contrast are dropped. Lower it for more keypoints.
    edge_threshold : float, default=10.0
        Keypoints more like an edge than this ratio of curvatures are dropped. Raise
        it for more keypoints.
    sigma : float, default=1.6
        Blur of the first scale, pixels.
    root : bool, default=False
        Give RootSIFT, float32: the square root of each descriptor after L1
        normalisation. Otherwise descriptors are uint8.
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
    DenseSIFT : Descriptors on a grid, upright; better for scenes and many times faster.

    References
    ----------
    Lowe, D. (2004). Distinctive image features from scale-invariant keypoints.
    International Journal of Computer Vision, 60, 91-110.
    https://doi.org/10.1023/B:VISI.0000029664.99615.94

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.image import SIFT
    >>> blank = np.zeros((64, 64), dtype=np.uint8)
    >>> spots = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    >>> SIFT(n_features=10).describe(spots).descriptors.shape
    (10, 128)
    >>> len(SIFT().describe(blank))
    0
    >>> SIFT().fit_transform([spots, blank]).shape
    (2, 256)
    """

    _libraries = Libraries(("numpy", "cv2"))
    _parameter_constraints: dict[str, Any] = {
        "n_features": [Interval(Integral, 1, None, closed="left"), None],
        "n_octave_layers": [Interval(Integral, 1, None, closed="left")],
        "contrast_threshold": [Interval(Real, 0, None, closed="left")],
        "edge_threshold": [Interval(Real, 0, None, closed="neither")],
        "sigma": [Interval(Real, 0, None, closed="neither")],
        "root": ["boolean"],
        "max_size": [Interval(Integral, 1, None, closed="left"), None],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        n_features: int | None = None,
        *,
        n_octave_layers: int = 3,
        contrast_threshold: float = 0.04,
        edge_threshold: float = 10.0,
        sigma: float = 1.6,
        root: bool = False,
        max_size: int | None = 512,
        invalid: str = "error",
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.n_features = n_features
        self.n_octave_layers = n_octave_layers
        self.contrast_threshold = contrast_threshold
        self.edge_threshold = edge_threshold
        self.sigma = sigma
        self.root = root
        self.max_size = max_size
        self.invalid = invalid
        self.n_jobs = n_jobs
        self.cache = cache

    @property
    def _n_descriptor_features(self) -> int:
        return N_VALUES

    def _load(self, cell: Any) -> Picture:
        return shrunk(load_picture(cell, "grey"), self.max_size)

    def _describe(self, item: Picture) -> LocalFeatures:
        mask = None if item.mask is None else item.mask.astype(np.uint8)
        # A detector can't be copied or pickled, and costs nothing to make.
        keypoints, descriptors = self._detector().detectAndCompute(item.pixels, mask)
        if descriptors is None:
            descriptors = np.empty((0, N_VALUES), np.uint8)
        points = np.asarray(cv2.KeyPoint.convert(keypoints)).reshape(-1, 2)[:, ::-1]
        positions = (points + 0.5) / item.pixels.shape
        return LocalFeatures(descriptors, np.clip(positions, 0, 1).astype(np.float32))

    def _finish(self, features: LocalFeatures) -> LocalFeatures:
        if not self.root:
            return features
        return replace(features, descriptors=root_sift(features.descriptors))

    def _detector(self) -> Any:
        return cv2.SIFT.create(
            0 if self.n_features is None else int(self.n_features),
            int(self.n_octave_layers),
            float(self.contrast_threshold),
            float(self.edge_threshold),
            float(self.sigma),
            descriptorType=cv2.CV_8U,  # by name: a sixth argument is another flag
        )
