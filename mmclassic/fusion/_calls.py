"""Run the parts' work on their rows, in parallel, with the rows and part named."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from threading import get_ident
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import Parallel, delayed

from mmclassic._execution import (
    SharedMemory,
    is_worker_thread,
    one_warning,
    original_row,
    rows_within,
    single_threaded,
    workers_for,
)

__all__ = ["Call", "run_calls"]


@dataclass(frozen=True, slots=True)
class Call:
    """One function of one part's rows.

    Parameters
    ----------
    function : callable
    arguments : tuple
    rows : ndarray of bool, shape (n_samples,)
        Which rows of X the arguments hold.
    note : str
        What an error's traceback says beneath the error: which part raised it.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    rows: NDArray[np.bool_]
    note: str


def run_calls(calls: list[Call], n_jobs: int | None = None) -> list[Any]:
    """Return the result of each call, in order.

    Parameters
    ----------
    calls : list of Call
    n_jobs : int or None, default=None
        Workers, as joblib's; threads unless ``joblib.parallel_config`` says otherwise.

    Returns
    -------
    list
    """
    parent = (os.getpid(), get_ident())
    # Beside other threads only the items of each call are shared out: those wait for a
    # free core, and calls that did would keep it from them.
    n_workers = 1 if is_worker_thread() else workers_for(n_jobs)
    in_order = n_workers == 1
    memory = SharedMemory()
    with single_threaded():
        return Parallel(n_jobs=n_workers, prefer="threads")(
            delayed(_run)(
                call, None if in_order else _origins(call.rows), parent, memory
            )
            for call in calls
        )


def _origins(rows: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the rows' positions in the outermost X."""
    return np.array(
        [original_row(int(row)) for row in np.flatnonzero(rows)], dtype=np.intp
    )


def _run(
    call: Call,
    origins: NDArray[np.intp] | None,
    parent: tuple[int, int],
    memory: SharedMemory,
) -> Any:
    # A worker's thread doesn't know which rows its parent works on, so it is told
    # their positions in the outermost X; the parent's own thread does know.
    in_parent = (os.getpid(), get_ident()) == parent
    rows = call.rows if in_parent or origins is None else origins
    # A part may describe an item several times, by each of a union's descriptors.
    with single_threaded(), memory.entered(), rows_within(rows), one_warning():
        try:
            return call.function(*call.arguments)
        except Exception as error:
            error.add_note(call.note)
            raise
