"""X to its texts: what is missing, and the row that is named."""

import numpy as np
import pandas as pd
import pytest

from mmclassic._execution import rows_within
from mmclassic.exceptions import MediaError
from mmclassic.text._texts import read_texts


class Title(str):
    """A text of a type of its own."""


def test_texts_keep_their_order_among_missing_cells_and_other_texts():
    X = ["a", None, np.str_("b"), np.nan, Title("c"), "", pd.NA, "d"]
    texts, present = read_texts(X)
    assert texts == ["a", "b", "c", "", "d"]
    assert {type(text) for text in texts} == {str}
    np.testing.assert_array_equal(present, [1, 0, 1, 0, 1, 1, 0, 1])
    assert present.dtype == bool


def test_the_input_is_left_as_it_is():
    X = ["a", None, Title("c")]
    read_texts(X)
    assert X == ["a", None, "c"] and type(X[2]) is Title


def test_no_rows_have_no_texts():
    texts, present = read_texts([])
    assert texts == [] and present.shape == (0,) and present.dtype == bool


@pytest.mark.parametrize("before", [[], ["a", "b"], ["a", None, Title("c")]], ids=len)
def test_a_cell_that_is_no_text_is_named_by_row_whatever_is_before_it(before):
    row = len(before)
    with pytest.raises(MediaError, match=rf"^Row {row} \(an int\) is not a text"):
        read_texts([*before, 5, b"bytes"])
    labels = [f"label {i}" for i in range(row + 1)]
    with pytest.raises(MediaError, match=rf"^Row {row} .*label {row}"):
        read_texts(pd.Series([*before, 5], index=labels, dtype=object))


def test_the_row_named_is_the_outermost_tables():
    with rows_within(np.array([4, 7, 9])), pytest.raises(MediaError, match="^Row 9 "):
        read_texts(["a", None, 5])
