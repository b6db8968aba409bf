"""The store is shared, bounded, and stays usable whatever happens to it."""

import copy
import multiprocessing
import pickle
import re
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mmclassic import make_multimodal_pipeline
from mmclassic._execution._cache import _connections, _database
from mmclassic._execution._cache._files import current_file
from mmclassic._execution._cache._store import Store
from mmclassic.cache import FeatureCache
from mmclassic.extraction import extract_features
from mmclassic.image import HOG


def key(i):
    return i.to_bytes(20, "big")


def value(i, size=100):
    return np.full(size, i, dtype=np.float32)


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache")


@pytest.fixture
def store(cache):
    yield cache.store
    cache.close()


def another(path):
    """Return what another process would have: a store with no connection yet."""
    store = Store(str(path))
    store.connections.max_bytes = 2**30
    return store


def test_a_value_comes_back_in_another_process(store, cache):
    store.put(key(1), value(1))
    np.testing.assert_array_equal(another(cache.path).get(key(1)), value(1))
    assert store.get(key(2)) is None


def test_a_batch_is_read_by_its_own_thread_at_once_and_by_others_at_its_end(
    store, cache
):
    with store.batch():
        store.put(key(1), value(1))
        np.testing.assert_array_equal(store.get(key(1)), value(1))
        assert another(cache.path).get(key(1)) is None
    assert another(cache.path).get(key(1)) is not None


def test_a_copy_holds_the_path_and_the_size_only(cache, store):
    store.put(key(1), value(1))
    hog = HOG(cache=cache)
    for same in (
        copy.deepcopy(cache),
        pickle.loads(pickle.dumps(cache)),
        clone(hog).cache,
    ):
        assert same == cache
        assert vars(same) == {"path": cache.path, "max_bytes": cache.max_bytes}


def test_a_path_is_the_same_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cache = FeatureCache("cache")
    monkeypatch.chdir("/")
    assert cache == FeatureCache(tmp_path / "cache")


@pytest.mark.parametrize("max_bytes", [10, "1GB", None, 2.5e9, True])
def test_a_size_that_holds_nothing_is_an_error(tmp_path, max_bytes):
    match = re.escape(f"Got {max_bytes!r} instead")
    with pytest.raises(ValueError, match=f"'max_bytes' parameter .* {match}"):
        FeatureCache(tmp_path, max_bytes=max_bytes)


def test_a_path_that_is_none_is_an_error():
    with pytest.raises(TypeError, match=r"'path' parameter .* Got 5 instead"):
        FeatureCache(5)


@pytest.mark.parametrize("function", [make_multimodal_pipeline, extract_features])
def test_a_cache_that_is_none_is_an_error_of_who_was_given_it(function, tmp_path):
    given = {"image": "image", "cache": 5}
    if function is extract_features:
        given |= {
            "X": pd.DataFrame({"image": ["a.png"]}),
            "path": tmp_path / "a.parquet",
        }
    match = rf"'cache' parameter of {function.__name__} .* Got 5 instead"
    with pytest.raises(TypeError, match=match):
        function(**given)


def test_threads_share_a_store(store):
    def work(i):
        store.put(key(i % 20), value(i % 20))
        return store.get(key(i % 20))[0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(200))) == [i % 20 for i in range(200)]


def _write_many(path, first):
    store = FeatureCache(path).store
    for i in range(first, first + 40):
        store.put(key(i), value(i))


def test_processes_write_to_a_new_store_at_once(cache):
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_write_many, args=(cache.path, first))
        for first in (0, 20, 40)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert cache.info()["entries"] == 80
    assert cache.verify() == (80, 0)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_opens_connections_of_its_own(store, cache):
    store.put(key(100), value(100))
    worker = multiprocessing.get_context("fork").Process(
        target=_write_many, args=(cache.path, 0)
    )
    worker.start()
    worker.join()
    assert worker.exitcode == 0
    store.put(key(101), value(101))
    assert cache.info()["entries"] == 42


