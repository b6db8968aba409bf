"""Descriptors to a codebook: the centres of k-means."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import kmeans_plusplus

from mmclassic._kernels.codebook import nearest_words
from mmclassic._kernels.kmeans import lloyd

__all__ = ["check_enough", "fit_codebook", "mean_distance"]

SEEDS_PER_WORD = 10
MAX_ITER = 20  # later ones move words by little; 20 are within 1 % of convergence


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
    """Return the centres of k-means.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
        At least n_words.
    n_words : int
    random_state : RandomState
    max_iter : int

    Returns
    -------
    ndarray of shape (n_words, d), float32
    """
    # k-means++ compares each new word with every descriptor: a part of them will do.
    n_seeds = min(len(descriptors), SEEDS_PER_WORD * n_words)
    seeds = descriptors[
        random_state.choice(len(descriptors), size=n_seeds, replace=False)
    ]
    start, _ = kmeans_plusplus(seeds, n_words, random_state=random_state)
    return lloyd(descriptors, start.astype(np.float32), max_iter)


def mean_distance(
    descriptors: NDArray[np.float32], codebook: NDArray[np.float32]
) -> float:
    """Return the root mean squared distance of descriptors to their nearest word.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
    codebook : ndarray of shape (n_words, d), float32

    Returns
    -------
    float
        The least positive number where every descriptor is a word.
    """
    words = nearest_words(descriptors, codebook)
    squares = 0.0
    for start in range(0, len(descriptors), 4096):
        part = slice(start, start + 4096)
        residuals = descriptors[part] - codebook[words[part]]
        squares += float(np.square(residuals, dtype=np.float64).sum())
    return max((squares / len(descriptors)) ** 0.5, float(np.finfo(np.float32).tiny))
