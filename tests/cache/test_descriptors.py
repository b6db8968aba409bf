"""A descriptor with a cache works at an item of equal content once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone

from mmclassic._execution import remembering
from mmclassic.audio import MFCC, Waveform
from mmclassic.cache import FeatureCache
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.image import HOG, SIFT, ColorHistogram, DenseSIFT

SIFTS = DenseSIFT(step=8)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


def test_each_picture_is_described_once_whatever_its_name(pictures, counted, folder):
    rows = clone(SIFTS).transform(pictures)
    counted["describe"] = 0
    first = clone(SIFTS).set_params(cache=folder).transform(pictures)
    shutil.copy(pictures[3], folder.parent / "copy.png")
    with open(pictures[4], "rb") as file:
        content = file.read()
    again = clone(SIFTS).set_params(cache=FeatureCache(folder))
    second = again.transform([*pictures, str(folder.parent / "copy.png"), content])
    assert counted["describe"] == len(pictures)
    np.testing.assert_array_equal(first, rows)
    np.testing.assert_array_equal(second, [*rows, rows[3], rows[4]])


@pytest.mark.parametrize(
    ("descriptor", "cells"),
    [
        (HOG(size=(32, 32)), "pictures"),
        (HOG(size=None), "pictures"),
        (SIFT(root=True), "pictures"),
        (DenseSIFT(step=8, root=True), "pictures"),
        (ColorHistogram(n_bins=3), "pictures"),
        (MFCC(8000), "sounds"),
    ],
    ids=str,
)
def test_rows_from_the_cache_equal_those_without(
    request, pictures, folder, descriptor, cells
):
    rng = np.random.default_rng(0)
    sounds = [
        Waveform(rng.normal(size=4000).astype(np.float32), 8000) for _ in range(3)
    ]
    X = pictures if cells == "pictures" else sounds
    cached = clone(descriptor).set_params(cache=str(folder))
    expected = descriptor.transform(X)
    for _ in range(2):
        np.testing.assert_array_equal(cached.transform(X), expected)
    assert FeatureCache(folder).info()["entries"] == len(X)


def test_a_changed_file_is_described_anew_though_size_and_time_are_equal(
    counted, tmp_path, folder
):
    path = tmp_path / "a.bmp"
    blank = np.zeros((40, 40), np.uint8)
    sifts = clone(SIFTS).set_params(cache=folder)
    import cv2

    rows = []
    for fill in (blank, np.random.default_rng(0).integers(0, 99, (40, 40), np.uint8)):
        cv2.imwrite(str(path), fill)
        os.utime(path, ns=(10**18, 10**18))
        rows.append(sifts.transform([path]))
    assert counted["describe"] == 2
    assert not rows[0].any()
    assert rows[1].any()


@pytest.mark.parametrize("reads", ["as descriptors do", "by itself"])
def test_a_file_replaced_before_it_is_described_is_never_taken_for_the_old_one(
    pictures, folder, monkeypatch, reads
):
    sifts = clone(SIFTS).set_params(cache=folder)
    old, new = SIFTS.transform(pictures[:2])
    original = DenseSIFT._load
    with open(pictures[0], "rb") as file:
        content = file.read()

    def replaced_first(self, cell):
        shutil.copy(pictures[1], cell)
        return original(self, cell if reads == "as descriptors do" else Path(cell))

    with monkeypatch.context() as patch:
        patch.setattr(DenseSIFT, "_load", replaced_first)
        (described,) = sifts.transform(pictures[:1])
    # What was read for the digest is what is described, or else it is not kept.
    np.testing.assert_array_equal(described, new if reads == "by itself" else old)
    np.testing.assert_array_equal(sifts.transform(pictures[:1]), [new])
    with open(pictures[0], "wb") as file:
        file.write(content)
    np.testing.assert_array_equal(sifts.transform(pictures[:1]), [old])


def test_other_parameters_are_described_anew_and_workers_are_not(
    pictures, counted, folder
):
    sifts = clone(SIFTS).set_params(cache=folder)
    sifts.transform(pictures)
    counted["describe"] = 0
    clone(sifts).set_params(n_jobs=2, invalid="missing").transform(pictures)
    assert counted["describe"] == 0
    clone(sifts).set_params(step=7).transform(pictures)
    assert counted["describe"] == len(pictures)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_share_the_cache(pictures, counted, folder, backend):
    sifts = clone(SIFTS).set_params(cache=folder, n_jobs=2)
    with parallel_config(backend=backend):
        rows = sifts.transform(pictures)
    assert FeatureCache(folder).info()["entries"] == len(pictures)
    np.testing.assert_array_equal(rows, SIFTS.transform(pictures))
    counted["describe"] = 0
    np.testing.assert_array_equal(clone(sifts).transform(pictures), rows)
    assert counted["describe"] == 0


def test_missing_and_invalid_items_are_treated_as_without_a_cache(
    pictures, tmp_path, folder
):
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    X = [pictures[0], None, str(damaged), "no such file", pictures[1]]
    sifts = clone(SIFTS).set_params(cache=folder)
    for _ in range(2):
        with pytest.raises(MediaError, match=r"Row 2 \('.*damaged.png'\)"):
            sifts.transform(X)
    lenient = clone(sifts).set_params(invalid="missing")
    for _ in range(2):
        with pytest.warns(InvalidItemWarning, match="rows 2, 3"):
            rows = lenient.transform(X)
        assert np.isnan(rows).all(axis=1).tolist() == [False, True, True, True, False]
    assert FeatureCache(folder).info()["entries"] == 2


def test_an_interrupted_extraction_resumes_where_it_stopped(
    pictures, counted, folder, monkeypatch
):
    sifts = clone(SIFTS).set_params(cache=folder)
    original = DenseSIFT._load

    def interrupted(self, cell):
        if cell == pictures[8]:
            raise KeyboardInterrupt
        return original(self, cell)

    with monkeypatch.context() as patch:
        patch.setattr(DenseSIFT, "_load", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sifts.transform(pictures)
    assert counted["describe"] == 8
    sifts.transform(pictures)
    assert counted["describe"] == len(pictures)


def test_another_process_describes_nothing(pictures, folder):
    clone(SIFTS).set_params(cache=folder).transform(pictures)
    code = (
        "import sys; from mmclassic.image import DenseSIFT\n"
        "def fail(*_): raise AssertionError\n"
        "DenseSIFT._describe = fail\n"
        "print(DenseSIFT(step=8, cache=sys.argv[1]).transform(sys.argv[2:]).sum())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), *pictures],
        capture_output=True,
        text=True,
    )
    expected = SIFTS.transform(pictures).sum()
    assert done.stdout.strip() == str(expected), done.stderr


def test_rows_may_be_changed_without_changing_what_is_kept(pictures, folder):
    sifts = clone(SIFTS).set_params(cache=folder)
    first = sifts.transform(pictures)
    expected = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(sifts.transform(pictures), expected)


def test_a_class_without_a_lasting_identity_works_uncached(pictures, folder):
    class Local(DenseSIFT):
        pass

    rows = Local(step=8, cache=folder).transform(pictures)
    np.testing.assert_array_equal(rows, SIFTS.transform(pictures))
    assert not folder.exists()


def test_a_bad_cache_is_named(pictures):
    with pytest.raises(ValueError, match="'cache' parameter of DenseSIFT must be"):
        DenseSIFT(cache=7).transform(pictures)


def test_a_comparisons_memory_and_the_cache_go_together(pictures, counted, folder):
    sifts = clone(SIFTS).set_params(cache=folder)
    with remembering(2**24):
        for _ in range(2):
            sifts.transform(pictures)
    assert counted["describe"] == len(pictures)
    assert FeatureCache(folder).info()["entries"] == len(pictures)
