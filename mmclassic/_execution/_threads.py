"""Hold BLAS and OpenCV to one thread, so that results repeat for any n_jobs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

__all__ = ["single_threaded"]

_lock = Lock()
_entered = 0
_restore: list[Any] = []
# The libraries found, those of OpenMP among them, and how many modules there were:
# looking for them takes milliseconds, and more can only have come with more modules.
_found: tuple[int, Any, Any] = (0, None, None)


@contextmanager
def single_threaded() -> Iterator[None]:
    """Run BLAS, OpenMP and OpenCV with one thread inside the context.

    The limit is the process's: contexts that overlap in several threads count, and
    the last one out restores what the first one found. Only OpenMP's is the thread's
    own, so that each thread that works for another must enter the context too.
    """
    global _entered
    with _lock:
        libraries, openmp = _libraries()
        if _entered == 0:
            _restore[:] = [libraries.limit(limits=1), _limit_opencv()]
        _entered += 1
    own = openmp.limit(limits=1)
    try:
        yield
    finally:
        own.restore_original_limits()
        with _lock:
            _entered -= 1
            if _entered == 0:
                limits, opencv_threads = _restore
                limits.restore_original_limits()
                if opencv_threads is not None:
                    sys.modules["cv2"].setNumThreads(opencv_threads)
                _restore.clear()


def _libraries() -> tuple[ThreadpoolController, ThreadpoolController]:
    """Return those whose limit is the process's, and those of OpenMP."""
    global _found
    n_modules = len(sys.modules)
    if _found[0] != n_modules:
        every = ThreadpoolController()
        found = (every.select(user_api=api) for api in ("blas", "openmp"))
        _found = (n_modules, *found)
    return _found[1:]


def _limit_opencv() -> int | None:
    # Not imported here: text and sound do without it.
    cv2 = sys.modules.get("cv2")
    if cv2 is None:
        return None
    threads = int(cv2.getNumThreads())
    cv2.setNumThreads(1)
    return threads


def _renew_lock() -> None:
    """Let a forked process have a lock that no thread of its parent holds."""
    global _lock
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
