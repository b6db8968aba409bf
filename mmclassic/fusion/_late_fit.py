"""Fit the parts of a late fusion, and predict rows held out of the fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import NO_TASK, Task
from mmclassic.fusion._calls import Call, quietly, run_calls
from mmclassic.fusion._folds import inner_folds, mask_of
from mmclassic.fusion._part_models import (
    Source,
    describe_once,
    fit_part,
    is_described_once,
    part_task,
    predict_part,
)
from mmclassic.fusion._targets import Targets

__all__ = [
    "HeldOut",
    "fit_parts",
    "hold_out",
    "n_fit_tasks",
    "predict_parts",
]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a part predicts of the test rows of one inner fold.

    Parameters
    ----------
    name : str
    fold : int
    part : fitted estimator
    values : ndarray of shape (n_rows, ...)
    rows : ndarray of int, shape (n_rows,)
        Positions in X.
    """

    name: str
    fold: int
    part: Any
    values: NDArray[Any]
    rows: NDArray[np.intp]


def n_fit_tasks(fusion: Any) -> int:
    """Return how many tasks the fit of a late fusion has at most."""
    parts = [part for _, part, _ in fusion._active()]
    described = [is_described_once(part, fusion.refit_features) for part in parts]
    return sum(described) + len(parts) + 2  # inner folds, and how to combine


def fit_parts(
    fusion: Any, table: Any, present: NDArray[np.bool_], targets: Targets, task: Task
) -> tuple[dict[str, Any], dict[str, Source]]:
    """Fit each part on the rows that have it.

    Parameters
    ----------
    fusion : late fusion
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    present : ndarray of bool, shape (n_samples, n_modalities)
    targets : Targets
    task : Task
        Of the fusion's fit.

    Returns
    -------
    parts : dict of str to fitted estimator
    sources : dict of str to Source
        What they were fitted on.
    """
    parts = {name: part for name, part, _ in fusion._active()}
    refit = fusion.refit_features

    def describing(name: str) -> Task:
        once = is_described_once(parts[name], refit)
        return task.subtask(f"describe {name}") if once else NO_TASK

    described = fusion._calls(
        describe_once,
        table,
        fusion._positions,
        present,
        lambda name, rows: (parts[name], rows, refit, describing(name)),
    )
    sources = dict(zip(parts, described, strict=True))
    every = np.ones(len(targets.y), dtype=bool)
    fits = run_calls(
        [
            _fit_call(
                fusion,
                name,
                sources[name],
                targets,
                every,
                part_task(task, f"fit {name}", sources[name].estimator),
            )
            for name in parts
        ],
        fusion.n_jobs,
    )
    fusion._count({name: n for name, (_, n) in zip(parts, fits, strict=True)})
    fitted = {
        name: sources[name].whole(part)
        for name, (part, _) in zip(parts, fits, strict=True)
    }
    return fitted, sources


def _fit_call(
    fusion: Any,
    name: str,
    source: Source,
    targets: Targets,
    rows: NDArray[np.bool_],
    task: Task,
) -> Call:
    cells, chosen = source.take(rows)
    arguments = (cells, source.estimator, *targets.of(chosen), task)
    return Call(fit_part, arguments, chosen, fusion._note(name))


def hold_out(
    fusion: Any, sources: dict[str, Source], targets: Targets, task: Task
) -> list[HeldOut]:
    """Return what each part, fitted on an inner fold's training rows, predicts.

    Parameters
    ----------
    fusion : late fusion
    sources : dict of str to Source
    targets : Targets
    task : Task
        Of the fusion's fit.

    Returns
    -------
    list of HeldOut
        One a fold and part; none where a fold's rows lack the modality.
    """
    y, groups = targets.y, targets.groups
    folds = inner_folds(fusion.cv, y, groups, classifier=targets.classifier)
    pairs = [(fold, name) for fold in range(len(folds)) for name in sources]
    masks = [(mask_of(train, len(y)), mask_of(test, len(y))) for train, test in folds]
    with task.subtask("inner folds", len(pairs)) as task, quietly():
        fits = run_calls(
            [
                _fit_call(
                    fusion,
                    name,
                    sources[name],
                    targets,
                    masks[fold][0],
                    _fold_task(task, fold, name, sources[name]),
                )
                for fold, name in pairs
            ],
            fusion.n_jobs,
        )
        fitted = [
            (fold, name, part)
            for (fold, name), (part, _) in zip(pairs, fits, strict=True)
            if part is not None and (masks[fold][1] & sources[name].rows).any()
        ]
        calls = []
        for fold, name, part in fitted:
            cells, chosen = sources[name].take(masks[fold][1])
            call = Call(predict_part, (cells, part), chosen, fusion._note(name))
            calls.append(call)
        predictions = run_calls(calls, fusion.n_jobs)
    held = []
    for (fold, name, part), call, (values, lacking) in zip(
        fitted, calls, predictions, strict=True
    ):
        if values is not None:
            rows = np.flatnonzero(call.rows)[~lacking]
            held.append(HeldOut(name, fold, part, values, rows))
    return held


def _fold_task(task: Task, fold: int, name: str, source: Source) -> Task:
    title = f"fold {fold}, {name}"
    if source.head is None:
        return part_task(task, title, source.estimator)
    return task.subtask(title).undivided()  # a classifier, again and again


def predict_parts(fusion: Any, X: Any) -> tuple[int, dict[str, tuple[Any, Any]]]:
    """Return what each fitted part predicts of the rows that have it.

    Parameters
    ----------
    fusion : fitted late fusion
    X : DataFrame, 2-D array or list of rows

    Returns
    -------
    n_samples : int
    predictions : dict of str to (values, rows)
        Arrays of shape (n_rows, ...) and of positions in X; None and no position of
        a modality that no row has.
    """
    table, positions, present = fusion._read(X)
    fitted = {name: part for name, part, _ in fusion.parts_}
    results = fusion._calls(
        predict_part, table, positions, present, lambda name, rows: (fitted[name],)
    )
    predictions = {
        name: (values, np.flatnonzero(rows)[~lacking])
        for name, (values, lacking), rows in zip(
            positions, results, present.T, strict=True
        )
    }
    return len(present), predictions
