"""Encoders that share items and parameters share descriptors, fits and rows."""

import shutil
from contextlib import nullcontext
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from joblib.externals.loky import get_reusable_executor
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import SVC

from mmclassic import make_multimodal_pipeline
from mmclassic._execution import rows_within
from mmclassic.cache import FeatureCache
from mmclassic.encoding import (
    VLAD,
    BagOfWords,
    FisherVector,
    LocalFeatures,
    StatisticsPooling,
)
from mmclassic.evaluation import compare_modalities
from mmclassic.exceptions import InvalidItemWarning
from mmclassic.image import DenseSIFT
from mmclassic.persistence import load, save
from tests.cache.counting import LOG, CountingBag, CountingSIFT

SIFTS = DenseSIFT(step=8)
BAG = BagOfWords(SIFTS, n_words=8, random_state=0)
ENCODERS = [
    BAG,
    VLAD(SIFTS, n_words=4, random_state=0),
    FisherVector(SIFTS, n_components=2, pca=8, random_state=0),
    StatisticsPooling(SIFTS),
]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda e: type(e).__name__)
def test_a_second_fit_learns_and_encodes_nothing_and_gives_the_same(
    pictures, counted, folder, encoder
):
    alone = clone(encoder)
    expected = alone.fit_transform(pictures[:8])
    test_rows = alone.transform(pictures[8:])
    cached = clone(encoder).set_params(cache=folder)
    counted.update(dict.fromkeys(counted, 0))
    for each in (clone(cached), clone(cached), clone(cached)):
        np.testing.assert_array_equal(each.fit_transform(pictures[:8]), expected)
        np.testing.assert_array_equal(each.transform(pictures[8:]), test_rows)
        np.testing.assert_array_equal(
            each.fit(pictures[:8]).transform(pictures[8:]), test_rows
        )
        for name, value in vars(alone).items():
            if name.endswith("_") and name != "descriptor_":
                assert type(getattr(each, name)) is type(value)
                np.testing.assert_array_equal(getattr(each, name), value)
    assert counted["learn"] == 1
    assert counted["describe"] == len(pictures)
    assert counted["encode"] == len(pictures)


def test_the_descriptor_takes_the_encoders_cache_if_it_has_none(pictures, tmp_path):
    outer, inner = FeatureCache(tmp_path / "outer"), FeatureCache(tmp_path / "inner")
    clone(BAG).set_params(cache=outer).fit_transform(pictures)
    assert outer.info()["entries"] == 2 * len(pictures) + 1
    clone(BAG).set_params(descriptor__cache=inner).fit_transform(pictures)
    assert inner.info()["entries"] == len(pictures)


@pytest.mark.parametrize("kind", ["features", "arrays", "rows of an array"])
def test_precomputed_descriptors_are_learned_from_and_encoded_once(
    counted, folder, kind
):
    cells = list(np.random.default_rng(0).random((12, 20, 5), dtype=np.float32))
    if kind == "features":
        places = np.linspace(0, 1, 20, dtype=np.float32)[:, np.newaxis]
        cells = [LocalFeatures(cell, places) for cell in cells]
    X = np.stack(cells) if kind == "rows of an array" else cells
    bag = BagOfWords("precomputed", n_words=4, random_state=0)
    expected = clone(bag).fit(X[:8]).transform(X)
    counted.update(dict.fromkeys(counted, 0))
    for _ in range(3):
        again = clone(bag).set_params(cache=folder)
        rows = again.fit_transform(deepcopy(X[:8]))
        np.testing.assert_array_equal(rows, expected[:8])
        np.testing.assert_array_equal(again.transform(X), expected)
    assert counted == {"describe": 0, "learn": 1, "encode": len(X)}
    X[3:5] = X[8:10]
    changed = clone(bag).set_params(cache=folder).fit_transform(X[:8])
    np.testing.assert_array_equal(changed, clone(bag).fit_transform(X[:8]))
    assert counted["learn"] == 3


