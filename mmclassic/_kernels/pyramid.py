"""Positions to the regions of a pyramid: named grids, rows x columns, over an item."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Regions", "parse_pyramid", "pyramid_regions", "region_names"]

Grid = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Regions:
    """Which descriptors lie in which region of a pyramid.

    The grids' borders cut the item into atoms; each region is a union of atoms. Sums
    are taken once an atom, however many grids there are.

    Parameters
    ----------
    atoms : ndarray of shape (n,), intp
        The atom that each descriptor lies in.
    membership : ndarray of shape (n_regions, n_atoms), bool
        Which atoms make up each region.
    """

    atoms: NDArray[np.intp]
    membership: NDArray[np.bool_]

    @property
    def n_atoms(self) -> int:
        """Number of atoms that hold a descriptor."""
        return self.membership.shape[1]

    def members(self) -> list[NDArray[np.intp]]:
        """Return the descriptors of each region, n_regions arrays of positions."""
        return [np.flatnonzero(row[self.atoms]) for row in self.membership]

    def by_atom(self) -> list[NDArray[np.intp]]:
        """Return the descriptors of each atom, n_atoms arrays of positions."""
        order = np.argsort(self.atoms, kind="stable")
        ends = np.cumsum(np.bincount(self.atoms, minlength=self.n_atoms))
        return np.split(order, ends[:-1])

    def sums(self, atom_sums: NDArray[Any]) -> NDArray[np.float64]:
        """Return sums over regions, (n_regions, ...), of sums over (n_atoms, ...)."""
        flat = atom_sums.reshape(len(atom_sums), -1)
        sums = self.membership.astype(np.float64) @ flat
        return sums.reshape(-1, *atom_sums.shape[1:])


def parse_pyramid(pyramid: str | Sequence[str]) -> tuple[Grid, ...]:
    """Return the (rows, columns) of each named grid.

    Parameters
    ----------
    pyramid : str or sequence of str
        "1x1", or ("1x1", "3x1", "2x2"); rows x columns.

    Returns
    -------
    tuple of (int, int)

    Raises
    ------
    ValueError
        If a name is no grid.
    """
    names = (pyramid,) if isinstance(pyramid, str) else tuple(pyramid)
    grids = []
    for name in names:
        match = re.fullmatch(r"([1-9]\d?)x([1-9]\d?)", str(name))
        if match is None:
            raise ValueError(
                "The 'pyramid' parameter must name grids, rows x columns, such as "
                f"'1x1' or ('1x1', '3x1', '2x2'). Got {name!r} instead."
            )
        grids.append((int(match[1]), int(match[2])))
    if not grids:
        raise ValueError(
            "The 'pyramid' parameter must name at least one grid, such as '1x1'."
        )
    return tuple(grids)


def region_names(grids: Sequence[Grid]) -> list[str]:
    """Return the regions' names, row by row: "2x2_0", "2x2_1", ...

    Parameters
    ----------
    grids : sequence of (int, int)

    Returns
    -------
    list of str, n_regions
    """
    return [
        f"{rows}x{columns}_{region}"
        for rows, columns in grids
        for region in range(rows * columns)
    ]


def pyramid_regions(positions: NDArray[Any], grids: Sequence[Grid]) -> Regions:
    """Return the regions that descriptors at the given positions lie in.

    Parameters
    ----------
    positions : ndarray of shape (n, 1) or (n, 2)
        Time, or (y, x), in [0, 1]. A border belongs to the region after it.
    grids : sequence of (int, int)
        Rows and columns; positions of one dimension have one column only.

    Returns
    -------
    Regions

    Raises
    ------
    ValueError
        If a grid has columns and the positions have one dimension.
    """
    check_grids(grids, positions.shape[1])
    if all(grid == (1, 1) for grid in grids):
        whole = np.zeros(len(positions), dtype=np.intp)
        return Regions(whole, np.ones((len(grids), min(len(positions), 1)), dtype=bool))
    code = np.zeros(len(positions), dtype=np.intp)
    for grid in grids:
        code *= grid[0] * grid[1]
        code += _cells(positions, grid)
    codes, atoms = np.unique(code, return_inverse=True)
    membership = []
    for rows, columns in reversed(grids):
        codes, cells = np.divmod(codes, rows * columns)
        membership.append(cells == np.arange(rows * columns)[:, np.newaxis])
    return Regions(atoms.reshape(-1), np.concatenate(membership[::-1]))


def check_grids(grids: Sequence[Grid], n_axes: int) -> None:
    """Raise ValueError if a grid has columns where positions have one dimension.

    Parameters
    ----------
    grids : sequence of (int, int)
    n_axes : int
        Dimensions of a position.
    """
    for rows, columns in grids:
        if columns > 1 and n_axes == 1:
            raise ValueError(
                f"The grid '{rows}x{columns}' of 'pyramid' has columns, but these "
                "descriptors have a place in time only. Use rows, such as "
                f"'{rows * columns}x1'."
            )


def _cells(positions: NDArray[Any], grid: Grid) -> NDArray[np.intp]:
    cells = np.zeros(len(positions), dtype=np.intp)
    for axis in range(positions.shape[1]):
        n = grid[axis]
        along = (positions[:, axis].astype(np.float64) * n).astype(np.intp)
        cells = cells * n + np.clip(along, 0, n - 1)
    return cells
