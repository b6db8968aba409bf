"""Run tasks by as many workers as asked for, or as a worker's share of the cores.

Workers of workers would multiply: joblib gives as many as asked for, twice over.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import current_process
from threading import BoundedSemaphore, Lock, current_thread, local, main_thread
from time import perf_counter
from typing import Any

from joblib import Parallel, cpu_count
from joblib.externals.loky.backend.reduction import dumps
from joblib.parallel import get_active_backend

from mmclassic._execution._memory import current_memory

__all__ = [
    "a_core",
    "is_worker_thread",
    "kind_of_workers",
    "lent",
    "run_tasks",
    "workers_for",
]

# Seconds of work of one worker that are worth the two or three that processes take to
# start, and bytes of a function that are sent with each task.
LONG, MOST_BYTES = 8.0, 2**22
# Of so many items, tasks that end after the first and the fifth are timed.
MANY, PROBES = 64, (1, 5)

_lock = Lock()
_cores: BoundedSemaphore | None = None
_taken = local()  # cores: what this thread has one of


def workers_for(n_jobs: int | None) -> int:
    """Return the workers to ask joblib for.

    Inside a worker process, such as a grid search's, it is no more than the cores that
    joblib leaves to each; inside a worker thread, than there are.

    Parameters
    ----------
    n_jobs : int or None
        As joblib's; None for what ``joblib.parallel_config`` says.

    Returns
    -------
    int
    """
    if _has_core():
        return 1  # others would wait for a core, and this one for them
    if n_jobs is None:
        n_jobs = get_active_backend()[1]  # with prefer, joblib would make it one
    backend, _ = get_active_backend(prefer="threads")
    n_workers = int(backend.effective_n_jobs(n_jobs))
    if not backend.nesting_level or not getattr(backend, "uses_threads", False):
        return n_workers
    return min(n_workers, cpu_count() if is_worker_thread() else _share_of_cores())


def run_tasks(
    task: Callable[[int, int], Any],
    tasks: Callable[[int], Iterator[Any]],
    n_items: int,
    function: Callable[[Any], Any],
    n_workers: int,
) -> Iterator[Any]:
    """Yield what tasks return, in order, of which the first show what workers suit.

    Parameters
    ----------
    task : callable
        Of the first item and the one after the last: gives what joblib's ``delayed``
        does of a call for them.
    tasks : callable
        Of the first item: gives the tasks from there on.
    n_items : int
    function : callable
        That the tasks call.
    n_workers : int

    Yields
    ------
    object
        What a task's call returned.
    """
    first, prefer = 0, "threads"
    if n_workers > 1 and n_items >= MANY and _may_choose():
        for stop in PROBES:  # the first item may load and build what the others use
            call, arguments, _ = task(first, stop)
            begin = perf_counter()
            done = call(*arguments)
            seconds = (perf_counter() - begin) / (stop - first) * (n_items - stop)
            yield done
            first = stop
        prefer = kind_of_workers(function, seconds)
    # A hint only: parallel_config(backend=...) overrides it.
    try:
        parallel = Parallel(n_jobs=n_workers, prefer=prefer, return_as="generator")
    except ValueError:  # some backends give all results at once only
        parallel = Parallel(n_jobs=n_workers, prefer=prefer)
    yield from parallel(tasks(first))


def kind_of_workers(sent: Any, seconds: float) -> str:
    """Return the workers that are sooner at the end of so much work, if it is ours.

    Threads start at once, but one that computes in many short steps waits for Python's
    lock after each: two are no faster than one at dense SIFT, and processes are.

    Parameters
    ----------
    sent : object
        What each task of a process takes along, such as the function.
    seconds : float
        That the work would take one worker.

    Returns
    -------
    {"threads", "processes"}
        For joblib's ``prefer``, which ``parallel_config(backend=...)`` overrides.
    """
    if seconds < LONG or not _may_choose():
        return "threads"
    try:
        return "processes" if len(dumps(sent)) <= MOST_BYTES else "threads"
    except Exception:  # whatever the user's own class raises
        return "threads"


def is_worker_thread() -> bool:
    """Tell whether joblib runs this in a thread of its own, beside others."""
    backend, _ = get_active_backend(prefer="threads")
    # The tasks of a worker process run in its main thread.
    return bool(backend.nesting_level) and current_thread() is not main_thread()


@contextmanager
def a_core() -> Iterator[None]:
    """Wait, in a worker of a worker, until one of the process's cores is free.

    A thread has one at most. While it has it, it waits for no other thread's work:
    what it maps itself it does alone, and for what another keeps it lends its core.
    """
    if _has_core() or (get_active_backend()[0].nesting_level or 0) < 2:
        yield
        return
    cores = _free_cores()
    _take(cores)
    try:
        yield
    finally:
        _give_back()


@contextmanager
def lent() -> Iterator[None]:
    """Lend this worker, and its core, to other tasks while it waits inside.

    What it waits for may need them: Dask's workers are as many as there are.
    """
    cores = _give_back()
    try:
        with get_active_backend()[0].retrieval_context():
            yield
    finally:
        if cores is not None:
            _take(cores)


def _has_core() -> bool:
    return getattr(_taken, "cores", None) is not None


def _take(cores: BoundedSemaphore) -> None:
    cores.acquire()
    _taken.cores = cores


def _give_back() -> BoundedSemaphore | None:
    cores: BoundedSemaphore | None = getattr(_taken, "cores", None)
    if cores is not None:
        _taken.cores = None
        cores.release()
    return cores


def _may_choose() -> bool:
    """Tell whether it is left to us if workers are threads or processes."""
    if current_memory() is not None or current_process().daemon:
        return False  # the memory is this process's, and a daemon may have none
    uses_threads = [
        getattr(get_active_backend(prefer=kind)[0], "uses_threads", False)
        for kind in ("threads", "processes")
    ]
    return uses_threads == [True, False]


def _share_of_cores() -> int:
    # joblib tells a worker process so; other processes that it starts get no share.
    try:
        return max(1, int(os.environ.get("OMP_NUM_THREADS", "1")))
    except ValueError:  # OpenMP's own form, of several levels
        return 1


def _free_cores() -> BoundedSemaphore:
    global _cores
    with _lock:
        if _cores is None:
            _cores = BoundedSemaphore(cpu_count())
        return _cores


def _forget() -> None:
    """Begin anew in a forked process, which has none of the threads that hold cores."""
    global _cores, _lock
    _cores, _lock = None, Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
