"""Every backend of joblib gives the same arrays, errors and warnings, bit by bit."""

import os
import time
import warnings
from functools import cache
from threading import Thread

import cv2
import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from threadpoolctl import threadpool_info, threadpool_limits

from mmclassic import make_multimodal_pipeline
from mmclassic._execution import map_items, read_column
from mmclassic.audio import MFCC
from mmclassic.cache import FeatureCache
from mmclassic.datasets import make_multimodal
from mmclassic.encoding import BagOfWords, FisherVector
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.image import HOG, DenseSIFT

SIFTS = DenseSIFT(step=12, invalid="missing")
BAG = BagOfWords(SIFTS, n_words=8, random_state=0)
TRANSFORMERS = {
    "HOG": ("image", HOG((32, 32), invalid="missing")),
    "DenseSIFT": ("image", SIFTS),
    "MFCC": ("audio", MFCC(invalid="missing")),
    "BagOfWords": ("image", BAG),
    "FisherVector": (
        "image",
        FisherVector(SIFTS, n_components=3, pca=8, random_state=0),
    ),
}
TIMEOUT = 120  # seconds: far more than it takes, for what would never end


@pytest.fixture(scope="module")
def client():
    """Two worker processes of Dask, of one thread each."""
    from distributed import Client, LocalCluster

    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(host="127.0.0.1", **settings) as cluster:
        with Client(cluster) as client:
            yield client


@pytest.fixture(params=["threading", "loky", "dask"])
def backend(request):
    if request.param == "dask":
        request.getfixturevalue("client")
    return request.param


@cache
def made_table():
    """Return rows with gaps, and three pictures and a sound that can't be read."""
    X, y = make_multimodal(40, missing=0.1, return_X_y=True, random_state=0)
    for column, rows in {"image": [2, 9, 20], "audio": [5]}.items():
        for row in np.flatnonzero(X[column].notna())[rows]:
            X.iat[row, X.columns.get_loc(column)] = b"neither picture nor sound"
    return X, y


def with_workers(estimator, n_jobs):
    """Return a copy, of which each part has that many workers."""
    names = [name for name in estimator.get_params() if name.endswith("n_jobs")]
    return clone(estimator).set_params(**dict.fromkeys(names, n_jobs))


def make_pipeline_of_all(fusion, n_jobs):
    return make_multimodal_pipeline(
        **{name: name for name in ("text", "image", "audio")},
        fusion=fusion,
        features="light",
        invalid="missing",
        n_jobs=n_jobs,
        random_state=0,
    ).set_params(fusion__n_jobs=n_jobs)


def run(function):
    """Return what a function returns, and what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        warnings.simplefilter("always", InvalidItemWarning)
        result = function()
    return result, [str(warning.message) for warning in caught]


def fit_transform(name, n_jobs):
    column, estimator = TRANSFORMERS[name]
    estimator = with_workers(estimator, n_jobs)
    rows = estimator.fit_transform(made_table()[0][column])
    again = estimator.transform(made_table()[0][column])
    np.testing.assert_array_equal(rows, again)
    return rows


def fit_and_decide(fusion, n_jobs):
    X, y = made_table()
    model = make_pipeline_of_all(fusion, n_jobs).fit(X, y)
    decide = model.predict_proba if fusion == "late" else model.decision_function
    return decide(X)


@cache
def expected(function, name):
    return run(lambda: function(name, 1))


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
@pytest.mark.parametrize("name", TRANSFORMERS)
def test_rows_and_warnings_are_the_same_from_every_backend(name, backend, n_jobs):
    with parallel_config(backend):
        rows, told = run(lambda: fit_transform(name, n_jobs))
    expected_rows, expected_told = expected(fit_transform, name)
    np.testing.assert_array_equal(rows, expected_rows)
    assert told == expected_told
    assert told[0].startswith(f"{1 if name == 'MFCC' else 3} invalid item(s)")
    X = made_table()[0][TRANSFORMERS[name][0]]
    n_missing = X.isna().sum() + (1 if name == "MFCC" else 3)
    assert np.isnan(rows).all(axis=1).sum() == n_missing > 4
    assert np.isfinite(rows).all(axis=1).sum() == len(rows) - n_missing


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_fusions_are_the_same_from_every_backend(fusion, backend):
    with parallel_config(backend):
        decisions, told = run(lambda: fit_and_decide(fusion, 2))
    expected_decisions, expected_told = expected(fit_and_decide, fusion)
    np.testing.assert_array_equal(decisions, expected_decisions)
    assert told == expected_told != []


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_names_the_same_row_from_every_backend(backend, n_jobs):
    X = made_table()[0]["image"]
    X.index = [f"row {i}" for i in range(len(X))]
    errors = []
    for name in ("threading", backend):
        with parallel_config(name), pytest.raises(MediaError) as caught:
            HOG((32, 32), n_jobs=n_jobs).fit_transform(X)
        errors.append(caught.value)
    assert str(errors[0]) == str(errors[1])
    assert "Row 2 (" in str(errors[1]) and "index 'row 2'" in str(errors[1])
    assert errors[1].__cause__ is not None


def loosen(_):
    """Let this process's libraries have two threads, for long enough to reach all."""
    threadpool_limits(2)
    cv2.setNumThreads(2)
    time.sleep(0.1)


