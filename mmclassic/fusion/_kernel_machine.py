"""KernelMachine: one raw kernel a modality to weights and support vector machines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from mmclassic.fusion._cross_fitted import HeldOut
from mmclassic.fusion._kernel_easy_mkl import easy_mkl
from mmclassic.fusion._kernel_sums import (
    inverse_shares,
    n_machines,
    placed,
    sets_to_fit,
    sum_kernels,
)
from mmclassic.fusion._kernel_weights import LEAST, align_kernels
from mmclassic.fusion._row_kernel import Floats, Kernel, RowKernel, times

__all__ = ["LEARNED", "KernelMachine", "learn_weights"]

LEARNED = ("alignment", "easymkl")


class KernelMachine:
    """Support vector machines, one a class, on a weighted sum of centred kernels.

    A row x has the features sqrt(w_m) phi_m(x) of each modality m that it has, and
    zeros for the others, which are the mean of the rows that have these; all divided by
    the share of the weights that it has, so that its scores are as large as others'.
    There is such a machine for each set of modalities that a row may be left with.

    Parameters
    ----------
    weights : {"alignment", "easymkl"} or ndarray of shape (n_modalities,)
        How to learn the weights, or which they are.
    C : float

    Attributes
    ----------
    weights : ndarray of shape (n_modalities,)
        They sum to 1.
    kernels : list of RowKernel
    sets : ndarray of bool, shape (n_sets, n_modalities)
        The first is of all modalities that weigh something.
    duals : list of ndarrays of shape (n_present, n_sets * n_machines)
        What makes scores of uncentred likenesses, a modality each.
    constants : list of ndarrays of shape (n_sets * n_machines,)
    intercept : ndarray of shape (n_sets, n_machines)
        One machine for two classes: the score of the second. Those of several outputs
        side by side.
    classes : list of ndarrays of int
        The codes of each output among the training rows.

    References
    ----------
    Saar-Tsechansky & Provost, "Handling missing values when applying classification
    models" (2007), JMLR 8: a model for what is there, instead of filling in.
    """

    weights: Any
    kernels: list[RowKernel]
    sets: NDArray[np.bool_]
    duals: list[Floats]
    constants: list[Floats]
    intercept: Floats
    classes: list[NDArray[np.intp]]

    def __init__(self, weights: Any, C: float) -> None:
        self.weights = weights
        self.C = C

    def fit(
        self,
        raws: list[Floats],
        kinds: list[Kernel],
        present: NDArray[np.bool_],
        codes: NDArray[np.intp],
        sample_weight: Floats,
        groups: NDArray[np.intp] | None = None,
        wanted: NDArray[np.bool_] | None = None,
    ) -> "KernelMachine":
        """Learn the weights, unless they are given, and the machines.

        Parameters
        ----------
        raws : list of ndarrays of shape (n_present, n_present)
            What ``compare`` gave of the rows that have each modality.
        kinds : list of str or callable
        present : ndarray of bool, shape (n_rows, n_modalities)
        codes : ndarray of int, shape (n_rows, n_outputs)
            One output at least is of two classes or more.
        sample_weight : ndarray of shape (n_rows,)
        groups : ndarray of int, shape (n_rows,), or None
            For aligned weights, to which rows of one group tell nothing of each other.
        wanted : ndarray of bool, shape (n_wanted, n_modalities), or None
            The sets of modalities of which rows will be scored; None for any.

        Returns
        -------
        self
        """
        self.kernels = [RowKernel(kind) for kind in kinds]
        matrices = [
            placed(kernel.fit_matrix(raw, sample_weight[rows]), rows)
            for kernel, raw, rows in zip(self.kernels, raws, present.T, strict=True)
        ]
        found = [np.unique(column, return_inverse=True) for column in codes.T]
        self.classes = [classes for classes, _ in found]
        outputs = [own for _, own in found]
        if isinstance(self.weights, str):
            self.weights = learn_weights(
                self.weights, matrices, present, outputs, sample_weight, groups
            )
        if not self.weights.sum() > 0:
            self.weights = np.ones(len(self.weights))
        self.weights = np.asarray(self.weights / self.weights.sum())
        self.sets = sets_to_fit(self.weights > 0, wanted)
        signs = np.hstack([_memberships(own) for own in outputs])
        fits = [
            self._fit_set(
                matrices, self.weights * chosen, present, signs, sample_weight
            )
            for chosen in self.sets
        ]
        self.intercept = np.array([intercept for _, intercept in fits])
        uncentred = [
            kernel.uncentred(
                np.hstack(
                    [
                        duals[rows] * weights[m] / weights.sum()
                        for (duals, _), weights in zip(
                            fits, self.weights * self.sets, strict=True
                        )
                    ]
                )
            )
            for m, (kernel, rows) in enumerate(
                zip(self.kernels, present.T, strict=True)
            )
        ]
        self.duals = [duals for duals, _ in uncentred]
        self.constants = [constant for _, constant in uncentred]
        return self

    def _fit_set(
        self,
        matrices: list[Floats],
        weights: Floats,
        present: NDArray[np.bool_],
        signs: NDArray[np.bool_],
        sample_weight: Floats,
    ) -> tuple[Floats, Floats]:
        """Return the machines of some modalities: their multipliers and intercepts."""
        scales = inverse_shares(present, weights)
        some = np.flatnonzero((scales > 0) & (sample_weight > 0))
        matrix = sum_kernels(matrices, weights / weights.sum(), scales)
        duals, intercept = self._fit_svms(matrix, signs, sample_weight, some)
        return duals * scales[:, None], intercept

    def _fit_svms(
        self,
        matrix: Floats,
        signs: NDArray[np.bool_],
        sample_weight: Floats,
        some: NDArray[np.intp],
    ) -> tuple[Floats, Floats]:
        """Return the multipliers, of shape (n_rows, n_machines), and the intercepts."""
        duals, intercept = np.zeros(signs.shape), np.zeros(signs.shape[1])
        matrix = matrix if len(some) == len(signs) else matrix[np.ix_(some, some)]
        for machine, of_class in enumerate(signs[some].T):
            if of_class.all() or not of_class.any():  # the others lack all modalities
                intercept[machine] = 1.0 if of_class.any() else -1.0
                continue
            svm = SVC(kernel="precomputed", C=self.C)
            svm.fit(matrix, of_class, sample_weight[some])
            duals[some[svm.support_], machine] = svm.dual_coef_[0]
            intercept[machine] = svm.intercept_[0]
        return duals, intercept

    def part_scores(self, modality: int, raw: Floats) -> Floats:
        """Return what one modality adds to the scores of the rows that have it.

        Parameters
        ----------
        modality : int
        raw : ndarray of shape (n_rows, n_present)
            What ``compare`` gave of the rows and the training rows.

        Returns
        -------
        ndarray of shape (n_rows, n_sets * n_machines)
        """
        likeness = self.kernels[modality].likeness(raw)
        return times(likeness, self.duals[modality]) + self.constants[modality]


def learn_weights(
    how: str,
    matrices: list[Floats],
    present: NDArray[np.bool_],
    outputs: list[NDArray[np.intp]],
    sample_weight: Floats,
    groups: NDArray[np.intp] | None = None,
    held_out: HeldOut | None = None,
) -> Floats:
    """Return the weights of centred kernels, as ``align_kernels`` or ``easy_mkl`` do.

    Parameters
    ----------
    how : {"alignment", "easymkl"}
    matrices : list of ndarrays of shape (n_rows, n_rows)
    present : ndarray of bool, shape (n_rows, n_modalities)
    outputs : list of ndarrays of int, shape (n_rows,)
        Codes from 0 of each output; one output at least is of two classes or more.
    sample_weight : ndarray of shape (n_rows,)
    groups : ndarray of int, shape (n_rows,), or None
    held_out : HeldOut or None
        For "alignment".

    Returns
    -------
    ndarray of shape (n_modalities,)
        None is 0.
    """
    n_kernels = len(matrices)
    if n_kernels == 1:
        return np.ones(1)
    if how == "alignment":
        codes = np.column_stack(outputs) if len(outputs) > 1 else outputs[0]
        known = matrices, present, codes, sample_weight
        weights = align_kernels(*known, groups, held_out)
    else:
        equal = np.full(n_kernels, 1 / n_kernels)
        together = sum_kernels(matrices, equal, inverse_shares(present, equal))
        each = [
            easy_mkl(matrices, present, together, codes, sample_weight)
            for codes in outputs
            if codes.any()  # of several classes
        ]
        weights = np.mean(each, axis=0)
    return np.maximum(weights, LEAST / n_kernels)


def _memberships(codes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which rows are of a class, for each machine of an output."""
    n_classes = int(codes.max()) + 1
    return codes[:, None] == np.arange(n_classes)[-n_machines(n_classes) :]
