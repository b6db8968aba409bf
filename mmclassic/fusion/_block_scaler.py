"""BlockScaler: one block of features to one of a stated size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import (
    BaseEstimator,
    OneToOneFeatureMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["BlockScaler"]


class BlockScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Scale a block of features as one, so that no block drowns another.

    Blocks of different kinds differ in size by orders: a row of a HOG may have a
    length of 10, one of a TF-IDF a length of 1, one of a table thousands. Each
    scaling here ends with a mean squared length of the training rows of 1, so that
    blocks side by side weigh the same, whatever their number of features.

    Parameters
    ----------
    scaling : {"norm", "center", "standard", "rows"}, default="norm"
        "norm" divides the block by one number, the root mean squared length of its
        rows, and so keeps the proportions of its features. "center" subtracts each
        feature's mean first. "standard" also divides each feature by its standard
        deviation, so that its features weigh the same. "rows" divides each row by
        its own length; rows of zeros stay. A sparse block is never centred.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,) or None
        What is subtracted; None unless "center" or "standard" of a dense block.
    scale_ : ndarray of shape (n_features,)
        What is divided by; ones for "rows".
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Where X has names.

    See Also
    --------
    EarlyFusion : Scales each of its blocks by this.

    Notes
    -----
    NaN are left out when fitting and stay NaN when transforming.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.fusion import BlockScaler
    >>> X = np.array([[30.0, 40.0], [0.0, 50.0]])
    >>> BlockScaler().fit_transform(X)
    array([[0.6, 0.8],
           [0. , 1. ]])
    """

    _parameter_constraints = {
        "scaling": [StrOptions({"norm", "center", "standard", "rows"})],
    }

    def __init__(self, scaling: str = "norm") -> None:
        self.scaling = scaling

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> "BlockScaler":
        """Learn the block's size.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        X = self._check(X, reset=True)
        mean, squares = _moments(X)
        centred = self.scaling in ("center", "standard") and not sparse.issparse(X)
        self.mean_ = mean if centred else None
        variance = np.maximum(squares - mean**2, 0.0)
        # Rounding leaves a constant feature a variance that isn't quite 0.
        variance[variance <= 1e-12 * squares] = 0.0
        sizes = variance if centred else squares
        if self.scaling == "rows":
            self.scale_ = np.ones(X.shape[1])
        elif self.scaling == "standard":
            deviation = np.where(variance > 0, np.sqrt(variance), 1.0)
            self.scale_ = deviation * _length(sizes / deviation**2)
        else:
            self.scale_ = np.full(X.shape[1], _length(sizes))
        return self

    def transform(self, X: Any) -> Any:
        """Scale a block.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        {ndarray, sparse matrix} of shape (n_samples, n_features)
            Of the type and dtype of X.
        """
        check_is_fitted(self)
        X = self._check(X, reset=False)
        if self.scaling == "rows":
            return _divide(X, rows=_row_lengths(X))
        if self.mean_ is not None:
            X = X - self.mean_.astype(X.dtype)
        return _divide(X, columns=self.scale_)

    def _check(self, X: Any, *, reset: bool) -> Any:
        return validate_data(
            self,
            X,
            reset=reset,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            ensure_all_finite="allow-nan",
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _moments(X: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of each feature and of its square, NaN left out."""
    if sparse.issparse(X):
        nan = np.isnan(X.data)
        values = np.where(nan, 0.0, X.data).astype(np.float64)
        n_features = X.shape[1]
        lost = np.bincount(X.indices[nan], minlength=n_features)
        totals = np.bincount(X.indices, values, minlength=n_features)
        squares = np.bincount(X.indices, values**2, minlength=n_features)
    else:
        nan = np.isnan(X)
        values = np.where(nan, 0, X) if nan.any() else X
        lost = nan.sum(axis=0)
        totals = values.sum(axis=0, dtype=np.float64)
        squares = np.einsum("ij,ij->j", values, values, dtype=np.float64)
    n_values = np.maximum(X.shape[0] - lost, 1)
    return totals / n_values, squares / n_values


def _length(squares: NDArray[np.float64]) -> float:
    """Return the root of the summed mean squares, 1 for a block of zeros."""
    length = float(np.sqrt(squares.sum()))
    return length if length > 0 else 1.0


def _row_lengths(X: Any) -> NDArray[np.float64]:
    if sparse.issparse(X):
        squares = np.asarray(X.multiply(X).sum(axis=1)).ravel().astype(np.float64)
    else:
        squares = np.einsum("ij,ij->i", X, X, dtype=np.float64)
    return np.where(squares > 0, np.sqrt(squares), 1.0)


def _divide(
    X: Any,
    *,
    rows: NDArray[np.float64] | None = None,
    columns: NDArray[np.float64] | None = None,
) -> Any:
    """Return X with each row, or each column, divided, in its dtype."""
    if not sparse.issparse(X):
        divisor = columns if rows is None else np.asarray(rows)[:, None]
        return X / np.asarray(divisor).astype(X.dtype)
    divided = X.copy()
    if rows is not None:
        divided.data /= np.repeat(rows, np.diff(X.indptr)).astype(X.dtype)
    elif columns is not None:
        divided.data /= columns[X.indices].astype(X.dtype)
    return divided
