"""Items of a value and a length, some alike, to the best choice within a capacity."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_COUNTED", "knapsack"]

MOST_COUNTED = 8  # alike items; those beyond are worth what this one would be
LEFT_OUT, NEXT, BEYOND = 0, 1, 2  # what became of an item

Trace = NDArray[np.uint8]


def knapsack(
    values: NDArray[np.float64],
    lengths: NDArray[np.int64],
    capacity: int,
    *,
    groups: NDArray[np.int64] | None = None,
    decay: float = 1.0,
) -> NDArray[np.bool_]:
    """Choose the items of the greatest total value whose lengths fit, exactly.

    Of the chosen items of a group the most valuable counts in full, the next one
    ``decay`` times its value, the one after ``decay ** 2`` times, and so on down to
    ``decay ** 8``. With ``decay=1`` it is the 0/1 knapsack.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        At least 0.
    lengths : ndarray of shape (n,), int
        At least 0.
    capacity : int
    groups : ndarray of shape (n,), int, or None, default=None
        None is a group for each item.
    decay : float, default=1.0
        In [0, 1].

    Returns
    -------
    ndarray of shape (n,), bool

    Notes
    -----
    Dynamic programming over capacities, and in a group over how many of it are chosen:
    its items come by falling value, so that each one chosen is the next in rank. It
    takes O(n capacity) steps and bytes for each of the nine counts.
    """
    n = len(values)
    chosen = np.zeros(n, dtype=bool)
    if not n:
        return chosen
    if groups is None or decay == 1:
        groups = np.arange(n)
    order = np.lexsort((-values, groups))
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    best = np.zeros(capacity + 1)
    done = []
    for members in np.split(order, starts):
        best, counts, traces = _add_group(
            best, values[members], lengths[members], decay
        )
        done.append((members, counts, traces))
    left = int(np.argmax(best))
    for members, counts, traces in reversed(done):
        count = int(counts[left])
        for item, trace in zip(members[::-1], traces[::-1], strict=True):
            became = trace[count, left]
            if became != LEFT_OUT:
                chosen[item] = True
                left -= int(lengths[item])
                count -= became == NEXT
    return chosen


def _add_group(
    before: NDArray[np.float64],
    values: NDArray[np.float64],
    lengths: NDArray[np.int64],
    decay: float,
) -> tuple[NDArray[np.float64], NDArray[np.intp], list[Trace]]:
    """Return the best values by capacity, and how many and which items make them."""
    most = min(len(values), MOST_COUNTED)
    best = np.full((most + 1, len(before)), -np.inf)
    best[0] = before
    traces = []
    for value, length in zip(values.tolist(), lengths.tolist(), strict=True):
        trace = np.zeros(best.shape, dtype=np.uint8)
        # From the highest count down, so that the item is taken once.
        for count in range(most, 0, -1):
            # Beyond the most that are told apart the count stays.
            for came_from in (count, count - 1) if count == most else (count - 1,):
                gain = value * decay**came_from
                room = len(before) - length
                if room <= 0:
                    continue
                taken = best[came_from, :room] + gain
                better = taken > best[count, length:]
                best[count, length:][better] = taken[better]
                trace[count, length:][better] = NEXT if came_from < count else BEYOND
        traces.append(trace)
    return best.max(axis=0), best.argmax(axis=0), traces
