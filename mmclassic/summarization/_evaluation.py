"""Summaries and importances against those of people: F-scores and rank correlations."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import kendalltau, spearmanr

__all__ = ["keyshot_f_score", "rank_correlation"]


def keyshot_f_score(
    chosen: ArrayLike,
    references: ArrayLike,
    *,
    average: Literal["mean", "max"] = "mean",
) -> float:
    """Compare a summary with those of people, frame by frame.

    Parameters
    ----------
    chosen : array-like of shape (n_frames,), bool
        Which frames the summary keeps.
    references : array-like of shape (n_frames,) or (n_people, n_frames), bool
        Which ones people's summaries keep.
    average : {"mean", "max"}, default="mean"
        Over people: "mean" as on TVSum, "max" as on SumMe.

    Returns
    -------
    float
        Harmonic mean of precision and recall of the time kept, in [0, 1]; 0 where
        nothing is shared.

    Raises
    ------
    ValueError
        If the lengths differ, or there are no frames.

    References
    ----------
    Zhang, K., Chao, W.-L., Sha, F. & Grauman, K. (2016). Video summarization with long
    short-term memory. ECCV. https://doi.org/10.1007/978-3-319-46478-7_47

    Examples
    --------
    >>> from mmclassic.summarization import keyshot_f_score
    >>> keyshot_f_score([1, 1, 0, 0], [1, 0, 0, 0])
    0.6666666666666666
    """
    if average not in ("mean", "max"):
        raise ValueError(
            "The 'average' parameter of keyshot_f_score must be a str among {'mean', "
            f"'max'}}. Got {average!r} instead."
        )
    kept, people = _same_length(np.asarray(chosen, dtype=bool), references, bool)
    shared = (people & kept).sum(axis=1)
    lengths = people.sum(axis=1) + kept.sum()
    scores = np.divide(
        2.0 * shared, lengths, out=np.zeros(len(people)), where=lengths > 0
    )
    return float(scores.max() if average == "max" else scores.mean())


def rank_correlation(
    importance: ArrayLike,
    references: ArrayLike,
    *,
    method: Literal["kendall", "spearman"] = "kendall",
) -> float:
    """Compare importances of frames with those that people gave, by their order.

    Parameters
    ----------
    importance : array-like of shape (n_frames,)
    references : array-like of shape (n_frames,) or (n_people, n_frames)
    method : {"kendall", "spearman"}, default="kendall"
        Kendall's tau-b, or Spearman's rho.

    Returns
    -------
    float
        Mean over people, in [-1, 1]. Where all values are equal, and so have no
        order, the correlation is 0.

    Raises
    ------
    ValueError
        If the lengths differ, there are fewer than two frames, or a value is NaN.

    References
    ----------
    Otani, M., Nakashima, Y., Rahtu, E. & Heikkilä, J. (2019). Rethinking the
    evaluation of video summaries. CVPR. https://doi.org/10.1109/CVPR.2019.00778

    Examples
    --------
    >>> from mmclassic.summarization import rank_correlation
    >>> rank_correlation([1, 2, 3], [[10, 20, 30], [3, 2, 1]])
    0.0
    """
    if method not in ("kendall", "spearman"):
        raise ValueError(
            "The 'method' parameter of rank_correlation must be a str among {'kendall',"
            f" 'spearman'}}. Got {method!r} instead."
        )
    values, people = _same_length(
        np.asarray(importance, dtype=np.float64), references, np.float64
    )
    if not (np.isfinite(values).all() and np.isfinite(people).all()):
        raise ValueError(
            "An order needs finite numbers. Leave out the frames that hold NaN or "
            "infinity."
        )
    if len(values) < 2:
        raise ValueError("An order needs at least two frames. Got 1 instead.")
    correlate = kendalltau if method == "kendall" else spearmanr
    found = [
        float(correlate(values, own)[0]) if np.ptp(values) and np.ptp(own) else 0.0
        for own in people
    ]
    return float(np.mean(found))


def _same_length(
    own: NDArray[Any], references: ArrayLike, dtype: Any
) -> tuple[NDArray[Any], NDArray[Any]]:
    people = np.atleast_2d(np.asarray(references, dtype=dtype))
    if own.ndim != 1 or people.ndim != 2 or people.shape[1] != len(own) or not len(own):
        raise ValueError(
            "Both must be of the same frames, at least one: shapes (n_frames,) and "
            f"(n_people, n_frames). Got {own.shape} and {people.shape} instead."
        )
    return own, people