WRITER = """
import sys
import numpy as np
from mmclassic.cache import FeatureCache
store = FeatureCache(sys.argv[1]).store
i = 0
while True:
    with store.batch():
        for _ in range(5):
            store.put(i.to_bytes(20, "big"), np.full(20_000, i, dtype=np.float32))
            i += 1
    print(i, flush=True)
"""


def test_a_writer_killed_at_any_instant_leaves_all_that_it_had_written(cache):
    for delay in (0.0, 0.003, 0.01, 0.03):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, cache.path], stdout=subprocess.PIPE
        )
        writer.stdout.readline()
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
        written = [5, *map(int, writer.stdout.read().split())]
        writer.wait()
        writer.stdout.close()
        store = another(cache.path)
        for i in range(written[-1]):
            np.testing.assert_array_equal(store.get(key(i)), value(i, 20_000))
        assert cache.verify()[1] == 0
        store.put(key(10**6), value(0))
        assert store.get(key(10**6)) is not None
        store.close()


def _overwrite(cache, change):
    cache.close()
    connection = sqlite3.connect(current_file(Path(cache.path)))
    with connection:
        (content,) = connection.execute("select first from contents").fetchone()
        connection.execute("update contents set first = ?", (change(content),))
    connection.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-40] + b"?" + content[-39:],
        lambda content: content[:20],
        lambda content: b"",
        lambda content: b"\x80\x04N.",  # a pickle
    ],
    ids=["flipped", "cut", "emptied", "replaced"],
)
def test_a_damaged_entry_is_dropped_with_one_warning(store, cache, change):
    store.put(key(1), value(1))
    _overwrite(cache, change)
    with pytest.warns(UserWarning, match="damaged entry") as caught:
        assert store.get(key(1)) is None
        assert store.get(key(1)) is None
    assert len(caught) == 1
    store.put(key(1), value(1))
    np.testing.assert_array_equal(store.get(key(1)), value(1))


def test_verify_counts_and_drops_damaged_entries(store, cache):
    store.put(key(1), value(1))
    _overwrite(cache, lambda content: content[:-8] + b"12345678")
    store.put(key(2), value(2))
    assert cache.verify() == (1, 1)
    assert cache.verify() == (1, 0)


@pytest.mark.parametrize("damage", ["head", "middle", "no database"])
def test_a_damaged_file_begins_anew_with_one_warning(store, cache, damage):
    for i in range(30):
        store.put(key(i), value(i, 20_000))
    cache.close()
    file = current_file(Path(cache.path))
    content = bytearray(file.read_bytes())
    if damage == "head":
        content[:100] = bytes(100)
    elif damage == "middle":
        content[200 : len(content) : 3] = b"\xff" * len(range(200, len(content), 3))
    else:
        content = b"text"
    file.write_bytes(content)
    with pytest.warns(UserWarning, match="was damaged. It begins anew") as caught:
        for i in range(30):
            store.get(key(i))
    assert len(caught) == 1
    assert not file.exists()
    store.put(key(1), value(1))
    np.testing.assert_array_equal(another(cache.path).get(key(1)), value(1))


def test_a_process_that_had_the_damaged_file_open_turns_to_the_new_one(store, cache):
    store.put(key(1), value(1))
    other = another(cache.path)
    assert other.get(key(1)) is not None
    file = current_file(Path(cache.path))
    with pytest.warns(UserWarning, match="begins anew"):
        store.connections.begin_anew(store.connections._take())
        store.connections.say()
    assert not file.exists()
    other.put(key(2), value(2))
    assert another(cache.path).get(key(2)) is not None
    assert other.connections.writable
    other.close()


