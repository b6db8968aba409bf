"""X to its texts, and texts to the numbers of their words."""

from collections.abc import Callable, Mapping
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import map_items, read_column
from mmclassic.media import load_text

__all__ = ["index_words", "read_texts", "read_texts_to_fit", "tag_text"]


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


def read_texts_to_fit(
    X: Any, name: str, load: Callable[[Any], Any] = load_text
) -> tuple[list[Any], NDArray[np.bool_]]:
    """Return what `read_texts` does, if there is a text at all.

    Parameters
    ----------
    X : column of n_samples cells
    name : str
        Of the estimator, for the error.
    load : callable, default=load_text

    Returns
    -------
    texts : list of length n_present
    present : ndarray of shape (n_samples,), bool

    Raises
    ------
    MediaError
        If a cell is no text, naming its row.
    ValueError
        If every text is missing.
    """
    texts, present = read_texts(X, load)
    if not texts:
        raise ValueError(
            f"{name} needs at least one text to fit. All {len(present)} rows of X are "
            "missing."
        )
    return texts, present


def tag_text(tags: Any) -> Any:
    """Return scikit-learn's tags, saying that X is a column of texts or nothing."""
    tags.input_tags.one_d_array = True
    tags.input_tags.two_d_array = False
    tags.input_tags.string = True
    tags.input_tags.allow_nan = True
    return tags


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
    n_words = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    every_word = chain.from_iterable(texts)
    numbers = np.fromiter(map(vocabulary.get, every_word, repeat(-1)), dtype=np.intp)
    known = numbers >= 0
    n_known_until = np.concatenate([[0], np.cumsum(known)])
    return numbers[known], n_known_until[np.cumsum(n_words)]
