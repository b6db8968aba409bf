"""A model's score of rows with some of their modalities, as a game of coalitions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import Bunch
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    column_or_1d,
)

from mmclassic.inspection._answers import Answers
from mmclassic.inspection._shapley import shapley_coalitions
from mmclassic.inspection._take_apart import Model, Rows

__all__ = ["Game", "check_coalitions", "scorer_of"]


def _read_y(y: Any) -> NDArray[Any]:
    y = np.asarray(y)
    return column_or_1d(y, warn=True) if y.ndim < 2 or y.shape[1] == 1 else y


def check_coalitions(max_coalitions: int, n_modalities: int) -> None:
    """Raise if not even one order of the modalities and its reverse may be played."""
    if max_coalitions < min(2**n_modalities, 2 * n_modalities):
        raise ValueError(
            f"max_coalitions={max_coalitions} is too few for {n_modalities} "
            f"modalities. Allow {2 * n_modalities} at least, or choose "
            "method='permutation' or 'drop'."
        )


def scorer_of(model: Any, scoring: Any) -> Any:
    """Return the scorer that a model or a search is scored by.

    Parameters
    ----------
    model : estimator
    scoring : str, callable or None
        None is a search's own scorer, and the score of another model.

    Returns
    -------
    callable
    """
    if scoring is None and isinstance(model, BaseSearchCV):
        own = model.scorer_
        return own[model.refit] if isinstance(own, dict) else own
    if isinstance(scoring, list | tuple | set | dict):
        raise ValueError(
            f"scoring must be one score. Got {scoring!r} instead. Call once a score."
        )
    return check_scoring(model, scoring)


class Game:
    """A model's score of rows with some of their modalities.

    Parameters
    ----------
    parted : Model
    X, y, scoring, sample_weight
        As modality_importance takes.
    """

    def __init__(
        self,
        parted: Model,
        X: Any,
        y: Any,
        scoring: Any = None,
        sample_weight: Any = None,
    ) -> None:
        self.parted = parted
        self.score = scorer_of(parted.whole, scoring)
        self.y = y = _read_y(y)
        # Asked before the work.
        check_consistent_length(X, y)
        if len(y) == 0:
            raise ValueError("X has no rows: there is nothing to score. Give some.")
        self.weights = None
        if sample_weight is not None:
            self.weights = _check_sample_weight(sample_weight, np.empty((len(y), 1)))
        self.rows: Rows = parted.describe(X)

    def by_coalitions(
        self,
        method: str,
        n_repeats: int,
        max_coalitions: int,
        rng: np.random.RandomState,
    ) -> Bunch:
        """Return the importances by Shapley values, or by dropping each one."""
        self.parted.check_takes_missing(
            "Choose method='permutation', or fit it with missing='zero'."
        )
        n = len(self.parted.names)
        exact = True
        if method == "drop":
            members = np.vstack([np.zeros(n, bool), ~np.eye(n, dtype=bool), np.ones(n)])
            members = members.astype(bool)
            coefficients = np.vstack([np.zeros(n), -np.eye(n), np.ones(n)])
        else:
            check_coalitions(max_coalitions, n)
            played = shapley_coalitions(n, max_coalitions, rng)
            members, coefficients = played.members, played.coefficients
            exact = played.exact
        draws = [self.draw(rng) for _ in range(n_repeats)]
        scores = np.array([self._scores(row, draws) for row in members])
        shares = coefficients.T @ scores
        return Bunch(
            importances_mean=shares[:, 0],
            importances_std=shares[:, 1:].std(axis=1),
            importances=shares[:, 1:],
            names=list(self.parted.names),
            score=float(scores[-1, 0]),
            baseline_score=float(scores[0, 0]),
            coalition_scores=self._named(members, scores[:, 0]),
            coalition_scores_std=self._named(members, scores[:, 1:].std(axis=1)),
            method=method,
            exact=exact,
        )

    def by_permutation(self, n_repeats: int, rng: np.random.RandomState) -> Bunch:
        """Return the importances by shuffling each one."""
        n_rows, n = self.rows.places.shape
        full = self._scores(np.ones(n, dtype=bool))[0]
        losses = np.empty((n, n_repeats))
        for k in range(n):
            for repeat in range(n_repeats):
                places = self.rows.places.copy()
                places[:, k] = places[rng.permutation(n_rows), k]
                losses[k, repeat] = full - self.score_places(places)[0]
        return Bunch(
            importances_mean=losses.mean(axis=1),
            importances_std=losses.std(axis=1),
            importances=losses,
            names=list(self.parted.names),
            score=full,
            baseline_score=float("nan"),
            coalition_scores=self._named(np.ones((1, n), dtype=bool), [full]),
            coalition_scores_std={},
            method="permutation",
            exact=True,
        )

    def draw(self, rng: np.random.RandomState) -> NDArray[np.intp]:
        """Return rows drawn with replacement, as many of each class as there are."""
        n_rows = len(self.y)
        if self.y.ndim > 1 or not is_classifier(self.parted.final):
            return rng.randint(n_rows, size=n_rows)
        groups = [np.flatnonzero(self.y == label) for label in np.unique(self.y)]
        return np.concatenate([rng.choice(rows, len(rows)) for rows in groups])

    def _scores(
        self, present: NDArray[np.bool_], draws: Sequence[NDArray[np.intp]] = ()
    ) -> list[float]:
        """Return the score with those modalities: of all rows, then of each draw."""
        return self.score_places(np.where(present, self.rows.places, np.nan), draws)

    def score_places(
        self, places: NDArray[np.float64], draws: Sequence[NDArray[np.intp]] = ()
    ) -> list[float]:
        """Return the score of the rows with those outputs: of all, then of draws."""
        answers = self.parted.answers(self.rows.outputs, places)
        every = np.arange(len(self.y))
        return [self._score_of(answers, rows) for rows in (every, *draws)]

    def _score_of(self, answers: Answers, rows: NDArray[np.intp]) -> float:
        params = {}
        if self.weights is not None:
            params["sample_weight"] = self.weights[rows]
        return float(self.score(answers, rows[:, None], self.y[rows], **params))

    def _named(
        self, members: NDArray[np.bool_], scores: Any
    ) -> dict[tuple[str, ...], float]:
        names = np.array(self.parted.names, dtype=object)
        return {
            tuple(names[row]): float(score)
            for row, score in zip(members, scores, strict=True)
        }
