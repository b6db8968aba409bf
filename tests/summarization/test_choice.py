"""Segments are chosen within a budget, which is used however long the video is."""

from itertools import product

import numpy as np
import pytest

from mmclassic.summarization._choice import alike_groups, choose


def made(n, n_groups, seed=0):
    """Return segments of 1 to 5 s, their importance and their groups."""
    rng = np.random.default_rng(seed)
    edges = np.concatenate([[0], rng.uniform(1, 5, n).cumsum()])
    segments = np.column_stack([edges[:-1], edges[1:]])
    return segments, rng.random(n), rng.integers(0, n_groups, n)


def worth(chosen, segments, importance, groups, decay):
    """Return what a choice is worth: the next of a group a share of the one before."""
    values = (importance + 1e-3) * np.diff(segments).ravel()
    total = 0.0
    for group in set(groups[chosen].tolist()):
        best = np.sort(values[chosen & (groups == group)])[::-1]
        total += float(best @ decay ** np.arange(len(best)))
    return total


@pytest.mark.parametrize("decay", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_no_other_choice_is_worth_more(decay, seed):
    segments, importance, groups = made(9, 3, seed)
    budget = 0.4 * segments[-1, 1]
    seconds = np.diff(segments).ravel()
    every = (np.array(bits, dtype=bool) for bits in product([False, True], repeat=9))
    best = max(
        worth(each, segments, importance, groups, decay)
        for each in every
        if seconds[each].sum() <= budget
    )
    chosen = choose(segments, importance, groups, budget=budget, decay=decay)
    assert seconds[chosen].sum() <= budget
    found = worth(chosen, segments, importance, groups, decay)
    assert found == pytest.approx(best, abs=0.01)


@pytest.mark.parametrize("n", [300, 3000, 20_000])
def test_the_budget_of_a_long_video_is_used_for_the_most_important(n):
    segments, importance, _ = made(n, 1)
    seconds = np.diff(segments).ravel()
    budget = 0.15 * float(seconds.sum())
    chosen = choose(segments, importance, np.arange(n), budget=budget, decay=0.5)
    assert 0.99 * budget < seconds[chosen].sum() <= budget + 1e-6
    # By falling importance, the last one cut: no choice is worth more.
    order = np.argsort(-importance)
    ends = seconds[order].cumsum()
    parts = np.clip(budget - (ends - seconds[order]), 0, seconds[order])
    bound = float(importance[order] @ parts)
    assert importance[chosen] @ seconds[chosen] > 0.99 * bound


def test_many_that_look_alike_leave_room_for_others():
    segments, importance, groups = made(2000, 40)
    budget = 0.05 * segments[-1, 1]
    chosen = choose(segments, importance, groups, budget=budget, decay=0.5)
    counts = np.bincount(groups[chosen], minlength=40)
    assert counts.min() >= 1
    alone = choose(segments, importance, groups, budget=budget, decay=0.0)
    assert np.bincount(groups[alone]).tolist() == [1] * 40


def test_vectors_are_alike_by_their_direction():
    vectors = np.array([[1.0, 0], [2.0, 0.1], [0, 1], [0, 0], [0.1, 3], [0, 0]])
    assert alike_groups(vectors, 0.1).tolist() == [0, 0, 1, 2, 1, 3]
