"""Descriptors and a large codebook to words, searched among those of a cell only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.codebook import nearest_words

__all__ = ["WordSearch"]

# An item of fewer descriptors a cell is as soon compared with every word.
LEAST_PER_CELL = 32
PART_ROWS = 512  # of a product at once: what comes out stays in the cache


class WordSearch:
    """A codebook, and cells of space with the words that are looked at in each.

    A descriptor is compared with the centres of the cells, then with the words of the
    nearest cell: a third of the work that all words take. Where the nearest word
    of all is not among them, it gets another one that is near.

    Parameters
    ----------
    codebook : ndarray of shape (n_words, d), float32
    centres : ndarray of shape (n_cells, d), float32
        With one cell, every descriptor is compared with every word.
    listed : ndarray of shape (n_cells, n_words), bool
        The words of each cell; at least one.
    """

    def __init__(
        self,
        codebook: NDArray[np.float32],
        centres: NDArray[np.float32],
        listed: NDArray[np.bool_],
    ) -> None:
        self.codebook = codebook
        self.n_cells = len(centres)
        if self.n_cells > 1:
            self.centres = _augmented(centres)
            self.cells = [
                (np.flatnonzero(row), _augmented(codebook[row])) for row in listed
            ]

    def find(self, descriptors: NDArray[Any]) -> NDArray[np.intp]:
        """Return the word of each descriptor.

        Parameters
        ----------
        descriptors : ndarray of shape (n, d)

        Returns
        -------
        ndarray of shape (n,), intp
        """
        n, d = descriptors.shape
        if self.n_cells == 1 or n < LEAST_PER_CELL * self.n_cells:
            return nearest_words(descriptors, self.codebook)
        augmented = np.ones((n, d + 1), dtype=np.float32)
        augmented[:, :d] = descriptors
        nearest = np.empty(n, dtype=np.uint16)
        for part in _parts(0, n):
            nearest[part] = (augmented[part] @ self.centres).argmax(axis=1)
        order = np.argsort(nearest, kind="stable")
        augmented = augmented.take(order, axis=0)
        found = np.empty(n, dtype=np.intp)
        begin = 0
        for count, (candidates, projection) in zip(
            np.bincount(nearest, minlength=self.n_cells).tolist(),
            self.cells,
            strict=True,
        ):
            for part in _parts(begin, begin + count):
                best = (augmented[part] @ projection).argmax(axis=1)
                found[part] = candidates[best]
            begin += count
        words = np.empty(n, dtype=np.intp)
        words[order] = found
        return words


def _augmented(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return A (d + 1, n_points): the nearest to x has the largest of [x, 1] A."""
    half_squares = 0.5 * np.square(points, dtype=np.float64).sum(axis=1, keepdims=True)
    augmented = np.concatenate([points, -half_squares.astype(np.float32)], axis=1)
    return np.ascontiguousarray(augmented.T)


def _parts(begin: int, end: int) -> list[slice]:
    # Not padded, as blocks of other encoders are: the item decides how many rows each
    # cell has, so its words repeat.
    return [
        slice(start, min(start + PART_ROWS, end))
        for start in range(begin, end, PART_ROWS)
    ]
