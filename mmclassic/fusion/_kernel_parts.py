"""Fit and describe the parts of a kernel fusion, and compare their rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import get_tags

from mmclassic._execution import NO_TASK, Task, rows_within
from mmclassic.fusion._blocks import (
    as_block,
    check_finite,
    fit_describe,
    lacking_rows,
)
from mmclassic.fusion._calls import Call, run_calls
from mmclassic.fusion._cross_fitted import uses_y
from mmclassic.fusion._part_models import Source, describe_once, is_described_once
from mmclassic.fusion._row_kernel import Floats, Kernel, choose_kernel, compare

__all__ = [
    "Described",
    "describe_block",
    "describe_parts",
    "fit_block",
    "n_describing_tasks",
    "refit",
    "score",
    "without_lacking_rows",
]


@dataclass(frozen=True, slots=True)
class Described:
    """One part's training rows, described and compared.

    Parameters
    ----------
    source : Source
        What it was described from.
    part : fitted transformer
    rows : ndarray of bool, shape (n_samples,)
        Which rows of X have it.
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)
    kernel : str or callable
    raw : ndarray of shape (n_rows, n_rows)
        What ``compare`` gave of them.
    fixed : bool
        Whether inner folds take the block as it is.
    """

    source: Source
    part: Any
    rows: NDArray[np.bool_]
    block: Any
    kernel: Kernel
    raw: Floats
    fixed: bool


def n_describing_tasks(fusion: Any) -> int:
    """Return how many tasks ``describe_parts`` has."""
    parts = [part for _, part, _ in fusion._active()]
    return len(parts) + sum(_in_two(fusion, part) for part in parts)


def _is_fixed(fusion: Any, part: Any) -> bool:
    if not get_tags(part).requires_fit:
        return True
    return not fusion.refit_features and not uses_y(part)


def _in_two(fusion: Any, part: Any) -> bool:
    """Tell whether a part's first step describes before inner folds fit the others."""
    return not _is_fixed(fusion, part) and is_described_once(part, True)


def describe_parts(
    fusion: Any, table: Any, present: NDArray[np.bool_], y: NDArray[Any], task: Task
) -> dict[str, Described]:
    """Fit each part on the rows that have it, and compare these rows.

    Parameters
    ----------
    fusion : KernelFusionClassifier
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    present : ndarray of bool, shape (n_samples, n_modalities)
    y : ndarray of shape (n_samples,)
    task : Task
        Of the fusion's fit.

    Returns
    -------
    dict of str to Described
    """
    parts = {name: part for name, part, _ in fusion._active()}
    fixed = {name: _is_fixed(fusion, part) for name, part in parts.items()}
    found = fusion._calls(
        _source,
        table,
        fusion._positions,
        present,
        lambda name, rows: (
            parts[name],
            rows,
            fixed[name],
            task.subtask(f"describe {name}")
            if _in_two(fusion, parts[name])
            else NO_TASK,
        ),
    )
    sources = dict(zip(parts, found, strict=True))
    calls = [
        Call(
            fit_block,
            (
                source.cells,
                y[source.rows],
                clone(source.estimator),
                task.subtask(f"fit {name}"),
            ),
            source.rows,
            fusion._note(name),
        )
        for name, source in sources.items()
    ]
    results = run_calls(calls, fusion.n_jobs)
    blocks, kernels, rows_of = [], [], {}
    for (name, source), (_, block) in zip(sources.items(), results, strict=True):
        rows_of[name], block = without_lacking_rows(source.rows, block)
        blocks.append(block)
        kernels.append(choose_kernel(fusion.kernels, name, block))
    fusion._count({name: int(rows.sum()) for name, rows in rows_of.items()})
    raws = run_calls(
        [
            Call(compare, (block, block, kernel), rows, fusion._note(name))
            for block, kernel, (name, rows) in zip(
                blocks, kernels, rows_of.items(), strict=True
            )
        ],
        fusion.n_jobs,
    )
    return {
        name: Described(
            source, source.whole(part), rows_of[name], block, kernel, raw, fixed[name]
        )
        for (name, source), (part, _), block, kernel, raw in zip(
            sources.items(), results, blocks, kernels, raws, strict=True
        )
    }


def _source(
    cells: Any, part: Any, rows: NDArray[np.bool_], fixed: bool, task: Task
) -> Source:
    if fixed:
        return Source(cells, rows, part)
    return describe_once(cells, part, rows, True, task)


def fit_block(
    cells: Any, y: NDArray[Any], part: Any, task: Task = NO_TASK
) -> tuple[Any, Any]:
    """Return a part fitted on its cells, and their block, checked to be finite."""
    part, block = fit_describe(cells, y, part, task)
    check_finite(block)
    return part, block


def describe_block(cells: Any, part: Any) -> Any:
    """Return the block of a fitted part's cells, checked to be finite."""
    block = as_block(part.transform(cells))
    check_finite(block)
    return block


def refit(
    source: Source, y: NDArray[Any], train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], Any, NDArray[np.bool_], Any]:
    """Fit a part anew on a fold's training rows, and describe its test rows.

    Parameters
    ----------
    source : Source
        Some training rows have the part.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    train, test : ndarray of bool, shape (n_samples,)

    Returns
    -------
    known : ndarray of bool, shape (n_samples,)
        Which training rows the part describes.
    block : {ndarray, sparse matrix} of shape (n_known, n_features)
    unknown : ndarray of bool, shape (n_samples,)
        Which test rows it describes.
    other : {ndarray, sparse matrix} of shape (n_unknown, n_features), or None
        None where no test row has the part.
    """
    cells, known = source.take(train)
    others, unknown = source.take(test)
    with rows_within(known):
        part, block = fit_block(cells, y[known], clone(source.estimator))
    known, block = without_lacking_rows(known, block)
    if not unknown.any():
        return known, block, unknown, None
    with rows_within(unknown):
        other = describe_block(others, part)
    unknown, other = without_lacking_rows(unknown, other)
    return known, block, unknown, other


def without_lacking_rows(
    rows: NDArray[np.bool_], block: Any
) -> tuple[NDArray[np.bool_], Any]:
    """Return which rows a block holds, and it, without those of invalid items."""
    lacking = lacking_rows(block)
    if not lacking.any():
        return rows, block
    rows = rows.copy()
    rows[np.flatnonzero(rows)[lacking]] = False
    return rows, block[~lacking]


def score(cells: Any, part: Any, scorer: Any) -> tuple[Floats, NDArray[np.bool_]]:
    """Return what a fitted part's scorer gives of each row that isn't an invalid item.

    Parameters
    ----------
    cells : sequence or table of n_rows
    part : fitted transformer
    scorer : PartScorer

    Returns
    -------
    scores : ndarray of shape (n_rows - n_lacking, n_outputs)
    lacking : ndarray of bool, shape (n_rows,)
        Which rows are invalid items.
    """
    if len(cells) == 0:  # most transformers refuse no rows
        return np.empty((0, len(scorer.constant))), np.zeros(0, dtype=bool)
    block = describe_block(cells, part)
    lacking = lacking_rows(block)
    return scorer(block[~lacking] if lacking.any() else block), lacking
