"""Word vectors of many texts at once, to one weighted sum a text."""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

__all__ = [
    "leading_directions",
    "pool_words",
    "project",
    "remove_directions",
    "word_weights",
]

BLOCK = 16_384  # words; millions of pretrained vectors are projected in turn


def pool_words(
    words: NDArray[np.intp],
    ends: NDArray[np.intp],
    vectors: NDArray[np.floating],
    weights: NDArray[np.floating],
    *,
    by_weight: bool,
) -> NDArray[np.float64]:
    """Return the weighted mean of the vectors of each text's words.

    Each row is summed in the order of its words, so that it does not depend on the
    texts beside it.

    Parameters
    ----------
    words : ndarray of shape (n_tokens,), int
        The texts' words, one text after the other, as rows of ``vectors``.
    ends : ndarray of shape (n_texts,), int
        Where in ``words`` each text ends.
    vectors : ndarray of shape (n_words, n_features)
    weights : ndarray of shape (n_words,)
        Weight of each word, greater than 0.
    by_weight : bool
        Whether to divide by the sum of the weights, instead of the number of words.

    Returns
    -------
    ndarray of shape (n_texts, n_features), float64
        Zeros for a text without words.
    """
    used = np.zeros(len(vectors), dtype=bool)
    used[words] = True
    columns = (np.cumsum(used) - 1)[words]
    indptr = np.concatenate([[0], ends])
    n_words = np.diff(indptr)
    token_weights = weights[words].astype(np.float64)
    total = n_words
    if by_weight:
        row = np.repeat(np.arange(len(ends)), n_words)
        total = np.bincount(row, token_weights, len(ends))
    token_weights /= np.repeat(total, n_words)
    matrix = sparse.csr_matrix(
        (token_weights, columns, indptr), shape=(len(ends), used.sum())
    )
    return np.asarray(matrix @ vectors[used].astype(np.float64))


def word_weights(
    words: NDArray[np.intp],
    ends: NDArray[np.intp],
    n_words: int,
    pooling: str,
    n_tokens: int,
    smoothing: float,
) -> NDArray[np.float64]:
    """Return the weight of each word of the vocabulary from the texts it is in.

    Parameters
    ----------
    words : ndarray of shape (n_known_tokens,), int
        The texts' known words, one text after the other.
    ends : ndarray of shape (n_texts,), int
        Where in ``words`` each text ends.
    n_words : int
        Size of the vocabulary.
    pooling : {"mean", "idf", "sif"}
        1; log((1 + n_texts) / (1 + n_texts_with_the_word)) + 1; or, after Arora,
        Liang & Ma (2017), a / (a + the word's share of the tokens).
    n_tokens : int
        How many tokens the texts have, unknown ones included.
    smoothing : float
        a.

    Returns
    -------
    ndarray of shape (n_words,), float64
    """
    if pooling == "mean":
        return np.ones(n_words)
    if pooling == "sif":
        share = np.bincount(words, minlength=n_words) / max(n_tokens, 1)
        return smoothing / (smoothing + share)
    ones = np.ones(len(words), dtype=np.int8)
    indptr = np.concatenate([[0], ends])
    matrix = sparse.csr_matrix((ones, words, indptr), (len(ends), n_words), copy=True)
    matrix.sum_duplicates()
    n_texts_with = np.bincount(matrix.indices, minlength=n_words)
    return np.log((1 + len(ends)) / (1 + n_texts_with)) + 1


def leading_directions(
    rows: NDArray[np.float64], n_directions: int
) -> NDArray[np.float64]:
    """Return the first right singular vectors of a matrix that is not centred.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
    n_directions : int
        At least 1.

    Returns
    -------
    ndarray of shape (n_found, n_features), float64
        Orthonormal, the strongest first; ``n_found`` is ``n_directions``, or the
        rank where that is lower.
    """
    n_features = rows.shape[1]
    first = max(0, n_features - n_directions)
    strengths, directions = linalg.eigh(
        rows.T @ rows, subset_by_index=(first, n_features - 1)
    )
    found = strengths > n_features * np.finfo(float).eps * max(strengths[-1], 0.0)
    return np.ascontiguousarray(directions.T[found][::-1])


def project(
    vectors: NDArray[np.floating], directions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the scores of vectors on directions, without a float64 copy of them all.

    Parameters
    ----------
    vectors : ndarray of shape (n_words, n_features)
    directions : ndarray of shape (n_directions, n_features), float64

    Returns
    -------
    ndarray of shape (n_words, n_directions), float64
    """
    scores = np.empty((len(vectors), len(directions)))
    for start in range(0, len(vectors), BLOCK):
        block = slice(start, start + BLOCK)
        np.matmul(vectors[block].astype(np.float64), directions.T, out=scores[block])
    return scores


def remove_directions(
    rows: NDArray[np.float64],
    scores: NDArray[np.float64],
    directions: NDArray[np.float64],
) -> None:
    """Subtract from rows, in place, their projections on directions.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features), float64
    scores : ndarray of shape (n_rows, n_directions), float64
        Of the rows on the directions.
    directions : ndarray of shape (n_directions, n_features), float64
        Orthonormal.
    """
    # Arora et al. (2017), algorithm 1, line 7, one direction at a time: a product of
    # matrices would round differently with the number of rows.
    for score, direction in zip(scores.T, directions, strict=True):
        rows -= score[:, np.newaxis] * direction
