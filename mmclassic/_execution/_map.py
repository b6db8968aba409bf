"""Apply a function to every cell of a column, in parallel and in order."""

import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, nullcontext
from itertools import chain
from traceback import format_exception
from typing import Any, Literal

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from mmclassic._execution._caller import Caller
from mmclassic._execution._columns import Column
from mmclassic._execution._invalid import treat_as_missing
from mmclassic._execution._memory import SharedMemory
from mmclassic._execution._progress import items_done
from mmclassic._execution._rows import original_row
from mmclassic._execution._threads import single_threaded
from mmclassic._execution._workers import a_core, run_tasks, workers_for
from mmclassic.exceptions import MediaError
from mmclassic.media import describe_cell, is_missing

__all__ = ["Staged", "map_items", "map_rows"]

MAX_CHUNK = 32  # items a task: few enough to keep every worker busy to the end

# An invalid item, with what was raised at it.
Invalid = tuple[MediaError, Exception]


def map_items(
    function: Callable[[Any], Any],
    column: Column,
    *,
    n_jobs: int | None = None,
    invalid: Literal["error", "missing"] = "error",
) -> list[Any]:
    """Return ``function(cell)`` for every cell, in order; None where it is missing.

    Parameters
    ----------
    function : callable
        Of one cell. A MediaError or ValueError that it raises is the item's fault.
    column : Column
        The cells.
    n_jobs : int or None, default=None
        Workers, as joblib's. Unless ``joblib.parallel_config`` says what they are,
        threads, or processes where the work is long.
    invalid : {"error", "missing"}, default="error"
        Whether an invalid item stops with its row named, or counts as missing and
        is named in one warning, for several calls together in ``one_warning()``.

    Returns
    -------
    list of length n_samples
        None for a missing cell, and for an invalid one with ``invalid="missing"``.

    Raises
    ------
    MediaError
        For the first invalid item, if ``invalid="error"``.
    """
    results: list[Any] = []
    for chunk in _mapped_chunks(function, column, n_jobs, invalid):
        results += chunk
    return results


def map_rows(
    function: Callable[[Any], Any],
    column: Column,
    out: NDArray[Any],
    *,
    positions: NDArray[np.intp] | None = None,
    n_jobs: int | None = None,
    invalid: Literal["error", "missing"] = "error",
) -> None:
    """Write ``function(cell)`` into a row for every cell; NaN where it is missing.

    Only few results are held beside the rows, so that a table costs its size once.

    Parameters
    ----------
    function : callable
        Of one cell, returns an array of shape (n_features,).
    column : Column
        The cells.
    out : ndarray of shape (n_rows, n_features), floating
        What is written into.
    positions : ndarray of shape (n_samples,), intp, or None, default=None
        The row of each cell; the first n_samples in order if None.
    n_jobs, invalid
        As of ``map_items``.

    Raises
    ------
    MediaError
        For the first invalid item, if ``invalid="error"``.
    """
    if positions is None:
        positions = np.arange(len(column))
    rows = _Rows(out, positions.tolist())
    # Closed, should a row not fit: its error would keep the limits on threads alive.
    with closing(_mapped_chunks(function, column, n_jobs, invalid, rows)) as chunks:
        for i, result in enumerate(chain.from_iterable(chunks)):
            rows.put(i, result)


class Staged:
    """A function of a cell in two stages, each for several cells before the next.

    Decoding then leaves the processor's cache to what follows. What the first stage
    returns must be small.

    Parameters
    ----------
    stages : two callables
        Of a cell, and of what the first returns.
    """

    def __init__(self, *stages: Callable[[Any], Any]) -> None:
        self.stages = stages

    def __call__(self, cell: Any) -> Any:
        first, second = self.stages
        return second(first(cell))


class _Written:
    """What stands for a result that is in its row already."""


class _Rows:
    """The rows of an array, which workers of the same process write themselves."""

    def __init__(self, out: NDArray[Any], positions: list[int]) -> None:
        self.out = out
        self.positions = positions

    def put(self, i: int, result: Any) -> None:
        if result is not _Written:
            self.out[self.positions[i]] = np.nan if result is None else result

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # other processes return their results


