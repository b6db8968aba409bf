"""Which items and descriptors an encoder learns from."""

import numpy as np
import pytest
from sklearn.utils import check_random_state

from mmclassic._execution import Column
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding._sampling import (
    describe_sample,
    draw_descriptors,
    spread_order,
)


@pytest.mark.parametrize("n_rows", [0, 1, 2, 1000])
def test_the_order_holds_every_row_once(n_rows):
    order = spread_order(n_rows, check_random_state(0))
    assert sorted(order) == list(range(n_rows))


def test_every_beginning_of_the_order_is_spread_evenly():
    order = spread_order(1500, check_random_state(3))
    for n in (15, 60, 300):
        in_fifteenths = np.bincount(order[:n] // 100, minlength=15)
        assert np.ptp(in_fifteenths) <= 3
        assert np.diff(np.sort(order[:n])).max() <= 3 * 1500 / n


def test_the_order_depends_on_the_seed():
    orders = [spread_order(500, check_random_state(seed)) for seed in (0, 0, 1)]
    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0][:50], orders[2][:50])


def test_the_sample_stops_about_at_its_size_in_bytes():
    features = LocalFeatures(np.zeros((10, 24), np.float32), np.zeros((10, 1), "f4"))
    column = Column([0] * 2000)
    described = describe_sample(
        lambda cell: features,
        column,
        np.arange(2000),
        max_bytes=100 * features.nbytes,
        n_jobs=None,
        invalid="error",
    )
    assert len(described) == 100


def test_blank_items_do_not_use_up_the_sample():
    full = LocalFeatures(np.zeros((10, 24), np.float32), np.zeros((10, 1), "f4"))
    blank = LocalFeatures(np.zeros((0, 24), np.float32), np.zeros((0, 1), "f4"))
    described = describe_sample(
        lambda cell: full if cell == 399 else blank,
        Column(list(range(400))),
        np.arange(400),
        max_bytes=1,
        n_jobs=None,
        invalid="error",
    )
    assert len(described[399]) == 10


def _numbered(counts):
    start = 0
    for count in counts:
        numbers = np.arange(start, start + count)[:, np.newaxis]
        yield LocalFeatures(numbers.astype(np.uint8), numbers.astype(np.float32))
        start += count


def test_descriptors_are_drawn_with_their_positions_and_no_one_twice():
    drawn = draw_descriptors(list(_numbered([5, 1, 60, 30])), 40, check_random_state(0))
    numbers = drawn.descriptors[:, 0]
    assert len(np.unique(numbers)) == 40
    assert np.array_equal(drawn.positions, drawn.descriptors)
    assert drawn.descriptors.dtype == np.float32
    assert numbers.max() > 66  # the last item gives some too


def test_all_descriptors_are_kept_where_they_are_few():
    drawn = draw_descriptors(list(_numbered([5, 1, 6])), 40, check_random_state(0))
    assert drawn.descriptors[:, 0].tolist() == list(range(12))
