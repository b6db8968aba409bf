"""Of several at the same work one does it, and no owner that died is waited for."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mmclassic._execution import Remembered
from mmclassic._execution._cache import _database
from mmclassic.cache import FeatureCache

CELL = np.arange(5)


@pytest.fixture
def cache(tmp_path):
    cache = FeatureCache(tmp_path / "cache")
    yield cache
    cache.close()


class Slow:
    """Takes a while for an array, and counts its calls."""

    def __init__(self, seconds=0.2, error=None):
        self.seconds, self.error, self.calls = seconds, error, []

    def __call__(self, cell):
        self.calls.append(cell)
        time.sleep(self.seconds)
        if self.error is not None and len(self.calls) == 1:
            raise self.error
        return np.asarray(cell, dtype=np.float64) * 2


def test_a_thread_waits_for_another_at_the_same_work(cache):
    slow = Slow()
    with ThreadPoolExecutor(4) as pool:
        results = list(
            pool.map(lambda _: Remembered(slow, "a", cache=cache)(CELL), range(4))
        )
    assert len(slow.calls) == 1
    for result in results:
        np.testing.assert_array_equal(result, CELL * 2)


WORKER = """
import sys, time
import numpy as np
from mmclassic._execution import Remembered
from mmclassic.cache import FeatureCache

def work(cell):
    print("work", flush=True)
    time.sleep(float(sys.argv[2]))
    return np.asarray(cell) * 2

Remembered(work, "a", cache=FeatureCache(sys.argv[1]))(np.arange(5))
print("done", flush=True)
"""


def _worker(cache, seconds):
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, cache.path, str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "work\n"
    return process


def test_a_process_waits_for_another_at_the_same_work(cache):
    worker = _worker(cache, 0.5)
    slow = Slow()
    result = Remembered(slow, "a", cache=cache)(CELL)
    assert slow.calls == []
    np.testing.assert_array_equal(result, CELL * 2)
    assert worker.communicate()[0] == "done\n"


def test_the_work_of_a_killed_process_is_taken_over_at_once(cache):
    worker = _worker(cache, 1000)
    worker.kill()
    worker.communicate()
    slow = Slow(0)
    Remembered(slow, "a", cache=cache)(CELL)
    assert len(slow.calls) == 1


def test_the_work_of_a_killed_process_is_taken_over_by_one_that_waits(cache):
    worker = _worker(cache, 1000)
    slow = Slow(0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(Remembered(slow, "a", cache=cache), CELL)
        time.sleep(0.2)
        assert not waiting.done()
        worker.kill()
        worker.communicate()
        waiting.result(timeout=10)
    assert len(slow.calls) == 1


def _claimed_by(cache, owner, beat):
    """Let another owner hold what ``Remembered(..., "a")`` of CELL needs."""
    slow = Slow(0, error=RuntimeError())
    claimed = []
    original = _database.Database.claim

    def spy(self, keys):
        claimed.extend(keys)
        return original(self, claimed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_database.Database, "claim", spy)
        with pytest.raises(RuntimeError):
            Remembered(slow, "a", cache=cache)(CELL)

    def insert(database):
        with database.transaction():
            database._run(
                "insert into claims values (?, ?, ?)", (claimed[0], owner, beat)
            )

    cache.store.connections.run(insert)


@pytest.mark.parametrize(
    ("owner", "age", "waits"),
    [
        ("elsewhere 1 abc", 0, True),
        ("elsewhere 1 abc", 60, False),
        ("elsewhere 1 abc", -60, False),  # its clock is ahead by more than a lease
        ("here 1 abc", 0, True),
        ("here 1 abc", 60, False),  # it lives, but shows no sign
        ("here 4194999 abc", 0, False),  # more than any process's number
        ("here itself abc", 0, False),  # an earlier process of our number
    ],
)
def test_a_claim_holds_as_long_as_its_owner_gives_signs_of_life(
    cache, owner, age, waits, monkeypatch
):
    monkeypatch.setattr(_database.socket, "gethostname", lambda: "here")
    owner = owner.replace("itself", str(os.getpid()))
    _claimed_by(cache, owner, time.time() - age)
    slow = Slow(0)
    done = threading.Event()

    def work():
        Remembered(slow, "a", cache=cache)(CELL)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert done.wait(0.3) is not waits
    cache.clear()  # claims too
    thread.join(10)
    assert done.is_set()


def test_an_owner_at_long_work_gives_signs_of_life(cache, monkeypatch):
    from mmclassic._execution._cache import _store

    monkeypatch.setattr(_store, "LEASE", 0.6)
    monkeypatch.setattr(_database, "LEASE", 0.6)
    slow = Slow(1.5)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: Remembered(slow, "a", cache=cache)(CELL), range(2)))
    assert len(slow.calls) == 1


def test_after_an_error_another_does_the_work(cache):
    slow = Slow(0.2, error=ValueError("first"))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(Remembered(slow, "a", cache=cache), CELL)
        time.sleep(0.1)
        second = pool.submit(Remembered(slow, "a", cache=cache), CELL)
        with pytest.raises(ValueError, match="first"):
            first.result(10)
        np.testing.assert_array_equal(second.result(10), CELL * 2)
    assert len(slow.calls) == 2


def test_opposite_orders_do_not_wait_for_each_other_forever(cache):
    cells = [np.arange(i, i + 3) for i in range(12)]
    inner = Slow(0.01)
    outer = Slow(0.01)

    def work(order):
        describe = Remembered(inner, "inner", cache=cache)
        encode = Remembered(
            lambda cell: outer(describe(cell)), "outer", cache=cache, inner=describe
        )
        with encode.working_at(order):
            return [encode(cell) for cell in order]

    with ThreadPoolExecutor(4) as pool:
        orders = [cells, cells[::-1], cells[6:] + cells[:6], cells[::2] + cells[1::2]]
        for order, results in zip(
            orders, pool.map(work, orders, timeout=60), strict=True
        ):
            for cell, result in zip(order, results, strict=True):
                np.testing.assert_array_equal(result, cell * 4)
    assert len(inner.calls) == len(outer.calls) == len(cells)


def _n_claims(cache):
    def count(database):
        return database._run("select count(*) from claims").fetchone()[0]

    return cache.store.connections.run(count)


def test_what_was_done_within_longer_work_is_there_for_others(cache):
    cells = [np.arange(i, i + 3) for i in range(4)]
    describe = Remembered(Slow(0), "inner", cache=cache)

    def fit(items):
        with describe.working_at(cells), pytest.raises(RuntimeError):
            describe(cells[0])
            raise RuntimeError
        assert (cache.info()["entries"], _n_claims(cache)) == (1, 1)  # of the fit
        with describe.working_at(cells):
            for cell in cells:
                describe(cell)
        assert (cache.info()["entries"], _n_claims(cache)) == (4, 1)
        return np.zeros(3)

    Remembered(fit, "fit", cache=cache)(tuple(cells))
    assert (cache.info()["entries"], _n_claims(cache)) == (5, 0)


NESTED = """
import sys
import numpy as np
from joblib import parallel_config
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from mmclassic.encoding import BagOfWords
from mmclassic.image import DenseSIFT

