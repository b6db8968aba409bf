"""WideLinearSVC: LinearSVC, many times faster where features are many a sample."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.svm import LinearSVC
from sklearn.utils.validation import validate_data

from mmclassic._execution import fit_task, single_threaded

__all__ = ["WideLinearSVC"]

COLUMNS = 4096  # turned to float64 at once
# Where the products pay: below this ratio liblinear is as fast, and beyond so many
# samples the decomposition, whose time grows with their cube, is slower.
LEAST_RATIO, MOST_SAMPLES = 3, 4000
# liblinear's random numbers come from one source for all threads: fits at once would
# not repeat.
_random_numbers = Lock()


class WideLinearSVC(CallbackSupportMixin, LinearSVC):
    """Classify by a linear support vector machine, through the samples' products.

    The weights are a combination of the training samples (the representer theorem),
    so `n_samples` numbers a sample say as much as its `n_features`: the samples are
    turned into the axes of their own span, scikit-learn's LinearSVC is fitted there,
    and its weights are turned back. The parameters, the attributes and, to the
    solver's tolerance, the results are those of :class:`sklearn.svm.LinearSVC`;
    directions in which the samples differ by less than about 1e-7 of their lengths
    are taken for rounding. LinearSVC is used as it is for sparse features, for fewer
    than three features a sample, for thousands of samples and for ``penalty="l1"``.

    Its parameters and attributes are scikit-learn's.

    References
    ----------
    .. [1] Schölkopf, Herbrich & Smola, "A generalized representer theorem", COLT 2001.
       :doi:`10.1007/3-540-44581-1_27`

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic._wide_linear_svc import WideLinearSVC
    >>> X = np.random.default_rng(0).normal(size=(40, 1000))
    >>> y = np.arange(40) % 2
    >>> X[y == 1, :50] += 1
    >>> svm = WideLinearSVC(random_state=0).fit(X, y)
    >>> svm.coef_.shape, svm.score(X, y)
    ((1, 1000), 1.0)
    """

    _is_one_task = True  # of which a fusion tells by itself

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "WideLinearSVC":
        """Fit to samples and their classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        shape: tuple[int, ...] = getattr(y, "shape", ())
        if len(shape) == 2 and shape[1] > 1:
            raise ValueError(
                "This linear SVM learns one class a row. Got y of shape "
                f"{shape}, of several outputs: choose a classifier that takes "
                "them, such as classifier=MultiOutputClassifier(LinearSVC()), or "
                "fusion='kernel'."
            )
        with fit_task(self, 0, X, y):
            if self.penalty != "l2" or not _is_wide(X):
                with _random_numbers:
                    return super().fit(X, y, sample_weight)
            return self._fit_wide(X, y, sample_weight)

    def _fit_wide(self, X: Any, y: Any, sample_weight: Any) -> "WideLinearSVC":
        self._validate_params()
        given = X
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        with single_threaded():
            samples, to_axes = _in_own_span(X)
            if not samples.shape[1]:  # all samples are zero
                with _random_numbers:
                    return super().fit(given, y, sample_weight)
            svm = LinearSVC(**self.get_params(deep=False))
            if self.dual == "auto":  # what it is for the features as they came
                svm.set_params(dual=True)
            with _random_numbers:
                svm.fit(samples, y, sample_weight)
            weights = svm.coef_ @ to_axes.T
            parts = [weights @ part for part in _parts(X)]
            self.coef_ = np.concatenate(parts, axis=1)
        self.intercept_ = svm.intercept_
        self.classes_ = svm.classes_
        self.n_iter_ = svm.n_iter_
        return self


def _is_wide(X: Any) -> bool:
    if sparse.issparse(X) or hasattr(X, "sparse"):  # a frame of sparse columns
        return False
    shape = X.shape if hasattr(X, "shape") else np.asarray(X).shape
    if len(shape) != 2:
        return False
    n_samples, n_features = shape
    return n_features > LEAST_RATIO * n_samples and n_samples <= MOST_SAMPLES


def _parts(X: NDArray[np.floating]) -> Iterator[NDArray[np.float64]]:
    """Yield all columns, some at a time, in float64."""
    for start in range(0, X.shape[1], COLUMNS):
        yield X[:, start : start + COLUMNS].astype(np.float64)


def _in_own_span(
    X: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the samples on orthonormal axes, and the axes as sums of samples.

    Returns
    -------
    samples : ndarray of shape (n_samples, n_axes)
    to_axes : ndarray of shape (n_samples, n_axes)
        The axes are ``to_axes.T @ X``.
    """
    products = np.zeros((len(X), len(X)))
    for part in _parts(X):
        products += part @ part.T
    squares, directions = linalg.eigh(products)
    # Below the rounding of the products there is no direction, only noise.
    strong = squares > squares[-1] * len(X) * np.finfo(np.float64).eps
    lengths = np.sqrt(squares[strong])
    directions = directions[:, strong]
    return directions * lengths, directions / lengths
