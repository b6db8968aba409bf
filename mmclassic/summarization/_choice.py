"""Important segments to those of a summary: within a length, and not alike."""

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.knapsack import MOST_COUNTED, knapsack

__all__ = ["alike_groups", "choose"]

MOST_CELLS = 16_000_000  # bytes that the exact choice may take
LEAST_WORTH = 1e-3  # importance of what has none, so that it fills what is left
ROUNDING = 1e-9  # seconds
UNIT = 0.001  # seconds; long summaries are counted more coarsely
MOST_UNITS = 20_000
COARSE = 0.1  # seconds


def alike_groups(vectors: NDArray[np.float64], distance: float) -> NDArray[np.int64]:
    """Return the group of each vector: that whose first vector is near to it.

    Parameters
    ----------
    vectors : ndarray of shape (n, d)
    distance : float
        Greatest cosine distance to the group's first.

    Returns
    -------
    ndarray of shape (n,), int

    Notes
    -----
    One pass, so that a long video takes no matrix of all pairs.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    firsts: list[int] = []
    groups = np.empty(len(unit), dtype=np.int64)
    for i, vector in enumerate(unit):
        near = 1 - unit[firsts] @ vector if firsts else np.ones(0)
        if len(near) and near.min() <= distance:
            groups[i] = near.argmin()
        else:
            groups[i] = len(firsts)
            firsts.append(i)
    return groups


def choose(
    segments: NDArray[np.float64],
    importance: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    budget: float,
    decay: float,
) -> NDArray[np.bool_]:
    """Choose the segments of the greatest importance, a second, within a budget.

    Parameters
    ----------
    segments : ndarray of shape (n_segments, 2)
        Seconds.
    importance : ndarray of shape (n_segments,)
        At least 0.
    groups : ndarray of shape (n_segments,), int
        Of segments that are alike.
    budget : float
        Seconds.
    decay : float
        What the next one of a group is worth beside the one before.

    Returns
    -------
    ndarray of shape (n_segments,), bool

    Notes
    -----
    Exact in steps of the unit that the memory allows, of which lengths are rounded up;
    then what still fits is added one by one. So is all of it where the steps would be
    coarse: among so many the best a second miss little, one segment's worth at most.
    """
    seconds = segments[:, 1] - segments[:, 0]
    if seconds.sum() <= budget + UNIT:
        return np.ones(len(segments), dtype=bool)
    n_units = min(MOST_UNITS, MOST_CELLS // (len(segments) * (MOST_COUNTED + 1)))
    unit = max(UNIT, budget / max(n_units, 100))
    values = (importance + LEAST_WORTH) * seconds
    chosen = np.zeros(len(segments), dtype=bool)
    if unit <= COARSE:
        # Rounded up, so that the budget holds.
        lengths = np.ceil(seconds / unit - 1e-6).astype(np.int64)
        capacity = int(budget / unit + 1e-6)
        chosen = knapsack(values, lengths, capacity, groups=groups, decay=decay)
    _fill(chosen, values, seconds, groups, budget=budget, decay=decay)
    return chosen


def _fill(
    chosen: NDArray[np.bool_],
    values: NDArray[np.float64],
    seconds: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    budget: float,
    decay: float,
) -> None:
    """Choose, of what fits into the room that rounding left, the best a second."""
    room = budget - float(seconds[chosen].sum())
    n_chosen = np.bincount(groups[chosen], minlength=int(groups.max()) + 1)
    gains = np.where(chosen, 0.0, values / seconds)
    while True:
        fits = seconds <= room + ROUNDING
        worth = np.where(fits, gains * decay ** n_chosen[groups], 0.0)
        best = int(worth.argmax())
        if not worth[best] > 0:
            return
        chosen[best] = True
        gains[best] = 0.0
        n_chosen[groups[best]] += 1
        room -= float(seconds[best])
