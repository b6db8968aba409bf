"""Calls in turn: ratios of the times, spreads, and how many calls are made."""

import time

import pytest

from benchmarks.accuracy.scoring import from_scores
from benchmarks.common import Context
from benchmarks.timing import compare, row_of_times, take_turns

QUICK = Context(None, quick=True)


def test_the_spread_of_one_score_is_its_standard_error_and_of_several_over_seeds():
    one = from_scores("a", "", 0.9, 900)
    several = from_scores("a", "", [0.8, 0.9], 900)
    assert one.spread == pytest.approx(1.0)
    assert several.spread == pytest.approx(10 / 2**0.5)
    assert several.ours == pytest.approx(85.0)


def test_pairs_give_the_ratio_of_the_two_times():
    row = compare(
        "naps",
        "",
        lambda: time.sleep(0.001),
        lambda: time.sleep(0.01),
        lambda ours, peer: 0.5,
        "",
        QUICK,
    )
    middle, low, high = row.ratio
    assert 1 < low <= middle <= high
    assert row.error == 0.5


@pytest.mark.parametrize(("warm_up", "calls"), [(True, 3), (False, 2)])
def test_expensive_calls_are_made_no_more_often_than_asked(warm_up, calls):
    made = []
    row = compare(
        "costly",
        "work",
        lambda: made.append("ours"),
        lambda: made.append("peer"),
        None,
        "",
        Context(None),
        min_pairs=2,
        max_pairs=2,
        warm_up=warm_up,
    )
    assert made == ["ours", "peer"] * calls
    assert row.protocol == "work; 2 pairs of calls"
    assert row.error is None and row.cells()["error"] == ""


def test_each_function_takes_an_item_before_the_next_is_taken():
    order = []
    functions = {name: lambda item, name=name: (name, item) for name in ("a", "b")}
    items = (order.append(i) or i for i in range(2))
    for seconds, results in take_turns(functions, items):
        order.append(results)
        assert set(seconds) == {"a", "b"} and min(seconds.values()) >= 0
    assert order == [
        0,
        {"a": ("a", 0), "b": ("b", 0)},
        1,
        {"a": ("a", 1), "b": ("b", 1)},
    ]


def test_a_ratio_is_the_median_of_pairs_with_quartiles():
    ours, peer = [0.1, 0.1, 0.1, 0.1, 0.2], [0.2, 0.4, 0.6, 0.8, 2.0]
    row = row_of_times("a", "", ours, peer, peer_name="other", at_least=5)
    assert row.ratio == pytest.approx((6, 4, 8))
    assert (row.ours, row.unit) == (pytest.approx(100), "ms")
    assert row.peers == {"other": pytest.approx(600)}
    assert row.ratio_of == "speed" and not row.missed


def test_a_bounded_ratio_is_of_our_time_to_the_peers():
    row = row_of_times("a", "", [2, 3, 4], [2, 2, 2], at_most=1.25)
    assert row.ratio == pytest.approx((1.5, 1.25, 1.75))
    assert (row.ours, row.unit, row.ratio_of) == (3, "s", "time")
    assert row.missed
