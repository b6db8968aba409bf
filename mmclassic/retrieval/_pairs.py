"""Columns of a table to their distinct cells, and to which rows hang together."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from mmclassic.fusion._blocks import lacking_rows
from mmclassic.fusion._tables import n_rows, select

__all__ = [
    "Cells",
    "Fold",
    "distinct_cells",
    "items_of",
    "left_out_folds",
    "valid_cells",
]

Fold = tuple[NDArray[np.bool_], NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Cells:
    """Which of a column's distinct cells each row holds.

    Parameters
    ----------
    first : ndarray of bool, shape (n_samples,)
        Which rows hold a cell for the first time.
    codes : ndarray of int, shape (n_samples,)
        Of each row its cell's place among the first; -1 where it lacks the modality.
    """

    first: NDArray[np.bool_]
    codes: NDArray[np.intp]

    def without(self, lacking: NDArray[np.bool_]) -> "Cells":
        """Return the same where some of the distinct cells count as missing.

        Parameters
        ----------
        lacking : ndarray of bool, shape (n_cells,)

        Returns
        -------
        Cells
        """
        places = np.where(lacking, -1, np.cumsum(~lacking) - 1)
        # -1, for rows that lack the modality, is the place of the last.
        return replace(self, codes=np.r_[places, -1][self.codes])

    def of(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], "Cells"]:
        """Return the distinct cells of some rows, and which each of these rows holds.

        Parameters
        ----------
        rows : ndarray of int, shape (n_rows,)

        Returns
        -------
        ndarray of int, shape (n_cells,)
        Cells
            Of those cells alone.
        """
        used, places = np.unique(np.r_[-1, self.codes[rows]], return_inverse=True)
        return used[1:], Cells(self.first[rows], places[1:] - 1)

    def among(self, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the distinct cells of some rows, rising."""
        codes = np.unique(self.codes[rows])
        return codes[codes >= 0]


def distinct_cells(
    table: Any, positions: dict[str, Any], present: NDArray[np.bool_]
) -> dict[str, Cells]:
    """Return the distinct cells of each part's column.

    Texts, paths, bytes and arrays are compared; any other cell is distinct from all.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    positions : dict of str to int or list of int
    present : ndarray of bool, shape (n_samples, n_modalities)

    Returns
    -------
    dict of str to Cells
    """
    every = np.ones(n_rows(table), dtype=bool)
    return {
        name: _distinct(
            None if isinstance(at, list) else select(table, at, every), having
        )
        for (name, at), having in zip(positions.items(), present.T, strict=True)
    }


def _distinct(column: Any, having: NDArray[np.bool_]) -> Cells:
    first = np.zeros(len(having), dtype=bool)
    codes = np.full(len(having), -1, dtype=np.intp)
    if column is None or getattr(column.dtype, "kind", "O") in "biufc":
        codes[having] = np.arange(having.sum())
        return Cells(having, codes)
    known: dict[Any, int] = {}
    for row, cell in enumerate(column):
        if not having[row]:
            continue
        key = _key(cell, row)
        first[row] = key not in known
        codes[row] = known.setdefault(key, len(known))
    return Cells(first, codes)


def _key(cell: Any, row: int) -> Any:
    """Return what is equal for equal cells, or the row's own."""
    if isinstance(cell, str | bytes | os.PathLike):
        return cell
    if isinstance(cell, np.ndarray) and cell.dtype.kind in "biuf":
        content = hashlib.blake2b(cell.tobytes()).digest()
        return cell.shape, cell.dtype.str, content
    return (row,)


def valid_cells(
    cells: dict[str, Cells], found: list[Any]
) -> tuple[dict[str, Any], dict[str, Cells]]:
    """Return blocks without invalid items, and cells that count these as missing.

    Parameters
    ----------
    cells : dict of str to Cells
    found : list of {ndarray, sparse matrix} of shape (n_cells, n_features)
        A block a part, NaN throughout in the rows of invalid items.

    Returns
    -------
    blocks : dict of str to {ndarray, sparse matrix}
    cells : dict of str to Cells
    """
    blocks, kept = {}, {}
    for (name, each), block in zip(cells.items(), found, strict=True):
        lacking = lacking_rows(block)
        blocks[name] = block[~lacking] if lacking.any() else block
        kept[name] = each.without(lacking) if lacking.any() else each
    return blocks, kept


