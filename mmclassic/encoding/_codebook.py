"""Descriptors to a codebook: the centres of k-means."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.cluster import kmeans_plusplus

from mmclassic._kernels.codebook import nearest_words
from mmclassic._kernels.kmeans import lloyd

__all__ = ["check_enough", "fit_cells", "fit_codebook", "mean_distance"]

SEEDS_PER_WORD = 10
# On descriptors of pictures, within 1 % of the mean squared distance that 20 iterations
# over all descriptors reach, in a third of their time.
MAX_ITER = 12
PART = 4  # the first iterations see one descriptor in so many
LEAST_PER_WORD = 20  # as long as the part has so many a word
# Codebooks of fewer words are searched whole, and so are those learned from fewer
# descriptors a word: they would not tell which words a cell needs.
LEAST_WORDS, LEAST_TO_LIST = 256, 100
LIST_MULTIPLE = 16  # columns that a matrix product computes at once


def check_enough(n_descriptors: int, n_wanted: int, parameter: str) -> None:
    """Raise ValueError if there are fewer descriptors than clusters.

    Parameters
    ----------
    n_descriptors, n_wanted : int
    parameter : str
        What asks for them, such as "n_words=512 of BagOfWords".
    """
    if n_descriptors < n_wanted:
        raise ValueError(
            f"{parameter} needs as many descriptors to learn from. Got {n_descriptors} "
            "in X instead; lower it, or give more items."
        )


def fit_codebook(
    descriptors: NDArray[np.float32],
    n_words: int,
    random_state: np.random.RandomState,
    max_iter: int = MAX_ITER,
) -> NDArray[np.float32]:
    """Return the centres of k-means, most iterations of it over a part.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
        At least n_words.
    n_words : int
    random_state : RandomState
    max_iter : int
        Two in three are over a part of the descriptors, where they are many.

    Returns
    -------
    ndarray of shape (n_words, d), float32
    """
    # k-means++ compares each new word with every descriptor: a part of them will do.
    n_seeds = min(len(descriptors), SEEDS_PER_WORD * n_words)
    seeds = descriptors[
        random_state.choice(len(descriptors), size=n_seeds, replace=False)
    ]
    # In float64, which it turns float32 to time after time.
    start, _ = kmeans_plusplus(
        seeds.astype(np.float64), n_words, random_state=random_state
    )
    words = start.astype(np.float32)
    part = descriptors[::PART]
    if len(part) < LEAST_PER_WORD * n_words:
        return lloyd(descriptors, words, max_iter)
    n_last = max_iter // 3
    words = lloyd(np.ascontiguousarray(part), words, max_iter - n_last)
    return lloyd(descriptors, words, n_last)


def fit_cells(
    descriptors: NDArray[np.float32],
    words: NDArray[np.intp],
    codebook: NDArray[np.float32],
    random_state: np.random.RandomState,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return cells, and the words that descriptors in each of them have.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
    words : ndarray of shape (n,), intp
        The nearest word of each.
    codebook : ndarray of shape (n_words, d), float32
    random_state : RandomState

    Returns
    -------
    centres : ndarray of shape (n_cells, d), float32
    listed : ndarray of shape (n_cells, n_words), bool
        One cell with every word where cells would save little, or miss much.
    """
    n_words = len(codebook)
    if n_words < LEAST_WORDS or len(descriptors) < LEAST_TO_LIST * n_words:
        return descriptors[:1].copy(), np.ones((1, n_words), dtype=bool)
    part = np.ascontiguousarray(descriptors[::PART])
    centres = fit_codebook(part, round((4 * n_words) ** 0.5), random_state)
    listed = np.zeros((len(centres), n_words), dtype=bool)
    listed[nearest_words(descriptors, centres), words] = True
    # The next nearest words fill each cell up to what a product computes at once.
    sizes = -(-np.maximum(listed.sum(axis=1), 1) // LIST_MULTIPLE) * LIST_MULTIPLE
    distances = cdist(centres, codebook, "sqeuclidean")
    distances[listed] = -1
    order = distances.argsort(axis=1, kind="stable")
    for row, nearest, size in zip(listed, order, sizes, strict=True):
        row[nearest[:size]] = True
    return centres, listed


def mean_distance(
    descriptors: NDArray[np.float32],
    words: NDArray[np.intp],
    codebook: NDArray[np.float32],
) -> float:
    """Return the root mean squared distance of descriptors to their words.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
    words : ndarray of shape (n,), intp
    codebook : ndarray of shape (n_words, d), float32

    Returns
    -------
    float
        The least positive number where every descriptor is a word.
    """
    squares = 0.0
    for start in range(0, len(descriptors), 4096):
        part = slice(start, start + 4096)
        residuals = descriptors[part] - codebook[words[part]]
        squares += float(np.square(residuals, dtype=np.float64).sum())
    return max((squares / len(descriptors)) ** 0.5, float(np.finfo(np.float32).tiny))
