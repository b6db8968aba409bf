"""Score models on rows of which random cells were removed."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.common import Context, Row
from benchmarks.fusion.comparison import groups_of, models
from benchmarks.fusion.described import Fold

__all__ = ["SHARES", "curves", "to_rows"]

SHARES = (0.0, 0.25, 0.5, 0.75)
N_REMOVALS = 5

Scores = dict[str, dict[float, list[float]]]


def curves(folds: Iterable[Fold], context: Context) -> Scores:
    """Fit every fusion, and each modality alone, and score what is left of test rows.

    Parameters
    ----------
    folds : iterable of Fold
    context : Context

    Returns
    -------
    dict of str to dict of float to list of float
        By model and share of the cells removed: each fold's accuracy, the mean over
        several random removals.
    """
    n_removals = 1 if context.quick else N_REMOVALS
    scores: Scores = {}
    for number, fold in enumerate(folds):
        rng = np.random.default_rng(number)
        tables = _removed(fold, n_removals, rng)
        truth = fold.y[fold.test]
        for name, model in models(fold).items():
            known = groups_of(model, fold)
            model.fit(fold.table(fold.train), fold.y[fold.train], **known)
            answer = _answer_alone if name.endswith(" alone") else _answer
            for share, gapped in tables.items():
                right = [np.mean(answer(model, fold, X) == truth) for X in gapped]
                each = scores.setdefault(name, {}).setdefault(share, [])
                each.append(float(np.mean(right)))
    return scores


def _removed(
    fold: Fold, n_removals: int, rng: np.random.Generator
) -> dict[float, list[pd.DataFrame]]:
    """Return the test rows without random cells: by share, a table a removal."""
    whole = fold.table(fold.test)
    return {
        share: [
            whole.astype(object).where(rng.random(whole.shape) >= share, None)
            for _ in range(n_removals if share else 1)
        ]
        for share in SHARES
    }


def _answer(model: Any, fold: Fold, gapped: pd.DataFrame) -> NDArray[Any]:
    return np.asarray(model.predict(gapped))


def _answer_alone(model: Any, fold: Fold, gapped: pd.DataFrame) -> NDArray[Any]:
    """Return the commonest training class of rows that lack the modality."""
    classes, counts = np.unique(fold.y[fold.train], return_counts=True)
    answers = classes[np.full(len(gapped), counts.argmax())]
    there = gapped[model.name].notna().to_numpy()
    if there.any():
        answers[there] = model.predict(gapped.loc[there, [model.name]].astype(np.intp))
    return answers


def to_rows(title: str, protocol: str, scores: Scores, *, real: bool) -> list[Row]:
    """Make a row of what each model reaches with a share of the cells removed.

    Parameters
    ----------
    title : str
    protocol : str
        Of all rows; the first tells it.
    scores : dict
        As of ``curves``.
    real : bool

    Returns
    -------
    list of Row
        By share. The floor of a fusion is the best modality alone.
    """
    rows: list[Row] = []
    for share in SHARES:
        means = {name: 100 * np.mean(each[share]) for name, each in scores.items()}
        alone = [name for name in means if name.endswith(" alone")]
        best = max(alone, key=means.__getitem__)
        for name, mean in means.items():
            fused = name not in alone
            each = 100 * np.array(scores[name][share])
            rows.append(
                Row(
                    f"{title}, {share:.0%} removed: {name}",
                    protocol if not rows else "",
                    float(mean),
                    spread=float(each.std(ddof=1)),
                    spread_of=f"{len(each)} folds",
                    floor=float(means[best]) if fused else None,
                    peers={best: float(means[best])} if fused else {},
                    real=real,
                )
            )
    return rows
