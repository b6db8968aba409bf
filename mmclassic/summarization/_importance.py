"""A table of segments to how important each is, with nothing learned."""

from math import inf
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from mmclassic._kernels.pooling import pool
from mmclassic.summarization._segments import MODALITIES

__all__ = ["check_weights", "fuse", "scores_of"]

LEVEL = 0.95  # quantile: a single outlier is no measure for the others


def scores_of(
    table: pd.DataFrame, segments: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Score the segments of one video by each modality that it has.

    Pictures count by how much they move and by their contrast, so that no blank ones
    stand for the video; sound by how loud it is and how much it changes; subtitles by
    how much they say, in words weighted by how rare they are in the video. Each is
    counted by its share of what nearly the greatest of the video is.

    Parameters
    ----------
    table : DataFrame
        Of `describe_segments`.
    segments : ndarray of shape (n_segments, 2)

    Returns
    -------
    dict of str to ndarray of shape (n_segments,), in [0, 1]
    """
    scores: dict[str, NDArray[np.float64]] = {}
    scores["pictures"] = (_shares(table["motion"]) + _shares(table["contrast"])) / 2
    heard = table["sound"].notna().to_numpy()
    if heard.any():
        changes = np.zeros(len(table))
        changes[heard] = _changes(table["sound"][heard].tolist())
        scores["sound"] = (_shares(table["loudness"]) + _shares(changes)) / 2
    if table["subtitles"].notna().all():
        seconds = segments[:, 1] - segments[:, 0]
        scores["subtitles"] = _shares(_said(table["subtitles"].tolist()) / seconds)
    return scores


def check_weights(weights: dict[str, Any]) -> None:
    """Raise unless weights are finite numbers of at least 0 for modalities."""
    for name, weight in weights.items():
        is_one = isinstance(weight, Real) and 0 <= float(weight) < inf
        if name not in MODALITIES or not is_one:
            raise ValueError(
                "The 'weights' parameter of VideoSummarizer must hold numbers of at "
                f"least 0 for any of {list(MODALITIES)}. Got {name!r}: {weight!r} "
                "instead."
            )


def fuse(
    scores: dict[str, NDArray[np.float64]], weights: dict[str, float]
) -> NDArray[np.float64]:
    """Return the weighted mean of the modalities' scores; a weight not given is 1."""
    shares = np.array([weights.get(name, 1.0) for name in scores])
    total = float(shares.sum())
    if total == 0:  # only modalities that were not to count are there
        shares, total = np.ones(len(scores)), float(len(scores))
    return shares @ np.array(list(scores.values())) / total


def _changes(held: list) -> NDArray[np.float64]:
    """Return the mean absolute change from one descriptor to the next."""
    return np.array(
        [
            pool(features.descriptors.astype(np.float64), "change").mean()
            if len(features) > 1
            else 0.0
            for features in held
        ]
    )


def _said(texts: list[str]) -> NDArray[np.float64]:
    vectorizer = TfidfVectorizer(sublinear_tf=True, norm=None)
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no text holds a word
        return np.zeros(len(texts))
    return np.asarray(weights.sum(axis=1), dtype=np.float64).reshape(-1)


def _shares(values: ArrayLike) -> NDArray[np.float64]:
    """Return magnitudes over nearly the greatest of them, in [0, 1]."""
    magnitudes = np.asarray(values, dtype=np.float64)
    reference = np.quantile(magnitudes, LEVEL) or magnitudes.max()
    return np.clip(magnitudes / reference, 0, 1) if reference else magnitudes