def test_what_was_not_used_for_the_longest_time_goes_first(tmp_path, monkeypatch):
    clock = [1e9]
    monkeypatch.setattr(_database, "now", lambda: clock[0])
    cache = FeatureCache(tmp_path / "cache", max_bytes=2**22)
    store = cache.store
    for i in range(8):
        clock[0] += 100
        store.put(key(i), value(i, 2**16))
    clock[0] += 100
    assert store.get(key(0)) is not None  # used again
    for i in range(8, 15):
        clock[0] += 100
        store.put(key(i), value(i, 2**16))
    kept = [i for i in range(15) if store.get(key(i)) is not None]
    assert 0 in kept and 14 in kept
    assert 1 not in kept and 2 not in kept
    assert kept[1:] == list(range(kept[1], 15))
    cache.close()


@pytest.mark.parametrize("size", [10, 1000, 2**15])
def test_the_size_stays_within_the_bound(tmp_path, size):
    cache = FeatureCache(tmp_path / "cache", max_bytes=2**21)
    for start in range(0, 2**22 // (4 * size), 500):
        with cache.store.batch():
            for i in range(start, start + 500):
                cache.store.put(key(i), value(i, size))
    assert 0 < cache.info()["bytes"] <= 2**21
    cache.close()
    assert current_file(Path(cache.path)).stat().st_size <= 2**21 + 2**23
    cache.close()


def test_the_bound_given_last_is_the_one_that_holds(store, cache):
    store.put(key(0), value(0))  # a connection is open
    store = FeatureCache(cache.path, max_bytes=2**20).store
    for i in range(1, 400):
        store.put(key(i), value(i, 2**11))
    assert 0 < cache.info()["bytes"] <= 2**20


def test_a_value_larger_than_a_quarter_of_the_bound_is_not_kept(tmp_path):
    cache = FeatureCache(tmp_path / "cache", max_bytes=2**20)
    cache.store.put(key(1), value(1, 2**17))
    assert cache.store.get(key(1)) is None


def test_a_folder_that_can_not_be_made_means_no_cache_and_one_warning(tmp_path):
    (tmp_path / "file").write_text("")
    store = FeatureCache(tmp_path / "file" / "cache").store
    with pytest.warns(UserWarning, match="It is not used") as caught:
        for i in range(3):
            store.put(key(i), value(i))
            assert store.get(key(i)) is None
    assert len(caught) == 1


def test_a_file_in_place_of_the_folder_means_no_cache_and_one_warning(tmp_path):
    (tmp_path / "file").write_text("mine")
    store = FeatureCache(tmp_path / "file").store
    with pytest.warns(UserWarning, match="It is not used"):
        store.put(key(1), value(1))
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("again", ["a minute later", "after close"])
def test_what_failed_is_tried_again(tmp_path, monkeypatch, again):
    (tmp_path / "file").write_text("")
    cache = FeatureCache(tmp_path / "file" / "cache")
    store = cache.store
    with pytest.warns(UserWarning, match="It is not used"):
        store.put(key(1), value(1))
    (tmp_path / "file").unlink()
    store.put(key(1), value(1))
    assert store.get(key(1)) is None
    if again == "after close":
        cache.close()
    else:
        later = time.monotonic() + 61
        monkeypatch.setattr(_connections.time, "monotonic", lambda: later)
    store.put(key(1), value(1))
    np.testing.assert_array_equal(store.get(key(1)), value(1))
    cache.close()


def test_a_second_failure_is_told_of_where_there_was_success_between(store, cache):
    def fail(self, **kwargs):
        raise sqlite3.OperationalError("disk is full")

    for i in range(2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_database.Database, "write", fail)
            with pytest.warns(UserWarning, match="disk is full"):
                store.put(key(i), value(i))
        later = time.monotonic() + 61
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_connections.time, "monotonic", lambda later=later: later)
            store.put(key(i), value(i))
        assert store.get(key(i)) is not None
        store.connections._unwritable_until = 0.0


