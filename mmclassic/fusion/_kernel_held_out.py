"""Score the training rows of a kernel fusion by machines that did not see them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from mmclassic._execution import Task, single_threaded
from mmclassic.fusion._calibration import class_scores
from mmclassic.fusion._calls import Call, quietly, run_calls
from mmclassic.fusion._folds import inner_folds, mask_of
from mmclassic.fusion._kernel_machine import KernelMachine
from mmclassic.fusion._kernel_parts import Described, refit
from mmclassic.fusion._kernel_sums import combine
from mmclassic.fusion._outputs import Output
from mmclassic.fusion._pools import softmax
from mmclassic.fusion._row_kernel import Floats, Kernel, compare
from mmclassic.fusion._targets import Targets

__all__ = ["calibrate_scale", "codes_of", "fit_scales", "held_out_scores"]


def fit_scales(
    fusion: Any,
    described: dict[str, Described],
    targets: Targets,
    outputs: list[Output],
    costs: Floats,
    given: Any,
    task: Task,
) -> list[float]:
    """Return each output's scale, as ``calibrate_scale`` does, on rows held out.

    Parameters are those of ``held_out_scores``.
    """
    scores, shares = held_out_scores(
        fusion, described, targets, outputs, costs, given, task
    )
    return [
        calibrate_scale(own, shares, output.codes, costs)
        for own, output in zip(scores, outputs, strict=True)
    ]


def held_out_scores(
    fusion: Any,
    described: dict[str, Described],
    targets: Targets,
    outputs: list[Output],
    costs: Floats,
    given: Any,
    task: Task,
) -> tuple[list[Floats], Floats]:
    """Return the scores of each row by machines that didn't see it.

    Parameters
    ----------
    fusion : KernelFusionClassifier
    described : dict of str to Described
    targets : Targets
    outputs : list of Output
    costs : ndarray of shape (n_samples,)
    given : str or ndarray of shape (n_modalities,)
        As KernelMachine's weights.
    task : Task
        Of the fusion's fit.

    Returns
    -------
    scores : list of ndarrays of shape (n_samples, n_classes)
    shares : ndarray of shape (n_samples,)
        As ``combine`` returns; 0 for a row that no machine scored.
    """
    shares = np.zeros(len(costs))
    scores = [np.zeros((len(costs), len(output.classes))) for output in outputs]
    codes = np.column_stack([output.codes for output in outputs])
    folds = inner_folds(
        fusion.cv,
        targets.y,
        targets.groups,
        classifier=True,
        otherwise="Give more rows, or do without probabilities: cv=None.",
    )
    groups = codes_of(targets.groups)
    with task.subtask("inner folds", len(folds)) as whole:
        for fold, (train, test) in enumerate(folds):
            with whole.subtask(f"fold {fold}"):
                if np.ptp(codes[train], axis=0).any():
                    raws = _fold_raws(fusion, described, targets.y, train, test)
                    found, shares[test] = _score_fold(
                        raws, given, fusion.C, train, test, codes, costs, groups
                    )
                    for whole_scores, own in zip(scores, found, strict=True):
                        whole_scores[test] = own
    return scores, shares


def _score_fold(
    raws: list["FoldRaw"],
    given: Any,
    C: float,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    codes: NDArray[np.intp],
    costs: Floats,
    groups: NDArray[np.intp] | None,
) -> tuple[list[Floats], Floats]:
    """Return the scores of a fold's test rows, and their shares of the weights."""
    sizes = (codes.max(axis=0) + 1).tolist()
    # A modality that no training row has tells nothing of the fold.
    there = [len(one.raw) > 0 for one in raws]
    raws = [one for one, has in zip(raws, there, strict=True) if has]
    if not raws:
        return [np.zeros((len(test), size)) for size in sizes], np.zeros(len(test))
    weights = given if isinstance(given, str) else given[there]
    present = np.column_stack([one.rows for one in raws])
    with single_threaded():
        machine = KernelMachine(weights, C).fit(
            [one.raw for one in raws],
            [one.kernel for one in raws],
            present[train],
            codes[train],
            costs[train],
            wanted=np.unique(present[test], axis=0),
            groups=None if groups is None else groups[train],
        )
        parts = [machine.part_scores(i, one.test) for i, one in enumerate(raws)]
    priors: list[Any] = [
        np.bincount(column, costs[train])[known]
        for column, known in zip(codes[train].T, machine.classes, strict=True)
    ]
    sets = machine.weights, machine.sets, machine.intercept
    scores, shares = combine(parts, present[test], *sets, priors)
    aligned = [
        class_scores(own, known, np.arange(size))
        for own, known, size in zip(scores, machine.classes, sizes, strict=True)
    ]
    return aligned, shares


