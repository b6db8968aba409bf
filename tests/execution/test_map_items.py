"""map_items and map_rows: order, missing and invalid items, workers, threads."""

import os
import tracemalloc
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed, parallel_config

from mmclassic._execution import (
    Staged,
    map_items,
    map_rows,
    read_column,
    rows_within,
    single_threaded,
)
from mmclassic.exceptions import InvalidItemWarning, MediaError


def double(cell):
    if cell == "bad":
        raise MediaError("is bad. Drop the row.", "'bad.wav'")
    if cell == "odd":
        raise ValueError("the item is too odd")
    if cell == "warn":
        warnings.warn("look out", RuntimeWarning, stacklevel=1)
    return cell * 2


def test_results_keep_the_order_of_the_rows():
    column = read_column([str(i) for i in range(100)])
    for n_jobs in (1, 2):
        results = map_items(double, column, n_jobs=n_jobs)
        assert results == [str(i) * 2 for i in range(100)]


def test_an_empty_column_gives_no_results():
    assert map_items(double, read_column([])) == []


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, np.nan])
def test_a_missing_cell_gives_none(missing):
    assert map_items(double, read_column(["a", missing])) == ["aa", None]


def test_an_invalid_item_stops_and_is_named():
    column = read_column(["a", "a", "bad"])
    with pytest.raises(
        MediaError, match=r"^Row 2 \('bad.wav'\) is bad. Drop the row.$"
    ):
        map_items(double, column)


def test_a_value_error_counts_as_the_items_fault_and_is_chained():
    with pytest.raises(MediaError, match=r"Row 1 .*the item is too odd") as caught:
        map_items(double, read_column(["a", "odd"]))
    assert isinstance(caught.value.__cause__, ValueError)


def test_another_error_is_not_hidden():
    with pytest.raises(TypeError):
        map_items(partial(int, base="x"), read_column(["a"]), invalid="missing")


def test_the_index_label_is_named_where_it_is_not_the_position():
    X = pd.Series(["a", "bad"], index=["first", "second"])
    with pytest.raises(MediaError, match=r"Row 1 \('bad.wav', index 'second'\)"):
        map_items(double, read_column(X))
    with pytest.raises(MediaError, match=r"Row 1 \('bad.wav'\)"):
        map_items(double, read_column(X.reset_index(drop=True)))


def test_invalid_items_count_as_missing_with_one_warning():
    column = read_column(["bad", "a", "odd"])
    with pytest.warns(InvalidItemWarning, match="rows 0, 2. The first: Row 0") as all_:
        results = map_items(double, column, invalid="missing")
    assert results == [None, "aa", None]
    assert len(all_) == 1


def test_rows_of_a_subset_are_named_as_in_the_whole():
    with rows_within(np.array([3, 4, 7, 9])), rows_within(np.array([0, 1, 1, 1]) == 1):
        with pytest.raises(MediaError, match="Row 7"):
            map_items(double, read_column(["a", "bad"]))


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_backends_of_joblib_give_the_same(backend):
    column = read_column(["a", None, "b", "c"] * 5)
    with parallel_config(backend=backend, n_jobs=2):
        assert map_items(double, column) == ["aa", None, "bb", "cc"] * 5
        with pytest.raises(MediaError, match=r"Row 20 \('bad.wav'\)"):
            map_items(double, read_column([*column.cells, "bad"]))


def folder_of_process(cell):
    return os.getcwd()


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
def test_paths_start_from_the_folder_of_the_caller_not_of_older_workers(
    backend, tmp_path, monkeypatch
):
    there = tmp_path / "there"
    there.mkdir()
    with parallel_config(backend=backend, n_jobs=2):
        map_items(folder_of_process, read_column(["a"] * 8))  # starts the workers
        monkeypatch.chdir(there)
        found = map_items(folder_of_process, read_column(["a"] * 8))
    assert set(found) == {str(there)}


@pytest.mark.skipif(os.name == "nt", reason="there a current folder can't be removed")
def test_a_current_folder_that_is_gone_stops_no_work(tmp_path, monkeypatch):
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.chdir(there)
    there.rmdir()
    with parallel_config(backend="threading", n_jobs=2):
        assert map_items(double, read_column(["a"] * 8)) == ["aa"] * 8


def test_a_warning_of_a_worker_process_reaches_the_parent():
    with parallel_config(backend="loky", n_jobs=2):
        with pytest.warns(RuntimeWarning, match="look out"):
            map_items(double, read_column(["a", "warn", "b"]))


def lengths(cell):
    if cell == "bad":
        raise MediaError("is bad. Drop the row.", "'bad.wav'")
    return np.full(3, len(cell))


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_rows_are_written_in_order_and_nan_where_missing(backend, n_jobs):
    cells = ["a", None, "abc", "ab"] * 30
    out = np.zeros((120, 3), dtype=np.float32)
    with parallel_config(backend=backend, n_jobs=n_jobs):
        map_rows(lengths, read_column(cells), out)
    expected = np.repeat([[1, np.nan, 3, 2]] * 30, 3).reshape(120, 3)
    assert np.array_equal(out, expected, equal_nan=True)


