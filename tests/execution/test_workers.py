"""Workers inside workers share the cores, and what is asked for is what there is."""

import contextvars
import multiprocessing
import os
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config

from mmclassic._execution import (
    _workers,
    map_items,
    map_rows,
    original_row,
    read_column,
    remembering,
    rows_within,
    workers_for,
)
from mmclassic._execution._memory import current_memory
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.fusion import _calls


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    _workers._forget()
    yield
    _workers._forget()


def note_time(cell):
    """Append the process and the times of a little sleep to a file."""
    begin = time.time()
    time.sleep(0.01)
    with open(cell, "a") as file:
        file.write(f"{os.getpid()} {begin} {time.time()}\n")
    return cell


def map_notes(path, n_jobs):
    return map_items(note_time, read_column([path] * 12), n_jobs=n_jobs)


def most_at_once(path):
    times = [line.split() for line in path.read_text().splitlines()]
    starts = [(float(begin), 1) for _, begin, _ in times]
    ends = [(float(end), -1) for _, _, end in times]
    n = most = 0
    for _, change in sorted(starts + ends):
        n += change
        most = max(most, n)
    return most


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
@pytest.mark.parametrize("n_jobs", [8, -1])
def test_workers_of_workers_are_no_more_at_once_than_cores(
    backend, n_jobs, tmp_path, two_cores
):
    path = tmp_path / "log"
    with parallel_config(backend):
        done = Parallel(n_jobs=2)(
            delayed(map_notes)(str(path), n_jobs) for _ in range(4)
        )
    assert done == [[str(path)] * 12] * 4
    assert 1 <= most_at_once(path) <= 2


def _in_workers_of_workers(function):
    """Call a function in four threads, two in each of two; fail if it takes long."""

    def twice():
        return Parallel(n_jobs=2)(delayed(function)() for _ in range(2))

    def run():
        with parallel_config("threading"):
            results.extend(Parallel(n_jobs=2)(delayed(twice)() for _ in range(2)))

    results = []
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    return results


def test_a_worker_that_waits_lends_its_core(two_cores):
    all_wait = threading.Barrier(4, timeout=10)

    def wait():
        with _workers.a_core(), _workers.lent():
            all_wait.wait()
        return True

    assert _in_workers_of_workers(wait) == [[True, True]] * 2


def test_what_a_worker_with_a_core_maps_needs_no_other_core(two_cores):
    all_have_cores = threading.Barrier(2, timeout=10)
    column = read_column(list(range(4)))

    def work():
        with _workers.a_core():
            all_have_cores.wait()
            return map_items(lambda cell: cell + 1, column, n_jobs=2)

    assert _in_workers_of_workers(work) == [[[1, 2, 3, 4]] * 2] * 2


def test_a_worker_process_uses_the_cores_that_joblib_leaves_to_it(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    shares = {}
    for n_threads in ("1", "2", "2,1"):
        monkeypatch.setenv("OMP_NUM_THREADS", n_threads)
        with parallel_config("loky"):
            found = Parallel(n_jobs=2)(delayed(workers_for)(8) for _ in range(2))
        shares[n_threads] = set(found)
    assert shares == {"1": {1}, "2": {2}, "2,1": {1}}


def test_workers_at_the_outermost_level_are_as_many_as_asked_for(tmp_path):
    assert workers_for(None) == 1
    assert workers_for(7) == 7
    path = tmp_path / "log"
    map_notes(str(path), 4)
    assert most_at_once(path) > 2


def test_a_number_of_workers_may_be_configured_without_a_backend():
    both = threading.Barrier(2, timeout=20)
    with parallel_config(n_jobs=2):
        assert workers_for(None) == 2
        map_items(lambda cell: both.wait(), read_column(["a", "b"]))


def test_calls_of_parts_in_a_worker_thread_come_in_order_and_share_out_their_items():
    threads = []

    def call():
        threads.append(threading.get_ident())

    def run(n_jobs):
        calls = [_calls.Call(call, (), [], "") for _ in range(8)]
        _calls.run_calls(calls, n_jobs)
        return threading.get_ident()

    with parallel_config("threading"):
        idents = Parallel(n_jobs=2)(delayed(run)(2) for _ in range(2))
    assert set(threads) == set(idents)


def map_strictly(_):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return map_items(str.upper, read_column(["a", "b"]), n_jobs=2)


def test_a_daemon_process_may_have_worker_threads():
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.map(map_strictly, [0]) == [["A", "B"]]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_waits_for_no_thread_of_its_parent(two_cores):
    cores = _workers._free_cores()
    with cores, cores, _workers._lock:
        child = os.fork()
        if child == 0:
            free = _workers._free_cores()
            os._exit(not (free.acquire(timeout=1) and free.acquire(timeout=1)))
        assert os.waitpid(child, 0)[1] == 0


def test_a_task_knows_nothing_of_the_thread_in_whose_context_it_begins():
    # As Dask begins a task when the thread of another waits.
    def begin():
        return original_row(0), current_memory()

    with rows_within(np.array([7])), remembering(2**20), ThreadPoolExecutor(1) as pool:
        context = contextvars.copy_context()
        assert pool.submit(context.run, begin).result() == (0, None)
        assert original_row(0) == 7


def process_of(cell):
    return os.getpid()


class Unpicklable:
    def __call__(self, cell):
        return os.getpid()

    def __reduce__(self):
        raise TypeError("stays here")


@pytest.fixture
def long(monkeypatch):
    """Take all work for long."""
    monkeypatch.setattr(_workers, "LONG", 0.0)


def processes_of(function=process_of, n=100):
    return map_items(function, read_column(["a"] * n), n_jobs=2)


def test_long_work_is_given_to_processes_after_a_few_items(long):
    processes = processes_of()
    assert set(processes[:5]) == {os.getpid()}
    assert os.getpid() not in processes[5:]


def test_short_work_few_items_and_big_or_unpicklable_functions_stay_in_threads(
    monkeypatch,
):
    here = {os.getpid()}
    assert set(processes_of()) == here
    monkeypatch.setattr(_workers, "LONG", 0.0)
    assert set(processes_of(n=60)) == here
    assert set(processes_of(Unpicklable())) == here
    big = partial(lambda cell, table: os.getpid(), table=np.zeros(2**20))
    assert set(processes_of(big)) == here


def test_who_names_a_backend_or_remembers_gets_threads_for_long_work(long):
    here = {os.getpid()}
    with parallel_config("threading"):
        assert set(processes_of()) == here
    with remembering(2**20):
        assert set(processes_of()) == here
    nested = Parallel(2, prefer="threads")(delayed(processes_of)() for _ in range(2))
    assert {process for processes in nested for process in processes} == here


@pytest.mark.parametrize("n_bad", [0, 3, 50])
def test_long_work_has_the_same_rows_and_errors(long, n_bad):
    cells = [f"{i}" for i in range(100)]
    column = read_column(cells)
    assert map_items(str.strip, column, n_jobs=2) == cells
    out = np.zeros((100, 1))
    map_rows(float, column, out, n_jobs=2)
    assert out[:, 0].tolist() == list(range(100))
    cells[n_bad] = cells[n_bad + 30] = "bad"
    with pytest.raises(MediaError, match=f"Row {n_bad} "):
        map_items(float, read_column(cells), n_jobs=2)
    with pytest.warns(InvalidItemWarning, match=f"rows {n_bad}, {n_bad + 30}"):
        map_items(float, read_column(cells), n_jobs=2, invalid="missing")
