"""How much of a model's score each modality brings."""

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    column_or_1d,
)

from mmclassic.inspection._answers import Answers
from mmclassic.inspection._shapley import shapley_coalitions
from mmclassic.inspection._take_apart import Model, Rows, take_apart

__all__ = ["check_coalitions", "modality_importance", "scorer_of"]


@validate_params(
    {
        "method": [StrOptions({"shapley", "permutation", "drop"})],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "max_coalitions": [Interval(Integral, 4, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def modality_importance(
    model: Any,
    X: Any,
    y: Any,
    *,
    method: str = "shapley",
    scoring: Any = None,
    n_repeats: int = 10,
    max_coalitions: int = 1024,
    sample_weight: Any = None,
    random_state: Any = None,
) -> Bunch:
    """Measure how much of a fitted model's score each modality brings.

    Rows that the model was not fitted on tell what it brings to new ones.

    Parameters
    ----------
    model : fitted estimator
        A Pipeline of :func:`~mmclassic.make_multimodal_pipeline`, a late fusion, or a
        search such as GridSearchCV over one.
    X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        Each item is described once, whatever the method.
    y : array-like of shape (n_samples,)
    method : {"shapley", "permutation", "drop"}, default="shapley"
        "shapley": the mean gain of score as the modality joins the others, over all
        orders in which they may join [1]_ [2]_; the values of the modalities sum to
        the score less what is reached with none of them. "drop": the loss of score
        where it is missing from every row. "permutation": the loss where it is
        shuffled among the rows [3]_. "shapley" and "drop" take the model's own way
        with missing modalities.
    scoring : str, callable or None, default=None
        As in :func:`sklearn.metrics.check_scoring`: None is the model's own score. A
        callable gets row numbers in the place of X.
    n_repeats : int, default=10
        Shuffles for "permutation"; otherwise draws of rows with replacement, within
        classes, for the spread.
    max_coalitions : int, default=1024
        For "shapley": beyond that many coalitions, those of 10 modalities, orders are
        drawn instead; the sum stays exact.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows in the score.
    random_state : int, RandomState instance or None, default=None
        Of what is shuffled or drawn. An int makes repeated calls equal.

    Returns
    -------
    Bunch
        importances_mean : ndarray of shape (n_modalities,)
            Of all rows; of "permutation" the mean over the shuffles.
        importances_std : ndarray of shape (n_modalities,)
            Over the repeats.
        importances : ndarray of shape (n_modalities, n_repeats)
        names : list of str
            The modalities, in the order of the fusion's parts.
        score : float
            With all modalities.
        baseline_score : float
            With none; NaN for "permutation".
        coalition_scores : dict of tuple of str to float
            The score with each coalition, such as ("text", "image"), that was played.
        method : str
        exact : bool
            False where orders were drawn.

    Raises
    ------
    TypeError
        If there is no fusion in the model, or nothing that decides.
    ValueError
        If the model refuses missing modalities and the method needs them.
    MediaError
        If an item can't be read, naming its row.

    See Also
    --------
    modality_contributions : What each modality brings to the answer in each row.
    ModalityImportanceDisplay : The same, drawn.

    References
    ----------
    .. [1] Shapley, "A value for n-person games", 1953. :doi:`10.1515/9781400881970-018`
    .. [2] Strumbelj & Kononenko, "An efficient explanation of individual
       classifications using game theory", JMLR 11, 2010.
    .. [3] Breiman, "Random forests", 2001. :doi:`10.1023/A:1010933404324`

    Examples
    --------
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.inspection import modality_importance
    >>> X, y = make_multimodal(90, random_state=0, return_X_y=True)
    >>> model = make_multimodal_pipeline(
    ...     text="text", audio="audio", fusion="late", random_state=0
    ... ).fit(X[:60], y[:60])
    >>> result = modality_importance(model, X[60:], y[60:], random_state=0)
    >>> result.names
    ['text', 'audio']
    >>> gained = result.score - result.baseline_score
    >>> bool(abs(result.importances_mean.sum() - gained) < 1e-12)
    True
    """
    parted = take_apart(model)
    y = _read_y(y)
    game = _Game(parted, X, y, scoring, sample_weight)
    rng = check_random_state(random_state)
    with config_context(enable_metadata_routing=False):
        if method == "permutation":
            return game.by_permutation(n_repeats, rng)
        return game.by_coalitions(method, n_repeats, max_coalitions, rng)


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
        raise ValueError(f"scoring must be one score. Got {scoring!r} instead.")
    return check_scoring(model, scoring)


class _Game:
    """A model's score of rows with some of their modalities.

    Parameters
    ----------
    parted : Model
    X, y, scoring, sample_weight
        As modality_importance takes.
    """

    def __init__(
        self, parted: Model, X: Any, y: NDArray[Any], scoring: Any, sample_weight: Any
    ) -> None:
        self.parted = parted
        self.score = scorer_of(parted.whole, scoring)
        self.y = y
        # Asked before the work.
        check_consistent_length(X, y)
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
        draws = [self._draw(rng) for _ in range(n_repeats)]
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
            method=method,
            exact=exact,
        )

    def by_permutation(self, n_repeats: int, rng: np.random.RandomState) -> Bunch:
        n_rows, n = self.rows.places.shape
        full = self._scores(np.ones(n, dtype=bool), [])[0]
        losses = np.empty((n, n_repeats))
        for k in range(n):
            for repeat in range(n_repeats):
                places = self.rows.places.copy()
                places[:, k] = places[rng.permutation(n_rows), k]
                losses[k, repeat] = full - self._score(places, [])[0]
        return Bunch(
            importances_mean=losses.mean(axis=1),
            importances_std=losses.std(axis=1),
            importances=losses,
            names=list(self.parted.names),
            score=full,
            baseline_score=float("nan"),
            coalition_scores=self._named(np.ones((1, n), dtype=bool), [full]),
            method="permutation",
            exact=True,
        )

    def _draw(self, rng: np.random.RandomState) -> NDArray[np.intp]:
        """Return rows drawn with replacement, as many of each class as there are."""
        n_rows = len(self.y)
        if self.y.ndim > 1 or not is_classifier(self.parted.final):
            return rng.randint(n_rows, size=n_rows)
        groups = [np.flatnonzero(self.y == label) for label in np.unique(self.y)]
        return np.concatenate([rng.choice(rows, len(rows)) for rows in groups])

    def _scores(
        self, present: NDArray[np.bool_], draws: list[NDArray[np.intp]]
    ) -> list[float]:
        """Return the score with those modalities: of all rows, then of each draw."""
        return self._score(np.where(present, self.rows.places, np.nan), draws)

    def _score(
        self, places: NDArray[np.float64], draws: list[NDArray[np.intp]]
    ) -> list[float]:
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