def test_rows_are_written_where_they_belong():
    out = np.zeros((5, 3))
    map_rows(
        lengths, read_column(["a", "abc"]), out, positions=np.array([4, 1]), n_jobs=2
    )
    assert out[:, 0].tolist() == [0, 3, 0, 0, 1]


def test_an_invalid_item_stops_the_rows_or_counts_as_missing():
    column = read_column(["a", "bad", "ab"])
    out = np.zeros((3, 3))
    with pytest.raises(MediaError, match=r"Row 1 \('bad.wav'\) is bad"):
        map_rows(lengths, column, out)
    with pytest.warns(InvalidItemWarning, match="rows 1. The first: Row 1"):
        map_rows(lengths, column, out, invalid="missing")
    assert np.array_equal(out[:, 0], [1, np.nan, 2], equal_nan=True)


def test_a_row_that_does_not_fit_leaves_the_threads_as_they_were():
    import cv2

    before = cv2.getNumThreads()
    with pytest.raises(ValueError, match="could not broadcast") as caught:
        map_rows(lengths, read_column(["a", "b"]), np.zeros((2, 4)))
    assert caught.value is not None  # its frames are alive
    assert cv2.getNumThreads() == before


def test_rows_are_held_once():
    out = np.zeros((2000, 5000), dtype=np.float32)
    column = read_column(["a"] * len(out))
    tracemalloc.start()
    try:
        map_rows(lambda cell: np.ones(5000, np.float32), column, out)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert out.all()
    assert peak < out.nbytes / 4


def threads_of_opencv(cell):
    import cv2

    return cv2.getNumThreads()


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_hold_opencv_to_one_thread(backend):
    import cv2

    before = cv2.getNumThreads()
    with parallel_config(backend=backend, n_jobs=2):
        assert set(map_items(threads_of_opencv, read_column(list("abcd")))) == {1}
    assert cv2.getNumThreads() == before


def test_overlapping_limits_restore_what_the_first_one_found():
    import cv2

    before = cv2.getNumThreads()
    first, second = single_threaded(), single_threaded()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert cv2.getNumThreads() == 1
    second.__exit__(None, None, None)
    assert cv2.getNumThreads() == before


def test_nested_parallelism_comes_to_an_end():
    column = read_column(["a", "b"])
    with parallel_config(backend="loky"):
        results = Parallel(n_jobs=2)(
            delayed(map_items)(double, column, n_jobs=2) for _ in range(2)
        )
    assert results == [["aa", "bb"]] * 2


def test_an_error_pickles_with_its_row():
    import pickle

    error = pickle.loads(pickle.dumps(MediaError("is bad.", "'a.wav'", 2, "x")))
    assert str(error) == "Row 2 ('a.wav', index 'x') is bad."
    assert error.row == 2
    assert str(MediaError("is bad.")) == "The item is bad."


def first_letters(text):
    return np.array([ord(text[0]), len(text)], np.float32)


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_staged_function_gives_what_its_stages_give_in_turn(backend, n_jobs):
    cells = ["a", None, "bad", "cc", "odd", "d"] * 9
    out = np.full((len(cells), 2), -1, np.float32)
    staged = Staged(double, first_letters)
    with parallel_config(backend), pytest.warns(InvalidItemWarning) as caught:
        map_rows(staged, read_column(cells), out, n_jobs=n_jobs, invalid="missing")
    expected = np.full((len(cells), 2), np.nan, np.float32)
    for row, cell in enumerate(cells):
        if cell in ("a", "cc", "d"):
            expected[row] = first_letters(staged.stages[0](cell))
    np.testing.assert_array_equal(out, expected)
    assert "18 invalid item(s)" in str(caught[0].message)
    np.testing.assert_array_equal(staged("a"), [97, 2])


def test_an_error_of_the_second_stage_names_the_row():
    column = read_column(["a", "odd", "c"])
    with pytest.raises(MediaError, match="Row 1 .*too odd"):
        map_items(Staged(str, double), column)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_first_invalid_row_is_named_whatever_stage_it_fails_in(n_jobs):
    cells = ["a", "late", "c", "bad", *"defghijkl" * 4]  # the first four in one task
    fail_first, fail_second = double, lambda text: double(text.replace("late", "odd"))
    staged = Staged(lambda cell: fail_first(cell) and cell, fail_second)
    with pytest.raises(MediaError, match="Row 1 .*too odd"):
        map_items(staged, read_column(cells), n_jobs=n_jobs)


def test_stages_take_several_cells_before_the_next():
    seen = []
    stages = [lambda cell, n=n: seen.append(n) or cell for n in (1, 2)]
    map_items(Staged(*stages), read_column(list("abcdefgh")))
    assert seen == [1, 1, 2, 2] * 4