@pytest.mark.parametrize(
    "other",
    [
        {"n_words": 7},
        {"random_state": 1},
        {"descriptor__step": 7},
        {"random_state": None},
    ],
    ids=str,
)
def test_other_parameters_are_learned_anew(pictures, counted, folder, other):
    cached = clone(BAG).set_params(cache=folder)
    clone(cached).fit(pictures)
    clone(cached).set_params(**other).fit(pictures)
    assert counted["learn"] == 2


def test_other_items_or_another_order_are_learned_anew(pictures, counted, folder):
    for X in (pictures[:8], pictures[1:9], pictures[8::-1], [*pictures[:8], None]):
        clone(BAG).set_params(cache=folder).fit(X)
    assert counted["learn"] == 4
    assert counted["describe"] == 9


def test_what_is_learned_never_comes_from_a_changed_file(pictures, counted, folder):
    cached = clone(BAG).set_params(cache=folder)
    clone(cached).fit(pictures[:6])
    shutil.copy(pictures[7], pictures[0])
    again = clone(cached).fit(pictures[:6])
    assert counted["learn"] == 2
    np.testing.assert_array_equal(
        again.codebook_, clone(BAG).fit(pictures[:6]).codebook_
    )


def test_rows_are_kept_by_the_descriptor_that_was_fitted(pictures, folder):
    pooling = StatisticsPooling(clone(SIFTS), cache=folder).fit(pictures)
    pooling.set_params(descriptor__step=20).transform(pictures)
    expected = clone(pooling).set_params(cache=None).fit_transform(pictures)
    rows = clone(pooling).fit(pictures).transform(pictures)
    np.testing.assert_array_equal(rows, expected)


def test_rows_of_invalid_items_are_not_kept(pictures, folder):
    cells = [*pictures, b"no picture"]
    cached = clone(BAG).set_params(cache=folder, descriptor__invalid="missing")
    for _ in range(2):
        with pytest.warns(InvalidItemWarning, match=f"rows {len(pictures)}"):
            rows = clone(cached).fit_transform(cells)
        assert np.isnan(rows[-1]).all()


@pytest.mark.parametrize("where", ["alone", "within other rows"])
@pytest.mark.parametrize("first", ["fit", "fit_transform"])
def test_a_recalled_fit_warns_of_invalid_rows_too(
    pictures, folder, counted, first, where
):
    X = pd.Series([*pictures[:6], b"no picture", *pictures[6:]], index=range(10, 23))
    cached = clone(BAG).set_params(cache=folder, descriptor__invalid="missing")
    alone = where == "alone"
    with nullcontext() if alone else rows_within(np.arange(2, 15)):
        for method in (first, "fit"):
            row = 6 if alone else 8
            named = f"rows {row}. The first: Row {row} .*16"
            with pytest.warns(InvalidItemWarning, match=named):
                getattr(clone(cached), method)(X)
    assert counted["learn"] == 1


def test_what_was_learned_is_each_encoders_own(pictures, folder):
    cached = clone(BAG).set_params(cache=folder)
    clone(cached).fit(pictures)
    first = clone(cached).fit(pictures)
    first.codebook_[:] = 0
    assert clone(cached).fit(pictures).codebook_.any()


def _search(folder, n_jobs=None):
    model = make_pipeline(clone(BAG).set_params(cache=folder), SVC())
    grid = {"svc__C": [0.1, 1.0, 10.0], "svc__kernel": ["linear", "rbf"]}
    return GridSearchCV(model, grid, cv=3, n_jobs=n_jobs)


def test_a_grid_search_describes_and_learns_and_encodes_once(pictures, counted, folder):
    y = np.arange(len(pictures)) % 2
    expected = _search(None).fit(pictures, y)
    counted.update(dict.fromkeys(counted, 0))
    search = _search(folder).fit(pictures, y)
    n = len(pictures)
    assert counted == {"describe": n, "learn": 3 + 1, "encode": n * (3 + 1)}
    for name, scores in expected.cv_results_.items():
        if "score" in name and "time" not in name:
            np.testing.assert_array_equal(search.cv_results_[name], scores)


