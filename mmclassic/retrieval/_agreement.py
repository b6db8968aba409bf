"""Coordinates of the modalities in a common space to how well those of a row agree."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.fusion._row_kernel import PartScorer, choose_kernel, times
from mmclassic.retrieval._common_space import KernelAxes, correlate, fit_axes
from mmclassic.retrieval._pairs import Cells, Fold
from mmclassic.retrieval._search import VALUES, prepare

__all__ = [
    "Space",
    "agreement_names",
    "agreements",
    "check_belonging",
    "compare_held_out",
    "moments",
]


Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Space:
    """A space that modalities have in common, and the items that it is learned from.

    Parameters
    ----------
    weights : dict of str to ndarray of shape (n_axes, n_components)
    constants : dict of str to ndarray of shape (n_components,)
    known : dict of str to ndarray of shape (n_items, n_components), float32
        Coordinates of unit length.
    """

    weights: dict[str, Floats]
    constants: dict[str, Floats]
    known: dict[str, Vectors]

    def mapped(self, name: str, coordinates: Floats) -> Vectors:
        """Return coordinates on a part's axes as coordinates in the space.

        Parameters
        ----------
        name : str
        coordinates : ndarray of shape (n_cells, n_axes)

        Returns
        -------
        ndarray of shape (n_cells, n_components), float32
            Of unit length.
        """
        values = coordinates @ self.weights[name] + self.constants[name]
        return prepare(values, "cosine")

    def scorers(self, axes: dict[str, KernelAxes]) -> dict[str, PartScorer]:
        """Return what gives a part's block its coordinates in the space."""
        return {
            name: own.scorer(self.weights[name], self.constants[name])
            for name, own in axes.items()
        }


def part_axes(
    matcher: Any, blocks: dict[str, Any], cells: dict[str, Cells], rows: Any
) -> tuple[dict[str, KernelAxes], dict[str, Floats]]:
    """Return the principal axes of each part, and the coordinates of cells on them.

    Parameters
    ----------
    matcher : CrossModalMatcher
    blocks : dict of str to {ndarray, sparse matrix} of shape (n_cells, n_features)
    cells : dict of str to Cells
    rows : ndarray of bool, shape (n_samples,)
        Whose cells the axes are found from.

    Returns
    -------
    axes : dict of str to KernelAxes
    coordinates : dict of str to ndarray of shape (n_cells, n_axes)
    """
    axes = {
        name: fit_axes(
            block[cells[name].among(rows)],
            choose_kernel(matcher.kernels, name, block),
            matcher.max_rows,
            matcher.max_axes,
        )
        for name, block in blocks.items()
    }
    return axes, {name: axes[name].scorer()(block) for name, block in blocks.items()}


def fit_space(
    coordinates: dict[str, Floats],
    cells: dict[str, Cells],
    rows: NDArray[np.bool_],
    n_components: int,
    shrinkage: list[float],
) -> Space:
    """Return the space in which the modalities of some rows agree best.

    Parameters
    ----------
    coordinates : dict of str to ndarray of shape (n_cells, n_axes)
    cells : dict of str to Cells
    rows : ndarray of bool, shape (n_samples,)
        Whose cells belong together.
    n_components : int
    shrinkage : list of float
        One a part.

    Returns
    -------
    Space
    """
    having = [np.flatnonzero(rows & (each.codes >= 0)) for each in cells.values()]
    views = [
        coordinates[name][each.codes[own]]
        for (name, each), own in zip(cells.items(), having, strict=True)
    ]
    weights, constants, _ = correlate(views, having, n_components, shrinkage, 1.0)
    space = Space(
        dict(zip(cells, weights, strict=True)),
        dict(zip(cells, constants, strict=True)),
        {},
    )
    for name, each in cells.items():
        space.known[name] = space.mapped(name, coordinates[name][each.among(rows)])
    return space


