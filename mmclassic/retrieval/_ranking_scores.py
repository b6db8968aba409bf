"""Neighbours found and what is right, to precision, recall and ranks."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.ranking import average_precision, first_rank, reciprocal_rank

__all__ = ["ranking_scores", "scores_of"]

AT = (1, 5, 10)


def ranking_scores(
    indices: Any, relevant: Any, *, at: Sequence[int] = AT
) -> dict[str, float]:
    """Score ranked answers by which of them are right.

    Parameters
    ----------
    indices : array-like of int, shape (n_queries, n_neighbors)
        Answers, the best first, as :meth:`CrossModalRetriever.kneighbors` gives them.
    relevant : array-like of int, shape (n_queries,), or sequence of array-likes
        The one right answer of each query, or all of them.
    at : sequence of int, default=(1, 5, 10)
        Ranks of the recall.

    Returns
    -------
    dict of str to float
        "MAP", the mean average precision; "MRR", the mean reciprocal rank; "R@1" and
        so on, the share of queries with a right one among as many answers; and
        "median rank", of the first right one: inf where that isn't among the answers.
        Queries that nothing is relevant to don't count.

    Raises
    ------
    ValueError
        If there isn't one entry of `relevant` a query, nothing is relevant, a query
        has an answer twice, or a rank isn't at least 1.

    Examples
    --------
    >>> from mmclassic.retrieval import ranking_scores
    >>> scores = ranking_scores([[0, 1, 2], [2, 0, 1]], [0, 1])
    >>> round(scores["MAP"], 3), scores["R@1"], scores["median rank"]
    (0.667, 0.5, 2.0)
    """
    found, relevant = np.asarray(indices), list(relevant)
    if found.ndim != 2 or len(found) != len(relevant):
        raise ValueError(
            "ranking_scores needs indices of shape (n_queries, n_neighbors), and one "
            f"entry of 'relevant' a query. Got shape {found.shape} and {len(relevant)} "
            "entries."
        )
    if not all(isinstance(k, Integral) and k >= 1 for k in at):
        raise ValueError(f"'at' must hold ranks of at least 1. Got {at!r} instead.")
    ordered = np.sort(found, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
    if twice.any():
        raise ValueError(
            f"The answers to query {int(twice.argmax())} hold one twice. Rank each "
            "item once."
        )
    sets = [np.atleast_1d(np.asarray(each)) for each in relevant]
    right = np.zeros(found.shape, dtype=bool)
    for row, own in enumerate(sets):
        right[row] = np.isin(found[row], own)
    return scores_of(right, np.array([len(np.unique(own)) for own in sets]), at)


def scores_of(
    right: NDArray[np.bool_], n_relevant: NDArray[np.integer], at: Sequence[int] = AT
) -> dict[str, float]:
    """Return the scores of answers of which it is known whether each is right.

    Parameters
    ----------
    right : ndarray of bool, shape (n_queries, n_neighbors)
    n_relevant : ndarray of int, shape (n_queries,)
    at : sequence of int, default=(1, 5, 10)

    Returns
    -------
    dict of str to float
    """
    asked = n_relevant > 0
    if not asked.any():
        raise ValueError(
            "Nothing is relevant to any query. Index rows that answer some of them."
        )
    right, n_relevant = right[asked], n_relevant[asked]
    first = first_rank(right)
    return {
        "MAP": float(average_precision(right, n_relevant).mean()),
        "MRR": float(reciprocal_rank(right).mean()),
        **{f"R@{k}": float((first <= k).mean()) for k in at},
        "median rank": float(np.median(first)),
    }
