"""Cross-validate each modality alone, then the fusions, into one table."""

from collections.abc import Mapping, Sequence
from inspect import signature
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse
from sklearn import config_context
from sklearn.base import clone, is_regressor
from sklearn.metrics import check_scoring
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    check_cv,
)
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from mmclassic._execution import remembering, rows_within
from mmclassic._pipeline import make_multimodal_pipeline
from mmclassic.fusion._folds import strata
from mmclassic.fusion._outputs import share_right

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_modalities"]


def compare_modalities(
    X: Any,
    y: Any,
    *,
    fusions: Sequence[Any] | Mapping[str, Any] = ("early", "late"),
    cv: Any = 5,
    groups: Any = None,
    scoring: Any = None,
    random_state: int | None = 0,
    max_bytes: int = 2**29,
    **pipeline: Any,
) -> "pd.DataFrame":
    """Score each modality alone and every fusion of them, on the same folds.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_columns)
        One row a sample, one column a modality.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The target. Several outputs need a ``classifier`` that takes them, and are
        right where all of a row are.
    fusions : sequence of {"early", "late"} or fusion estimators, or dict of them, \
            default=("early", "late")
        As ``make_multimodal_pipeline(fusion=...)`` takes. A dict names them in the
        table, ``{name: fusion}``. Left out where there is only one part.
    cv : int, splitter or iterable of (train, test), default=5
        An int is the number of shuffled folds: stratified for a classifier, by the
        combination of several outputs, and grouped if `groups` is given.
    groups : array-like of shape (n_samples,), default=None
        Rows of one group never fall on both sides of a fold, nor of the inner folds
        of a late fusion.
    scoring : str, callable or None, default=None
        As in `sklearn.model_selection.cross_validate`; None is accuracy for a
        classifier and R2 for a regressor.
    random_state : int or None, default=0
        Of the folds and of the pipelines.
    max_bytes : int, default=2**29
        Size of the descriptors that are kept from one fold and model for the next: an
        item is described once while they fit in it. What is learned never crosses a
        fold.
    **pipeline
        The columns and settings of `mmclassic.make_multimodal_pipeline`: ``text=``,
        ``image=``, ``audio=``, ``video=``, ``vectors=``, ``tabular=``, ``classifier=``,
        ``missing=``, ``features=``, ``invalid=``, ``cache=``, ``n_jobs=``.

    Returns
    -------
    DataFrame, one row a part and then one a fusion, in the index "model"
        Columns ``mean`` and ``std`` (over the folds, ``ddof=1``) of the score,
        ``seconds`` (mean time of a fold's fit and scoring, less what an earlier row
        had described or learned already), and ``fold_0``, ...: the score of each fold.
        A modality alone is scored by the class of its classifier's highest score,
        or by calibrated probabilities where `scoring` asks for some.

    Raises
    ------
    ValueError
        If no modality is given, or there are too few rows for the folds.
    TypeError
        If ``fusion=`` is given, which is what `fusions` compares.

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

    if "fusion" in pipeline:
        raise TypeError("compare_modalities takes fusions=[...] instead of fusion=.")
    settings = {**pipeline, "random_state": random_state}
    whole = make_multimodal_pipeline(**settings)
    parts = whole.named_steps["fusion"].parts
    y = y.toarray() if issparse(y) else y
    score: Any = check_scoring(whole, scoring)
    if scoring is None and np.ndim(y) == 2 and not is_regressor(whole):
        score = _all_right  # scikit-learn has no accuracy of outputs of several classes
    # Accuracy, and what is like it; other scores may need probabilities.
    of_classes = scoring is None or getattr(score, "_response_method", "") == "predict"
    models = {name: _alone(whole, name, of_classes) for name, _, _ in parts}
    if len(parts) > 1:
        for label, fusion in _named_fusions(fusions):
            model = make_multimodal_pipeline(**settings, fusion=fusion)
            models[_unused(label, models)] = model
    folds = _folds(cv, X, y, groups, random_state, whole)
    with config_context(enable_metadata_routing=False), remembering(max_bytes):
        rows = {
            label: _cross_validate(model, X, y, folds, groups, score)
            for label, model in models.items()
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "model"
    return table


def _all_right(model: Any, X: Any, y: Any) -> float:
    return share_right(y, model.predict(X))


def _named_fusions(fusions: Any) -> list[tuple[str, Any]]:
    if isinstance(fusions, str):
        raise ValueError(
            f"fusions must be a list. Got {fusions!r}: pass [{fusions!r}]."
        )
    if isinstance(fusions, Mapping):
        return list(fusions.items())
    return [
        (fusion if isinstance(fusion, str) else type(fusion).__name__, fusion)
        for fusion in fusions
    ]


def _unused(label: str, models: Mapping[str, Any]) -> str:
    """Return the label, numbered where a model has it already."""
    number, unused = 2, label
    while unused in models:
        number, unused = number + 1, f"{label} {number}"
    return unused


def _alone(whole: Pipeline, name: str, of_classes: bool) -> Pipeline:
    """Return the pipeline with only the part of that name, its scores as they are."""
    alone = clone(whole)
    fusion = alone.named_steps["fusion"]
    fusion.set_params(parts=[part for part in fusion.parts if part[0] == name])
    if is_regressor(alone):
        fusion.set_params(weights=None)
    elif of_classes:  # probabilities would need inner folds
        fusion.set_params(method="vote", weights=None)
    return alone


def _folds(
    cv: Any, X: Any, y: Any, groups: Any, random_state: int | None, model: Any
) -> list[tuple[Any, Any]]:
    n_samples = len(y)
    if isinstance(cv, int):
        if is_regressor(model):
            kind = KFold if groups is None else GroupKFold
        else:
            kind = StratifiedKFold if groups is None else StratifiedGroupKFold
            if np.ndim(y) == 2:
                y = strata(np.asarray(y), cv)
        cv = kind(cv, shuffle=True, random_state=random_state)
    return list(check_cv(cv, y).split(np.zeros(n_samples), y, groups))


def _cross_validate(
    model: Pipeline, X: Any, y: Any, folds: Any, groups: Any, score: Any
) -> dict[str, float]:
    """Return the table's row of a model.

    In contrast to scikit-learn's function, an error in an item names its row in X,
    instead of that in a fold.
    """
    takes_groups = groups is not None and _takes_groups(model)
    scores, seconds = [], []
    for train, test in folds:
        start = perf_counter()
        params = {}
        if takes_groups:
            params["fusion__groups"] = _safe_indexing(groups, train)
        with rows_within(train):
            fitted = clone(model).fit(
                _safe_indexing(X, train), _safe_indexing(y, train), **params
            )
        with rows_within(test):
            scores.append(
                score(fitted, _safe_indexing(X, test), _safe_indexing(y, test))
            )
        seconds.append(perf_counter() - start)
    row = {
        "mean": float(np.mean(scores)),
        "std": float(np.std(scores, ddof=1)) if len(scores) > 1 else float("nan"),
        "seconds": float(np.mean(seconds)),
    }
    return row | {f"fold_{fold}": float(each) for fold, each in enumerate(scores)}


def _takes_groups(model: Pipeline) -> bool:
    return "groups" in signature(model.named_steps["fusion"].fit).parameters
