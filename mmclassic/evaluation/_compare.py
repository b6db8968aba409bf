"""Cross-validate each modality alone, then the fusions, into one table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    check_cv,
    cross_validate,
)
from sklearn.pipeline import Pipeline

from mmclassic._pipeline import make_multimodal_pipeline

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_modalities"]


def compare_modalities(
    X: Any,
    y: Any,
    *,
    fusions: Sequence[Any] = ("early", "late"),
    cv: Any = 5,
    groups: Any = None,
    scoring: Any = None,
    random_state: int | None = 0,
    **pipeline: Any,
) -> "pd.DataFrame":
    """Score each modality alone and every fusion of them, on the same folds.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_columns)
        One row a sample, one column a modality.
    y : array-like of shape (n_samples,)
        The target.
    fusions : sequence of {"early", "late"} or fusion estimators, \
            default=("early", "late")
        As ``make_multimodal_pipeline(fusion=...)`` takes. Left out where there is
        only one modality.
    cv : int, splitter or iterable of (train, test), default=5
        An int is the number of shuffled stratified folds, grouped if `groups` is
        given.
    groups : array-like of shape (n_samples,), default=None
        Rows of one group never fall on both sides of a fold, nor of the inner folds
        of a late fusion.
    scoring : str, callable or None, default=None
        As in `sklearn.model_selection.cross_validate`; None is accuracy for a
        classifier and R2 for a regressor.
    random_state : int or None, default=0
        Of the folds and of the pipelines.
    **pipeline
        The columns and settings of `mmclassic.make_multimodal_pipeline`: ``text=``,
        ``image=``, ``audio=``, ``vectors=``, ``tabular=``, ``classifier=``,
        ``missing=``, ``invalid=``, ``n_jobs=``.

    Returns
    -------
    DataFrame, one row a modality and then one a fusion, in the index "model"
        Columns ``mean`` and ``std`` (over the folds, ``ddof=1``) of the score,
        ``seconds`` (mean time of a fold's fit and scoring), and ``fold_0``, ...: the
        score of each fold.

    Raises
    ------
    ValueError
        If no modality is given.

    See Also
    --------
    mmclassic.make_multimodal_pipeline : What is compared.

    Examples
    --------
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.evaluation import compare_modalities
    >>> data = make_multimodal(60, random_state=0)
    >>> table = compare_modalities(
    ...     data.frame, data.target, text="text", audio="audio", cv=2, fusions=["late"]
    ... )
    >>> list(table.index)
    ['text', 'audio', 'late']
    """
    import pandas as pd

    settings = {**pipeline, "random_state": random_state}
    whole = make_multimodal_pipeline(**settings)
    parts = whole.named_steps["fusion"].parts
    models = {name: _alone(whole, name) for name, _, _ in parts}
    if len(parts) > 1:
        for fusion in fusions:
            label = fusion if isinstance(fusion, str) else type(fusion).__name__
            models[label] = make_multimodal_pipeline(**settings, fusion=fusion)
    folds = _folds(cv, X, y, groups, random_state, whole)
    rows = {
        label: _cross_validate(model, X, y, folds, groups, scoring)
        for label, model in models.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "model"
    return table


def _alone(whole: Pipeline, name: str) -> Pipeline:
    """Return the pipeline with only the part of that name."""
    alone = clone(whole)
    fusion = alone.named_steps["fusion"]
    fusion.set_params(parts=[part for part in fusion.parts if part[0] == name])
    return alone


def _folds(
    cv: Any, X: Any, y: Any, groups: Any, random_state: int | None, model: Any
) -> list[tuple[Any, Any]]:
    if isinstance(cv, int) and getattr(model, "_estimator_type", None) != "regressor":
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
        cv = kind(cv, shuffle=True, random_state=random_state)
    return list(check_cv(cv, y).split(np.zeros(len(y)), y, groups))


def _cross_validate(
    model: Pipeline, X: Any, y: Any, folds: Any, groups: Any, scoring: Any
) -> dict[str, float]:
    params = {}
    if groups is not None and _takes_groups(model):
        params["fusion__groups"] = np.asarray(groups)
    with config_context(enable_metadata_routing=False):
        scores = cross_validate(
            model, X, y, cv=folds, scoring=scoring, params=params, error_score="raise"
        )
    test = scores["test_score"]
    seconds = np.mean(scores["fit_time"] + scores["score_time"])
    row = {
        "mean": float(np.mean(test)),
        "std": float(np.std(test, ddof=1)) if len(test) > 1 else float("nan"),
        "seconds": float(seconds),
    }
    return row | {f"fold_{fold}": float(score) for fold, score in enumerate(test)}


def _takes_groups(model: Pipeline) -> bool:
    from inspect import signature

    return "groups" in signature(model.named_steps["fusion"].fit).parameters
