"""VLAD: sets of descriptors to sums of their differences to the nearest words."""

from collections.abc import Sequence
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from mmclassic._execution import Cache
from mmclassic._kernels.normalization import normalize_rows
from mmclassic._kernels.pyramid import Regions
from mmclassic._kernels.vlad import residual_sums
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding._codebook import check_enough, fit_codebook
from mmclassic.encoding._local_encoder import LocalEncoder

__all__ = ["VLAD"]


class VLAD(LocalEncoder):
    """Encode an item by how its descriptors differ from the words of a codebook.

    Vectors of locally aggregated descriptors [1]_: each descriptor's difference to
    its nearest word is summed, a block of d numbers a word, each block brought to unit
    norm [2]_, and the whole too, region by region.

    Parameters
    ----------
    descriptor : descriptor, or "precomputed"
        What describes an item, such as SIFT(); fitted anew, as ``descriptor_``. With
        "precomputed" each cell is LocalFeatures or an array (n, d).
    n_words : int, default=64
        Size of the codebook.
    intra_norm : bool, default=True
        Whether each word's block is brought to unit norm, so that no word's burst of
        equal descriptors outweighs the others.
    pyramid : str or sequence of str, default="1x1"
        Grids, rows x columns, over the item, such as ("1x1", "3x1", "2x2").
    pyramid_weights : sequence of float or None, default=None
        What each grid's features are multiplied by.
    power : float, default=0.5
        Signed power of each number before its norm; 1 leaves it.
    max_descriptors : int, default=100_000
        Descriptors that the codebook is learned from, drawn from the sample.
    max_bytes : int, default=2**28
        Size of the sample of items whose descriptors are held at once.
    n_jobs : int or None, default=None
        Workers, as joblib's; the descriptor's own if None.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps each item's descriptors and row, and what was learned from
        equal items; see `mmclassic.cache.FeatureCache`. Also the descriptor's, where
        it has none. What is learned with a random_state that is no int is not kept.
    random_state : int, RandomState instance or None, default=None
        Of the sample and the codebook.

    Attributes
    ----------
    codebook_ : ndarray of shape (n_words, d), float32
        The words.
    descriptor_ : descriptor, or "precomputed"
        The fitted clone.
    n_descriptor_features_ : int
        Length of a descriptor, d.
    n_position_axes_ : int
        1 if descriptors have a place in time, 2 if in a picture.

    References
    ----------
    .. [1] Jégou, Perronnin, Douze, Sánchez, Pérez & Schmid, "Aggregating local image
       descriptors into compact codes", IEEE TPAMI 34(9), 2012.
       :doi:`10.1109/TPAMI.2011.235`
    .. [2] Arandjelović & Zisserman, "All about VLAD", CVPR 2013.
       :doi:`10.1109/CVPR.2013.207`

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.encoding import VLAD
    >>> items = [np.array([[1.0], [3.0]]), np.array([[2.0], [2.5]])]
    >>> VLAD("precomputed", n_words=1).fit_transform(items).shape
    (2, 1)
    """

    _parameter_constraints: dict[str, Any] = {
        **LocalEncoder._parameter_constraints,
        "n_words": [Interval(Integral, 1, None, closed="left")],
        "intra_norm": ["boolean"],
        "power": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        descriptor: Any = None,
        *,
        n_words: int = 64,
        intra_norm: bool = True,
        pyramid: str | Sequence[str] = "1x1",
        pyramid_weights: Sequence[float] | None = None,
        power: float = 0.5,
        max_descriptors: int = 100_000,
        max_bytes: int = 2**28,
        n_jobs: int | None = None,
        cache: Cache = None,
        random_state: Any = None,
    ) -> None:
        self.descriptor = descriptor
        self.n_words = n_words
        self.intra_norm = intra_norm
        self.pyramid = pyramid
        self.pyramid_weights = pyramid_weights
        self.power = power
        self.max_descriptors = max_descriptors
        self.max_bytes = max_bytes
        self.n_jobs = n_jobs
        self.cache = cache
        self.random_state = random_state

    def _fit_descriptors(
        self, sample: LocalFeatures, random_state: np.random.RandomState
    ) -> None:
        parameter = f"n_words={self.n_words} of VLAD"
        check_enough(len(sample), self.n_words, parameter)
        self.codebook_ = fit_codebook(sample.descriptors, self.n_words, random_state)

    def _encoding(self) -> Any:
        return partial(
            _aggregate,
            codebook=self.codebook_,
            intra_norm=self.intra_norm,
            power=self.power,
        )

    def _region_feature_names(self) -> list[str]:
        n_words, d = self.codebook_.shape
        return [f"word{word}_{i}" for word in range(n_words) for i in range(d)]


def _aggregate(
    features: LocalFeatures,
    regions: Regions,
    *,
    codebook: NDArray[np.float32],
    intra_norm: bool,
    power: float,
) -> NDArray[np.float32]:
    sums = residual_sums(features.descriptors, codebook, regions)
    n_regions, n_words, d = sums.shape
    if intra_norm:
        blocks = normalize_rows(sums.reshape(-1, d), power, "l2")
        return normalize_rows(blocks.reshape(n_regions, n_words * d), 1, "l2")
    return normalize_rows(sums.reshape(n_regions, n_words * d), power, "l2")
