"""Blocks of several modalities to coordinates in one space in which they compare."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special
from sklearn.linear_model import LogisticRegression

from mmclassic._kernels.multiset_cca import fit_multiset_cca
from mmclassic.fusion._row_kernel import Kernel, PartScorer, RowKernel, compare

__all__ = ["KernelAxes", "correlate", "fit_axes", "learn_classes", "posteriors"]

SMALLEST = 1e-10  # variance along an axis, as a share of the largest, to keep it
ABSENT = -100.0  # logit of a class that no row has

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KernelAxes:
    """The principal axes of a part's kernel, on which its rows have coordinates.

    Parameters
    ----------
    kernel : RowKernel
    rows : {ndarray, sparse matrix} of shape (n_rows, n_features)
        The rows that the axes are combinations of.
    duals : ndarray of shape (n_rows, n_axes)
        Coordinates are the centred kernel times these.
    """

    kernel: RowKernel
    rows: Any
    duals: Floats

    def scorer(
        self, weights: Floats | None = None, constant: Floats | float = 0.0
    ) -> PartScorer:
        """Return what gives a block's coordinates times weights, plus a constant.

        Parameters
        ----------
        weights : ndarray of shape (n_axes, n_outputs), default=None
            None for the coordinates as they are.
        constant : ndarray of shape (n_outputs,), default=0

        Returns
        -------
        PartScorer
        """
        duals = self.duals if weights is None else self.duals @ weights
        uncentred, own = self.kernel.uncentred(duals)
        return PartScorer(self.kernel, self.rows, uncentred, own + constant)


def fit_axes(block: Any, kernel: Kernel, max_rows: int, max_axes: int) -> KernelAxes:
    """Return the principal axes of a kernel.

    Parameters
    ----------
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)
    kernel : str or callable
    max_rows : int
        Of more rows as many are taken, evenly spaced.
    max_axes : int
        The strongest axes are kept.

    Returns
    -------
    KernelAxes

    References
    ----------
    Schölkopf, Smola & Müller, "Nonlinear component analysis as a kernel eigenvalue
    problem" (1998), doi:10.1162/089976698300017467.
    """
    n = block.shape[0]
    if n > max_rows:
        block = block[np.linspace(0, n - 1, max_rows).round().astype(int)]
        n = max_rows
    fitted = RowKernel(kernel)
    matrix = fitted.fit_matrix(compare(block, block, kernel), np.ones(n))
    # A linear kernel has as many axes as features at most.
    k = min(n, max_axes, block.shape[1]) if kernel == "linear" else min(n, max_axes)
    variances, axes = linalg.eigh(matrix, subset_by_index=[n - k, n - 1])
    variances, axes = variances[::-1], axes[:, ::-1]
    strong = variances > max(variances[0] * SMALLEST, 0.0)
    strong[0] = True  # of rows that are all alike, an axis on which they stay so
    variances, axes = np.maximum(variances[strong], SMALLEST), axes[:, strong]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return KernelAxes(fitted, block, axes * signs / np.sqrt(variances))


def correlate(
    views: list[Floats],
    rows: list[NDArray[np.intp]],
    n_components: int,
    shrinkage: list[float],
    power: float,
) -> tuple[list[Floats], list[Floats], Floats]:
    """Return weights and constants of coordinates that agree, and how far they do.

    Parameters
    ----------
    views : list of ndarrays of shape (n_rows_i, n_axes_i)
    rows : list of ndarrays of int, shape (n_rows_i,)
        Which row of the data each is of, rising.
    n_components : int
    shrinkage : list of float
        One a view.
    power : float
        Of the agreement, that a component is multiplied by.

    Returns
    -------
    weights : list of ndarrays of shape (n_axes_i, n_components)
    constants : list of ndarrays of shape (n_components,)
    agreements : ndarray of shape (n_components,)
        Components on which the views don't agree at all are left out.

    References
    ----------
    Gong, Ke, Isard & Lazebnik, "A multi-view embedding space for modeling internet
    images, tags, and their semantics" (2014), doi:10.1007/s11263-013-0658-4: the power.
    """
    means, weights, agreements = fit_multiset_cca(
        list(views), rows, n_components, shrinkage
    )
    useful = agreements > 1e-9
    useful[0] = True
    agreements = np.maximum(agreements[useful], 1e-9)
    scaled = [each[:, useful] * agreements**power for each in weights]
    constants = [-mean @ each for mean, each in zip(means, scaled, strict=True)]
    return scaled, constants, agreements


def learn_classes(
    view: Floats, codes: NDArray[np.intp], n_classes: int, C: float
) -> tuple[Floats, Floats]:
    """Return weights and constants of the classes' logits, by logistic regression.

    Parameters
    ----------
    view : ndarray of shape (n_rows, n_axes)
    codes : ndarray of int, shape (n_rows,)
    n_classes : int
        One that no row has gets a probability of 0.
    C : float

    Returns
    -------
    weights : ndarray of shape (n_axes, n_classes)
    constants : ndarray of shape (n_classes,)
    """
    weights = np.zeros((view.shape[1], n_classes))
    constants = np.full(n_classes, ABSENT)
    known = np.unique(codes)
    if len(known) == 1:
        constants[known] = 0.0
        return weights, constants
    model = LogisticRegression(C=C, max_iter=1000).fit(view, codes)
    coefficients, intercepts = model.coef_.T, model.intercept_
    if len(known) == 2:  # one plane: what one gains the other loses
        coefficients = np.hstack([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    weights[:, known], constants[known] = coefficients, intercepts
    return weights, constants


def posteriors(logits: Floats) -> Floats:
    """Return probabilities of classes, of shape (n_rows, n_classes)."""
    return np.asarray(special.softmax(logits, axis=1))
