"""What a fitted classifier gives of its rows: probabilities or scores, by output."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.multioutput import MultiOutputClassifier
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

__all__ = ["Answer", "VaryingOutputs", "answer", "fit_outputs", "output_of", "split"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a classifier gives of one output.

    Parameters
    ----------
    values : ndarray of shape (n_rows,) or (n_rows, n_classes)
        Of two classes, scores may be of the second alone.
    classes : ndarray of shape (n_classes,)
        Those among the classifier's training rows.
    scores : bool
        Whether they are no probabilities.
    """

    values: NDArray[Any]
    classes: NDArray[Any]
    scores: bool


def output_of(part: Any) -> str:
    """Return which of a part's methods tells the most."""
    for method in ("predict_proba", "decision_function"):
        if hasattr(part, method):
            return method
    last = part.steps[-1][1] if hasattr(part, "steps") else part
    if isinstance(last, MultiOutputClassifier):
        return output_of(last.estimator)  # the scores of each, which it doesn't offer
    return "predict"


def answer(part: Any, cells: Any) -> NDArray[Any]:
    """Return what a fitted part gives of some rows, all outputs side by side."""
    method = output_of(part)
    if hasattr(part, method):
        values = getattr(part, method)(cells)
    else:
        values = [getattr(each, method)(cells) for each in part.estimators_]
    if not isinstance(values, list):
        return np.asarray(values)
    return np.hstack([np.asarray(each).reshape(len(each), -1) for each in values])


def split(values: NDArray[Any], part: Any, classes: list[NDArray[Any]]) -> list[Answer]:
    """Return what ``answer`` gave as one Answer an output.

    Parameters
    ----------
    values : ndarray of shape (n_rows, ...)
    part : fitted classifier
    classes : list of ndarrays of shape (n_classes,)
        Of each output; one that the part learned has no others if it has only two.

    Returns
    -------
    list of Answer

    Raises
    ------
    ValueError
        If there isn't one value a class, or one an output of two classes.
    """
    scores = output_of(part) != "predict_proba"
    known = part.classes_
    if len(classes) == 1 and not isinstance(known, list):
        return [Answer(values, known, scores)]
    known = known if isinstance(known, list) else classes
    widths = [1 if scores and len(each) == 2 else len(each) for each in known]
    n_columns = values.shape[1]
    if n_columns == sum(widths):
        columns = np.split(values, np.cumsum(widths)[:-1], axis=1)
    elif n_columns == len(known) and not scores:  # of the second of two classes each
        columns = [np.column_stack([1 - each, each]) for each in values.T]
    else:
        raise ValueError(
            f"{output_of(part)} gave {n_columns} columns for outputs of "
            f"{', '.join(str(len(each)) for each in known)} classes. Choose a "
            "classifier that gives one a class, as MultiOutputClassifier does."
        )
    return [
        Answer(each[:, 0] if each.shape[1] < len(own) else each, own, scores)
        if len(own) > 1
        else Answer(np.ones((len(each), 1)), own, False)
        for each, own in zip(columns, known, strict=True)
    ]


def fit_outputs(
    estimator: Any, Z: Any, y: NDArray[Any], params: dict[str, Any], classifier: bool
) -> Any:
    """Return an estimator fitted on several outputs, at least one of which varies.

    Many classifiers refuse an output of one class, such as that of a rare label among
    a fold's rows: they are fitted on the others.

    Parameters
    ----------
    estimator : classifier or regressor
    Z : array-like or sparse matrix of shape (n_rows, n_features)
    y : ndarray of shape (n_rows, n_outputs)
    params : dict of str to object
        Of its fit.
    classifier : bool

    Returns
    -------
    fitted estimator
        Within VaryingOutputs, where an output is left out.

    Raises
    ------
    ValueError
        The estimator's own, with a note on how to give it several outputs.
    """
    name, kind = type(estimator).__name__, "Classifier" if classifier else "Regressor"
    try:
        if not classifier or not (y == y[0]).all(axis=0).any():
            return estimator.fit(Z, y, **params)
        classes = [np.unique(column) for column in y.T]
        (varying,) = np.nonzero([len(each) > 1 for each in classes])
        if len(varying) == 1:  # twice, for classifiers that want several outputs
            varying = np.repeat(varying, 2)
        return VaryingOutputs(estimator.fit(Z, y[:, varying], **params), classes)
    except ValueError as error:
        if get_tags(estimator).target_tags.multi_output:
            raise
        error.add_note(
            f"y has {y.shape[1]} outputs. If {name} takes only one, wrap it: "
            f"sklearn.multioutput.MultiOutput{kind}({name}(...))."
        )
        raise


def _has(method: str) -> Any:
    return lambda self: output_of(self.classifier) == method


class VaryingOutputs(ClassifierMixin, BaseEstimator):
    """A fitted classifier of those outputs of which its rows had several classes.

    Parameters
    ----------
    classifier : fitted classifier
        Of the outputs of several classes; of one alone, twice.
    classes : list of ndarrays of shape (n_classes,)
        Those of each output among the training rows.
    """

    def __init__(self, classifier: Any, classes: list[NDArray[Any]]) -> None:
        self.classifier = classifier
        self.classes = classes

    def __sklearn_is_fitted__(self) -> bool:
        return True

    @property
    def classes_(self) -> list[NDArray[Any]]:
        """The classes of each output."""
        return self.classes

    @available_if(_has("predict_proba"))
    def predict_proba(self, Z: Any) -> list[NDArray[Any]]:
        """Return the probabilities of each output's classes."""
        return self._answers(Z)

    @available_if(_has("decision_function"))
    def decision_function(self, Z: Any) -> list[NDArray[Any]]:
        """Return the scores of each output's classes, 1 of a single one."""
        return self._answers(Z)

    def _answers(self, Z: Any) -> list[NDArray[Any]]:
        varying = [each for each in self.classes if len(each) > 1]
        given = answer(self.classifier, Z)
        varying = varying * 2 if len(varying) == 1 else varying  # as it was fitted
        found = iter(split(given, self.classifier, varying))
        nothing = np.ones((len(given), 1))
        return [
            next(found).values if len(each) > 1 else nothing for each in self.classes
        ]
