"""What a model's answer loses as cells stand in for one of a row."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import rows_within
from mmclassic.inspection._take_apart import Model, Rows
from mmclassic.inspection._targets import Target

__all__ = ["as_column", "batched", "effects_of", "emptied"]

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


def effects_of(
    parted: Model,
    rows: Rows,
    row: int,
    name: str,
    target: Target,
    batches: Iterator[Any],
) -> NDArray[np.float64]:
    """Return the answer to the first cell of the batches, less that to each other.

    Parameters
    ----------
    parted : Model
    rows : Rows
        The row that the cells stand in.
    row : int
        Its position in X, for errors.
    name : str
        The modality of the cells.
    target : Target
        Of the row.
    batches : iterator of columns, or of tables of a row

    Returns
    -------
    ndarray of shape (n_cells - 1,)
    """
    k = parted.names.index(name)
    values = []
    for cells in batches:
        with rows_within(np.full(len(cells), row)):  # all of them stand in for it
            output, kept = parted.describe_cells(name, cells)
            places = np.repeat(rows.places, len(kept), axis=0)
            places[:, k] = np.nan
            places[kept, k] = np.arange(kept.sum())
            outputs = {n: out for n, out in rows.outputs.items() if n != name}
            if output is not None:
                outputs[name] = output
            answers = parted.answers(outputs, places)
            values.append(target.repeated(0, len(kept)).values(answers))
    whole, *without = np.concatenate(values)
    return whole - np.array(without)
