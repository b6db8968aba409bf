"""one_warning: invalid items of several calls are named together."""

import warnings

import numpy as np
import pytest

from mmclassic._execution import map_items, one_warning, read_column, rows_within
from mmclassic.exceptions import InvalidItemWarning, MediaError


def refuse_bad(cell):
    if cell == "bad":
        raise MediaError("is bad. Drop the row.")
    return cell


def map_rows(cells, rows, n_jobs=None):
    with rows_within(np.array(rows)):
        map_items(refuse_bad, read_column(cells), n_jobs=n_jobs, invalid="missing")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_several_calls_warn_once_with_all_rows_in_order(n_jobs):
    with pytest.warns(InvalidItemWarning) as caught:
        with one_warning():
            map_rows(["bad", "a", "bad"], [9, 3, 4], n_jobs)
            map_rows(["a", "bad"], [0, 1], n_jobs)
    assert [str(warning.message) for warning in caught] == [
        "3 invalid item(s) are treated as missing, rows 1, 4, 9. The first: Row 1 "
        "('bad') is bad. Drop the row."
    ]
    assert caught[0].filename == __file__


def test_an_item_met_twice_counts_once():
    with pytest.warns(InvalidItemWarning, match="^1 invalid.*rows 4\\. ") as caught:
        with one_warning():
            map_rows(["bad"], [4])
            map_rows(["bad"], [4])
    assert len(caught) == 1


def test_contexts_nest_and_the_outermost_warns():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with one_warning():
            with one_warning():
                map_rows(["bad"], [4])
            assert not caught
            map_rows(["bad"], [2])
        assert len(caught) == 1
        map_rows(["bad"], [7])
    assert [str(w.message).split(".")[0] for w in caught] == [
        "2 invalid item(s) are treated as missing, rows 2, 4",
        "1 invalid item(s) are treated as missing, rows 7",
    ]


def test_nothing_is_warned_of_where_all_is_well_or_an_error_ends_it():
    with one_warning():
        map_rows(["a"], [0])
    with pytest.raises(KeyError):
        with one_warning():
            map_rows(["bad"], [0])
            raise KeyError
    with pytest.warns(InvalidItemWarning, match="rows 1"):  # nothing of it is left
        map_rows(["bad"], [1])


def test_more_than_twenty_rows_are_counted():
    with pytest.warns(InvalidItemWarning, match="^25 invalid.* 19 and 5 more"):
        map_rows(["bad"] * 25, range(25))
