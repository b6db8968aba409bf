"""Search the rows of a table among themselves, and score what is found."""

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_consistent_length, column_or_1d

from mmclassic.retrieval._index import make_index, map_table, search_index
from mmclassic.retrieval._ranking_scores import scores_of

__all__ = ["evaluate"]


def evaluate(retriever: Any, X: Any, y: Any) -> pd.DataFrame:
    """Return the scores of each direction of the search.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    X : table of n_samples rows
    y : array-like of shape (n_samples,) or None

    Returns
    -------
    DataFrame
        Without directions in which no row has anything to find.
    """
    mapped, n_samples = map_table(retriever, X, whole=True)
    check_consistent_length(np.empty(n_samples), y)
    labels = np.arange(n_samples) if y is None else column_or_1d(y)
    index = make_index(retriever, mapped)
    scores = {}
    for source, target in permutations(index, 2):
        rows, vectors, _ = index[source]
        known = index[target][0]
        counts = dict(zip(*np.unique(labels[known], return_counts=True), strict=True))
        n_relevant = np.array([counts.get(own, 0) for own in labels[rows]], dtype=int)
        if not n_relevant.any():
            continue
        _, found = search_index(
            retriever, index[target], vectors, (source, target), len(known), exact=True
        )
        right = labels[found] == labels[rows][:, np.newaxis]
        scores[f"{source} -> {target}"] = scores_of(right, n_relevant)
    if not scores:
        raise ValueError(
            "No row of X has what another row of its class, or itself, could be found "
            "by. Score rows that have two modalities."
        )
    return pd.DataFrame.from_dict(scores, orient="index")
