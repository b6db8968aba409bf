"""RowKernel: blocks of one modality to likenesses of rows, and to scores by them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics.pairwise import additive_chi2_kernel, manhattan_distances
from sklearn.utils.extmath import row_norms, safe_sparse_dot

__all__ = [
    "KERNELS",
    "PartScorer",
    "RowKernel",
    "check_kernels",
    "choose_kernel",
    "compare",
    "times",
]

KERNELS = ("linear", "rbf", "laplacian", "chi2")
OF_DISTANCES = ("rbf", "laplacian", "chi2")
WIDE = 3  # features a row, beyond which rows are as well parted by planes
# Of one size whatever the batch, so that a row's products repeat bitwise.
ROWS, COLUMNS = 256, 4096

Floats = NDArray[np.float64]
Kernel = str | Callable[..., Any]


def check_kernels(
    kernels: Any, parts: list[str], owner: str = "KernelFusionClassifier"
) -> None:
    """Raise a ValueError if a dict of kernels names no part, or no kernel."""
    for name, kernel in kernels.items() if isinstance(kernels, dict) else ():
        if name not in parts:
            raise ValueError(
                f"The 'kernels' parameter of {owner} names {name!r}, which is no part."
                f" The parts: {', '.join(map(repr, parts))}."
            )
        if not callable(kernel) and kernel not in ("auto", *KERNELS):
            raise ValueError(
                f"The kernel of {name!r} must be callable or among 'auto', "
                f"{', '.join(map(repr, KERNELS))}. Got {kernel!r} instead."
            )


def choose_kernel(kernels: Any, name: str, block: Any) -> Kernel:
    """Return the kernel of a part.

    Parameters
    ----------
    kernels : str, callable or dict of them
        "auto", also for a part that a dict doesn't name, is linear for a sparse block
        and for one of more than three times as many features as rows, else rbf.
    name : str
        The part's.
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)

    Returns
    -------
    str or callable
    """
    kernel = kernels.get(name, "auto") if isinstance(kernels, dict) else kernels
    if isinstance(kernel, str) and kernel == "auto":
        wide = sparse.issparse(block) or block.shape[1] > WIDE * block.shape[0]
        return "linear" if wide else "rbf"
    return kernel  # type: ignore[no-any-return]


def compare(A: Any, B: Any, kernel: Kernel) -> Floats:
    """Return what a kernel is made of: rows' cosines, or their distances.

    Parameters
    ----------
    A, B : {ndarray, sparse matrix} of shape (n_rows, n_features)
    kernel : {"linear", "rbf", "laplacian", "chi2"} or callable
        A callable's values are divided by the roots of both rows' with themselves.

    Returns
    -------
    ndarray of shape (n_rows_a, n_rows_b)
        Squared Euclidean distances for "rbf", city-block distances for "laplacian",
        chi-squared ones for "chi2". A row of zeros has cosines of 0.
    """
    if callable(kernel):
        values = np.asarray(kernel(A, B), dtype=np.float64)
        return values / _sizes(A, kernel)[:, None] / _sizes(B, kernel)
    if kernel == "laplacian":
        return np.asarray(manhattan_distances(A, B), dtype=np.float64)
    if kernel == "chi2":
        # scikit-learn's is the negative of the sum of (a - b)^2 / (a + b).
        return -np.asarray(additive_chi2_kernel(_dense(A), _dense(B)), np.float64)
    products = _products(A, B)
    squares_a, squares_b = _squares(A), _squares(B)
    if kernel == "linear":
        return products / _roots(squares_a)[:, None] / _roots(squares_b)
    return np.maximum(squares_a[:, None] + squares_b - 2 * products, 0.0)


def _sizes(A: Any, kernel: Callable[..., Any]) -> Floats:
    """Return the roots of a callable's values of each row with itself."""
    values = [
        np.diagonal(np.asarray(kernel(A[i : i + 64], A[i : i + 64]), np.float64))
        for i in range(0, A.shape[0], 64)
    ]
    return _roots(np.concatenate([np.empty(0), *values]))


def _roots(squares: Floats) -> Floats:
    return np.sqrt(np.where(squares > 0, squares, 1.0))


def _squares(A: Any) -> Floats:
    if sparse.issparse(A):
        return np.asarray(row_norms(A.astype(np.float64), squared=True))
    return np.einsum("ij,ij->i", A, A, dtype=np.float64)


def _dense(A: Any) -> NDArray[Any]:
    return A.toarray() if sparse.issparse(A) else A


def _products(A: Any, B: Any) -> Floats:
    if sparse.issparse(A) or sparse.issparse(B):
        return np.asarray(safe_sparse_dot(A, B.T, dense_output=True), np.float64)
    products = np.zeros((A.shape[0], B.shape[0]))
    for first in range(0, A.shape[1], COLUMNS):
        columns = B[:, first : first + COLUMNS].astype(np.float64)
        products += times(A[:, first : first + COLUMNS], columns.T)
    return products


