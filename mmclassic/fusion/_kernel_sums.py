"""Sums of kernels, and of what modalities add to a row's scores."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "combine",
    "inverse_shares",
    "margins",
    "n_machines",
    "placed",
    "sets_to_fit",
    "sum_kernels",
]

# Of more modalities there are no machines of all sets, but of each alone and of all but
# one, beside those of all.
MOST_MODALITIES = 4

Floats = NDArray[np.float64]


def inverse_shares(present: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return 1 / the share of the weights that each row has, 0 for one of none.

    Parameters
    ----------
    present : ndarray of bool, shape (n_rows, n_modalities)
    weights : ndarray of shape (n_modalities,)

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    shares = present @ weights
    return np.divide(weights.sum(), shares, out=np.zeros_like(shares), where=shares > 0)


def combine(
    parts: list[Floats],
    present: NDArray[np.bool_],
    weights: Floats,
    sets: NDArray[np.bool_],
    intercept: Floats,
    priors: list[Floats],
) -> tuple[list[Floats], Floats]:
    """Return a score of each class and row, out of what each modality adds.

    Parameters
    ----------
    parts : list of ndarrays of shape (n_present, n_sets * n_machines)
    present : ndarray of bool, shape (n_rows, n_modalities)
    weights : ndarray of shape (n_modalities,)
        They sum to 1.
    sets : ndarray of bool, shape (n_sets, n_modalities)
        A row is scored by the machines of the modalities that it has, or where there
        are none by those of all.
    intercept : ndarray of shape (n_sets, n_machines)
        A machine a class of each output, or one of its two classes.
    priors : list of ndarrays of shape (n_classes,)
        Of each output.

    Returns
    -------
    scores : list of ndarrays of shape (n_rows, n_classes)
        The logarithms of the prior for a row that has no modality of any weight.
    shares : ndarray of shape (n_rows,)
        The share of the weights of the modalities that the row has.
    """
    n_rows = len(present)
    totals = np.zeros((n_rows, intercept.size))
    for scores, rows in zip(parts, present.T, strict=True):
        totals[rows] += scores
    bits = 2 ** np.arange(len(weights))
    place_of = {code: place for place, code in enumerate((sets @ bits).tolist())}
    had = (present & (weights > 0)) @ bits
    places = np.array([place_of.get(code, 0) for code in had.tolist()], dtype=np.intp)
    chosen = totals.reshape(n_rows, *intercept.shape)[np.arange(n_rows), places]
    shares = present @ weights
    of_all = (places == 0) & (shares > 0)
    chosen[of_all] /= shares[of_all, None]
    chosen = chosen + intercept[places]
    ends = np.cumsum([n_machines(len(prior)) for prior in priors])
    each = []
    for own, prior in zip(np.split(chosen, ends[:-1], axis=1), priors, strict=True):
        of_classes = np.column_stack([-own, own]) if len(prior) == 2 else own.copy()
        of_classes[shares == 0] = np.log(np.maximum(prior, 1e-300))
        each.append(of_classes)
    return each, shares


def margins(scores: list[Floats], shares: Floats) -> list[Floats]:
    """Return what ``combine`` gave, of outputs of two classes by one number a row."""
    nothing = shares == 0
    return [
        np.where(nothing, own[:, 1] - own[:, 0], own[:, 1])
        if own.shape[1] == 2
        else own
        for own in scores
    ]


def n_machines(n_classes: int) -> int:
    """Return how many machines tell so many classes from each other."""
    return 1 if n_classes == 2 else n_classes


def sets_to_fit(
    used: NDArray[np.bool_], wanted: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Return the sets of modalities to fit machines of, that of all used ones first."""
    (modalities,) = np.nonzero(used)
    n = len(modalities)
    sizes = range(1, n) if n <= MOST_MODALITIES else (1, n - 1)
    smaller = [subset for k in sizes for subset in combinations(modalities.tolist(), k)]
    subsets = [tuple(modalities.tolist()), *smaller]
    sets = np.zeros((len(subsets), len(used)), dtype=bool)
    for place, subset in enumerate(subsets):
        sets[place, list(subset)] = True
    if wanted is None:
        return sets
    kept = (sets[:, None] == (wanted & used)).all(axis=2).any(axis=1)
    kept[0] = True
    return sets[kept]


def placed(matrix: Floats, rows: NDArray[np.bool_]) -> Floats:
    """Return a kernel of all rows, of zeros where one lacks the modality."""
    if rows.all():
        return matrix
    placed = np.zeros((len(rows), len(rows)))
    placed[np.ix_(rows, rows)] = matrix
    return placed


def sum_kernels(matrices: list[Floats], weights: Floats, scales: Floats) -> Floats:
    """Return the weighted sum of kernels, both its sides multiplied by the scales.

    Parameters
    ----------
    matrices : list of ndarrays of shape (n_rows, n_rows)
    weights : ndarray of shape (n_modalities,)
    scales : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows, n_rows)
    """
    total = np.zeros_like(matrices[0])
    for matrix, weight in zip(matrices, weights, strict=True):
        total += weight * matrix
    if (scales != 1.0).any():
        total *= scales[:, None]
        total *= scales
    return total
