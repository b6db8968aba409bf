"""Shapley values of few players: which coalitions to play, and what each counts."""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

__all__ = ["Coalitions", "shapley_coalitions"]


@dataclass(frozen=True, slots=True)
class Coalitions:
    """Coalitions to play, and how their values sum to each player's share.

    Parameters
    ----------
    members : ndarray of bool, shape (n_coalitions, n_players)
        The first is empty and the last is whole.
    coefficients : ndarray of shape (n_coalitions, n_players)
        ``coefficients.T @ values`` are the shares, which sum to the value of the
        whole less that of the empty coalition.
    exact : bool
        Whether they are of all orders of the players, rather than of some drawn.
    """

    members: NDArray[np.bool_]
    coefficients: NDArray[np.float64]
    exact: bool


def shapley_coalitions(
    n_players: int, max_coalitions: int, random_state: np.random.RandomState
) -> Coalitions:
    """Return all coalitions, or those of some drawn orders if there are too many.

    Parameters
    ----------
    n_players : int
    max_coalitions : int
        At least ``2 * n_players``, which one order and its reverse take.
    random_state : RandomState

    Returns
    -------
    Coalitions
    """
    if 2**n_players <= max_coalitions:
        return _all_coalitions(n_players)
    return _drawn_coalitions(n_players, max_coalitions, random_state)


def _all_coalitions(n_players: int) -> Coalitions:
    numbers = np.arange(2**n_players)
    members = (numbers[:, None] >> np.arange(n_players)) & 1 == 1
    sizes = members.sum(axis=1)
    # A player joins a coalition of that size in 1 of n * comb(n - 1, size) orders.
    joining = np.array(
        [1 / (n_players * comb(n_players - 1, size)) for size in range(n_players)]
    )
    coefficients = np.where(
        members,
        joining[np.maximum(sizes - 1, 0)][:, None],
        -joining[np.minimum(sizes, n_players - 1)][:, None],
    )
    return Coalitions(members, coefficients, exact=True)


def _drawn_coalitions(
    n_players: int, max_coalitions: int, random_state: np.random.RandomState
) -> Coalitions:
    """Return the coalitions of drawn orders, each beside its reverse.

    An order and its reverse err to opposite sides (antithetic sampling).
    """
    shares: dict[bytes, NDArray[np.float64]] = {}
    n_orders = 0
    while True:
        order = random_state.permutation(n_players)
        chains = [_chain(order), _chain(order[::-1])]
        new = {row.tobytes() for chain in chains for row in chain} - set(shares)
        if n_orders and len(shares) + len(new) > max_coalitions:
            break
        for chain, joined in zip(chains, (order, order[::-1]), strict=True):
            for before, after, player in zip(
                chain[:-1], chain[1:], joined, strict=True
            ):
                for row, sign in ((before, -1.0), (after, 1.0)):
                    share = shares.setdefault(row.tobytes(), np.zeros(n_players))
                    share[player] += sign
        n_orders += 2
    members = np.array([np.frombuffer(row, dtype=bool) for row in shares])
    order = np.argsort(members.sum(axis=1), kind="stable")
    coefficients = np.array(list(shares.values()))[order] / n_orders
    return Coalitions(members[order], coefficients, exact=False)


def _chain(order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return the coalitions from empty to whole as players join in that order."""
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[None, :] < np.arange(len(order) + 1)[:, None]