def times(A: NDArray[Any], coefficients: Floats) -> Floats:
    """Return ``A @ coefficients``, of which no row depends on the others."""
    result = np.empty((A.shape[0], coefficients.shape[1]))
    block = np.zeros((ROWS, A.shape[1]))
    for start in range(0, A.shape[0], ROWS):
        n = min(ROWS, A.shape[0] - start)
        block[:n] = A[start : start + n]
        block[n:] = 0.0
        result[start : start + n] = (block @ coefficients)[:n]
    return result


class RowKernel:
    """A kernel centred on its training rows, of which the mean square is 1.

    Distances d become likenesses exp(-d / mean d). With the mean of the training rows
    taken off and their mean squared length brought to 1, the kernels of modalities of
    any kind weigh the same, and a row's zeros stand for the mean row.

    Parameters
    ----------
    kernel : str or callable

    Attributes
    ----------
    width : float
        The mean distance of two training rows.
    means : ndarray of shape (n_rows,)
        Mean likeness of each training row to all of them.
    mean, size : float
        The mean of these, and the mean square taken off the likenesses.
    shares : ndarray of shape (n_rows,)
        The training rows' weights, which sum to 1.

    References
    ----------
    Zhang et al., "Local features and kernels for classification of texture and object
    categories" (2007), doi:10.1007/s11263-006-9794-4: the width.
    Cortes, Mohri & Rostamizadeh, "Algorithms for learning kernels based on centered
    alignment" (2012), definition 1: the centring.
    """

    width: float
    means: Floats
    mean: float
    size: float
    shares: Floats

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def fit_matrix(self, raw: Floats, sample_weight: Floats) -> Floats:
        """Learn the width, the means and the size, and return the centred kernel.

        Parameters
        ----------
        raw : ndarray of shape (n_rows, n_rows)
            What :func:`compare` gave of the training rows.
        sample_weight : ndarray of shape (n_rows,)

        Returns
        -------
        ndarray of shape (n_rows, n_rows)
        """
        if not sample_weight.sum() > 0:
            sample_weight = np.ones(len(sample_weight))
        self.shares = sample_weight / sample_weight.sum()
        others = 1.0 - float(self.shares @ self.shares)
        width = float(self.shares @ raw @ self.shares) / others if others > 0 else 0.0
        self.width = width if width > 0 else 1.0
        matrix = self.likeness(raw)
        self.means = matrix @ self.shares
        self.mean = float(self.means @ self.shares)
        if matrix is raw:
            matrix = raw.copy()
        matrix -= self.means
        matrix -= self.means[:, None]
        matrix += self.mean
        size = float(np.diagonal(matrix) @ self.shares)
        self.size = size if size > 1e-12 else 1.0
        matrix /= self.size
        return matrix

    def likeness(self, raw: Floats) -> Floats:
        """Return uncentred likenesses out of what :func:`compare` gave."""
        if self.kernel in OF_DISTANCES:
            return np.exp(raw / -self.width)
        return raw

    def uncentred(self, duals: Floats) -> tuple[Floats, Floats]:
        """Return what makes of uncentred likenesses the scores of centred ones.

        Parameters
        ----------
        duals : ndarray of shape (n_rows, n_outputs)
            Scores are the centred kernel times them.

        Returns
        -------
        duals : ndarray of shape (n_rows, n_outputs)
        constant : ndarray of shape (n_outputs,)
            Scores are the uncentred likenesses times these duals, plus the constant.
        """
        totals = duals.sum(axis=0)
        constant = (self.mean * totals - self.means @ duals) / self.size
        return (duals - np.outer(self.shares, totals)) / self.size, constant


class PartScorer:
    """Scores of a modality's rows, by a kernel's training rows or what sums them up.

    Parameters
    ----------
    kernel : RowKernel
        Fitted.
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)
        The training rows; kept, where the scores need them, unless "linear".
    duals : ndarray of shape (n_rows, n_outputs)
        As ``uncentred`` of the kernel returns.
    constant : ndarray of shape (n_outputs,)
    """

    def __init__(
        self, kernel: RowKernel, block: Any, duals: Floats, constant: Floats
    ) -> None:
        self.kernel = kernel.kernel
        self.width = kernel.width
        self.constant = constant
        if self.kernel == "linear":
            duals = duals / _roots(_squares(block))[:, None]
            self.rows = None
            self.coefficients = np.asarray(
                safe_sparse_dot(block.T, duals, dense_output=True), np.float64
            )
        else:
            used = np.flatnonzero((duals != 0).any(axis=1))
            self.rows = block[used]
            self.coefficients = duals[used]

    def __call__(self, block: Any) -> Floats:
        """Return scores of shape (n_rows, n_outputs)."""
        if self.kernel == "linear":
            if sparse.issparse(block):
                scores = np.asarray(block @ self.coefficients)
            else:
                scores = times(block, self.coefficients)
            return scores / _roots(_squares(block))[:, None] + self.constant
        likeness = compare(block, self.rows, self.kernel)
        if self.kernel in OF_DISTANCES:
            likeness = np.exp(likeness / -self.width)
        return times(likeness, self.coefficients) + self.constant
