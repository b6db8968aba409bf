"""StatisticsPooling: sets of descriptors to their means, deviations, quantiles..."""

from collections.abc import Sequence
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Cache
from mmclassic._kernels.pooling import STATISTICS, pool, quantiles
from mmclassic._kernels.pyramid import Regions
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding._local_encoder import LocalEncoder

__all__ = ["StatisticsPooling"]


class StatisticsPooling(LocalEncoder):
    """Encode an item by statistics of each dimension of its local descriptors.

    Parameters
    ----------
    descriptor : descriptor, or "precomputed"
        What describes an item, such as MFCC(); fitted anew, as ``descriptor_``. With
        "precomputed" each cell is LocalFeatures, an array (n, d), or a vector (d,),
        which counts as one descriptor: statistics=("mean",) gives vectors back.
    statistics : sequence of str, default=("mean", "std")
        Any of "mean", "std", "skew", "kurtosis" (excess), "min", "max", "median",
        "change" (mean absolute difference of consecutive descriptors) and "quantile".
    quantiles : sequence of float, default=(0.1, 0.25, 0.5, 0.75, 0.9)
        Levels that "quantile" stands for, in [0, 1].
    pyramid : str or sequence of str, default="1x1"
        Grids, rows x columns, over the item: "3x1" pools each third apart.
    pyramid_weights : sequence of float or None, default=None
        What each grid's features are multiplied by.
    n_jobs : int or None, default=None
        Workers, as joblib's; the descriptor's own if None.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps each item's descriptors and row; see
        `mmclassic.cache.FeatureCache`. Also the descriptor's, where it has none.

    Attributes
    ----------
    descriptor_ : descriptor, or "precomputed"
        The fitted clone.
    n_descriptor_features_ : int
        Length of a descriptor.
    n_position_axes_ : int
        1 if descriptors have a place in time, 2 if in a picture.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.encoding import StatisticsPooling
    >>> clips = [np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([[5.0, 6.0]])]
    >>> StatisticsPooling("precomputed").fit_transform(clips)
    array([[1., 1., 1., 0.],
           [5., 6., 0., 0.]], dtype=float32)
    """

    _parameter_constraints: dict[str, Any] = {
        **{
            name: LocalEncoder._parameter_constraints[name]
            for name in ("descriptor", "pyramid", "pyramid_weights")
        },
        "statistics": [tuple, list],
        "quantiles": ["array-like"],
        "n_jobs": [Integral, None],
        "cache": LocalEncoder._parameter_constraints["cache"],
    }

    def __init__(
        self,
        descriptor: Any = None,
        *,
        statistics: Sequence[str] = ("mean", "std"),
        quantiles: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9),
        pyramid: str | Sequence[str] = "1x1",
        pyramid_weights: Sequence[float] | None = None,
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.descriptor = descriptor
        self.statistics = statistics
        self.quantiles = quantiles
        self.pyramid = pyramid
        self.pyramid_weights = pyramid_weights
        self.n_jobs = n_jobs
        self.cache = cache

    def _fit_descriptors(
        self, sample: LocalFeatures, random_state: np.random.RandomState
    ) -> None:
        known = [*STATISTICS, "quantile"]
        for statistic in self.statistics:
            if statistic not in known:
                raise ValueError(
                    "The 'statistics' parameter of StatisticsPooling must hold names "
                    f"among {known}. Got {statistic!r} instead."
                )
        if not self.statistics:
            raise ValueError(
                "The 'statistics' parameter of StatisticsPooling must name at least "
                "one statistic, such as 'mean'."
            )
        levels = np.asarray(self.quantiles, dtype=np.float64)
        if not ((levels >= 0) & (levels <= 1)).all():
            raise ValueError(
                "The 'quantiles' parameter of StatisticsPooling must hold levels in "
                f"[0, 1]. Got {self.quantiles!r} instead."
            )

    def _encoding(self) -> Any:
        return partial(
            _pool_regions,
            statistics=tuple(self.statistics),
            levels=tuple(self.quantiles),
        )

    def _region_feature_names(self) -> list[str]:
        names: list[str] = []
        for statistic in self.statistics:
            if statistic == "quantile":
                names += [f"quantile{100 * level:g}_" for level in self.quantiles]
            else:
                names.append(statistic)
        return [
            f"{name}{i}" for name in names for i in range(self.n_descriptor_features_)
        ]


def _pool_regions(
    features: LocalFeatures,
    regions: Regions,
    *,
    statistics: tuple[str, ...],
    levels: tuple[float, ...],
) -> NDArray[np.float64]:
    descriptors = features.descriptors.astype(np.float64)
    return np.array(
        [
            np.concatenate(
                [
                    quantiles(descriptors[members], levels)
                    if statistic == "quantile"
                    else pool(descriptors[members], statistic)
                    for statistic in statistics
                ]
            )
            for members in regions.members()
        ]
    )