def threads(_):
    """Return the process, and how many threads OpenCV has and BLAS, and OpenMP."""
    counts = {"blas": {cv2.getNumThreads()}, "openmp": set()}
    for library in threadpool_info():
        counts[library["user_api"]].add(library["num_threads"])
    time.sleep(0.05)
    return os.getpid(), counts["blas"], counts["openmp"]


def test_workers_hold_the_libraries_to_one_thread_and_give_them_back(backend):
    own = cv2.getNumThreads()
    limits = threadpool_limits(2)
    cv2.setNumThreads(2)
    try:
        with parallel_config(backend, n_jobs=2):
            Parallel()(delayed(loosen)(None) for _ in range(8))
            before = Parallel()(delayed(threads)(None) for _ in range(8))
            inside = map_items(threads, read_column(["a cell"] * 16))
            after = Parallel()(delayed(threads)(None) for _ in range(8))
        n_processes = 1 if backend == "threading" else 2
        for counted, n_threads in ((before, 2), (inside, 1), (after, 2)):
            assert len({process for process, *_ in counted}) == n_processes
            assert all(counts == {n_threads} for _, counts, _ in counted)
        # OpenMP's is each thread's own.
        assert all(counts <= {1} for _, _, counts in inside)
        assert threads(None)[1:] == ({2}, {2})
    finally:
        limits.restore_original_limits()
        cv2.setNumThreads(own)


def within(seconds, function):
    """Return what a function returns; fail where it does not come to an end."""
    outcome = []

    def call():
        try:
            outcome.append((function(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    assert outcome, f"not at an end after {seconds} s"
    result, error = outcome[0]
    if error is not None:
        raise error
    return result


def scores(kind, n_jobs, backend, folder=None):
    """Return a grid's scores, from workers with workers inside."""
    X, y = made_table()
    if kind == "BagOfWords":
        bag = with_workers(BAG, n_jobs).set_params(cache=folder)
        model = make_pipeline(bag, SimpleImputer(), SVC())
        X, grid = X["image"], {"svc__C": [0.1, 10.0]}
    else:
        model = make_pipeline_of_all(kind, n_jobs)
        grid = {"fusion__weights": [None, {"audio": 0.5}]}
    search = GridSearchCV(model, grid, cv=2, n_jobs=n_jobs)
    with parallel_config(backend), warnings.catch_warnings():
        warnings.simplefilter("ignore", InvalidItemWarning)
        search.fit(X, y)
    splits = [f"split{split}_test_score" for split in range(2)]
    return np.array([search.cv_results_[split] for split in splits])


@cache
def expected_scores(kind):
    return scores(kind, 1, "threading")


@pytest.mark.parametrize("kind", ["BagOfWords", "late"])
def test_workers_inside_the_workers_of_a_search_end_and_score_the_same(kind, backend):
    found = within(TIMEOUT, lambda: scores(kind, 2, backend))
    np.testing.assert_array_equal(found, expected_scores(kind))


def test_workers_inside_the_workers_of_a_search_share_a_cache(backend, tmp_path):
    found = within(TIMEOUT, lambda: scores("BagOfWords", 2, backend, tmp_path))
    np.testing.assert_array_equal(found, expected_scores("BagOfWords"))
    X = made_table()[0]["image"]
    n_readable = X.notna().sum() - 3
    kept = FeatureCache(tmp_path).info()["entries"]
    assert kept == n_readable + (2 + 1) * (1 + n_readable)
