"""X to its texts: those that are there, and where."""

from collections.abc import Callable
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import map_items, read_column, rows_within
from mmclassic.media import is_missing, load_text

__all__ = ["read_texts", "read_texts_to_fit", "tag_text"]


def read_texts(
    X: Any, load: Callable[[Any], Any] = load_text
) -> tuple[list[Any], NDArray[np.bool_]]:
    """Return the texts that are there, and which rows hold them.

    Parameters
    ----------
    X : column of n_samples cells
    load : callable, default=load_text
        Of a cell, returns its text; not asked of a ``str``, which is its own.

    Returns
    -------
    texts : list of length n_present
    present : ndarray of shape (n_samples,), bool

    Raises
    ------
    MediaError
        If a cell is no text, naming its row.
    """
    column = read_column(X)
    # map_items takes longer than all of what follows for a text that is one already.
    texts = [
        None if type(cell) is not str and is_missing(cell) else cell
        for cell in column.cells
    ]
    others = np.flatnonzero([type(text) not in (str, NoneType) for text in texts])
    if len(others):
        with rows_within(others):
            loaded = map_items(load, column.take(others))
        for row, text in zip(others.tolist(), loaded, strict=True):
            texts[row] = text
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
