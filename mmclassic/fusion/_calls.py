"""Run the parts' work on their rows, in parallel, with the rows and part named."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import Parallel, delayed

from mmclassic._execution import (
    Caller,
    SharedMemory,
    gathered,
    is_worker_thread,
    original_row,
    rows_within,
    single_threaded,
    treat_as_missing,
    workers_for,
)
from mmclassic.exceptions import InvalidItemWarning, MediaError

__all__ = ["Call", "quietly", "run_calls"]


@contextmanager
def quietly() -> Iterator[None]:
    """Don't warn of invalid items: the fit on all rows has warned of the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InvalidItemWarning)
        yield


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
    caller = Caller.here()
    # Beside other threads only the items of each call are shared out: those wait for a
    # free core, and calls that did would keep it from them.
    n_workers = 1 if is_worker_thread() else workers_for(n_jobs)
    in_order = n_workers == 1
    memory = SharedMemory()
    with single_threaded():
        done = Parallel(n_jobs=n_workers, prefer="threads")(
            delayed(_run_and_tell)(
                call, None if in_order else _origins(call.rows), caller, memory
            )
            for call in calls
        )
    for _, invalid, told in done:
        for category, message in told:
            warnings.warn(message, category, stacklevel=2)
        if invalid:
            treat_as_missing(invalid)
    return [result for result, *_ in done]


def _origins(rows: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the rows' positions in the outermost X."""
    return np.array(
        [original_row(int(row)) for row in np.flatnonzero(rows)], dtype=np.intp
    )


def _run_and_tell(
    call: Call,
    origins: NDArray[np.intp] | None,
    caller: Caller,
    memory: SharedMemory,
) -> tuple[Any, list[MediaError], list[tuple[type[Warning], str]]]:
    """Return the result, the invalid items, and what a process would warn of."""
    with gathered() as invalid:
        if caller.is_this_process():
            return _run(call, origins, caller, memory), invalid, []
        with warnings.catch_warnings(record=True) as caught, caller.folder_entered():
            result = _run(call, origins, caller, memory)
    return result, invalid, [(w.category, str(w.message)) for w in caught]


def _run(
    call: Call,
    origins: NDArray[np.intp] | None,
    caller: Caller,
    memory: SharedMemory,
) -> Any:
    # A worker's thread doesn't know which rows its caller works on, so it is told
    # their positions in the outermost X; the caller's own thread does know.
    in_caller = caller.is_this_thread()
    rows = call.rows if in_caller or origins is None else origins
    with single_threaded(), memory.entered(), rows_within(rows):
        try:
            return call.function(*call.arguments)
        except Exception as error:
            error.add_note(call.note)
            raise
