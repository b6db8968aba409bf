"""FisherVector: sets of descriptors to the gradients of a mixture of Gaussians."""

from collections.abc import Sequence
from functools import partial
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from mmclassic._execution import Cache
from mmclassic._kernels.codebook import nearest_words
from mmclassic._kernels.fisher import fisher_gradients, region_moments
from mmclassic._kernels.gaussian_mixture import DiagonalMixture, fit_mixture
from mmclassic._kernels.normalization import normalize_rows
from mmclassic._kernels.principal_axes import fit_axes, project
from mmclassic._kernels.pyramid import Regions
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding._codebook import check_enough, fit_codebook
from mmclassic.encoding._local_encoder import LocalEncoder

__all__ = ["FisherVector"]

START_ITER = 5  # of k-means, which the mixture starts from


class FisherVector(LocalEncoder):
    """Encode an item by how its descriptors would move a mixture of Gaussians.

    Descriptors are reduced by principal components and modelled by a mixture with
    diagonal covariances; an item is the gradient of its log-likelihood with respect to
    the mixture's means and deviations, with signed root and unit norm region by region
    (the improved Fisher vector [1]_, [2]_). Use a linear classifier after it.

    Parameters
    ----------
    descriptor : descriptor, or "precomputed"
        What describes an item, such as DenseSIFT(); fitted anew, as ``descriptor_``.
        With "precomputed" each cell is LocalFeatures or an array (n, d).
    n_components : int, default=64
        Gaussians of the mixture.
    pca : int or None, default=64
        Principal components that descriptors are reduced to, where they are longer;
        None leaves them. A diagonal mixture suits decorrelated dimensions; whether
        they are whitened is the same to it.
    append_positions : bool, default=True
        Whether a descriptor's position is modelled with it [2]_: it tells about what
        a pyramid does, at an eighth of the length.
    pyramid : str or sequence of str, default="1x1"
        Grids, rows x columns, over the item, such as ("1x1", "3x1", "2x2").
    pyramid_weights : sequence of float or None, default=None
        What each grid's features are multiplied by.
    power : float, default=0.5
        Signed power of each number before the norm; 1 leaves it.
    norm : {"l1", "l2"} or None, default="l2"
        Norm that each region's features are divided by.
    max_iter : int, default=10
        Iterations of expectation maximisation at most, from a short k-means. More of
        them fit the sample closer and classify no better.
    max_descriptors : int, default=50_000
        Descriptors that the mixture is learned from, drawn from the sample. It matters
        more that they come from many items than that they are many.
    max_bytes : int, default=2**28
        Size of the sample of items whose descriptors are held at once.
    n_jobs : int or None, default=None
        Workers, as joblib's; the descriptor's own if None.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps each item's descriptors and row, and what was learned from
        equal items; see `mmclassic.cache.FeatureCache`. Also the descriptor's, where
        it has none. What is learned with a random_state that is no int is not kept.
    random_state : int, RandomState instance or None, default=None
        Of the sample and the mixture's start.

    Attributes
    ----------
    mean_ : ndarray of shape (d,), float32
        Mean of the descriptors.
    axes_ : ndarray of shape (d, n_dimensions), float32
        Principal axes, a column each.
    weights_ : ndarray of shape (n_components,), float64
        Weights of the mixture.
    means_, variances_ : ndarrays of shape (n_components, n_dimensions), float64
        Means and variances of the mixture, over principal components and, with
        ``append_positions``, the centred positions.
    n_iter_ : int
        Iterations of expectation maximisation.
    descriptor_ : descriptor, or "precomputed"
        The fitted clone.
    n_descriptor_features_ : int
        Length of a descriptor, d.
    n_position_axes_ : int
        1 if descriptors have a place in time, 2 if in a picture.

    References
    ----------
    .. [1] Perronnin, Sánchez & Mensink, "Improving the Fisher kernel for large-scale
       image classification", ECCV 2010. :doi:`10.1007/978-3-642-15561-1_11`
    .. [2] Sánchez, Perronnin, Mensink & Verbeek, "Image classification with the Fisher
       vector: theory and practice", IJCV 105, 2013. :doi:`10.1007/s11263-013-0636-x`

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.encoding import FisherVector
    >>> rng = np.random.default_rng(0)
    >>> clips = [rng.normal(size=(20, 3)), rng.normal(size=(30, 3))]
    >>> fisher = FisherVector("precomputed", n_components=4, random_state=0)
    >>> fisher.fit_transform(clips).shape  # 4 components, 3 numbers and the time, twice
    (2, 32)
    """

    _parameter_constraints: dict[str, Any] = {
        **LocalEncoder._parameter_constraints,
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "pca": [Interval(Integral, 1, None, closed="left"), None],
        "append_positions": ["boolean"],
        "power": [Interval(Real, 0, None, closed="neither")],
        "norm": [StrOptions({"l1", "l2"}), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        descriptor: Any = None,
        *,
        n_components: int = 64,
        pca: int | None = 64,
        append_positions: bool = True,
        pyramid: str | Sequence[str] = "1x1",
        pyramid_weights: Sequence[float] | None = None,
        power: float = 0.5,
        norm: Literal["l1", "l2"] | None = "l2",
        max_iter: int = 10,
        max_descriptors: int = 50_000,
        max_bytes: int = 2**28,
        n_jobs: int | None = None,
        cache: Cache = None,
        random_state: Any = None,
    ) -> None:
        self.descriptor = descriptor
        self.n_components = n_components
        self.pca = pca
        self.append_positions = append_positions
        self.pyramid = pyramid
        self.pyramid_weights = pyramid_weights
        self.power = power
        self.norm = norm
        self.max_iter = max_iter
        self.max_descriptors = max_descriptors
        self.max_bytes = max_bytes
        self.n_jobs = n_jobs
        self.cache = cache
        self.random_state = random_state

    def _fit_descriptors(
        self, sample: LocalFeatures, random_state: np.random.RandomState
    ) -> None:
        check_enough(
            len(sample),
            self.n_components,
            f"n_components={self.n_components} of FisherVector",
        )
        self.mean_, self.axes_ = fit_axes(sample.descriptors, self.pca)
        projected = _project(sample, self.mean_, self.axes_, self.append_positions)
        centres = fit_codebook(
            projected, self.n_components, random_state, max_iter=START_ITER
        )
        mixture, self.n_iter_ = fit_mixture(
            projected,
            nearest_words(projected, centres),
            self.n_components,
            max_iter=self.max_iter,
        )
        self.weights_ = mixture.weights
        self.means_ = mixture.means
        self.variances_ = mixture.variances

    def _encoding(self) -> Any:
        mixture = DiagonalMixture(self.weights_, self.means_, self.variances_)
        return partial(
            _fisher_rows,
            mean=self.mean_,
            axes=self.axes_,
            append_positions=self.append_positions,
            mixture=mixture,
            linear_form=mixture.linear_form(),
            power=self.power,
            norm=self.norm,
        )

    def _region_feature_names(self) -> list[str]:
        n_components, n_dimensions = self.means_.shape
        return [
            f"{gradient}{component}_{i}"
            for gradient in ("mean", "deviation")
            for component in range(n_components)
            for i in range(n_dimensions)
        ]


def _project(
    features: LocalFeatures,
    mean: NDArray[np.float32],
    axes: NDArray[np.float32],
    append_positions: bool,
) -> NDArray[np.float32]:
    """Return centred principal components, and positions if asked for, (n, p)."""
    components = project(features.descriptors, mean, axes)
    if not append_positions:
        return components
    centred = features.positions.astype(np.float32) - np.float32(0.5)
    return np.concatenate([components, centred], axis=1)


def _fisher_rows(
    features: LocalFeatures,
    regions: Regions,
    *,
    mean: NDArray[np.float32],
    axes: NDArray[np.float32],
    append_positions: bool,
    mixture: DiagonalMixture,
    linear_form: tuple[NDArray[np.float32], NDArray[np.float32]],
    power: float,
    norm: Literal["l1", "l2"] | None,
) -> NDArray[np.float32]:
    projected = _project(features, mean, axes, append_positions)
    moments = region_moments(projected, *linear_form, regions)
    _, means, deviations = fisher_gradients(moments, mixture)
    gradients = np.concatenate([means, deviations], axis=1)
    return normalize_rows(gradients.reshape(len(gradients), -1), power, norm)
