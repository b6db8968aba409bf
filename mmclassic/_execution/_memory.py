"""Results by function and cell, kept in this process up to a number of bytes."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution._thread_var import ThreadVar

__all__ = ["Memory", "SharedMemory", "current_memory", "is_made_of", "remembering"]


class Memory:
    """Results by function and cell.

    Parameters
    ----------
    max_bytes : int
        Results are kept until they fill this.
    """

    def __init__(self, max_bytes: int) -> None:
        self.process = os.getpid()
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._results: dict[tuple[bytes, Any], Any] = {}
        # What is known by its identity must stay alive, or another takes its place.
        self._cells: dict[int, Any] = {}
        self._lock = Lock()

    def has_room(self, share: float = 1.0) -> bool:
        """Tell whether another result may be kept."""
        return self._n_bytes < share * self._max_bytes

    def get(self, function_key: bytes, cell: Any) -> Any:
        """Return what is kept for a function and a cell, else None."""
        return self._results.get((function_key, _identity_of(cell)))

    def put(
        self, function_key: bytes, cell: Any, result: Any, share: float = 1.0
    ) -> None:
        """Keep a result if there is room; its arrays become read-only.

        ``share`` is how full the memory may be then: less for what gains little.
        """
        arrays = _arrays_of(result)
        for array in arrays:
            if not _is_of(array, cell):
                array.flags.writeable = False
        n_bytes = sum(array.nbytes for array in arrays)
        key = function_key, _identity_of(cell)
        with self._lock:
            full = self._n_bytes + n_bytes > share * self._max_bytes
            if full or key in self._results:
                return
            self._n_bytes += n_bytes
            self._results[key] = result
            self._cells[id(cell)] = cell


# Of a thread: others are told, if they work for it.
_memory: ThreadVar[Memory | None] = ThreadVar(None)


def current_memory() -> Memory | None:
    """Return the memory of this thread's innermost ``remembering`` context, if any."""
    memory = _memory.get()
    if memory is not None and memory.process != os.getpid():
        return None  # inherited by a fork
    return memory


@contextmanager
def remembering(max_bytes: int) -> Iterator[None]:
    """Keep the results of every ``Remembered`` function for the rest of the context.

    The files and arrays that cells name must not change inside it.

    Parameters
    ----------
    max_bytes : int
        Results are kept until they fill this; later ones are computed every time.
    """
    with _set(Memory(max_bytes)):
        yield


class SharedMemory:
    """What the thread that makes it remembers, for threads that work for it.

    Another process gets nothing: it would remember on its own, beyond the bound.
    """

    def __init__(self) -> None:
        self._shared = _memory.get()

    def entered(self) -> AbstractContextManager[None]:
        """Return a context in which this thread remembers the same."""
        return _set(self._shared)

    def __reduce__(self) -> tuple[Any, ...]:
        return SharedMemory, ()


@contextmanager
def _set(memory: Memory | None) -> Iterator[None]:
    token = _memory.set(memory)
    try:
        yield
    finally:
        _memory.reset(token)


def is_made_of(result: Any, cell: Any) -> bool:
    """Tell whether a result holds the cell, the user's own array, or a view of it."""
    return any(_is_of(array, cell) for array in _arrays_of(result))


def _is_of(array: NDArray[Any], cell: Any) -> bool:
    return array is cell or array.base is cell


def _identity_of(cell: Any) -> Any:
    if isinstance(cell, tuple):
        return tuple(map(_identity_of, cell))
    if isinstance(cell, str | bytes):
        return cell
    return os.fspath(cell) if isinstance(cell, os.PathLike) else id(cell)


def _arrays_of(result: Any) -> list[NDArray[Any]]:
    if is_dataclass(result):
        values = [getattr(result, field.name) for field in fields(result)]
    else:
        values = list(result.values()) if isinstance(result, dict) else [result]
    return [value for value in values if isinstance(value, np.ndarray)]
