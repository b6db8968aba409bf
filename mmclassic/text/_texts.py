"""X to its texts, and texts to the numbers of their words."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import map_items, read_column
from mmclassic.media import load_text

__all__ = ["index_words", "read_texts"]


def read_texts(
    X: Any, load: Callable[[Any], Any] = load_text
) -> tuple[list[Any], NDArray[np.bool_]]:
    """Return the texts that are there, and which rows hold them.

    Parameters
    ----------
    X : column of n_samples cells
    load : callable, default=load_text
        Of a cell, returns its text.

    Returns
    -------
    texts : list of length n_present
    present : ndarray of shape (n_samples,), bool

    Raises
    ------
    MediaError
        If a cell is no text, naming its row.
    """
    texts = map_items(load, read_column(X))
    present = np.array([text is not None for text in texts], dtype=bool)
    return [text for text in texts if text is not None], present


def index_words(
    texts: list[list[str]], vocabulary: Mapping[str, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the numbers of all texts' known words, one text after the other.

    Parameters
    ----------
    texts : list of n_texts lists of str
    vocabulary : mapping of str to int

    Returns
    -------
    words : ndarray of shape (n_known_words,), int
    ends : ndarray of shape (n_texts,), int
        Where in ``words`` each text ends.
    """
    numbers: list[int] = []
    ends = np.empty(len(texts), dtype=np.intp)
    number_of = vocabulary.get
    for text, words in enumerate(texts):
        numbers += [number for number in map(number_of, words) if number is not None]
        ends[text] = len(numbers)
    return np.array(numbers, dtype=np.intp), ends
