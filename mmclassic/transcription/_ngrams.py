"""N-grams of numbered words, and functions of them that are mostly a default."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Keys", "Sparse", "keys_of", "union"]

Keys = NDArray[np.int64]
Floats = NDArray[np.float64]


class Sparse:
    """A function of keys that has a default where it is not given.

    Parameters
    ----------
    keys : ndarray of shape (n,)
    values : ndarray of shape (n,)
    """

    def __init__(self, keys: Keys, values: Floats) -> None:
        order = np.argsort(keys, kind="stable")
        self.keys, self.values = keys[order], values[order]

    def get(self, keys: Keys, default: Floats | float) -> Floats:
        """Return the value of each key."""
        if not len(self.keys):
            return np.broadcast_to(np.asarray(default, dtype=np.float64), keys.shape)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.values[at], default)


def keys_of(ngrams: NDArray[np.signedinteger], size: int) -> Keys:
    """Return one number for each n-gram of words of that many."""
    keys = np.zeros(len(ngrams), dtype=np.int64)
    for column in ngrams.T:
        keys = keys * size + column
    return keys


def union(size: int, *ngrams: Keys) -> Keys:
    """Return the n-grams that are in any of several arrays, in order."""
    stacked = np.concatenate(ngrams)
    _, rows = np.unique(keys_of(stacked, size), return_index=True)
    return stacked[rows]
