"""LateFusionRegressor: one regressor a modality, and one value of them all."""

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, _fit_context, clone, is_regressor
from sklearn.linear_model import RidgeCV
from sklearn.utils._param_validation import HasMethods, StrOptions

from mmclassic._execution import fit_task
from mmclassic.fusion._fusion import Column, Fusion
from mmclassic.fusion._late_fit import (
    HeldOut,
    fit_parts,
    hold_out,
    n_fit_tasks,
    predict_parts,
)
from mmclassic.fusion._outputs import tell_outputs
from mmclassic.fusion._pools import mean_pool
from mmclassic.fusion._targets import Targets
from mmclassic.fusion._weights import learn_value_weights

__all__ = ["LateFusionRegressor"]


class LateFusionRegressor(RegressorMixin, Fusion):
    """Fuse the predictions of one regressor a modality.

    Each part learns on the rows that have its modality, and a row is predicted by
    the parts whose modality it has. How much each counts is learned on rows that the
    parts weren't fitted on.

    Parameters
    ----------
    parts : list of (name, regressor, column)
        A regressor is most often a Pipeline of a descriptor and a regressor. A
        column is a str, the name of a DataFrame's column, or an int, its position:
        the regressor then gets a Series, or an array of one dimension. With a list
        of them it gets a DataFrame, or an array of two. "drop" leaves the part out.
    method : {"mean", "median", "stacking"}, default="mean"
        "mean": the weighted mean of the predictions that a row has. "median": their
        median. "stacking": ``final_estimator`` on the predictions.
    weights : "cv", dict of str to float, array-like or None, default="cv"
        Of "mean". "cv" learns them from inner folds by the squared error, never
        worse there than equal ones; None takes equal ones, at no cost. Of a dict, a
        part not named has 1; each is a parameter too, ``weights__<name>``, for a
        grid search. An array has one a part of ``parts``.
    final_estimator : regressor or None, default=None
        For "stacking"; None for RidgeCV.
    cv : int, splitter or iterable, default=5
        Inner folds, for ``weights="cv"`` and "stacking". An int gives folds in the
        order of the rows, and with ``groups`` such that no group is split.
    refit_features : bool, default=True
        Whether inner folds fit every step of a part anew. False fits a Pipeline's
        first step once, without y, on all training rows: for encoders, which cost
        the most. A first step that learns nothing describes each item once anyway.
    n_jobs : int or None, default=None
        Fits at a time, as joblib's.

    Attributes
    ----------
    parts_ : list of (name, fitted regressor, column)
        "drop" for a part left out.
    mean_ : float, or ndarray of shape (n_outputs,)
        The mean of y, what a row with no modality gets.
    weights_ : ndarray of shape (n_modalities,) or (n_outputs, n_modalities)
        The weights in use, in the order of the parts that aren't "drop". Each output
        has its own.
    final_estimator_ : regressor, or list of one an output
        With "stacking" only.
    modality_counts_ : dict of str to int
        How many training rows have each modality.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where they are all strings.

    See Also
    --------
    LateFusionClassifier : The same for classes.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from mmclassic.fusion import LateFusionRegressor
    >>> X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [4.0, None, 2.0, 1.0]})
    >>> fusion = LateFusionRegressor([("a", LinearRegression(), ["a"]),
    ...                               ("b", LinearRegression(), ["b"])], cv=2)
    >>> fusion.fit(X, [1.0, 2.0, 3.0, 4.0]).predict(X).round(6)
    array([1., 2., 3., 4.])
    """

    _parameter_constraints = {
        "parts": [list],
        "method": [StrOptions({"mean", "median", "stacking"})],
        "weights": [StrOptions({"cv"}), dict, "array-like", None],
        "final_estimator": [HasMethods(["fit", "predict"]), None],
        "cv": ["cv_object"],
        "refit_features": ["boolean"],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        parts: list[tuple[str, Any, Column]],
        *,
        method: str = "mean",
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
    ) -> "LateFusionRegressor":
        """Fit each part on the rows that have its modality, then how they combine.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Several outputs need parts whose regressors take them; others may be
            wrapped in scikit-learn's `MultiOutputRegressor`.
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
            If no row has some modality, or the rows can't be split.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        self._check_parts(_check_regressor)
        table, present = self._read_fit(X)
        targets = Targets.read(self, table, y, sample_weight, groups, classifier=False)
        mean = np.average(targets.y, axis=0, weights=targets.sample_weight)
        self.mean_ = float(mean) if targets.y.ndim == 1 else mean
        given = self._given_weights(self.method == "mean")
        with fit_task(self, n_fit_tasks(self), X, y) as task:
            fitted, sources = fit_parts(self, table, present, targets, task)
            self.parts_ = self._fitted_parts(fitted)
            if given is not None and self.method != "stacking":
                self._keep_weights([given] * len(targets.columns()))
                return self
            held = hold_out(self, sources, targets, task)
            with task.subtask("combine"):
                self._fit_combination(held, targets, given)
        return self

    def _fit_combination(
        self,
        held: list[HeldOut],
        targets: Targets,
        given: NDArray[np.float64] | None,
    ) -> None:
        """Learn weights or the final estimators on the rows held out."""
        names = list(self._positions)
        values = np.zeros((len(names), *targets.y.shape))
        there = np.zeros(values.shape[:2], dtype=bool)
        for one in held:
            values[names.index(one.name), one.rows] = one.values
            there[names.index(one.name), one.rows] = True
        some = there.any(axis=0)
        costs = targets.sample_weight
        costs = None if costs is None else costs[some]
        values, there = values[:, some], there[:, some]
        outputs = [
            (own, y[some])
            for own, y in zip(_of_outputs(values), targets.columns(), strict=True)
        ]
        if self.method == "stacking":
            final = self.final_estimator
            if final is None:
                final = RidgeCV(np.logspace(-3, 3, 13))
            weights = {} if costs is None else {"sample_weight": costs}
            finals = [
                clone(final).fit(_stacked(own, there, mean), y, **weights)
                for (own, y), mean in zip(outputs, np.ravel(self.mean_), strict=True)
            ]
            self.final_estimator_ = finals if targets.y.ndim == 2 else finals[0]
        costs = np.ones(int(some.sum())) if costs is None else costs
        self._keep_weights(
            [
                learn_value_weights(own, there, y, costs) if given is None else given
                for own, y in outputs
            ]
        )

    def _keep_weights(self, weights: list[NDArray[np.float64]]) -> None:
        self.weights_ = np.stack(weights) if np.ndim(self.mean_) else weights[0]

    def __sklearn_tags__(self) -> Any:
        return tell_outputs(super().__sklearn_tags__(), self._estimators())

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the value of each row.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The mean of the training rows' y for a row that has no modality.

        Raises
        ------
        ValueError
            If a column of fit isn't in X.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        n_samples, predictions = predict_parts(self, X)
        there = np.zeros((len(predictions), n_samples), dtype=bool)
        values = np.zeros((*there.shape, *np.shape(self.mean_)))
        for i, (predicted, rows) in enumerate(predictions.values()):
            if predicted is not None:
                values[i, rows] = predicted
                there[i, rows] = True
        fused = np.column_stack(
            [self._fused(own, there, k) for k, own in enumerate(_of_outputs(values))]
        )
        fused[~there.any(axis=0)] = self.mean_
        return fused if np.ndim(self.mean_) else fused[:, 0]

    def _fused(
        self, values: NDArray[np.float64], there: NDArray[np.bool_], output: int
    ) -> NDArray[np.float64]:
        """Return one output of each row, of any value where a row has nothing."""
        if self.method == "mean":
            return mean_pool(values, there, np.atleast_2d(self.weights_)[output])
        if self.method == "median":
            return _median(values, there)
        finals: Any = self.final_estimator_
        final = finals[output] if isinstance(finals, list) else finals
        mean = np.ravel(self.mean_)[output]
        return np.asarray(final.predict(_stacked(values, there, mean)))


def _of_outputs(values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the modalities' values of each output."""
    return [values] if values.ndim == 2 else list(np.moveaxis(values, 2, 0))


def _stacked(
    values: NDArray[np.float64], there: NDArray[np.bool_], mean: float
) -> NDArray[np.float64]:
    """Return a row's features: each part's prediction, and what is missing."""
    return np.hstack([np.where(there, values, mean).T, ~there.T])


def _median(
    values: NDArray[np.float64], there: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the median of what each row has, 0 where it has nothing."""
    held = np.where(there, values, np.nan)
    held[:, ~there.any(axis=0)] = 0.0
    return np.nanmedian(held, axis=0)


def _check_regressor(name: str, part: Any) -> None:
    if not is_regressor(part):
        raise TypeError(
            f"The part {name!r} of LateFusionRegressor must be a regressor or 'drop'. "
            f"Got {part!r} instead."
        )
