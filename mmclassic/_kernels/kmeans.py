"""Descriptors and starting words to the words that k-means reaches."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmclassic._kernels.codebook import nearest_words

__all__ = ["lloyd"]


def lloyd(
    descriptors: NDArray[np.float32], start: NDArray[np.float32], max_iter: int
) -> NDArray[np.float32]:
    """Return the words after Lloyd's iterations.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
    start : ndarray of shape (n_words, d), float32
    max_iter : int
        Iterations at most; fewer where no descriptor changes its word.

    Returns
    -------
    ndarray of shape (n_words, d), float32
        A word that no descriptor is nearest to stays where it is.
    """
    codebook = start.copy()
    previous = None
    for _ in range(max_iter):
        words = nearest_words(descriptors, codebook)
        if previous is not None and np.array_equal(words, previous):
            break
        counts = np.bincount(words, minlength=len(codebook))
        filled = counts > 0
        sums = _sums(descriptors, words, counts)
        codebook[filled] = sums[filled] / counts[filled, np.newaxis]
        previous = words
    return codebook


def _sums(
    descriptors: NDArray[np.float32],
    words: NDArray[np.intp],
    counts: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Return the sum of each word's descriptors, added in their order."""
    order = np.argsort(words, kind="stable")
    ends = np.concatenate([[0], np.cumsum(counts)])
    members = sparse.csr_matrix(
        (np.ones(len(words), np.float32), order, ends), (len(counts), len(words))
    )
    return members @ descriptors
