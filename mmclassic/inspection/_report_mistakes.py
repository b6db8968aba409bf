"""The rows that a model gets most wrong."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

__all__ = ["Mistake", "of_classes", "worst_mistakes"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A row that the model gets wrong.

    Parameters
    ----------
    row : int
        Position in X.
    truth, answer : object
    chances : dict of str to float
        Of the truth and the answer, where the model gives probabilities.
    """

    row: int
    truth: Any
    answer: Any
    chances: dict[str, float]


def worst_mistakes(
    answers: Any, predicted: NDArray[Any], y: NDArray[Any], n_mistakes: int
) -> tuple[list[Mistake], int]:
    """Return the worst mistakes and how many there are.

    Parameters
    ----------
    answers : Answers
    predicted, y : ndarray of shape (n_samples,)
    n_mistakes : int
        The most to return.

    Returns
    -------
    mistakes : list of Mistake
        Classifier's: by the chance of the truth, or how far its score is below the
        answer's. Regressor's: by the error.
    n_wrong : int
    """
    every = np.arange(len(y))
    if not is_classifier(answers):
        errors = abs(predicted.astype(float) - y.astype(float))
        worst = np.argsort(-errors, kind="stable")[:n_mistakes]
        return [_mistake(i, y, predicted, {}) for i in worst], len(y)
    wrong = np.flatnonzero(predicted != y)
    classes = answers.classes_
    badness = np.zeros(len(wrong))
    chances = None
    if hasattr(answers, "predict_proba"):
        chances = answers.predict_proba(every)
        badness = -of_classes(chances, classes, y)[wrong]
    elif hasattr(answers, "decision_function"):
        scores = answers.decision_function(every)
        if scores.ndim == 1:
            scores = np.column_stack([-scores, scores])
        if scores.shape[1] == len(classes):
            own, true = (of_classes(scores, classes, t) for t in (predicted, y))
            badness = (own - true)[wrong]
    worst = wrong[np.argsort(-badness, kind="stable")[:n_mistakes]]
    mistakes = []
    for i in worst:
        told = {}
        if chances is not None:
            for which, labels in (("truth", y), ("answer", predicted)):
                told[which] = float(of_classes(chances, classes, labels)[i])
        mistakes.append(_mistake(i, y, predicted, told))
    return mistakes, len(wrong)


def _mistake(
    i: Any, y: NDArray[Any], predicted: NDArray[Any], chances: dict[str, float]
) -> Mistake:
    return Mistake(int(i), y[i], predicted[i], chances)


def of_classes(
    values: NDArray[Any], classes: NDArray[Any], labels: NDArray[Any]
) -> NDArray[np.float64]:
    """Return each row's value of its label, the least of all for one never learned.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_classes)
    classes : ndarray of shape (n_classes,)
    labels : ndarray of shape (n_samples,)

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    known = np.isin(labels, classes)
    places = np.searchsorted(classes, np.where(known, labels, classes[0]))
    own = values[np.arange(len(labels)), places]
    return np.where(known, own, values.min(axis=1)).astype(np.float64)
