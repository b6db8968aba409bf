"""Remember, inside a context, what functions gave for the cells of a table."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from pickle import PicklingError
from threading import Lock
from typing import Any

import numpy as np
from joblib import hash as hash_of
from numpy.typing import NDArray

__all__ = ["Remembered", "SharedMemory", "remembered", "remembering"]


class _Memory:
    """Results by function and cell, until they fill a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.process = os.getpid()
        self.max_bytes = max_bytes
        self.n_bytes = 0
        self.results: dict[tuple[str, Any], Any] = {}
        # What is known by its identity must stay alive, or another takes its place.
        self.cells: dict[int, Any] = {}
        self.lock = Lock()

    def put(
        self, key: tuple[str, Any], cell: Any, result: Any, n_bytes: int, share: float
    ) -> None:
        with self.lock:
            full = self.n_bytes + n_bytes > share * self.max_bytes
            if full or key in self.results:
                return
            self.n_bytes += n_bytes
            self.results[key] = result
            self.cells[id(cell)] = cell


# Of a thread: others are told, if they work for it.
_memory: ContextVar[_Memory | None] = ContextVar("mmclassic_memory", default=None)


@contextmanager
def remembering(max_bytes: int) -> Iterator[None]:
    """Keep the results of every ``Remembered`` function for the rest of the context.

    The files and arrays that cells name must not change inside it.

    Parameters
    ----------
    max_bytes : int
        Results are kept until they fill this; later ones are computed every time.
    """
    with _set(_Memory(max_bytes)):
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
def _set(memory: _Memory | None) -> Iterator[None]:
    token = _memory.set(memory)
    try:
        yield
    finally:
        _memory.reset(token)


class Remembered:
    """A function of one cell that is called once a cell, where it is remembered.

    Parameters
    ----------
    function : callable
        Of one cell, or of a tuple of cells; returns an array, or a dataclass or dict
        with arrays, which may become read-only.
    identity : object
        What the result depends on besides the cell. If it can't be hashed by joblib, as
        a lambda, or is None, nothing is remembered.
    share : float, default=1.0
        How full the memory may be after a result is put: less for what gains little.
    """

    def __init__(
        self, function: Callable[[Any], Any], identity: Any, share: float = 1.0
    ) -> None:
        self.function = function
        self.share = share
        memory = _memory.get()
        if memory is not None and memory.process != os.getpid():
            memory = None  # inherited by a fork
        self.key = "" if memory is None else _key_of(identity)
        self.memory = memory if self.key else None

    def __call__(self, cell: Any) -> Any:
        result = self.get(cell)
        if result is None:
            result = self.function(cell)
            self.put(cell, result)
        return result

    @property
    def has_room(self) -> bool:
        """Whether another result may be remembered."""
        memory = self.memory
        return memory is not None and memory.n_bytes < self.share * memory.max_bytes

    def get(self, cell: Any) -> Any:
        """Return the result for a cell if it is remembered, else None."""
        if self.memory is None:
            return None
        return self.memory.results.get((self.key, _identity_of(cell)))

    def put(self, cell: Any, result: Any) -> None:
        """Remember the result for a cell, if there is room."""
        if self.memory is not None:
            arrays = _arrays_of(result)
            for array in arrays:
                if array is not cell and array.base is not cell:  # the user's own
                    array.flags.writeable = False
            n_bytes = sum(array.nbytes for array in arrays)
            key = (self.key, _identity_of(cell))
            self.memory.put(key, cell, result, n_bytes, self.share)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a worker process needs: the function, without the memory."""
        return {**vars(self), "memory": None, "key": ""}


def remembered(function: Callable[[Any], Any], identity: Any) -> Callable[[Any], Any]:
    """Return the function, remembered where there is a memory; see Remembered."""
    wrapped = Remembered(function, identity)
    return function if wrapped.memory is None else wrapped


def _key_of(identity: Any) -> str:
    if identity is None or isinstance(identity, str):
        return identity or ""
    try:
        return str(hash_of(identity))
    except (PicklingError, AttributeError, TypeError):
        return ""


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
