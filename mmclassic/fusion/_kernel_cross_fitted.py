"""Learn a kernel fusion's weights where some of its parts learn from y."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import single_threaded
from mmclassic.fusion._calls import Call, quietly, run_calls
from mmclassic.fusion._cross_fitted import HeldOut, split, uses_y
from mmclassic.fusion._kernel_machine import learn_weights
from mmclassic.fusion._kernel_parts import Described, refit
from mmclassic.fusion._kernel_sums import placed
from mmclassic.fusion._kernel_weights import LEAST, coordinates_of, trust
from mmclassic.fusion._row_kernel import Floats, RowKernel, compare
from mmclassic.fusion._targets import Targets

__all__ = ["judged_weights"]


def judged_weights(
    fusion: Any,
    described: dict[str, Described],
    given: Any,
    targets: Targets,
    codes: NDArray[np.intp],
    costs: Floats,
    groups: NDArray[np.intp] | None,
) -> Any:
    """Return weights learned on rows that parts which learn from y didn't see.

    Parameters
    ----------
    fusion : KernelFusionClassifier
    described : dict of str to Described
    given : str or ndarray of shape (n_modalities,)
        As KernelMachine's weights.
    targets : Targets
    codes : ndarray of int, shape (n_samples, n_outputs)
    costs : ndarray of shape (n_samples,)
    groups : ndarray of int, shape (n_samples,), or None

    Returns
    -------
    str or ndarray of shape (n_modalities,)
        ``given`` where nothing is to be learned, or no part learns from y.
    """
    parts = list(described.values())
    learning = [m for m, one in enumerate(parts) if uses_y(one.source.estimator)]
    if not isinstance(given, str) or not learning or len(parts) < 2:
        return given
    present = np.column_stack([one.rows for one in parts])
    held_out = _hold_out(fusion, described, learning, targets, costs)
    with single_threaded():
        matrices = [
            placed(RowKernel(one.kernel).fit_matrix(one.raw, costs[one.rows]), one.rows)
            for one in parts
        ]
        if given == "alignment":
            known = matrices, present, list(codes.T), costs
            return learn_weights(given, *known, groups, held_out)
        shares = costs / costs.sum()
        groups = np.arange(len(costs)) if groups is None else groups
        wanted = coordinates_of(codes, shares)
        shrink = trust(matrices, present, wanted, shares, groups, held_out)
        honest = held_out.replace(matrices, present)
        weights = _of_folds(given, *honest, codes, costs, held_out.folds)
        # Twice: EasyMKL alone lets kernels that tell nothing keep some weight.
        weights *= shrink**2
        return np.maximum(weights, LEAST / len(parts))


def _of_folds(
    how: str,
    matrices: list[Floats],
    present: NDArray[np.bool_],
    codes: NDArray[np.intp],
    costs: Floats,
    folds: NDArray[np.intp],
) -> Floats:
    """Return the mean of the weights learned on each fold's rows alone."""
    each = []
    for fold in range(int(folds.max()) + 1):
        rows = np.flatnonzero((folds == fold) & (costs > 0) & present.any(axis=1))
        outputs = [np.unique(own, return_inverse=True)[1] for own in codes[rows].T]
        if any(own.any() for own in outputs):
            some = [matrix[np.ix_(rows, rows)] for matrix in matrices]
            known = some, present[rows], outputs, costs[rows]
            each.append(learn_weights(how, *known))
    if not each:
        return np.full(len(matrices), 1 / len(matrices))
    return np.asarray(np.mean(each, axis=0))


def _hold_out(
    fusion: Any,
    described: dict[str, Described],
    learning: list[int],
    targets: Targets,
    costs: Floats,
) -> HeldOut:
    masks, folds = split(targets.y, targets.groups, classifier=True)
    every = np.ones(len(costs), dtype=bool)
    names = list(described)
    kernels: dict[int, list[tuple[NDArray[np.intp], Floats]]] = {}
    for m in learning:
        one = described[names[m]]
        calls = [
            Call(
                _of_fold, (one, targets.y, costs, *fold), every, fusion._note(names[m])
            )
            for fold in masks
        ]
        with quietly():
            kernels[m] = run_calls(calls, fusion.n_jobs)
    return HeldOut(folds, kernels)


def _of_fold(
    one: Described,
    y: NDArray[Any],
    costs: Floats,
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], Floats]:
    """Return the test rows of a fold that have the part, and their centred kernel."""
    known, unknown = train & one.source.rows, test & one.source.rows
    if len(np.unique(y[known], axis=0)) < 2 or not unknown.any():
        return np.empty(0, dtype=np.intp), np.empty((0, 0))
    known, block, unknown, other = refit(one.source, y, train, test)
    rows = np.flatnonzero(unknown)
    kernel = RowKernel(one.kernel)
    kernel.fit_matrix(compare(block, block, one.kernel), costs[known])
    across = kernel.likeness(compare(other, block, one.kernel)) @ kernel.shares
    own = kernel.likeness(compare(other, other, one.kernel))
    own = own - across - across[:, None] + kernel.mean
    size = float(np.diagonal(own).mean()) if len(rows) else 0.0
    return rows, own / (size if size > 1e-12 else 1.0)
