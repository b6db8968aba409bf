"""All that a report tells of a model, as numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.metrics import confusion_matrix
from sklearn.utils import Bunch

from mmclassic.inspection._game import Game
from mmclassic.inspection._take_apart import Model

__all__ = ["Curve", "Mistake", "ReportData", "score_name", "study"]

REMOVED = (0.0, 0.25, 0.5, 0.75)
N_REMOVALS = 5
N_DRAWS = 20


@dataclass(frozen=True, slots=True)
class Curve:
    """A score as cells are removed.

    Parameters
    ----------
    name : str
    means, stds : ndarray of shape (n_shares,)
        Over the removals.
    """

    name: str
    means: NDArray[np.float64]
    stds: NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class ReportData:
    """What a report shows.

    Parameters
    ----------
    score : str
        What the scores are.
    counts : dict of str to int
        How many rows have each modality.
    n_rows : int
    singles : dict of str to (float, float)
        Score and spread of each modality alone.
    importance : Bunch
        As modality_importance returns.
    removed : tuple of float
        Shares of cells.
    curves : list of Curve
        Of the whole model first, then of each modality alone.
    classes : list or None
        None of a regressor.
    confusion : ndarray of shape (n_classes, n_classes) or None
        Truth by answer.
    y, answers : ndarray of shape (n_samples,)
    mistakes : list of Mistake
        The worst first.
    n_wrong : int
    """

    score: str
    counts: dict[str, int]
    n_rows: int
    singles: dict[str, tuple[float, float]]
    importance: Bunch
    removed: tuple[float, ...]
    curves: list[Curve]
    classes: list[Any] | None
    confusion: NDArray[np.intp] | None
    y: NDArray[Any]
    answers: NDArray[Any]
    mistakes: list[Mistake]
    n_wrong: int


def study(
    parted: Model,
    X: Any,
    y: Any,
    scoring: Any,
    n_mistakes: int,
    max_coalitions: int,
    rng: np.random.RandomState,
) -> ReportData:
    """Return what a report shows of a model's answers to the rows of X.

    Parameters
    ----------
    parted : Model
    X, y, scoring
        As modality_importance takes.
    n_mistakes : int
    max_coalitions : int
    rng : RandomState

    Returns
    -------
    ReportData
    """
    if is_classifier(parted.final):
        _all_classes(parted.final.classes_, np.asarray(y))  # asked before the work
    game = Game(parted, X, y, scoring)
    if game.y.ndim != 1:
        raise ValueError(
            f"y must hold one target a row for a report. Got shape {game.y.shape}."
        )
    importance = game.by_coalitions("shapley", N_DRAWS, max_coalitions, rng)
    answers = parted.answers(game.rows.outputs, game.rows.places)
    every = np.arange(len(game.y))
    predicted = answers.predict(every)
    classes = confusion = None
    if is_classifier(parted.final):
        classes = _all_classes(answers.classes_, game.y)
        confusion = confusion_matrix(game.y, predicted, labels=classes)
    mistakes, n_wrong = _mistakes(answers, predicted, game.y, n_mistakes)
    present = ~np.isnan(game.rows.places)
    return ReportData(
        score=score_name(parted.whole, scoring, classifier=classes is not None),
        counts=dict(zip(parted.names, present.sum(axis=0).tolist(), strict=True)),
        n_rows=len(game.y),
        singles=_singles(game, rng),
        importance=importance,
        removed=REMOVED,
        curves=_curves(game, rng),
        classes=classes,
        confusion=confusion,
        y=game.y,
        answers=predicted,
        mistakes=mistakes,
        n_wrong=n_wrong,
    )


def _all_classes(known: NDArray[Any], y: NDArray[Any]) -> list[Any]:
    """Return the classes of a model and of y, either of which may lack some."""
    try:
        return sorted({*known.tolist(), *y.ravel().tolist()})
    except TypeError as error:
        raise ValueError(
            f"y holds {y.ravel().tolist()[0]!r}, but the model's classes are like "
            f"{known.tolist()[0]!r}. Give y as the model was fitted on."
        ) from error


def score_name(model: Any, scoring: Any, *, classifier: bool) -> str:
    """Return what a score is called.

    Parameters
    ----------
    model : estimator
    scoring : str, callable or None
    classifier : bool
    """
    if isinstance(scoring, str):
        return scoring.replace("_", " ")
    scorer = getattr(model, "scorer_", None) if scoring is None else scoring
    if isinstance(scorer, dict):
        scorer = scorer[model.refit]
    function = getattr(scorer, "_score_func", None)
    if function is None and scoring is not None:
        function = scoring
    if function is not None:
        return str(getattr(function, "__name__", "score")).replace("_", " ")
    return "accuracy" if classifier else "R²"


def _singles(game: Game, rng: np.random.RandomState) -> dict[str, tuple[float, float]]:
    draws = [game.draw(rng) for _ in range(N_DRAWS)]
    singles = {}
    for k, name in enumerate(game.parted.names):
        places = np.full_like(game.rows.places, np.nan)
        places[:, k] = game.rows.places[:, k]
        score, *others = game.score_places(places, draws)
        singles[name] = score, float(np.std(others))
    return singles


def _curves(game: Game, rng: np.random.RandomState) -> list[Curve]:
    """Return the score of all modalities, and of each alone, as cells are removed."""
    names = game.parted.names
    scores = np.empty((len(names) + 1, len(REMOVED), N_REMOVALS))
    for repeat in range(N_REMOVALS):
        # One number a cell: what is removed at 25 % is removed at 50 % too.
        fates = rng.uniform(size=game.rows.places.shape)
        for s, share in enumerate(REMOVED):
            places = np.where(fates < share, np.nan, game.rows.places)
            scores[0, s, repeat] = game.score_places(places)[0]
            for k in range(len(names)):
                alone = np.full_like(places, np.nan)
                alone[:, k] = places[:, k]
                scores[k + 1, s, repeat] = game.score_places(alone)[0]
    means, stds = scores.mean(axis=2), scores.std(axis=2)
    labels = ["all together", *(f"{name} alone" for name in names)]
    return [Curve(*line) for line in zip(labels, means, stds, strict=True)]


def _mistakes(
    answers: Any, predicted: NDArray[Any], y: NDArray[Any], n_mistakes: int
) -> tuple[list[Mistake], int]:
    """Return the worst mistakes and how many there are."""
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
        badness = -_of_classes(chances, classes, y)[wrong]
    elif hasattr(answers, "decision_function"):
        scores = answers.decision_function(every)
        if scores.ndim == 1:
            scores = np.column_stack([-scores, scores])
        if scores.shape[1] == len(classes):
            own, true = (_of_classes(scores, classes, t) for t in (predicted, y))
            badness = (own - true)[wrong]
    worst = wrong[np.argsort(-badness, kind="stable")[:n_mistakes]]
    mistakes = []
    for i in worst:
        told = {}
        if chances is not None:
            for which, labels in (("truth", y), ("answer", predicted)):
                told[which] = float(_of_classes(chances, classes, labels)[i])
        mistakes.append(_mistake(i, y, predicted, told))
    return mistakes, len(wrong)


def _mistake(
    i: Any, y: NDArray[Any], predicted: NDArray[Any], chances: dict[str, float]
) -> Mistake:
    return Mistake(int(i), y[i], predicted[i], chances)


def _of_classes(
    values: NDArray[Any], classes: NDArray[Any], labels: NDArray[Any]
) -> NDArray[np.float64]:
    """Return each row's value of its label, the least of all for one never learned."""
    known = np.isin(labels, classes)
    places = np.searchsorted(classes, np.where(known, labels, classes[0]))
    own = values[np.arange(len(labels)), places]
    return np.where(known, own, values.min(axis=1)).astype(np.float64)
