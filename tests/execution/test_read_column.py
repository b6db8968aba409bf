"""read_column: every form of X becomes the same list of cells."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from mmclassic._execution import read_column

TEXTS = ["red", "blue", None]


@pytest.mark.parametrize(
    "X",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS, dtype=object),
        np.array(TEXTS, dtype=object)[:, np.newaxis],
        pd.Series(TEXTS, dtype=object),
        pd.DataFrame({"text": pd.Series(TEXTS, dtype=object)}),
        pl.Series(TEXTS),
        pl.DataFrame({"text": TEXTS}),
    ],
    ids=lambda X: type(X).__name__,
)
def test_every_form_of_a_column_gives_its_cells(X):
    column = read_column(X)
    assert column.cells == TEXTS
    assert list(column.present()) == [True, True, False]
    assert column.take(np.array([1, 0])).cells == ["blue", "red"]


def test_texts_in_a_numpy_array_become_plain_texts():
    assert [type(cell) for cell in read_column(np.array(["a", "b"])).cells] == [str] * 2


def test_an_array_of_pictures_holds_one_along_its_first_axis():
    cells = read_column(np.zeros((5, 4, 3), dtype=np.uint8)).cells
    assert [cell.shape for cell in cells] == [(4, 3)] * 5


def test_labels_are_those_of_the_index():
    column = read_column(pd.Series(["a", "b"], index=["x", "y"]))
    assert list(column.labels) == ["x", "y"]
    assert column.take(np.array([1])).labels == ["y"]


@pytest.mark.parametrize("X", ["a.wav", b"RIFF", None, {"path": "a.wav"}])
def test_a_single_item_is_an_error(X):
    with pytest.raises(TypeError, match="wrap it in a list"):
        read_column(X)


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"a": ["x"], "b": ["y"]}),
        pl.DataFrame({"a": ["x"], "b": ["y"]}),
        np.array([["x", "y"]], dtype=object),
    ],
    ids=lambda X: type(X).__module__,
)
def test_several_columns_are_an_error(X):
    with pytest.raises(ValueError, match="X must have one column. Got 2"):
        read_column(X)


@pytest.mark.parametrize("X", [sparse.eye(2).tocsr(), np.float32(1), 3, iter("ab")])
def test_what_is_no_column_is_an_error(X):
    with pytest.raises(TypeError, match="X must"):
        read_column(X)
