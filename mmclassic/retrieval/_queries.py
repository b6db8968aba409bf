"""Queries, as cells of one modality or as a table, to what its part takes."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmclassic._execution import original_row, read_column
from mmclassic.fusion._columns import as_list
from mmclassic.fusion._tables import as_table, column_names, n_rows, presence, select

__all__ = ["read_queries", "refuse_lacking", "warn_of_blank"]


def read_queries(retriever: Any, queries: Any, modality: str) -> Any:
    """Return the cells of queries, all of which must hold something.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    queries : sequence of cells, or table
    modality : str

    Returns
    -------
    sequence or table

    Raises
    ------
    ValueError
        If a query is missing, or a table has no column of the modality.
    """
    positions = retriever._positions[modality]
    wanted = _names(retriever, as_list(positions))
    names = column_names(queries)
    if names is not None and wanted is not None and set(wanted) <= set(names):
        at = [names.index(name) for name in wanted]
        every = np.ones(n_rows(queries), dtype=bool)
        one = isinstance(positions, int)
        cells = select(queries, at[0] if one else at, every)
        present = presence(queries, at)
    elif isinstance(positions, int):
        column = read_column(queries)
        cells, present = column.cells, column.present()
    else:
        cells = as_table(queries)
        if cells.shape[1] != len(positions):
            raise ValueError(
                f"A query of {modality!r} has {len(positions)} columns. Got "
                f"{cells.shape[1]} instead."
            )
        if wanted is not None and column_names(cells) is None:
            cells = pd.DataFrame(cells, columns=wanted)
        present = presence(cells, list(range(len(positions))))
    refuse_lacking(~present, modality)
    return cells


def refuse_lacking(lacking: NDArray[np.bool_], modality: str) -> None:
    """Raise if a query lacks its modality.

    Parameters
    ----------
    lacking : ndarray of bool, shape (n_queries,)
    modality : str
    """
    if lacking.any():
        row = original_row(int(np.flatnonzero(lacking)[0]))
        raise ValueError(
            f"Row {row} of the queries lacks the modality {modality!r}. Drop it, or "
            "ask by another modality that it has."
        )


def warn_of_blank(blank: NDArray[np.bool_], modality: str) -> None:
    """Warn if a query has no feature, as a text of unknown words only.

    Parameters
    ----------
    blank : ndarray of bool, shape (n_queries,)
    modality : str
    """
    if blank.any():
        row = original_row(int(np.flatnonzero(blank)[0]))
        warnings.warn(
            f"{int(blank.sum())} of the queries hold nothing that the part "
            f"{modality!r} knows, and what they find means nothing. The first: row "
            f"{row}. Ask by words, or by an item, that the retriever's rows are like.",
            stacklevel=4,
        )


def _names(retriever: Any, positions: list[int]) -> list[Any] | None:
    seen = getattr(retriever, "feature_names_in_", None)
    return None if seen is None else [seen[position] for position in positions]
