"""Descriptors and starting words to the words that k-means reaches."""

import numpy as np
from numpy.typing import NDArray

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
        order = np.argsort(words, kind="stable")
        filled, starts, counts = np.unique(
            words[order], return_index=True, return_counts=True
        )
        sums = np.add.reduceat(descriptors[order], starts, axis=0, dtype=np.float64)
        codebook[filled] = sums / counts[:, np.newaxis]
        previous = words
    return codebook
