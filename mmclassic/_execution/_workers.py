"""How many workers a map takes: as many as asked for, or a worker's share of the cores.

Workers of workers would multiply: joblib gives as many as asked for, twice over.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import BoundedSemaphore, Lock, current_thread, main_thread

from joblib import cpu_count
from joblib.parallel import get_active_backend

__all__ = ["a_core", "is_worker_thread", "lent", "workers_for"]

_lock = Lock()
_cores: BoundedSemaphore | None = None


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
    if n_jobs is None:
        n_jobs = get_active_backend()[1]  # with prefer, joblib would make it one
    backend, _ = get_active_backend(prefer="threads")
    n_workers = int(backend.effective_n_jobs(n_jobs))
    if not backend.nesting_level or not getattr(backend, "uses_threads", False):
        return n_workers
    return min(n_workers, cpu_count() if is_worker_thread() else _share_of_cores())


def is_worker_thread() -> bool:
    """Tell whether joblib runs this in a thread of its own, beside others."""
    backend, _ = get_active_backend(prefer="threads")
    # The tasks of a worker process run in its main thread.
    return bool(backend.nesting_level) and current_thread() is not main_thread()


@contextmanager
def a_core() -> Iterator[None]:
    """Wait, in a worker of a worker, until one of the process's cores is free."""
    if (get_active_backend()[0].nesting_level or 0) < 2:
        yield
        return
    with _free_cores():
        yield


def lent() -> AbstractContextManager[None]:
    """Return a context in which this worker is lent to other tasks, while it waits.

    What it waits for may need it: Dask's workers are as many as there are.
    """
    context: AbstractContextManager[None] = get_active_backend()[0].retrieval_context()
    return context


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
