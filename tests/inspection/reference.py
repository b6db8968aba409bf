"""Shapley values by their definition: the mean gain over all orders, one by one."""

from itertools import permutations

import numpy as np


def without(X, names):
    """Return the table with some columns empty, as a user would."""
    X = X.copy()
    for name in names:
        X[name] = None
    return X


def shapley(value, names):
    """Return each player's mean gain of value(set of names) over all orders."""
    kept = {}

    def once(members):
        key = frozenset(members)
        if key not in kept:
            kept[key] = value(key)
        return kept[key]

    orders = list(permutations(names))
    gains = dict.fromkeys(names, 0.0)
    for order in orders:
        for i, name in enumerate(order):
            gains[name] = gains[name] + once(order[: i + 1]) - once(order[:i])
    return np.array([gains[name] / len(orders) for name in names])