def items_of(
    cells: dict[str, Cells], belong: NDArray[np.bool_], groups: Any = None
) -> NDArray[np.intp]:
    """Return a number for each cell of each row, equal where they are of one item.

    Cells of a row whose cells belong together are of one item, as a photo and all of
    its captions are; so are those of all such rows of a group.

    Parameters
    ----------
    cells : dict of str to Cells
    belong : ndarray of bool, shape (n_samples,)
        Rows whose cells belong together.
    groups : array-like of shape (n_samples,), default=None

    Returns
    -------
    ndarray of int, shape (n_samples, n_modalities)
        -1 where a row lacks the modality, or no row that belongs together has the cell.
    """
    codes = np.column_stack([each.codes for each in cells.values()])
    of_groups = np.arange(len(codes))
    if groups is not None:
        of_groups = np.unique(np.asarray(groups), return_inverse=True)[1]
    sizes = codes.max(axis=0, initial=-1) + 1
    nodes = np.where(codes >= 0, codes + np.r_[0, np.cumsum(sizes)[:-1]], -1)
    # Each group is a node too, tied to the cells of its rows that belong.
    tied = (nodes >= 0) & belong[:, np.newaxis]
    ends = nodes[tied], sizes.sum() + of_groups[np.nonzero(tied)[0]]
    shape = (int(sizes.sum() + len(codes)),) * 2
    graph = sparse.coo_matrix((np.ones(tied.sum()), ends), shape)
    _, found = connected_components(graph, directed=False)
    unknown = np.ones(len(found), dtype=bool)
    unknown[ends[0]] = False
    return np.r_[np.where(unknown, -1, found), -1][nodes].astype(np.intp)


def left_out_folds(items: NDArray[np.intp], n_folds: int) -> list[Fold]:
    """Return which rows to learn from, so as to compare others as new ones are.

    Items are dealt to folds, in the order of their rows. As many folds as a row's
    items may be of are left out at a time: every row is compared by what is learned
    without all of its items, and from as many, whether they belong together or not.

    Parameters
    ----------
    items : ndarray of int, shape (n_samples, n_modalities)
        As `items_of` returns.
    n_folds : int
        At most; fewer where there are fewer items.

    Returns
    -------
    list of (ndarray of bool, shape (n_samples,), ndarray of int)
        Rows to learn from, and the positions of those to compare. No row is compared
        twice.

    Raises
    ------
    ValueError
        If there are too few items.
    """
    held = items[items >= 0]
    known, first, places = np.unique(held, return_index=True, return_inverse=True)
    n_folds = min(n_folds, len(known))
    ranks = np.argsort(np.argsort(first))
    folds = np.full(items.shape, -1, dtype=np.intp)
    folds[items >= 0] = (ranks * n_folds // max(len(known), 1))[places]
    of_rows = [frozenset(row[row >= 0].tolist()) for row in folds]
    most = max([1, *map(len, of_rows)])
    if n_folds <= most:
        raise ValueError(
            f"To compare rows by what is learned without their items takes {most + 1} "
            f"items at least, and they hold {len(known)}. Give more rows, of other "
            "items, or fewer 'groups', or raise 'cv'."
        )
    plans = [frozenset(chosen) for chosen in combinations(range(n_folds), most)]
    options: dict[frozenset[int], Iterator[int]] = {}
    chosen = np.empty(len(items), dtype=np.intp)
    for row, own in enumerate(of_rows):
        if own not in options:
            options[own] = cycle([i for i, plan in enumerate(plans) if own <= plan])
        chosen[row] = next(options[own])
    return [
        (
            np.asarray(~np.isin(folds, list(plan)).any(axis=1)),
            np.nonzero(chosen == i)[0],
        )
        for i, plan in enumerate(plans)
        if (chosen == i).any()
    ]
