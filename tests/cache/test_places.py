"""A comparison's memory stands before the disk, and lets nothing stale through."""

import shutil

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mmclassic._execution import Remembered, remembering
from mmclassic._execution._cache._store import Store
from mmclassic.cache import FeatureCache
from mmclassic.encoding import BagOfWords
from mmclassic.evaluation import compare_modalities
from mmclassic.image import HOG, ColorHistogram, DenseSIFT, _picture
from mmclassic.media import load_image

SIFTS = DenseSIFT(step=8)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def stamps(tmp_path):
    """Paths of small pictures with alpha, all different."""
    rng = np.random.default_rng(0)
    paths = []
    for i in range(8):
        paths.append(str(tmp_path / f"stamp {i}.png"))
        cv2.imwrite(paths[-1], rng.integers(0, 256, (40, 40, 4), dtype=np.uint8))
    return paths


@pytest.fixture
def decoded(monkeypatch):
    """The files that were decoded."""
    files = []

    def spy(cell, **settings):
        files.append(cell)
        return load_image(cell, **settings)

    monkeypatch.setattr(_picture, "load_image", spy)
    return files


@pytest.fixture
def found(monkeypatch):
    """The keys whose values came from the disk."""
    keys = []
    original = Store.get

    def spy(self, key):
        value = original(self, key)
        if value is not None:
            keys.append(key)
        return value

    monkeypatch.setattr(Store, "get", spy)
    return keys


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_comparison_with_a_cache_decodes_pictures_once_and_reads_entries_once(
    stamps, folder, decoded, found, n_jobs
):
    X, y = pd.DataFrame({"photo": stamps}), np.arange(len(stamps)) % 2
    settings = {"image": "photo", "cv": 2, "features": "light", "n_jobs": n_jobs}
    expected = compare_modalities(X, y, **settings)
    decoded.clear()
    table = compare_modalities(X, y, **settings, cache=folder)
    assert sorted(decoded) == sorted(stamps)
    assert found == []
    again = compare_modalities(X, y, **settings, cache=folder)
    assert len(decoded) == len(stamps)
    assert len(found) == len(set(found)) > 0
    for each in (table, again):
        pd.testing.assert_series_equal(each["mean"], expected["mean"])


def test_a_file_that_changes_in_a_comparison_is_kept_under_no_wrong_content(
    stamps, folder
):
    hogs = HOG((32, 32), mode="rgb", cache=folder)
    bag = BagOfWords(SIFTS, n_words=4, random_state=0, cache=folder)
    with remembering(2**24):
        ColorHistogram(cache=folder).transform(stamps)
        shutil.copy(stamps[1], stamps[0])
        hogs.transform(stamps)
        clone(bag).fit_transform(stamps)
    for each in (ColorHistogram(cache=folder), hogs, bag):
        alone = clone(each).set_params(cache=None)
        np.testing.assert_array_equal(
            clone(each).fit_transform(stamps), alone.fit_transform(stamps)
        )


def test_without_room_in_memory_the_disk_is_read(stamps, folder, found):
    sifts = clone(SIFTS).set_params(cache=folder)
    with remembering(0):
        first = sifts.transform(stamps)
        second = sifts.transform(stamps)
    assert len(found) == len(stamps)
    np.testing.assert_array_equal(first, second)


def test_what_was_kept_in_memory_is_on_the_disk_too(stamps, folder, counted):
    sifts = clone(SIFTS).set_params(cache=FeatureCache(folder))
    with remembering(2**24):
        sifts.transform(stamps)
    sifts.transform(stamps)
    assert counted["describe"] == len(stamps)


@pytest.mark.parametrize("function", [lambda cell: cell, lambda cell: cell[1:]])
@pytest.mark.parametrize("max_bytes", [0, 2**20])
def test_the_users_own_array_stays_writeable(folder, function, max_bytes):
    cell = np.ones(3)
    with remembering(max_bytes):
        Remembered(function, "a", cache=FeatureCache(folder))(cell)
        cell[:] = 2
    again = Remembered(function, "a", cache=FeatureCache(folder))(np.ones(3))
    np.testing.assert_array_equal(again, function(np.ones(3)))
