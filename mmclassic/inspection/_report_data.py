"""All that a report tells of a model, as numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.metrics import confusion_matrix
from sklearn.utils import Bunch

from mmclassic.inspection._game import Game
from mmclassic.inspection._report_measures import (
    ByClass,
    Sureness,
    answered_alike,
    by_class,
    other_scores,
    sureness,
)
from mmclassic.inspection._report_mistakes import Mistake, of_classes, worst_mistakes
from mmclassic.inspection._take_apart import Model, Rows

__all__ = ["Curve", "ReportData", "score_name", "study"]

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
    by_class : ByClass or None
    sureness : tuple of Sureness
        Empty where the model gives no chances.
    alike : float or None
        The score of one answer to all rows; None where it can't be told.
    others : dict of str to float
        Other scores.
    y, answers : ndarray of shape (n_samples,)
    mistakes : list of Mistake
        The worst first.
    n_wrong : int
    rows : Rows
        As described.
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
    by_class: ByClass | None
    sureness: tuple[Sureness, ...]
    alike: float | None
    others: dict[str, float]
    y: NDArray[Any]
    answers: NDArray[Any]
    mistakes: list[Mistake]
    n_wrong: int
    rows: Rows


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
    if np.ndim(y) > 1 and np.shape(y)[1] > 1:
        raise ValueError(
            f"y must hold one target a row for a report. Got shape {np.shape(y)}. Fit "
            "and report on a model a target; modality_importance takes several."
        )
    if is_classifier(parted.final):
        _all_classes(parted.final.classes_, np.asarray(y))  # asked before the work
    game = Game(parted, X, y, scoring)
    importance = game.by_coalitions("shapley", N_DRAWS, max_coalitions, rng)
    answers = parted.answers(game.rows.outputs, game.rows.places)
    every = np.arange(len(game.y))
    predicted = answers.predict(every)
    classes = confusion = figures = known = chances = None
    sure: tuple[Sureness, ...] = ()
    if is_classifier(parted.final):
        classes = _all_classes(answers.classes_, game.y)
        confusion = confusion_matrix(game.y, predicted, labels=classes)
        figures = by_class(confusion, game.y, predicted, classes)
        known = answers.classes_
        if hasattr(answers, "predict_proba"):
            chances = answers.predict_proba(every)
            own = of_classes(chances, known, predicted)
            sure = sureness(own, predicted == game.y)
    mistakes, n_wrong = worst_mistakes(answers, predicted, game.y, n_mistakes)
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
        by_class=figures,
        sureness=sure,
        alike=answered_alike(game.score, game.y, classifier=classes is not None),
        others=other_scores(game.y, predicted, chances, known),
        y=game.y,
        answers=predicted,
        mistakes=mistakes,
        n_wrong=n_wrong,
        rows=game.rows,
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
            if share == 0 and repeat > 0:
                scores[:, s, repeat] = scores[:, s, 0]
                continue
            places = np.where(fates < share, np.nan, game.rows.places)
            scores[0, s, repeat] = game.score_places(places)[0]
            for k in range(len(names)):
                alone = np.full_like(places, np.nan)
                alone[:, k] = places[:, k]
                scores[k + 1, s, repeat] = game.score_places(alone)[0]
    means, stds = scores.mean(axis=2), scores.std(axis=2)
    labels = ["all together", *(f"{name} alone" for name in names)]
    return [Curve(*line) for line in zip(labels, means, stds, strict=True)]
