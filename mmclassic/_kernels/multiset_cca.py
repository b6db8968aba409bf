"""Views of the same rows to weights under which their features agree."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

__all__ = ["fit_multiset_cca"]

Floats = NDArray[np.float64]


def fit_multiset_cca(
    views: list[NDArray[np.floating]],
    rows: list[NDArray[np.intp]],
    n_components: int,
    shrinkage: float | Sequence[float],
) -> tuple[list[Floats], list[Floats], Floats]:
    """Return means and weights of regularised multiset canonical correlation analysis.

    The weights w_i of the views maximise the sum of the covariances of X_i w_i and
    X_j w_j over all pairs i != j, under a sum of w_i ((1 - c) S_i + c t_i I) w_i that
    equals the number of views: S_i is a view's covariance and t_i its mean variance
    along the axes it may vary along. c = 0 is canonical correlation analysis, c = 1
    partial least squares. A view may have any rows: its own covariance is that of its
    rows, the covariance of two views that of the rows they share.

    Parameters
    ----------
    views : list of ndarrays of shape (n_rows_i, d_i)
    rows : list of ndarrays of int, shape (n_rows_i,)
        Which row of the data each row of a view is of, in rising order.
    n_components : int
        At most; fewer where the views have fewer axes together.
    shrinkage : float or sequence of float
        c, in the range [0, 1]; one for each view.

    Returns
    -------
    means : list of ndarrays of shape (d_i,)
    weights : list of ndarrays of shape (d_i, n_components)
        Each component's largest weight by absolute value is positive.
    agreements : ndarray of shape (n_components,)
        What each component's sum of covariances is, divided by the number of views: of
        two views without shrinkage, the canonical correlations. Falling.

    References
    ----------
    Kettenring, "Canonical analysis of several sets of variables" (1971),
    doi:10.1093/biomet/58.3.433: the sum of correlations.
    Vinod, "Canonical ridge and econometrics of joint production" (1976),
    doi:10.1016/0304-4076(76)90010-5: the shrinkage.
    """
    means: list[Floats] = [
        np.asarray(np.mean(view, axis=0, dtype=np.float64)) for view in views
    ]
    shares = np.broadcast_to(shrinkage, len(views)).tolist()
    whiteners = [
        _whitener(view - mean, share)
        for view, mean, share in zip(views, means, shares, strict=True)
    ]
    white = [
        (view - mean) @ whitener
        for view, mean, whitener in zip(views, means, whiteners, strict=True)
    ]
    edges = np.cumsum([0, *(block.shape[1] for block in white)])
    between = np.zeros((edges[-1], edges[-1]))
    for i, j in combinations(range(len(views)), 2):
        _, at_i, at_j = np.intersect1d(rows[i], rows[j], True, return_indices=True)
        if len(at_i) < 2:
            continue
        a, b = white[i][at_i], white[j][at_j]
        # Both about the means of the rows they share, as a covariance is.
        block = (a - a.mean(axis=0)).T @ (b - b.mean(axis=0)) / (len(at_i) - 1)
        between[edges[i] : edges[i + 1], edges[j] : edges[j + 1]] = block
        between[edges[j] : edges[j + 1], edges[i] : edges[i + 1]] = block.T
    k = min(n_components, len(between))
    agreements, axes = linalg.eigh(
        between, subset_by_index=[len(between) - k, len(between) - 1]
    )
    agreements, axes = agreements[::-1], axes[:, ::-1] * np.sqrt(len(views))
    weights = [
        whitener @ axes[start:stop]
        for whitener, start, stop in zip(whiteners, edges, edges[1:], strict=False)
    ]
    largest = np.vstack(weights)[np.abs(np.vstack(weights)).argmax(axis=0), range(k)]
    return means, [each * np.sign(largest) for each in weights], agreements


def _whitener(centred: Floats, shrinkage: float) -> Floats:
    """Return what makes the shrunk covariance of a view the identity.

    Parameters
    ----------
    centred : ndarray of shape (n_rows, d)
    shrinkage : float

    Returns
    -------
    ndarray of shape (d, n_axes)
        Along the axes along which the view varies by more than rounding.
    """
    n, d = centred.shape
    if n > d:
        variances, axes = linalg.eigh(centred.T @ centred / max(n - 1, 1))
    else:  # as many axes as rows at most, by the rows' products
        squares, directions = linalg.eigh(centred @ centred.T)
        variances = squares / max(n - 1, 1)
        lengths = np.sqrt(np.maximum(squares, np.finfo(float).tiny))
        axes = centred.T @ (directions / lengths)
    strong = variances > variances[-1] * max(n, d) * np.finfo(float).eps
    strong &= variances > 0
    variances, axes = variances[strong], axes[:, strong]
    typical = variances.sum() / max(min(n - 1, d), 1)
    return np.asarray(axes / np.sqrt((1 - shrinkage) * variances + shrinkage * typical))
