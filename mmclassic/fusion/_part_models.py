"""Fit one part of a late fusion on its rows, and predict with it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils.validation import has_fit_parameter

from mmclassic._execution import Task
from mmclassic.fusion._answers import answer, fit_outputs, output_of
from mmclassic.fusion._blocks import lacking_rows

__all__ = [
    "Source",
    "describe_once",
    "fit_part",
    "is_described_once",
    "output_of",
    "part_task",
    "predict_part",
    "takes_weights",
]


@dataclass(frozen=True, slots=True)
class Source:
    """What a part is fitted on: its cells, or their description where no fit matters.

    Parameters
    ----------
    cells : sequence or table of n_rows
    rows : ndarray of bool, shape (n_samples,)
        Which rows of X the cells are of.
    estimator : estimator
        What is left to fit: the part, or its steps after the first.
    head : (name, transformer) or None
        The first step, if it has described the cells already.
    """

    cells: Any
    rows: NDArray[np.bool_]
    estimator: Any
    head: tuple[str, Any] | None = None

    def take(self, rows: NDArray[np.bool_]) -> tuple[Any, NDArray[np.bool_]]:
        """Return the cells of those of the given rows that have some, and which."""
        chosen = rows & self.rows
        return _safe_indexing(self.cells, np.flatnonzero(chosen[self.rows])), chosen

    def whole(self, fitted: Any) -> Any:
        """Return the part of which a fitted estimator is what was left to fit."""
        if self.head is None:
            return fitted
        return Pipeline([self.head, *fitted.steps])


def is_described_once(part: Any, refit_features: bool) -> bool:
    """Tell whether a part's first step describes once, and not fold by fold.

    Parameters
    ----------
    part : estimator
    refit_features : bool
        Whether only a first step that learns nothing describes once.
    """
    if not isinstance(part, Pipeline) or len(part.steps) < 2:
        return False
    first = part.steps[0][1]
    return not (
        _is_passthrough(first) or (refit_features and get_tags(first).requires_fit)
    )


def describe_once(
    cells: Any, part: Any, rows: NDArray[np.bool_], refit_features: bool, task: Task
) -> Source:
    """Return a part's source, described if that need not be done fold by fold.

    Parameters
    ----------
    cells : sequence or table
        The cells of the rows that have the modality.
    part : estimator
    rows : ndarray of bool, shape (n_samples,)
    refit_features : bool
        As in ``is_described_once``.
    task : Task
        Begun if the part is described.

    Returns
    -------
    Source
        Without the rows of invalid items, if their description shows them.
    """
    if not is_described_once(part, refit_features):
        return Source(cells, rows, part)
    name, first = part.steps[0]
    first = clone(first)
    with task.fitting(first):
        described = _fit_transform(first, cells, None)  # no y: of no held-out row
    lacking = _lacking(described)
    if lacking.any():
        described = _safe_indexing(described, np.flatnonzero(~lacking))
        rows = rows.copy()
        rows[np.flatnonzero(rows)[lacking]] = False
    return Source(described, rows, part[1:], (name, first))


def fit_part(
    cells: Any,
    part: Any,
    y: NDArray[Any],
    sample_weight: NDArray[Any] | None,
    groups: NDArray[Any] | None,
    classifier: bool,
    task: Task,
) -> tuple[Any, int]:
    """Return a fitted clone of a part, and how many rows it was fitted on.

    The steps of a Pipeline are fitted one by one, so that the rows of invalid items
    are left out once the first step has told which they are.

    Parameters
    ----------
    cells : sequence or table of n_rows
    part : estimator
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs)
    sample_weight : ndarray of shape (n_rows,) or None
    groups : ndarray of shape (n_rows,) or None
    classifier : bool
        Whether a part whose rows are of one class becomes a DummyClassifier.
    task : Task
        As ``part_task`` gives.

    Returns
    -------
    part : fitted estimator or None
        None if no row is left to fit on.
    n_rows : int
    """
    part = clone(part)
    columns: dict[str, Any] = {"y": y, "sample_weight": sample_weight, "groups": groups}
    steps = part.steps if isinstance(part, Pipeline) else [("", part)]
    if len(steps) > 1:
        with task:
            cells, columns = _fit_first(steps[:-1], cells, columns, task)
            name, last = steps[-1]
            fitted = _fit_last(name, last, cells, columns, classifier, task)
    else:
        fitted = _fit_last("", steps[0][1], cells, columns, classifier, task)
    if fitted is None or not isinstance(part, Pipeline):
        return fitted, len(columns["y"])
    part.steps[-1] = (part.steps[-1][0], fitted)
    return part, len(columns["y"])


def part_task(task: Task, name: str, part: Any) -> Task:
    """Return the task of fitting a part, with those of its steps if there are some.

    Parameters
    ----------
    task : Task
        What it is beneath.
    name : str
        Of the new task.
    part : estimator

    Returns
    -------
    Task
    """
    n_steps = len(part.steps) if isinstance(part, Pipeline) else 1
    return task.subtask(name, n_steps if n_steps > 1 else 0)


def _fit_first(
    steps: list[tuple[str, Any]], cells: Any, columns: dict[str, Any], task: Task
) -> tuple[Any, dict[str, Any]]:
    """Fit the steps before the last; return its input without invalid items."""
    first = True
    for name, step in steps:
        if not _is_passthrough(step) and len(columns["y"]):
            with task.subtask(name).fitting(step):
                cells = _fit_transform(step, cells, columns["y"])
            lacking = _lacking(cells) if first else np.zeros(0, dtype=bool)
            if lacking.any():
                kept = np.flatnonzero(~lacking)
                cells = _safe_indexing(cells, kept)
                columns = {k: v if v is None else v[kept] for k, v in columns.items()}
            first = False
    return cells, columns


def _fit_last(
    name: str, last: Any, Z: Any, columns: dict[str, Any], classifier: bool, task: Task
) -> Any:
    """Return what predicts, fitted; None if no row is left to fit on."""
    y, weights, groups = columns["y"], columns["sample_weight"], columns["groups"]
    if len(y) == 0:
        return None
    own = part_task(task, name, last) if name else task
    if classifier and (y == y[0]).all():
        with own:
            return DummyClassifier(strategy="prior").fit(np.zeros((len(y), 1)), y)
    if isinstance(last, Pipeline):
        return fit_part(Z, last, y, weights, groups, classifier, own)[0]
    params = {}
    if weights is not None:
        params["sample_weight"] = weights
    if groups is not None and has_fit_parameter(last, "groups"):
        params["groups"] = groups
    with own.fitting(last):
        if y.ndim == 1:
            return last.fit(Z, y, **params)
        return fit_outputs(last, Z, y, params, classifier)


def _fit_transform(step: Any, cells: Any, y: NDArray[Any] | None) -> Any:
    if hasattr(step, "fit_transform"):
        return step.fit_transform(cells, y)
    return step.fit(cells, y).transform(cells)


def takes_weights(part: Any) -> bool:
    """Tell whether what predicts in a part takes ``sample_weight``."""
    while isinstance(part, Pipeline):
        part = part.steps[-1][1]
    return bool(has_fit_parameter(part, "sample_weight"))


def predict_part(cells: Any, part: Any) -> tuple[Any, NDArray[np.bool_]]:
    """Return a fitted part's prediction of each row that isn't an invalid item.

    Parameters
    ----------
    cells : sequence or table of n_rows
    part : fitted estimator

    Returns
    -------
    values : ndarray of shape (n_rows - n_lacking, ...) or None
        As ``answer`` gives, None if no row is left.
    lacking : ndarray of bool, shape (n_rows,)
        Which rows are invalid items.
    """
    lacking = np.zeros(_n_rows(cells), dtype=bool)
    steps = part.steps if isinstance(part, Pipeline) else [("", part)]
    first = True
    for _, step in steps[:-1]:
        if lacking.all():
            return None, lacking
        if not _is_passthrough(step):
            cells = step.transform(cells)
            if first:
                lacking = _lacking(cells)
                cells = _safe_indexing(cells, np.flatnonzero(~lacking))
            first = False
    if lacking.all():
        return None, lacking
    return answer(steps[-1][1], cells), lacking


def _lacking(described: Any) -> NDArray[np.bool_]:
    """Return which rows are NaN throughout, of anything that a step may give."""
    n_rows = _n_rows(described)
    dtypes = getattr(described, "dtypes", None)  # of a DataFrame
    if dtypes is not None and getattr(described, "ndim", 2) == 2:
        described = np.asarray(described)
    kind = getattr(getattr(described, "dtype", None), "kind", "O")
    if kind != "f" or getattr(described, "ndim", 0) != 2:
        return np.zeros(n_rows, dtype=bool)
    return lacking_rows(described)


def _n_rows(cells: Any) -> int:
    return int(cells.shape[0]) if hasattr(cells, "shape") else len(cells)


def _is_passthrough(step: Any) -> bool:
    return step is None or (isinstance(step, str) and step == "passthrough")
