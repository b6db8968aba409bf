"""A column to the described sample of its items that an encoder learns from."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Column, map_items, rows_within
from mmclassic._local_features import LocalFeatures

__all__ = ["Described", "describe_sample", "draw_descriptors", "spread_order"]

Described = dict[int, LocalFeatures | None]

GOLDEN_RATIO = (5**0.5 - 1) / 2
FIRST_ROUND = 32  # items; fixed, so that the sample is the same for any n_jobs


def spread_order(n_rows: int, random_state: np.random.RandomState) -> NDArray[np.intp]:
    """Return an order of rows whose every beginning is spread evenly over them.

    The fractional parts of multiples of the golden ratio, from a random start, are
    ranked: by the three-gap theorem rows below any threshold are two or three
    distances apart, so a table sorted by class is sampled from each class alike.

    Parameters
    ----------
    n_rows : int
    random_state : RandomState

    Returns
    -------
    ndarray of shape (n_rows,), intp
    """
    start = random_state.uniform()
    return np.argsort((start + np.arange(n_rows) * GOLDEN_RATIO) % 1, kind="stable")


def describe_sample(
    describe: Callable[[Any], LocalFeatures],
    column: Column,
    order: NDArray[np.intp],
    *,
    max_bytes: int,
    n_jobs: int | None,
    invalid: Literal["error", "missing"],
) -> Described:
    """Return the descriptors of the first rows of an order, about ``max_bytes``.

    Parameters
    ----------
    describe : callable
        Of one cell.
    column : Column
    order : ndarray of row positions, intp
        The rows that may be taken, the first ones first.
    max_bytes : int
        Rows are taken, in rounds of as many as should reach this size, until they do.
    n_jobs, invalid
        As of ``map_items``.

    Returns
    -------
    dict of row position to LocalFeatures, or to None where the item is missing
    """
    described: Described = {}
    n_bytes = 0
    n_round = FIRST_ROUND
    while n_bytes < max_bytes and len(described) < len(order):
        rows = order[len(described) : len(described) + n_round]
        with rows_within(rows):
            results = map_items(
                describe, column.take(rows), n_jobs=n_jobs, invalid=invalid
            )
        described.update(zip(rows.tolist(), results, strict=True))
        n_bytes += sum(features.nbytes for features in results if features is not None)
        most = 4 * n_round
        if n_bytes:  # else only missing and blank items so far: look on in strides
            wanted = (max_bytes - n_bytes) * len(described) / n_bytes
            most = min(most, max(1, int(wanted)))
        n_round = most
    return described


def draw_descriptors(
    described: list[LocalFeatures], n_max: int, random_state: np.random.RandomState
) -> LocalFeatures:
    """Return at most ``n_max`` descriptors of all, drawn uniformly, as float32.

    Parameters
    ----------
    described : list of LocalFeatures, none of them empty
    n_max : int
    random_state : RandomState

    Returns
    -------
    LocalFeatures
    """
    ends = np.cumsum([len(features) for features in described])
    if ends[-1] > n_max:
        drawn = np.sort(random_state.choice(ends[-1], n_max, replace=False))
    else:
        drawn = np.arange(ends[-1])
    limits = np.searchsorted(drawn, ends)
    descriptors = np.empty(
        (len(drawn), described[0].descriptors.shape[1]), dtype=np.float32
    )
    positions = np.empty((len(drawn), described[0].positions.shape[1]), np.float32)
    begin = offset = 0
    for features, limit, end in zip(described, limits, ends, strict=True):
        rows = drawn[begin:limit] - offset
        descriptors[begin:limit] = features.descriptors[rows]
        positions[begin:limit] = features.positions[rows]
        begin, offset = limit, end
    return LocalFeatures(descriptors, positions)
