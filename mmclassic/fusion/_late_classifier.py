"""LateFusionClassifier: one classifier a modality, and one decision of them all."""

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import _fit_context
from sklearn.utils._param_validation import HasMethods, StrOptions

from mmclassic._execution import NO_TASK, fit_task
from mmclassic.fusion._answers import output_of, split
from mmclassic.fusion._fusion import Column, Fusion
from mmclassic.fusion._late_combination import Combination, fit_combination
from mmclassic.fusion._late_fit import (
    fit_parts,
    hold_out,
    n_fit_tasks,
    predict_parts,
)
from mmclassic.fusion._outputs import OutputsMixin, per_output, tell_outputs
from mmclassic.fusion._probabilities import check_classifier, held_answers
from mmclassic.fusion._targets import Targets

__all__ = ["LateFusionClassifier"]

WEIGHED = ("mean", "product", "vote")


class LateFusionClassifier(OutputsMixin, Fusion):
    """Fuse the decisions of one classifier a modality.

    Each part learns on the rows that have its modality; a row is decided by the parts
    whose modality it has. How much each counts is learned on rows held out of its fit.

    Parameters
    ----------
    parts : list of (name, classifier, column)
        A classifier is most often a Pipeline of a descriptor and a classifier. With a
        column's name or position it gets a Series, or an array of one dimension; with
        a list of them a DataFrame, or an array of two. "drop" leaves the part out.
    method : {"product", "mean", "max", "median", "vote", "stacking"}, \
            default="product"
        "product": the weighted product of probabilities, p ~ prior * prod (p_m /
        prior)^w_m, the parts' evidence added up. "mean": their weighted mean. "max",
        "median": the highest, the median that the parts give. "vote": the weighted
        share of parts that find the class most probable; a tie goes to the higher mean.
        "stacking": ``final_estimator`` on the roots of the parts' probabilities.
    weights : "cv", dict of str to float, array-like or None, default="cv"
        Of "product", "mean" and "vote". "cv" learns them from inner folds by the
        log-loss, never worse there than equal ones, 0 or 1 for "vote"; None: all
        equal. Of a dict, each is a parameter too, ``weights__<name>``, 1 if not named.
    final_estimator : classifier or None, default=None
        For "stacking"; needs ``predict_proba``. None for LogisticRegression,
        which also learns from the training rows with parts hidden.
    cv : int, splitter or iterable, default=5
        Inner folds, for ``weights="cv"``, "stacking" and parts without probabilities.
        An int gives stratified folds in the order of the rows that split no group.
    refit_features : bool, default=True
        Whether inner folds fit every step of a part anew. False fits a Pipeline's
        first step once, without y, on all training rows: for encoders, which cost
        the most. A first step that learns nothing describes each item once anyway.
    n_jobs : int or None, default=None
        Fits at a time, as joblib's.

    Attributes
    ----------
    parts_ : list of (name, fitted classifier, column)
        "drop" for a part left out.
    classes_ : ndarray of shape (n_classes,)
    class_prior_ : ndarray of shape (n_classes,)
        Each class's share of the training rows, what a row with no modality gets.
    weights_ : ndarray of shape (n_modalities,), or (n_outputs, n_modalities)
        The weights in use, in the order of the parts that aren't "drop".
    calibrators_ : dict of str to ScoreCalibrator
        Of the parts without ``predict_proba``: their scores to probabilities, fitted
        on rows held out.
    final_estimator_ : classifier, with "stacking" only
    modality_counts_ : dict of str to int
        How many training rows have each modality.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where they are all strings.

    See Also
    --------
    EarlyFusion : One block of all modalities, for one classifier.

    Notes
    -----
    An item that the first step of a part's Pipeline gives as NaN throughout, which
    the descriptors here do with ``invalid="missing"``, counts as missing.

    A y of shape (n_samples, n_outputs), of labels that are 0 or 1 or of any classes,
    needs parts whose classifiers take it; others may be wrapped in scikit-learn's
    `MultiOutputClassifier`. Each output is calibrated, weighed and stacked by itself:
    ``classes_``, ``class_prior_``, ``final_estimator_`` and each of ``calibrators_``
    are then lists of one an output. Inner folds are stratified by the combination of
    the classes, or by the rarest one where few rows have the combination.

    References
    ----------
    Kittler et al., "On combining classifiers" (1998), doi:10.1109/34.667881.
    Genest & Zidek, "Combining probability distributions", doi:10.1214/ss/1177013825.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from mmclassic.fusion import LateFusionClassifier
    >>> X = pd.DataFrame({"title": ["red cup", "blue cup", None, "red hat", "hat"] * 2,
    ...                   "height": [2.0, 3.0, 2.5, 9.0, 8.0] * 2})
    >>> y = ["cup", "cup", "cup", "hat", "hat"] * 2
    >>> words = make_pipeline(TfidfVectorizer(), LogisticRegression())
    >>> fusion = LateFusionClassifier([("title", words, "title"),
    ...                                ("size", LogisticRegression(), ["height"])],
    ...                               cv=2).fit(X, y)
    >>> print(*fusion.predict(pd.DataFrame({"title": ["cup", None],
    ...                                     "height": [None, 9.0]})))
    cup hat
    """

    _parameter_constraints = {
        "parts": [list],
        "method": [StrOptions({*WEIGHED, "max", "median", "stacking"})],
        "weights": [StrOptions({"cv"}), dict, "array-like", None],
        "final_estimator": [HasMethods(["fit", "predict_proba"]), None],
        "cv": ["cv_object"],
        "refit_features": ["boolean"],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        parts: list[tuple[str, Any, Column]],
        *,
        method: str = "product",
        weights: Any = "cv",
        final_estimator: Any = None,
        cv: Any = 5,
        refit_features: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.parts = parts
        self.method = method
        self.weights = weights
        self.final_estimator = final_estimator
        self.cv = cv
        self.refit_features = refit_features
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: Any, *, sample_weight: Any = None, groups: Any = None
    ) -> "LateFusionClassifier":
        """Fit each part on the rows that have its modality, then how they combine.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            For the parts and for what is learned from inner folds.
        groups : array-like of shape (n_samples,), default=None
            Rows of a group, look-alikes, are never on both sides of an inner fold.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If y has one class, no row has some modality, or the rows can't be split.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        self._check_parts(check_classifier)
        table, present = self._read_fit(X)
        targets = Targets.read(self, table, y, sample_weight, groups, classifier=True)
        outputs, costs = self._keep_outputs(targets)
        weighted = targets.sample_weight is not None
        given = self._given_weights(self.method in WEIGHED)
        with fit_task(self, n_fit_tasks(self), X, y) as task:
            fitted, sources = fit_parts(self, table, present, targets, task)
            self.parts_ = self._fitted_parts(fitted)
            unscaled = [n for n, p in fitted.items() if output_of(p) != "predict_proba"]
            if self.method == "vote" and len(fitted) == 1:
                unscaled = []  # its highest score decides; there is no tie to break
            learned = given is None or self.method == "stacking" or bool(unscaled)
            held = hold_out(self, sources, targets, task) if learned else []
            with task.subtask("combine") if learned else NO_TASK:
                combined = [
                    fit_combination(self, own, unscaled, output, costs, given, weighted)
                    for own, output in zip(
                        held_answers(held, outputs), outputs, strict=True
                    )
                ]
        weights = [each.weights for each in combined]
        self.weights_ = np.stack(weights) if self._several else weights[0]
        self.calibrators_ = {
            name: per_output(
                [each.calibrators[name] for each in combined], self._several
            )
            for name in unscaled
        }
        if self.method == "stacking":
            self.final_estimator_ = per_output(
                [c.final for c in combined], self._several
            )
        return self

    def _combinations(self) -> list[Combination]:
        """Return how each output is decided."""
        stacks = self.method == "stacking"
        return [
            Combination(
                self.method,
                classes,
                self._per_output(self.class_prior_)[k],
                self._per_output(self.weights_)[k],
                {n: self._per_output(c)[k] for n, c in self.calibrators_.items()},
                self._per_output(self.final_estimator_)[k] if stacks else None,
            )
            for k, classes in enumerate(self._per_output(self.classes_))
        ]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or list of them, one an output
            The class priors of the training rows for a row that has no modality.

        Raises
        ------
        ValueError
            If a column of fit isn't in X.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        n_samples, predictions = predict_parts(self, X)
        fitted = {name: part for name, part, _ in self.parts_}
        classes = self._per_output(self.classes_)
        there = np.zeros((len(predictions), n_samples), dtype=bool)
        answers: dict[str, list[Any]] = {}
        for i, (name, (values, rows)) in enumerate(predictions.items()):
            there[i, rows] = True
            answers[name] = [None] * len(classes)
            if values is not None:
                answers[name] = split(values, fitted[name], classes)
        each = [
            one.probabilities({name: a[k] for name, a in answers.items()}, there)
            for k, one in enumerate(self._combinations())
        ]
        return per_output(each, self._several)

    def __sklearn_tags__(self) -> Any:
        return tell_outputs(super().__sklearn_tags__(), self._estimators())

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class of each row, of each output.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        return self._decided(self.predict_proba(X))
