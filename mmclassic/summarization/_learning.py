"""Segments with scores of people to a fusion of regressors that scores others."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic._execution import Task
from mmclassic.encoding import StatisticsPooling
from mmclassic.fusion import LateFusionRegressor
from mmclassic.summarization._segments import MODALITIES
from mmclassic.text import TfidfVectorizer

__all__ = ["learn_importance", "read_scores", "segment_targets", "to_unit"]

STATISTICS = ("mean", "std", "change")
PENALTIES = tuple(10.0**k for k in range(-2, 5))
FOLDS = 5


def read_scores(y: Any, n_videos: int) -> list[NDArray[np.float64]]:
    """Return the scores of each video, a row a person.

    Parameters
    ----------
    y : sequence of array-like of shape (n,) or (n_people, n)
    n_videos : int

    Returns
    -------
    list of ndarray of shape (n_people, n)
    """
    if y is None:
        raise ValueError(
            "VideoSummarizer requires y, people's scores, to be passed, but the target "
            "y is None. Give one array a video."
        )
    if len(y) != n_videos:
        raise ValueError(
            f"X has {n_videos} videos and y scores of {len(y)}; give one array a video."
        )
    people = []
    for row, scores in enumerate(y):
        try:
            values = np.atleast_2d(np.asarray(scores, dtype=np.float64))
        except ValueError as error:  # of people who scored unlike many frames, or text
            raise ValueError(
                f"The scores of row {row} are no array of numbers: {error}. Give one "
                "of shape (n,) or (n_people, n)."
            ) from error
        if values.ndim != 2 or not values.size or not np.isfinite(values).all():
            raise ValueError(
                f"The scores of row {row} must be finite numbers, spread evenly over "
                "the video, of shape (n,) or (n_people, n). Got shape "
                f"{values.shape}."
            )
        people.append(values)
    return people


def segment_targets(
    scores: NDArray[np.float64], segments: NDArray[np.float64], duration: float
) -> NDArray[np.float64]:
    """Return the mean score of each segment.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Spread evenly over the video, frame by frame or second by second.
    segments : ndarray of shape (n_segments, 2)
        Seconds.
    duration : float
        Of the video, seconds.

    Returns
    -------
    ndarray of shape (n_segments,)
    """
    edges = np.linspace(0, duration, len(scores) + 1)
    # The integral of a step function, so that scores count by how long they overlap.
    total = np.concatenate([[0.0], np.cumsum(scores * np.diff(edges))])
    ends = np.interp(segments, edges, total)
    return (ends[:, 1] - ends[:, 0]) / (segments[:, 1] - segments[:, 0])


def learn_importance(
    tables: list[pd.DataFrame],
    targets: list[NDArray[np.float64]],
    regressor: Any,
    task: Task,
) -> LateFusionRegressor:
    """Fit a regressor a modality, and how much each counts.

    Parameters
    ----------
    tables : list of DataFrame
        Of the segments of each video.
    targets : list of ndarray of shape (n_segments,)
    regressor : regressor or None
        Of each modality; None for ridge regression.
    task : Task
        That the fit is.

    Returns
    -------
    LateFusionRegressor
    """
    X = pd.concat(tables, ignore_index=True)
    groups = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    present = [name for name in MODALITIES if X[name].notna().any()]
    fusion = LateFusionRegressor(
        [(name, _part(name, regressor), name) for name in present],
        weights="cv" if len(tables) > 1 and len(present) > 1 else None,
        cv=max(2, min(FOLDS, len(tables))),
        refit_features=False,
    )
    with task.fitting(fusion):
        return fusion.fit(X[present], np.concatenate(targets), groups=groups)


def _part(name: str, regressor: Any) -> Pipeline:
    final = RidgeCV(alphas=PENALTIES) if regressor is None else clone(regressor)
    if name == "subtitles":
        words = TfidfVectorizer(sublinear_tf=True)
        return Pipeline([("features", words), ("regressor", final)])
    pooling = StatisticsPooling("precomputed", statistics=STATISTICS)
    return Pipeline(
        [("features", pooling), ("scaler", StandardScaler()), ("regressor", final)]
    )


def to_unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of any range in [0, 1]; 0.5 if they are all equal."""
    spread = float(np.ptp(values))
    if not spread:
        return np.full(len(values), 0.5)
    return (values - values.min()) / spread
