"""The choice within a capacity is the best of all, by trying them all."""

from itertools import product

import numpy as np
import pytest

from mmclassic._kernels.knapsack import knapsack


def worth(values, groups, decay, chosen):
    """Return what a choice is worth, by the definition."""
    total = 0.0
    for group in set(groups[chosen]):
        own = np.sort(values[chosen & (groups == group)])[::-1]
        total += (own * decay ** np.minimum(np.arange(len(own)), 8)).sum()
    return total


@pytest.mark.parametrize("decay", [1.0, 0.9, 0.5, 0.0])
@pytest.mark.parametrize("seed", range(6))
def test_no_other_choice_that_fits_is_worth_more(decay, seed):
    rng = np.random.default_rng(seed)
    n = 9
    values, lengths = rng.uniform(0, 1, n), rng.integers(0, 7, n)
    groups = rng.integers(0, 3, n)
    capacity = int(rng.integers(0, 20))
    chosen = knapsack(values, lengths, capacity, groups=groups, decay=decay)
    own = np.arange(n) if decay == 1 else groups
    best = max(
        worth(values, own, decay, np.array(choice, dtype=bool))
        for choice in product([False, True], repeat=n)
        if lengths[np.array(choice, dtype=bool)].sum() <= capacity
    )
    assert lengths[chosen].sum() <= capacity
    assert worth(values, own, decay, chosen) == pytest.approx(best, abs=1e-12)


def test_more_alike_items_than_are_told_apart_are_chosen_once_each():
    n = 20
    values, lengths = np.linspace(1, 2, n), np.ones(n, dtype=np.int64)
    groups = np.zeros(n, dtype=np.int64)
    chosen = knapsack(values, lengths, 15, groups=groups, decay=0.8)
    assert chosen.sum() == 15
    assert chosen[5:].all()


def test_a_lesser_item_of_another_group_goes_before_a_look_alike():
    values = np.array([1.0, 0.9, 0.5])
    lengths, groups = np.array([1, 1, 1]), np.array([0, 0, 1])
    chosen = knapsack(values, lengths, 2, groups=groups, decay=0.5)
    assert chosen.tolist() == [True, False, True]
    assert knapsack(values, lengths, 2).tolist() == [True, True, False]


def test_without_items_or_room_nothing_is_chosen():
    empty = np.zeros(0, dtype=np.int64)
    assert knapsack(np.zeros(0), empty, 5).shape == (0,)
    assert not knapsack(np.ones(2), np.array([3, 4]), 2).any()
