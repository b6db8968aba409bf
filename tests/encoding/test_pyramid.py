"""Which region of a pyramid a descriptor lies in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmclassic._kernels.pyramid import parse_pyramid, pyramid_regions, region_names


def _regions_of(positions, pyramid):
    regions = pyramid_regions(np.atleast_2d(positions), parse_pyramid(pyramid))
    return [members.tolist() for members in regions.members()]


def test_rows_come_before_columns_and_y_before_x():
    corners = [[0.1, 0.1], [0.1, 0.9], [0.9, 0.1], [0.9, 0.9]]  # (y, x)
    assert _regions_of(corners, "2x2") == [[0], [1], [2], [3]]
    assert _regions_of(corners, "2x1") == [[0, 1], [2, 3]]
    assert _regions_of(corners, "1x2") == [[0, 2], [1, 3]]


def test_borders_belong_to_the_region_after_them_but_the_last():
    times = [[0.0], [1 / 3], [0.5], [2 / 3], [1.0]]
    assert _regions_of(times, "3x1") == [[0], [1, 2], [3, 4]]


def test_positions_a_little_outside_count_as_inside():
    assert _regions_of([[-0.01], [1.01]], "2x1") == [[0], [1]]


def test_one_grid_may_be_named_alone():
    assert parse_pyramid("3x1") == parse_pyramid(["3x1"]) == ((3, 1),)


def test_regions_are_named_by_grid_and_number():
    names = region_names(parse_pyramid(("1x1", "3x1")))
    assert names == ["1x1_0", "3x1_0", "3x1_1", "3x1_2"]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=50),
    st.lists(st.sampled_from(["1x1", "3x1", "2x2", "1x4", "5x3"]), min_size=1),
)
def test_sums_over_atoms_are_sums_over_members(positions, pyramid):
    positions = np.array(positions)
    regions = pyramid_regions(positions, parse_pyramid(pyramid))
    values = np.arange(1.0, len(positions) + 1)
    atom_sums = np.array([values[atom].sum() for atom in regions.by_atom()])
    expected = [values[members].sum() for members in regions.members()]
    np.testing.assert_allclose(regions.sums(atom_sums), expected)
    # Every grid covers the item once.
    assert sum(expected) == pytest.approx(len(pyramid) * values.sum())