def agreements(
    mapped: dict[str, Vectors],
    known: dict[str, Vectors],
    cells: dict[str, Cells],
    nearest: float,
) -> Floats:
    """Return how well the modalities of each row agree.

    Of each pair of parts the similarity of a row's items, the cosine of their
    coordinates; and, for either item, how similar the items of the other modality are
    that the space was learned from: the nearest few, and the mean and standard
    deviation of all. An item that is similar to all says little by being similar.

    Parameters
    ----------
    mapped, known : dict of str to ndarray of shape (n_cells, n_components), float32
        Of the cells to compare, and of those that the space was learned from.
    cells : dict of str to Cells
    nearest : float
        A share of these items.

    Returns
    -------
    ndarray of shape (n_samples, n_agreements)
        NaN where a row lacks either of a pair.

    References
    ----------
    Conneau et al., "Word translation without parallel data" (2018), arXiv:1710.04087,
    eq. 3: the similarity less the mean of the nearest.
    """
    columns = []
    for a, b in combinations(mapped, 2):
        at_a, at_b = cells[a].codes, cells[b].codes
        both = (at_a >= 0) & (at_b >= 0)
        at_a, at_b = at_a[both], at_b[both]
        found = [np.einsum("ij,ij->i", mapped[a][at_a], mapped[b][at_b])[:, np.newaxis]]
        for own, at, other in ((a, at_a, b), (b, at_b, a)):
            found.append(_surroundings(mapped[own], known[other], nearest)[at])
        column = np.full((len(both), sum(each.shape[1] for each in found)), np.nan)
        column[both] = np.hstack(found)
        columns.append(column)
    return np.hstack(columns)


def compare_held_out(
    matcher: Any,
    blocks: dict[str, Any],
    cells: dict[str, Cells],
    belong: NDArray[np.bool_],
    folds: list[Fold],
    shrinkage: list[float],
) -> Floats:
    """Learn the space, and return how well each row agrees in a space without it.

    Parameters
    ----------
    matcher : CrossModalMatcher
        Gets ``scorers_`` and what is known in the space.
    blocks : dict of str to {ndarray, sparse matrix} of shape (n_cells, n_features)
    cells : dict of str to Cells
    belong : ndarray of bool, shape (n_samples,)
        Rows whose cells belong together.
    folds : list of (ndarray of bool, ndarray of int)
        As `left_out_folds` returns.
    shrinkage : list of float
        One a part.

    Returns
    -------
    ndarray of shape (n_samples, n_agreements)
    """
    axes, coordinates = part_axes(matcher, blocks, cells, belong)
    n_features = len(agreement_names(list(blocks)))
    values = np.full((len(belong), n_features), np.nan)
    settings = matcher.n_components, shrinkage
    for learned, asked in folds:
        check_belonging(matcher, learned & belong, cells)
        space = fit_space(coordinates, cells, learned & belong, *settings)
        own, mapped = {}, {}
        for name, each in cells.items():
            used, own[name] = each.of(asked)
            mapped[name] = space.mapped(name, coordinates[name][used])
        values[asked] = agreements(mapped, space.known, own, matcher.nearest)
    space = fit_space(coordinates, cells, belong, *settings)
    matcher.scorers_, matcher._known = space.scorers(axes), space.known
    return values


def check_belonging(
    matcher: Any, rows: NDArray[np.bool_], cells: dict[str, Cells]
) -> None:
    """Raise if fewer than two rows that belong together hold some modality."""
    for name, each in cells.items():
        n_having = int((rows & (each.codes >= 0)).sum())
        if n_having < 2:
            raise ValueError(
                "CrossModalMatcher learns from rows that belong together, those of "
                f"y == {matcher.pos_label!r}, and needs two at least with the modality "
                f"{name!r}, in each inner fold too. Got {n_having}. Give more, or name "
                "what y says of them in 'pos_label'."
            )


def moments(values: Floats) -> tuple[Floats, Floats]:
    """Return the mean and the standard deviation of each feature, NaN left out."""
    known = ~np.isnan(values)
    n = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / n
    squares = np.where(known, values - mean, 0.0) ** 2
    deviation = np.sqrt(squares.sum(axis=0) / n)
    # What rounding leaves of features that are constant.
    return mean, np.where(deviation > 1e-7, deviation, 1.0)


def _surroundings(vectors: Vectors, known: Vectors, nearest: float) -> Floats:
    """Return how similar known vectors are: the nearest, and mean and deviation.

    A share is as near among few vectors as among many; a number would not be.
    """
    result = np.empty((len(vectors), 3))
    k = max(1, round(nearest * len(known)))
    step = max(1, VALUES // len(known))
    transposed = known.T.astype(np.float64)
    for start in range(0, len(vectors), step):
        similar = times(vectors[start : start + step], transposed)
        most = np.partition(similar, len(known) - k, axis=1)[:, -k:]
        result[start : start + step] = np.column_stack(
            [most.mean(axis=1), similar.mean(axis=1), similar.std(axis=1)]
        )
    return result


def agreement_names(names: list[str]) -> list[str]:
    """Return the names of what ``agreements`` returns."""
    found = []
    for a, b in combinations(names, 2):
        found.append(f"{a}__{b}__similarity")
        for own, other in ((a, b), (b, a)):
            found += [f"{own}__{other}__{what}" for what in ("nearest", "mean", "std")]
    return found
