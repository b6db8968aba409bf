"""Score every fusion on the same test rows; compare them row by row or fold by fold."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Row
from benchmarks.fusion.described import Fold
from benchmarks.fusion.models import EQUAL, LEARNED, fusions

__all__ = ["best_fusion", "compare", "groups_of", "models", "to_rows"]

Right = dict[str, list[NDArray[np.bool_]]]


def compare(folds: Iterable[Fold]) -> Right:
    """Fit every fusion, and each modality alone, to each fold.

    Parameters
    ----------
    folds : iterable of Fold

    Returns
    -------
    dict of str to list of ndarray of bool
        By model, "<modality> alone" first: of each fold, which test rows are right.
    """
    right: Right = {}
    for fold in folds:
        for name, model in models(fold).items():
            train, test = fold.table(fold.train), fold.table(fold.test)
            model.fit(train, fold.y[fold.train], **groups_of(model, fold))
            hit = model.predict(test) == fold.y[fold.test]
            right.setdefault(name, []).append(np.asarray(hit))
    return right


def to_rows(
    title: str,
    protocol: str,
    right: Right,
    *,
    without: Right | None = None,
    floors: Mapping[str, float] | None = None,
    real: bool = True,
) -> list[Row]:
    """Make rows of what each model reaches, and of its differences.

    Parameters
    ----------
    title : str
    protocol : str
        Of all rows; the first tells it.
    right : dict
        As of ``compare``.
    without : dict or None, default=None
        The same with fewer modalities.
    floors : dict of str to float or None, default=None
        Percent that a model must reach; of a fusion that learns how modalities
        combine it is what the best of them reaches, unless named.
    real : bool, default=True

    Returns
    -------
    list of Row
        Over folds each difference is the mean of theirs, and its standard error; of one
        fold, over its rows.
    """
    alone = max(filter(_is_alone, right), key=lambda name: _scores(right[name]).mean())
    floor = float(100 * _scores(right[alone]).mean())
    rows = []
    for name, hits in right.items():
        scores = 100 * _scores(hits)
        mean = float(scores.mean())
        if len(hits) > 1:
            spread, spread_of = float(scores.std(ddof=1)), f"{len(hits)} folds"
        else:
            spread = float(np.sqrt(mean * (100 - mean) / len(hits[0])))
            spread_of = f"s.e., {len(hits[0])} rows"
        differences = {}
        if not _is_alone(name):
            differences[f"to {alone}"] = _difference(hits, right[alone])
        if name in EQUAL:
            differences["to equal"] = _difference(hits, right[EQUAL[name]])
        if without and name in without:
            differences["by the addition"] = _difference(hits, without[name])
        asked = {name: floor} if name in LEARNED else {}
        asked |= floors or {}
        rows.append(
            Row(
                f"{title}: {name}",
                protocol if not rows else "",
                mean,
                spread=spread,
                spread_of=spread_of,
                floor=asked.get(name),
                differences=differences,
                real=real,
            )
        )
    return rows


def best_fusion(rows: Iterable[Row], name: str, *, floor: float) -> Row:
    """Return the row of the fusion that reaches the most, under another name.

    Parameters
    ----------
    rows : iterable of Row
        As of ``to_rows``.
    name : str
    floor : float
        Percent.

    Returns
    -------
    Row
    """
    fused = [row for row in rows if not _is_alone(row.name)]
    top = max(fused, key=lambda row: row.ours)
    protocol = f"{top.name}, chosen as the best on these folds"
    return replace(top, name=name, protocol=protocol, floor=floor)


def models(fold: Fold) -> dict[str, Any]:
    """Return each modality alone, then every fusion, by name."""
    alone = {f"{name} alone": _Alone(name, fold) for name in fold.blocks}
    return alone | (fusions(fold) if len(fold.blocks) > 1 else {})


class _Alone:
    """A modality's classifier as it is, of its highest score."""

    def __init__(self, name: str, fold: Fold) -> None:
        self.name = name
        self.block = fold.blocks[name]

    def fit(self, table: Any, y: NDArray[Any]) -> None:
        self.model = self.block.fitted(table[self.name].to_numpy(), y)

    def predict(self, table: Any) -> NDArray[Any]:
        return self.model.predict(self.block.rows[table[self.name].to_numpy()])


def _is_alone(name: str) -> bool:
    return name.endswith(" alone")


def groups_of(model: Any, fold: Fold) -> dict[str, Any]:
    """Return the groups for a model that has inner folds, if there are some."""
    if fold.groups is None or "groups" not in signature(model.fit).parameters:
        return {}
    return {"groups": fold.groups[fold.train]}


def _scores(hits: list[NDArray[np.bool_]]) -> NDArray[np.float64]:
    return np.array([each.mean() for each in hits])


def _difference(ours: Any, theirs: Any) -> tuple[float, float]:
    """Return the mean of the paired differences, and its standard error, percent."""
    pairs = zip(ours, theirs, strict=True)
    apart = [100 * (np.asarray(a, float) - b) for a, b in pairs]
    values = apart[0] if len(apart) == 1 else np.array([each.mean() for each in apart])
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