def codes_of(groups: NDArray[Any] | None) -> NDArray[np.intp] | None:
    """Return a number for each group, of groups of any type."""
    return None if groups is None else np.unique(groups, return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class FoldRaw:
    """One part's rows of an inner fold, compared.

    Parameters
    ----------
    kernel : str or callable
    rows : ndarray of bool, shape (n_samples,)
        Which of the fold's rows have the part.
    raw : ndarray of shape (n_train, n_train)
    test : ndarray of shape (n_test, n_train)
    """

    kernel: Kernel
    rows: NDArray[np.bool_]
    raw: Floats
    test: Floats


def _fold_raws(
    fusion: Any,
    described: dict[str, Described],
    y: NDArray[Any],
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> list[FoldRaw]:
    every = np.ones(len(y), dtype=bool)
    calls = [
        Call(
            _of_whole if one.fixed else _refitted,
            (one, y, mask_of(train, len(y)), mask_of(test, len(y))),
            every,
            fusion._note(name),
        )
        for name, one in described.items()
    ]
    with quietly():
        return run_calls(calls, fusion.n_jobs)


def _of_whole(
    one: Described, y: NDArray[Any], train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> FoldRaw:
    """Return a fold's comparisons by the part as it is."""
    a, b = np.flatnonzero(train[one.rows]), np.flatnonzero(test[one.rows])
    return FoldRaw(one.kernel, one.rows, one.raw[np.ix_(a, a)], one.raw[np.ix_(b, a)])


def _refitted(
    one: Described, y: NDArray[Any], train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> FoldRaw:
    """Return a fold's comparisons by the part fitted anew on its training rows."""
    known, unknown = train & one.source.rows, test & one.source.rows
    if not known.any():
        nothing = np.empty((0, 0))
        return FoldRaw(one.kernel, unknown, nothing, nothing)
    known, block, unknown, other = refit(one.source, y, train, test)
    raw = compare(block, block, one.kernel)
    if other is None:
        return FoldRaw(one.kernel, known, raw, np.empty((0, len(raw))))
    compared = compare(other, block, one.kernel)
    return FoldRaw(one.kernel, known | unknown, raw, compared)


def calibrate_scale(
    scores: Floats, shares: Floats, codes: NDArray[np.intp], costs: Floats
) -> float:
    """Return the scale that makes softmax(scale * sqrt(share) * scores) probabilities.

    One number keeps the order of the classes. The root of the share of the weights
    that a row has makes it less sure the more it lacks.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_classes)
        Of rows held out.
    shares : ndarray of shape (n_samples,)
        Rows of 0 are left out.
    codes : ndarray of int, shape (n_samples,)
    costs : ndarray of shape (n_samples,)

    Returns
    -------
    float
        Of least log-loss; 1 where there is no row, or one class.

    References
    ----------
    Guo et al., "On calibration of modern neural networks" (2017), section 4.2.
    """
    some = (shares > 0) & (costs > 0)
    if not some.any() or scores.shape[1] < 2:
        return 1.0
    logits = scores[some] * np.sqrt(shares[some])[:, None]
    size = float(np.abs(logits).mean()) or 1.0
    logits, costs = logits / size, costs[some] / costs[some].sum()
    # Platt's smoothed targets: else separable scores would take an endless scale.
    n_rows, n_classes = logits.shape
    targets = np.eye(n_classes)[codes[some]]
    counts = targets.sum(axis=0)
    targets = (targets * n_rows + counts / n_rows * n_classes) / (n_rows + n_classes)

    def loss(power: float) -> float:
        logs = np.log(np.maximum(softmax(np.exp(power) * logits), 1e-300))
        return float(-costs @ (targets * logs).sum(axis=1))

    found = minimize_scalar(loss, bounds=(-7, 7), method="bounded")
    return float(np.exp(found.x) / size)