def _mapped_chunks(
    function: Callable[[Any], Any],
    column: Column,
    n_jobs: int | None,
    invalid: Literal["error", "missing"],
    rows: _Rows | None = None,
) -> Generator[list[Any]]:
    """Yield the results of chunk after chunk, and warn at the end."""
    n_workers = workers_for(n_jobs)
    size = _chunk_size(len(column), n_workers)
    memory, caller = SharedMemory(), Caller.here()
    stop_at_error = invalid == "error"
    errors: list[Invalid] = []
    caught: list[tuple[type[Warning], str]] = []

    def task(start: int, stop: int) -> Any:
        cells = column.cells[start:stop]
        settings = (start, stop_at_error, caller, rows, memory)
        return delayed(_map_chunk)(function, cells, *settings)

    def tasks(first: int) -> Iterator[Any]:
        for start in range(first, len(column), size):
            if stop_at_error and errors:
                return
            yield task(start, start + size)

    with single_threaded():
        for results, chunk_errors, chunk_warnings in run_tasks(
            task, tasks, len(column), function, n_workers
        ):
            if stop_at_error and errors:
                continue  # what was begun before the error was known
            errors += chunk_errors
            caught += chunk_warnings
            if not (stop_at_error and errors):
                items_done(len(results))
                yield results
    for category, message in dict.fromkeys(caught):
        warnings.warn(message, category, stacklevel=3)
    if stop_at_error and errors:
        first, raised = errors[0]
        raise _locate(first, column) from raised
    if errors:
        treat_as_missing([_locate(error, column) for error, _ in errors])


def _chunk_size(n_items: int, n_workers: int) -> int:
    return max(1, min(MAX_CHUNK, n_items // (4 * n_workers)))


def _map_chunk(
    function: Callable[[Any], Any],
    cells: list[Any],
    start: int,
    stop_at_error: bool,
    caller: Caller,
    rows: _Rows | None,
    memory: SharedMemory,
) -> tuple[list[Any], list[Invalid], list[tuple[type[Warning], str]]]:
    """Return the results, the invalid items' errors, and a worker's warnings."""
    if caller.is_this_process():  # threads share its filters of warnings
        with memory.entered(), a_core(), single_threaded():
            return *_apply(function, cells, start, stop_at_error, rows), []
    # For a worker that has not imported OpenCV yet; the limit below is for the others.
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    with single_threaded(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with caller.folder_entered():
            results, errors = _apply(function, cells, start, stop_at_error, None)
    told: list[Invalid] = [
        (error, _RemoteError("".join(format_exception(cause))))
        for error, cause in errors
    ]
    return results, told, list({(w.category, str(w.message)) for w in caught})


class _RemoteError(Exception):
    """What was raised in a worker process, by its traceback."""


def _apply(
    function: Callable[[Any], Any],
    cells: list[Any],
    start: int,
    stop_at_error: bool,
    rows: _Rows | None,
) -> tuple[list[Any], list[Invalid]]:
    results = [None if is_missing(cell) else cell for cell in cells]
    errors: list[Invalid] = []
    stages = function.stages if isinstance(function, Staged) else (function,)
    working_at = getattr(function, "working_at", nullcontext)
    with working_at(cells):
        for stage in stages:
            for i, value in enumerate(results):
                if value is None:
                    continue
                try:
                    results[i] = stage(value)
                except (ValueError, _opencv_error()) as raised:
                    error = _as_media_error(raised, cells[i], start + i)
                    errors.append((error, raised))
                    results[i] = None
                    if stop_at_error:
                        del results[i:]  # an earlier one may fail at a later stage
                        break
                    continue
                if rows is not None and stage is stages[-1]:
                    rows.put(start + i, results[i])
                    results[i] = _Written
    return results, errors[-1:] if stop_at_error else errors


def _as_media_error(raised: Exception, cell: Any, row: int) -> MediaError:
    if isinstance(raised, MediaError):
        reason, subject = raised.reason, raised.subject or describe_cell(cell)
    else:
        reason, subject = f"can't be described: {raised}", describe_cell(cell)
    return MediaError(reason, subject, row)


def _opencv_error() -> type[Exception]:
    cv2 = sys.modules.get("cv2")
    return ValueError if cv2 is None else cv2.error


def _locate(error: MediaError, column: Column) -> MediaError:
    """Return the error with the row, and its label, of the X that the user gave."""
    assert error.row is not None
    row = original_row(error.row)
    label = None if column.labels is None else column.labels[error.row]
    return MediaError(error.reason, error.subject, row, None if label == row else label)