def test_two_processes_of_a_search_wait_for_each_other(
    pictures, folder, tmp_path, monkeypatch
):
    log = tmp_path / "log"
    monkeypatch.setenv(LOG, str(log))
    get_reusable_executor().shutdown()  # older workers know no log
    y = np.arange(len(pictures)) % 2
    search = _search(folder, n_jobs=2)
    bag = CountingBag(CountingSIFT(step=8), n_words=8, random_state=0, cache=folder)
    search.estimator.set_params(bagofwords=bag)
    with parallel_config(backend="loky"):
        search.fit(pictures, y)
    n, done = len(pictures), log.read_text().split()
    counts = {kind: done.count(kind) for kind in set(done)}
    assert counts == {"describe": n, "learn": 4, "encode": 4 * n}
    expected = _search(None).fit(pictures, y).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], expected)


def test_threads_of_a_search_do_nothing_twice(pictures, folder, counted):
    y = np.arange(len(pictures)) % 2
    with parallel_config(backend="threading"):
        _search(folder, n_jobs=4).fit(pictures, y)
    n = len(pictures)
    assert counted == {"describe": n, "learn": 4, "encode": 4 * n}


def test_a_union_and_a_clone_of_a_fitted_pipeline_keep_the_cache(pictures, folder):
    cache = FeatureCache(folder)
    bag = clone(BAG).set_params(cache=cache)
    union = FeatureUnion([("a", bag), ("b", clone(SIFTS).set_params(cache=cache))])
    model = make_pipeline(union, SVC()).fit(pictures, np.arange(len(pictures)) % 2)
    copy = clone(model)
    caches = [v for k, v in copy.get_params().items() if k.endswith("a__cache")]
    assert caches == [cache]


@pytest.mark.parametrize("cache", ["path", "object"])
def test_a_saved_model_has_no_cache_and_the_model_keeps_its_own(
    pictures, folder, tmp_path, cache
):
    cache = str(folder) if cache == "path" else FeatureCache(folder)
    sifts = clone(SIFTS).set_params(cache=cache, n_jobs=2)
    bag = clone(BAG).set_params(cache=cache, descriptor=sifts, n_jobs=2)
    model = make_pipeline(bag, SVC()).fit(pictures, np.arange(len(pictures)) % 2)
    save(model, tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops")
    parameters = loaded.get_params()
    for name in ("bagofwords", "bagofwords__descriptor"):
        assert parameters[f"{name}__cache"] is None
        assert parameters[f"{name}__n_jobs"] == 2
        assert model.get_params()[f"{name}__cache"] is cache
    assert loaded[0].descriptor_.cache is None
    assert model[0].descriptor_.cache == cache
    np.testing.assert_array_equal(loaded.predict(pictures), model.predict(pictures))
    assert str(folder).encode() not in (tmp_path / "model.skops").read_bytes()


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_pipelines_cache_is_that_of_each_part(folder, fusion):
    model = make_multimodal_pipeline(
        text="a", image="b", audio="c", fusion=fusion, cache=folder
    )
    parameters = model.get_params()
    caches = {name: parameters[name] for name in parameters if name[-7:] == "__cache"}
    of_descriptors = {name for name in caches if "encoder__descriptor" in name}
    assert len(of_descriptors) == 2
    assert len(caches) == 6
    for name, value in caches.items():
        assert value == (None if name in of_descriptors else folder)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_inside_the_workers_of_a_search_end_and_give_the_same(
    pictures, folder, backend
):
    y = np.arange(len(pictures)) % 2
    search = _search(folder, n_jobs=2)
    search.estimator.set_params(bagofwords__n_jobs=2)
    with parallel_config(backend=backend):
        search.fit(pictures, y)
    expected = _search(None).fit(pictures, y).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], expected)


def test_a_comparison_finds_in_the_cache_what_an_earlier_one_did(
    pictures, folder, counted
):
    X, y = pd.DataFrame({"photo": pictures * 2}), np.arange(2 * len(pictures)) % 2
    settings = {"image": "photo", "cv": 2, "features": "light"}
    expected = compare_modalities(X, y, **settings)
    for n_described in (len(pictures), 0):
        counted.update(dict.fromkeys(counted, 0))
        table = compare_modalities(X, y, **settings, cache=folder)
        pd.testing.assert_series_equal(table["mean"], expected["mean"])
        assert counted["describe"] == n_described
    assert counted == {"describe": 0, "learn": 0, "encode": 0}
