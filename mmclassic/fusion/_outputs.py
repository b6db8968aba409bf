"""The outputs of a classifier: one, or several side by side in a y of two axes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets

from mmclassic.fusion._targets import Targets

__all__ = [
    "Output",
    "OutputsMixin",
    "per_output",
    "read_outputs",
    "share_right",
    "tell_outputs",
]


@dataclass(frozen=True, slots=True)
class Output:
    """One output: its classes, and which of them each training row is of.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    codes : ndarray of int, shape (n_samples,)
        Positions of the rows' classes.
    prior : ndarray of shape (n_classes,)
        Each class's share of the rows.
    """

    classes: NDArray[Any]
    codes: NDArray[np.intp]
    prior: NDArray[np.float64]


def read_outputs(targets: Targets, costs: NDArray[Any]) -> list[Output]:
    """Return the outputs of a classifier's training rows.

    Parameters
    ----------
    targets : Targets
    costs : ndarray of shape (n_samples,)
        The rows' weights.

    Returns
    -------
    list of Output

    Raises
    ------
    ValueError
        If y isn't of classes, or is of one class throughout.
    """
    try:
        check_classification_targets(targets.y)
    except TypeError as error:  # of values that can't be sorted
        raise ValueError(
            "The classes of all outputs must be of one type. Got numbers and text in "
            "y: turn them into text, y.astype(str)."
        ) from error
    outputs = []
    for y in targets.columns():
        classes, codes = np.unique(y, return_inverse=True)
        prior = np.bincount(codes, costs, len(classes)) / np.sum(costs)
        outputs.append(Output(classes, codes, prior))
    if all(len(output.classes) < 2 for output in outputs):
        only = [output.classes.tolist()[0] for output in outputs]
        got = repr(only[0]) if targets.y.ndim == 1 else f"the row {only!r}"
        raise ValueError(f"y must hold at least two classes. Got only {got}.")
    return outputs


def per_output(values: list[Any], several: bool) -> Any:
    """Return what there is of each output as a list, or the one of a single output."""
    return values if several else values[0]


def share_right(y: Any, predicted: NDArray[Any], sample_weight: Any = None) -> float:
    """Return the share of rows of which every output is right."""
    y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
    right = (y == predicted).all(axis=1)
    return float(np.average(right, weights=sample_weight))


def tell_outputs(tags: Any, parts: list[Any]) -> Any:
    """Return the tags of a late fusion, which takes the outputs that all parts take.

    Parameters
    ----------
    tags : Tags
    parts : list of estimators

    Returns
    -------
    Tags
    """
    of_parts = [get_tags(part) for part in parts]
    several = [each.target_tags.multi_output for each in of_parts]
    tags.target_tags.multi_output = all(several)
    if tags.classifier_tags is not None:
        tags.classifier_tags.multi_label = all(
            any_kind or (each.classifier_tags and each.classifier_tags.multi_label)
            for any_kind, each in zip(several, of_parts, strict=True)
        )
    return tags


class OutputsMixin(ClassifierMixin):
    """What classifiers of one output or several tell alike."""

    classes_: Any
    class_prior_: Any

    def _keep_outputs(self, targets: Targets) -> tuple[list[Output], NDArray[Any]]:
        """Keep the classes and priors; return the outputs and the rows' weights."""
        weights = targets.sample_weight
        costs = np.ones(len(targets.y)) if weights is None else weights
        outputs = read_outputs(targets, costs)
        several = targets.y.ndim == 2
        self.classes_ = per_output([output.classes for output in outputs], several)
        self.class_prior_ = per_output([output.prior for output in outputs], several)
        return outputs, costs

    @property
    def _several(self) -> bool:
        return isinstance(self.classes_, list)

    def _per_output(self, values: Any) -> list[Any]:
        """Return a list of one item an output, whatever their number."""
        return values if self._several else [values]

    def _decided(self, scores: Any) -> NDArray[Any]:
        """Return the class of each output of the highest score in each row."""
        pairs = zip(
            self._per_output(self.classes_), self._per_output(scores), strict=True
        )
        found = [classes[each.argmax(axis=1)] for classes, each in pairs]
        return np.column_stack(found) if self._several else found[0]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of rows whose class, or that of every output, is right.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        float
        """
        predicted = self.predict(X)  # type: ignore[attr-defined]
        if predicted.ndim == 1:
            return float(accuracy_score(y, predicted, sample_weight=sample_weight))
        return share_right(y, predicted, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags
