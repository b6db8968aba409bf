"""What a model's answer loses as cells stand in for one of a row."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mmclassic._execution import rows_within
from mmclassic.fusion._part_models import output_of
from mmclassic.inspection._take_apart import Model, Rows
from mmclassic.inspection._targets import Target
from mmclassic.inspection._visual_words import WordEffects, vocabulary_of

__all__ = [
    "Setting",
    "as_column",
    "batched",
    "effects_of",
    "effects_of_words",
    "emptied",
]

BATCH = 32  # cells that are held at once


def batched(cells: Iterator[Any]) -> Iterator[list[Any]]:
    """Yield cells, some at a time."""
    while batch := list(islice(cells, BATCH)):
        yield batch


def as_column(cells: list[Any], like: Any) -> Any:
    """Return cells as a column of the kind that the part has seen.

    Parameters
    ----------
    cells : list
    like : Series, ndarray or polars Series
    """
    column = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        column[i] = cell
    if not hasattr(like, "iloc"):
        return column
    import pandas as pd

    return pd.Series(column, name=like.name)


def emptied(cells: Any) -> Iterator[Any]:
    """Yield the row of a table whole, then without each of its columns."""
    yield cells
    for column in range(cells.shape[1]):
        if isinstance(cells, np.ndarray):
            without = cells.copy()
            without[:, column] = np.nan if cells.dtype.kind == "f" else None
        elif hasattr(cells, "iloc"):
            without = cells.copy()
            kind = cells.dtypes.iloc[column].kind
            empty = np.array([np.nan]) if kind in "biuf" else np.array([None])
            without.isetitem(column, empty)
        else:
            name = cells.columns[column]
            without = cells.with_columns(cells[name].clear(1).alias(name))
        yield without


@dataclass(frozen=True, slots=True)
class Setting:
    """The row that cells stand in, and what is explained of it.

    Parameters
    ----------
    parted : Model
    rows : Rows
        Of one row.
    row : int
        Its position in X, for errors.
    target : Target
        Of the row.
    """

    parted: Model
    rows: Rows
    row: int
    target: Target

    def standing_in(self, n_cells: int) -> AbstractContextManager[None]:
        """Return a context in which so many cells count as the row."""
        return rows_within(np.full(n_cells, self.row))

    def values(
        self, name: str, output: Any, kept: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the answers to the row with each of several outputs of a modality.

        Parameters
        ----------
        name : str
        output : {ndarray, sparse matrix} or None
        kept : ndarray of bool, shape (n_cells,)
            Which cells the output is of.
        """
        k = self.parted.names.index(name)
        places = np.repeat(self.rows.places, len(kept), axis=0)
        places[:, k] = np.nan
        places[kept, k] = np.arange(kept.sum())
        outputs = {n: out for n, out in self.rows.outputs.items() if n != name}
        if output is not None:
            outputs[name] = output
        answers = self.parted.answers(outputs, places)
        return self.target.repeated(0, len(kept)).values(answers)


def effects_of(
    setting: Setting, name: str, batches: Iterator[Any]
) -> NDArray[np.float64]:
    """Return the answer to the first cell of the batches, less that to each other.

    Parameters
    ----------
    setting : Setting
    name : str
        The modality of the cells.
    batches : iterator of columns, or of tables of a row

    Returns
    -------
    ndarray of shape (n_cells - 1,)
    """
    values = []
    for cells in batches:
        with setting.standing_in(len(cells)):
            output, kept = setting.parted.describe_cells(name, cells)
            values.append(setting.values(name, output, kept))
    whole, *without = np.concatenate(values)
    return whole - np.array(without)


def effects_of_words(
    setting: Setting, name: str, cells: Any, n_words: int
) -> WordEffects | None:
    """Return what the visual words of a row's picture effect, None without any.

    Parameters
    ----------
    setting : Setting
    name : str
        The modality of the picture.
    cells : column of its cell
    n_words : int
        The most words to look at.

    Returns
    -------
    WordEffects or None
    """
    part = last = setting.parted.uncached(name)
    if setting.parted.is_late:
        if not isinstance(part, Pipeline) or len(part.steps) < 2:
            return None
        part, last = part[:-1], part.steps[-1][1]
    (cell,) = list(cells)
    vocabulary = vocabulary_of(part, cell, n_words)
    if vocabulary is None:
        return None
    with setting.standing_in(len(vocabulary.frequent) + 1):
        output = vocabulary.block(cells)
        kept = np.ones(output.shape[0], dtype=bool)
        if setting.parted.is_late:
            output = np.asarray(getattr(last, output_of(last))(output))
        whole, *without = setting.values(name, output, kept)
    return vocabulary.with_effects(whole - np.array(without))
