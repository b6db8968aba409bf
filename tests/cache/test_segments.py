"""Large values lie in files of many, which are dropped whole and never mistaken."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from mmclassic._execution._cache import _database
from mmclassic._execution._cache._database import Database
from mmclassic._execution._cache._files import current_file
from mmclassic._execution._cache._segments import LARGE, MOST_BYTES
from mmclassic.cache import FeatureCache
from mmclassic.encoding import LocalFeatures
from tests.cache.test_store import another, key

LARGEST = 2**16  # numbers: 256 KiB


@pytest.fixture
def cache(tmp_path):
    cache = FeatureCache(tmp_path / "cache")
    yield cache
    cache.close()


def large(i, size=LARGEST):
    return np.full(size, i, dtype=np.float32)


def segments(cache):
    return sorted(Path(cache.path).glob("*.segment"))


def test_large_values_share_a_file_and_small_ones_need_none(cache):
    cache.store.put(key(0), large(0, LARGE // 4 - 50))
    assert segments(cache) == []
    for i in range(1, 20):
        cache.store.put(key(i), large(i))
    assert len(segments(cache)) == 1
    assert cache.info()["file_bytes"] < 20 * 2**18 + 2**20
    for i in range(1, 20):
        np.testing.assert_array_equal(another(cache.path).get(key(i)), large(i))
    assert cache.verify() == (20, 0)


def test_a_large_value_is_read_in_its_batch_at_once_and_by_others_at_its_end(cache):
    features = LocalFeatures(np.ones((900, 128), np.uint8), np.zeros((900, 2)))
    with cache.store.batch():
        cache.store.put(key(1), features)
        same = cache.store.get(key(1))
        assert another(cache.path).get(key(1)) is None
    for back in (same, another(cache.path).get(key(1))):
        np.testing.assert_array_equal(back.descriptors, features.descriptors)
        np.testing.assert_array_equal(back.positions, features.positions)


def test_a_file_that_is_full_is_followed_by_another(tmp_path):
    cache = FeatureCache(tmp_path / "cache", max_bytes=64 * 2**20)
    for i in range(12):  # 256 KiB each, into files of 1 MiB
        cache.store.put(key(i), large(i))
    assert len(segments(cache)) == 3
    assert cache.verify() == (12, 0)
    assert MOST_BYTES * 64 < FeatureCache(tmp_path).max_bytes
    cache.close()


@pytest.mark.parametrize("n_bytes", [2**22, 2**24])
def test_the_files_stay_within_the_bound_and_none_is_left_over(tmp_path, n_bytes):
    cache = FeatureCache(tmp_path / "cache", max_bytes=n_bytes)
    for i in range(100):
        cache.store.put(key(i), large(i))
        sizes = [file.stat().st_size for file in segments(cache)]
        assert sum(sizes) <= n_bytes + 2**18
    assert cache.info()["entries"] > 5
    assert current_file(Path(cache.path)).stat().st_size < 2**20
    kept = [i for i in range(100) if cache.store.get(key(i)) is not None]
    assert kept == list(range(kept[0], 100))
    cache.close()


def test_a_file_with_an_entry_that_was_used_is_kept_longest(tmp_path, monkeypatch):
    clock = [1e9]
    monkeypatch.setattr(_database, "now", lambda: clock[0])
    cache = FeatureCache(tmp_path / "cache", max_bytes=2**24)
    for i in range(40):
        clock[0] += 100
        cache.store.put(key(i), large(i))
        if i:
            assert cache.store.get(key(0)) is not None
    for i in range(40, 80):
        clock[0] += 100
        cache.store.put(key(i), large(i))
        assert cache.store.get(key(0)) is not None
    assert cache.store.get(key(1)) is None
    cache.close()


def test_what_another_drops_meanwhile_is_not_kept_and_no_error(cache):
    store = cache.store
    with store.batch():
        store.put(key(1), large(1))
        FeatureCache(cache.path).clear()
        store.put(key(2), large(2))
        assert segments(cache) == []
    assert another(cache.path).get(key(1)) is None
    store.segments.close()
    store.put(key(3), large(3))
    assert another(cache.path).get(key(3)) is not None
    assert cache.verify() == (1, 0)


def test_what_was_written_beside_a_damaged_database_is_not_taken_for_the_new_ones(
    cache,
):
    store = cache.store
    store.put(key(0), large(0))
    with store.batch():
        store.put(key(1), large(1))
        with pytest.warns(UserWarning, match="begins anew"):
            store.connections.begin_anew(store.connections._take())
            store.connections.say()
        assert segments(cache) == []
        other = another(cache.path)
        other.put(key(2), large(2))
    assert another(cache.path).get(key(1)) is None
    np.testing.assert_array_equal(store.get(key(2)), large(2))
    store.put(key(3), large(3))
    assert cache.verify() == (2, 0)
    other.close()


@pytest.mark.parametrize("damage", ["flipped", "cut", "removed"])
def test_a_damaged_file_is_told_of_once_and_its_values_computed_again(cache, damage):
    for i in range(3):
        cache.store.put(key(i), large(i))
    cache.store.segments.close()
    (file,) = segments(cache)
    content = bytearray(file.read_bytes())
    if damage == "flipped":
        content[100_000] ^= 1
    file.write_bytes(content[:200_000] if damage == "cut" else content)
    if damage == "removed":
        file.unlink()
    n_sound = 2 if damage == "flipped" else 0
    with pytest.warns(UserWarning, match="damaged entry") as caught:
        found = [cache.store.get(key(i)) for i in range(3)]
    assert len(caught) == 1
    assert sum(each is not None for each in found) == n_sound
    cache.store.put(key(0), large(0))
    np.testing.assert_array_equal(cache.store.get(key(0)), large(0))
    assert cache.verify() == (n_sound + 1, 0)


def test_a_value_dropped_while_it_is_looked_up_is_missing_not_damaged(
    cache, monkeypatch
):
    cache.store.put(key(1), large(1))
    original = _database.read_placed

    def cleared_first(placed):
        FeatureCache(cache.path).clear()
        return original(placed)

    monkeypatch.setattr(_database, "read_placed", cleared_first)
    assert cache.store.get(key(1)) is None


def test_a_file_without_a_row_is_removed_with_the_next(tmp_path):
    cache = FeatureCache(tmp_path / "cache", max_bytes=2**22)
    cache.store.put(key(0), large(0))
    left = segments(cache)[0].with_name("features-2-0.777.segment")
    left.write_bytes(bytes(1000))  # as of one that was killed between the two
    for i in range(40):
        cache.store.put(key(i), large(i))
    assert not left.exists()
    cache.close()


def test_threads_write_to_one_file(cache):
    def work(i):
        cache.store.put(key(i), large(i))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert len(segments(cache)) == 1
    for i in range(40):
        np.testing.assert_array_equal(cache.store.get(key(i)), large(i))


def _write(path, first):
    cache = FeatureCache(path, max_bytes=2**24)
    for i in range(first, first + 60):
        cache.store.put(key(i), large(i))


def test_processes_that_outgrow_the_bound_together_leave_sound_entries(tmp_path):
    cache = FeatureCache(tmp_path / "cache", max_bytes=2**24)
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_write, args=(cache.path, first)) for first in (0, 30)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    n_sound, n_damaged = cache.verify()
    # Each of the four files holds thirty, and two fit; the thirty that both processes
    # write are live in one file only, so that one of the two may hold nothing.
    assert n_sound >= 30 and n_damaged == 0
    numbers = cache._connections().run(Database._segments)
    assert {int(file.name.split(".")[1]) for file in segments(cache)} == numbers
    assert cache.info()["file_bytes"] < 2**24 + 2**22
    cache.close()


def test_a_segment_that_can_not_be_begun_means_no_cache_and_one_warning(
    cache, monkeypatch
):
    def fail(self, *_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Database, "begin_segment", fail)
    with pytest.warns(UserWarning, match="can't be written.*No space") as caught:
        for i in range(3):
            cache.store.put(key(i), large(i))
    assert len(caught) == 1
    work = partial(cache.store.get, key(0))
    assert work() is None
