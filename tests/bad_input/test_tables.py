"""A table or target that does not do is refused with a message that says why."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mmclassic import make_multimodal_pipeline
from mmclassic.datasets import make_multimodal

COLUMNS = {"text": "text", "audio": "audio"}


@pytest.fixture(scope="module")
def made():
    return make_multimodal(24, return_X_y=True, random_state=0)


@pytest.fixture(params=["early", "late"])
def fusion(request):
    return request.param


def build(fusion, **columns):
    columns = columns or COLUMNS
    return make_multimodal_pipeline(**columns, fusion=fusion, random_state=0)


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (sparse.csr_matrix((24, 3)), TypeError, "must be a table of cells. Got a sp"),
        (["a"] * 24, ValueError, "each row of X must be a list of cells. Got str"),
        ([["a"], ["a", "b"]] * 12, ValueError, r"one length. Got lengths \[1, 2\]"),
        (np.zeros((24, 2, 2)), ValueError, "Expected 2D array, got 3D array"),
        (pd.Series(["a"] * 24), TypeError, "must be a pandas or polars DataFrame"),
        ("a text", TypeError, "must be a pandas or polars DataFrame"),
        (None, TypeError, "must be a pandas or polars DataFrame"),
    ],
)
def test_what_is_no_table(made, fusion, table, error, message):
    X, y = made
    with pytest.raises(error, match=message):
        build(fusion, text=0).fit(table, y)
    model = build(fusion).fit(X, y)
    with pytest.raises((TypeError, ValueError), match=message):
        model.predict(table)


def test_no_rows(made, fusion):
    X, y = made
    with pytest.raises(ValueError, match="0 sample"):
        build(fusion).fit(X[:0], y[:0])


def test_a_column_that_is_not_there(made, fusion):
    X, y = made
    with pytest.raises(ValueError, match="'title' of the part 'text' isn't in X. Its"):
        build(fusion, text="title").fit(X, y)
    with pytest.raises(ValueError, match="column 9 .* isn't in X, which has 3 columns"):
        build(fusion, text=9).fit(X, y)
    with pytest.raises(ValueError, match="X has no names"):
        build(fusion).fit(X.to_numpy(dtype=object), y)
    model = build(fusion).fit(X, y)
    with pytest.raises(ValueError, match="columns are missing: 'audio', 'text'|'text'"):
        model.predict(X[["image"]])
    with pytest.raises(ValueError, match="expecting 3 features"):
        model.predict(X[["text", "audio"]].to_numpy(dtype=object))


def test_two_columns_of_one_name(made, fusion):
    X, y = made
    with pytest.raises(ValueError, match="unique column names.*\n.*'text' 2 times"):
        build(fusion).fit(pd.concat([X, X[["text"]]], axis=1), y)


def test_a_target_of_another_length(made, fusion):
    X, y = made
    with pytest.raises(ValueError, match=r"numbers of samples: \[24, 23\]"):
        build(fusion).fit(X, y[:-1])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (None, "y"),
        (["cup"] * 24, "(2|two) classes"),
        (np.linspace(0, 1, 24), "continuous"),
        (np.zeros((24, 2)), "1d array|one class a row|two classes"),
    ],
)
def test_a_target_that_does_not_do(made, fusion, target, message):
    with pytest.raises(ValueError, match=message):
        build(fusion).fit(made[0], target)


def test_one_row(made, fusion):
    X, y = made
    with pytest.raises(ValueError, match="(2|two) classes"):
        build(fusion).fit(X[:1], y[:1])
