"""Stand in for fitted parts and models by what they gave before."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from mmclassic.fusion._part_models import output_of

__all__ = ["Answers", "KeptBlock", "KeptPrediction"]


class KeptBlock:
    """A fitted transformer of places in the block that it gave before.

    Parameters
    ----------
    part : transformer
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)
    """

    def __init__(self, part: Any, block: Any) -> None:
        self.part = part
        self.block = block

    def transform(self, places: Any) -> Any:
        """Return the rows at those places."""
        return self.block[np.asarray(places).astype(np.intp)]


class KeptPrediction:
    """A fitted estimator of places among the predictions that it gave before.

    Parameters
    ----------
    part : classifier or regressor
    values : ndarray of shape (n_rows, ...)
    """

    def __init__(self, part: Any, values: NDArray[Any]) -> None:
        self.values = values
        self.classes_ = getattr(part, "classes_", None)
        # Under the name of the method that gave them, and under no other.
        setattr(self, output_of(part), self._take)

    def _take(self, places: Any) -> NDArray[Any]:
        return self.values[np.asarray(places).astype(np.intp)]


def _has(method: str) -> Any:
    return lambda self: hasattr(self.model, method)


class Answers(BaseEstimator):
    """What a model answers to a table, computed once; X is rows of the table.

    A scorer may ask for the same answers many times, for resampled rows too.

    Parameters
    ----------
    model : estimator
    table : ndarray
    """

    def __init__(self, model: Any, table: NDArray[Any]) -> None:
        self.model = model
        self.table = table
        self._kept: dict[str, list[NDArray[Any]]] = {}
        self._are_lists: dict[str, bool] = {}
        self._is_checked = False

    def __sklearn_is_fitted__(self) -> bool:
        return True

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, of a classifier."""
        classes: NDArray[Any] = self.model.classes_
        return classes

    def fit(self, X: Any, y: Any = None) -> "Answers":
        """Do nothing: scorers ask whether there is such a method."""
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the predictions of rows of the table."""
        predicted: NDArray[Any] = self._of("predict", X)
        return predicted

    @available_if(_has("predict_proba"))
    def predict_proba(self, X: Any) -> Any:
        """Return the probabilities of rows of the table, a list of several targets'."""
        return self._of("predict_proba", X)

    @available_if(_has("decision_function"))
    def decision_function(self, X: Any) -> NDArray[Any]:
        """Return the scores of rows of the table."""
        scores: NDArray[Any] = self._of("decision_function", X)
        return scores

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy, or R2 of a regressor."""
        predicted = self.predict(X)
        if self._is_checked:  # the same, without looking at the labels anew
            return float(np.average(predicted == y, weights=sample_weight))
        if is_classifier(self) and predicted.ndim == 2:  # of rows that are all right
            right = (predicted == np.asarray(y)).all(axis=1)
            return float(np.average(right, weights=sample_weight))
        measure = accuracy_score if is_classifier(self) else r2_score
        self._is_checked = measure is accuracy_score
        return float(measure(y, predicted, sample_weight=sample_weight))

    def _of(self, method: str, X: Any) -> Any:
        if method not in self._kept:
            given = getattr(self.model, method)(self.table)
            several = given if isinstance(given, list) else [given]
            self._kept[method] = [np.asarray(values) for values in several]
            self._are_lists[method] = isinstance(given, list)
        rows = np.asarray(X).ravel()
        taken = [values[rows] for values in self._kept[method]]
        return taken if self._are_lists[method] else taken[0]

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.model)
