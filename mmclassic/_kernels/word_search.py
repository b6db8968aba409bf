"""Descriptors and a large codebook to words, searched among those of a cell only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.blocks import padded_blocks
from mmclassic._kernels.codebook import linear_form, nearest_words

__all__ = ["WordSearch"]

# An item of fewer descriptors a cell is as soon compared with every word.
LEAST_PER_CELL = 32


class WordSearch:
    """A codebook, and cells of space with the words that are looked at in each.

    A descriptor is compared with the centres of the cells, then with the words of the
    nearest cell: a third of the products that all words take. Where the nearest word
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
        self.centres = centres
        self.cells = []
        if len(centres) > 1:
            self.cells = [
                (np.flatnonzero(row), *linear_form(codebook[row])) for row in listed
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
        n_cells = len(self.cells)
        if not n_cells or len(descriptors) < LEAST_PER_CELL * n_cells:
            return nearest_words(descriptors, self.codebook)
        nearest = nearest_words(descriptors, self.centres)
        order = np.argsort(nearest, kind="stable")
        ends = np.cumsum(np.bincount(nearest, minlength=n_cells))
        words = np.empty(len(descriptors), dtype=np.intp)
        for cell, members in enumerate(np.split(order, ends[:-1])):
            candidates, projection, half_squares = self.cells[cell]
            # The item decides how many its cells have, so that its words repeat.
            for start, n, block in padded_blocks(descriptors, members, multiple=16):
                scores = block @ projection
                scores -= half_squares
                best = scores[:n].argmax(axis=1)
                words[members[start : start + n]] = candidates[best]
        return words