rng = np.random.default_rng(0)
X = list(rng.integers(0, 256, (200, 32, 32), dtype=np.uint8))
bags = [
    (str(k), BagOfWords(DenseSIFT(8), n_words=k, random_state=0, cache=sys.argv[1]))
    for k in (3, 4)
]
model = make_pipeline(FeatureUnion(bags, n_jobs=2), LogisticRegression())
with parallel_config("threading"):
    print(*cross_val_score(model, X, np.arange(200) % 2, cv=3, n_jobs=2))
"""


def test_threads_of_threads_that_share_work_come_to_an_end(cache):
    process = subprocess.run(
        [sys.executable, "-c", NESTED, cache.path],
        env=os.environ | {"LOKY_MAX_CPU_COUNT": "2"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert len(process.stdout.split()) == 3, process.stderr


@pytest.mark.parametrize("interrupted", ["write", "claim"])
def test_an_interrupt_leaves_no_claim(cache, monkeypatch, interrupted):
    original = getattr(_database.Database, interrupted)

    def interrupt(self, *args, **kwargs):
        if interrupted == "claim":
            original(self, *args, **kwargs)
        raise KeyboardInterrupt

    slow = Slow(0)
    with monkeypatch.context() as patch:
        patch.setattr(_database.Database, interrupted, interrupt)
        with pytest.raises(KeyboardInterrupt):
            Remembered(slow, "a", cache=cache)(CELL)
    assert not cache.store._held  # it shows no sign of life
    Remembered(slow, "b", cache=cache)(CELL)
    assert _n_claims(cache) == 0
    Remembered(slow, "a", cache=cache)(CELL)
    assert cache.info()["entries"] == 2


def test_an_interrupt_leaves_no_transaction(cache, monkeypatch):
    monkeypatch.setattr(_database, "BUSY_TIMEOUT", 0.1)

    def interrupt(database):
        database._run("begin immediate")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as held:  # its frames, as a notebook does
        cache.store.connections.attempt(interrupt, None, writes=True)
    cache.store.connections.run(lambda database: database.claim([bytes(20)]))
    assert _n_claims(cache) == 1
    del held


def test_the_same_cell_twice_in_a_chunk_is_worked_at_once(cache):
    slow = Slow(0)
    remembered = Remembered(slow, "a", cache=cache)
    cells = [CELL, CELL, CELL.copy()]
    with remembered.working_at(cells):
        for cell in cells:
            remembered(cell)
    assert len(slow.calls) == 1
