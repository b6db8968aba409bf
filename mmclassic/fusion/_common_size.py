"""Learn what brings the blocks of an EarlyFusion to their size, or common axes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

from mmclassic._execution import single_threaded
from mmclassic._kernels.multiset_cca import fit_multiset_cca
from mmclassic.fusion._block_scaler import BlockScaler
from mmclassic.fusion._blocks import fit_scaler

__all__ = ["CanonicalAxes", "fit_scalers", "projection_of"]

# Features of a block before canonical axes are sought, which takes the cube of them:
# more are first reduced by PCA or TruncatedSVD.
MOST_FEATURES = 512


class CanonicalAxes(TransformerMixin, BaseEstimator):
    """Project a block on axes that were found together with those of other blocks.

    Parameters
    ----------
    mean : ndarray of shape (n_features,)
    axes : ndarray of shape (n_features, n_components)
    """

    def __init__(self, mean: NDArray[np.float64], axes: NDArray[np.float64]) -> None:
        self.mean = mean
        self.axes = axes

    def fit(self, X: Any, y: Any = None) -> "CanonicalAxes":
        """Return itself: the axes are known."""
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return coordinates on the axes, of shape (n_rows, n_components)."""
        dense = X.toarray() if sparse.issparse(X) else np.asarray(X)
        return np.asarray((dense - self.mean) @ self.axes)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.sparse = True
        return tags


def projection_of(fusion: Any) -> str | None:
    """Return how the blocks of a fusion are reduced: "pca", "cca" or not at all."""
    if fusion.projection is None and fusion.method in ("sum", "product"):
        return "cca" if len(fusion._positions) > 1 else "pca"
    return fusion.projection  # type: ignore[no-any-return]


def fit_scalers(
    fusion: Any, blocks: list[Any], present: NDArray[np.bool_]
) -> dict[str, Pipeline]:
    """Return what brings each part's block to its size, fitted.

    Parameters
    ----------
    fusion : EarlyFusion
    blocks : list of {ndarray, sparse matrix} of shape (n_present, n_features)
    present : ndarray of bool, shape (n_samples, n_modalities)

    Returns
    -------
    dict of str to Pipeline

    Raises
    ------
    ValueError
        If canonical axes are to be found of one part.
    """
    projection = projection_of(fusion)
    limits = {None: None, "pca": fusion.n_components, "cca": MOST_FEATURES}
    scalers = [
        fit_scaler(block, fusion.scaling, limits[projection], fusion.random_state)
        for block in blocks
    ]
    names = list(fusion._positions)
    if projection == "cca":
        if len(names) < 2:
            raise ValueError(
                f"EarlyFusion finds canonical axes of two parts or more. Got only "
                f"{names[0]!r}. Choose projection='pca', or add a part."
            )
        scalers = _with_axes(fusion, scalers, blocks, present)
    return dict(zip(names, scalers, strict=True))


def _with_axes(
    fusion: Any,
    scalers: list[Pipeline],
    blocks: list[Any],
    present: NDArray[np.bool_],
) -> list[Pipeline]:
    views = []
    for scaler, block in zip(scalers, blocks, strict=True):
        view = scaler.transform(block)
        dense = view.toarray() if sparse.issparse(view) else np.asarray(view)
        views.append(dense.astype(np.float64))
    with single_threaded():
        means, axes, _ = fit_multiset_cca(
            views,
            [np.flatnonzero(rows) for rows in present.T],
            fusion.n_components,
            fusion.shrinkage,
        )
    whole = []
    for scaler, view, mean, own in zip(scalers, views, means, axes, strict=True):
        step = CanonicalAxes(mean, own)
        size = BlockScaler().set_output(transform="default")
        size.fit(step.transform(view))
        whole.append(Pipeline([*scaler.steps, ("axes", step), ("size", size)]))
    return whole
