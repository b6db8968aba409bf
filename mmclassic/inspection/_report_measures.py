"""Usual measures of a model's answers, as scikit-learn computes them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    mean_absolute_error,
    precision_recall_fscore_support,
    recall_score,
    root_mean_squared_error,
)

__all__ = [
    "ByClass",
    "Sureness",
    "answered_alike",
    "by_class",
    "other_scores",
    "sureness",
]

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class ByClass:
    """How each class is answered.

    Parameters
    ----------
    rows, answers : ndarray of int, shape (n_classes,)
        Rows of the class, and rows that are answered by it.
    precision, recall, f1 : ndarray of shape (n_classes,)
        NaN where there is nothing to take a share of.
    """

    rows: NDArray[np.intp]
    answers: NDArray[np.intp]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sureness:
    """How often the model is right, by the chance that it gives its answer.

    Parameters
    ----------
    low, high : float
        Between which chances.
    rows : int
    chance, right : float
        Mean chance, and share of the rows that are right.
    """

    low: float
    high: float
    rows: int
    chance: float
    right: float


def by_class(confusion: NDArray[np.intp], y: Any, predicted: Any, classes: Any) -> Any:
    """Return how each class is answered.

    Parameters
    ----------
    confusion : ndarray of shape (n_classes, n_classes)
    y, predicted : ndarray of shape (n_samples,)
    classes : list

    Returns
    -------
    ByClass
    """
    precision, recall, f1, _ = precision_recall_fscore_support(
        y, predicted, labels=classes, average=None, zero_division=np.nan
    )
    rows, answers = confusion.sum(axis=1), confusion.sum(axis=0)
    return ByClass(rows, answers, precision, recall, f1)


def sureness(
    chances: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[Sureness, ...]:
    """Return how often the answers are right, from the least sure to the surest.

    Parameters
    ----------
    chances : ndarray of shape (n_samples,)
        That the model gives its answer.
    right : ndarray of bool, shape (n_samples,)
    """
    places = np.digitize(chances, EDGES[1:-1])
    found = []
    for k, (low, high) in enumerate(zip(EDGES[:-1], EDGES[1:], strict=True)):
        rows = places == k
        if rows.any():
            means = float(chances[rows].mean()), float(right[rows].mean())
            found.append(Sureness(low, high, int(rows.sum()), *means))
    return tuple(found)


def answered_alike(score: Any, y: NDArray[Any], *, classifier: bool) -> float | None:
    """Return the score of answering every row alike, by what is most frequent in y.

    Parameters
    ----------
    score : scorer
    y : ndarray of shape (n_samples,)
    classifier : bool
        A regressor always answers the mean.

    Returns
    -------
    float or None
        None of a score that needs what such answers lack.
    """
    rows = np.zeros((len(y), 1))
    model = DummyClassifier(strategy="prior") if classifier else DummyRegressor()
    try:
        return float(score(model.fit(rows, y), rows, y))
    except (AttributeError, TypeError, ValueError, IndexError):
        return None  # a caller's own scorer may ask for anything


def other_scores(
    y: NDArray[Any], predicted: NDArray[Any], chances: Any, classes: Any
) -> dict[str, float]:
    """Return scores to go with the one that was asked for.

    Parameters
    ----------
    y, predicted : ndarray of shape (n_samples,)
    chances : ndarray of shape (n_samples, n_classes) or None
    classes : ndarray of shape (n_classes,) or None
        The model's; None of a regressor.

    Returns
    -------
    dict of str to float
    """
    if classes is None:
        return {
            "mean absolute error": float(mean_absolute_error(y, predicted)),
            "root mean squared error": float(root_mean_squared_error(y, predicted)),
        }
    recalls = recall_score(y, predicted, average=None, zero_division=np.nan)
    scores = {
        "accuracy": float(accuracy_score(y, predicted)),
        "balanced accuracy": float(np.nanmean(recalls)),  # of the classes in y
        "macro F1": float(f1_score(y, predicted, average="macro")),
    }
    if chances is not None and len(classes) > 1 and np.isin(y, classes).all():
        scores["log loss"] = float(log_loss(y, chances, labels=classes))
    return scores
