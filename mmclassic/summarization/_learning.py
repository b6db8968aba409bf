"""Segments with scores of people to a fusion of regressors that scores others."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic.encoding import StatisticsPooling
from mmclassic.fusion import LateFusionRegressor
from mmclassic.summarization._segments import MODALITIES
from mmclassic.text import TfidfVectorizer

__all__ = ["learn_importance", "segment_targets", "to_unit"]

STATISTICS = ("mean", "std", "change")
PENALTIES = tuple(10.0**k for k in range(-2, 5))
FOLDS = 5


def segment_targets(
    scores: Any, segments: NDArray[np.float64], duration: float, row: int
) -> NDArray[np.float64]:
    """Return the mean score of each segment.

    Parameters
    ----------
    scores : array-like of shape (n,) or (n_people, n)
        Spread evenly over the video, frame by frame or second by second.
    segments : ndarray of shape (n_segments, 2)
        Seconds.
    duration : float
        Of the video, seconds.
    row : int
        The video's, for errors.

    Returns
    -------
    ndarray of shape (n_segments,)
    """
    values = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            f"The scores of row {row} must be finite numbers, spread evenly over the "
            f"video, of shape (n,) or (n_people, n). Got shape {values.shape}."
        )
    mean = values.mean(axis=0)
    edges = np.linspace(0, duration, len(mean) + 1)
    # The integral of a step function, so that scores count by how long they overlap.
    total = np.concatenate([[0.0], np.cumsum(mean * np.diff(edges))])
    ends = np.interp(segments, edges, total)
    return (ends[:, 1] - ends[:, 0]) / (segments[:, 1] - segments[:, 0])


def learn_importance(
    tables: list[pd.DataFrame], targets: list[NDArray[np.float64]], regressor: Any
) -> LateFusionRegressor:
    """Fit a regressor a modality, and how much each counts.

    Parameters
    ----------
    tables : list of DataFrame
        Of the segments of each video.
    targets : list of ndarray of shape (n_segments,)
    regressor : regressor or None
        Of each modality; None for ridge regression.

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