def test_a_connection_for_reading_is_opened_again_for_writing(store, cache):
    store.put(key(1), value(1))
    cache.close()

    def fail(self):
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = sqlite3.SQLITE_READONLY
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_database.Database, "_prepare", fail)
        with pytest.warns(UserWarning, match="Features are read, but not kept"):
            store.get(key(1))
    store.connections._unwritable_until = 0.0
    store.put(key(2), value(2))
    assert store.get(key(2)) is not None


def test_a_warning_points_at_the_line_that_called(tmp_path):
    (tmp_path / "file").write_text("")
    hog = HOG((32, 32), cache=tmp_path / "file" / "cache")
    with pytest.warns(UserWarning, match="It is not used") as caught:
        hog.transform([np.zeros((32, 32), dtype=np.uint8)])
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(UserWarning, match="It is not used") as caught:
        store = FeatureCache(tmp_path / "file" / "other").store
        thread = Thread(target=store.put, args=(key(1), value(1)))
        thread.start()
        thread.join()
    assert [Path(warning.filename).name for warning in caught] == ["_connections.py"]


FILLER = """
import resource, sys, warnings
import numpy as np
from mmclassic.cache import FeatureCache
store = FeatureCache(sys.argv[1]).store
store.put(bytes(20), np.ones(100))
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for i in range(1, 200):
        store.put(i.to_bytes(20, "big"), np.full(20_000, i))
assert len(caught) == 1, caught
assert "Features are not kept" in str(caught[0].message), caught
assert store.get(bytes(20)) is not None
print("done")
"""


def test_a_full_disk_means_one_warning_and_what_was_kept_is_read(cache):
    done = subprocess.run(
        [sys.executable, "-c", FILLER, cache.path], capture_output=True, text=True
    )
    assert done.stdout == "done\n", done.stderr
    assert another(cache.path).get(bytes(20)) is not None
    assert cache.verify()[1] == 0


def test_a_disk_that_becomes_read_only_is_read_with_one_warning(store, cache):
    store.put(key(1), value(1))
    cache.close()
    original = _database.Database._prepare

    def fail(self):
        raise _error(sqlite3.SQLITE_READONLY)

    def _error(code):
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = code
        return error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_database.Database, "_prepare", fail)
        with pytest.warns(UserWarning, match="can't be written") as caught:
            np.testing.assert_array_equal(store.get(key(1)), value(1))
            store.put(key(2), value(2))
            assert store.get(key(2)) is None
    assert len(caught) == 1
    assert _database.Database._prepare is original


def test_clear_leaves_nothing_and_gives_the_room_back(store, cache):
    for i in range(100):
        store.put(key(i), value(i, 10_000))
    before = cache.info()
    assert before["entries"] == 100
    assert before["file_bytes"] > 4_000_000
    assert cache.clear() == 100
    assert cache.info()["entries"] == 0
    assert cache.info()["file_bytes"] < 10**6
    store.put(key(1), value(1))
    assert store.get(key(1)) is not None


@pytest.mark.parametrize("method", ["info", "clear", "verify"])
def test_a_folder_without_a_cache_is_named(tmp_path, method):
    with pytest.raises(FileNotFoundError, match="no cache in"):
        getattr(FeatureCache(tmp_path), method)()
    assert list(tmp_path.iterdir()) == []


def test_a_connection_is_made_only_when_it_is_needed(cache):
    assert cache.store is cache.store
    assert not Path(cache.path).exists()


def test_reading_writes_nothing_until_a_minute_has_passed(store, cache, monkeypatch):
    store.put(key(1), value(1))
    calls = []
    original = _database.Database.write

    def spy(self, **kwargs):
        calls.append(kwargs)
        return original(self, **kwargs)

    monkeypatch.setattr(_database.Database, "write", spy)
    for _ in range(5):
        store.get(key(1))
    assert calls == []
    later = time.time() + 100
    monkeypatch.setattr(_database, "now", lambda: later)
    for _ in range(5):
        store.get(key(1))
    assert len(calls) == 1
