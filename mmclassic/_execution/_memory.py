"""Remember, inside a context, what stateless functions gave for a table's cells."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from joblib import hash as hash_of

from mmclassic._local_features import LocalFeatures

__all__ = ["Remembered", "remembering"]


class _Memory:
    """Results by function and cell, until they fill a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.room = max_bytes
        self.results: dict[tuple[str, Any], Any] = {}
        # What is known by its identity must stay alive, or another takes its place.
        self.cells: dict[int, Any] = {}
        self.lock = Lock()

    def put(self, key: tuple[str, Any], cell: Any, result: Any) -> None:
        # An array may be of much larger memory, of which it is a view.
        n_bytes = result.nbytes
        with self.lock:
            if key in self.results or n_bytes > self.room:
                return
            self.room -= n_bytes
            self.results[key] = result
            self.cells[id(cell)] = cell


# Of the whole process, since parts may be fitted by threads that have no context of
# ours. Results depend on nothing but function and cell, so sharing them is safe.
_memories: list[_Memory] = []


@contextmanager
def remembering(max_bytes: int) -> Iterator[None]:
    """Keep the results of every ``Remembered`` function for the rest of the context.

    The files that cells name must not change inside it. Worker processes remember
    nothing.

    Parameters
    ----------
    max_bytes : int
        Results are kept until they fill this; later ones are computed every time.
    """
    memory = _Memory(max_bytes)
    _memories.append(memory)
    try:
        yield
    finally:
        _memories.remove(memory)


class Remembered:
    """A stateless function of one cell that is called once a cell, if remembered.

    Parameters
    ----------
    function : callable
        Of one cell, returns LocalFeatures or an array, which may become read-only.
    identity : object
        What the result depends on besides the cell: joblib must be able to hash it.
    """

    def __init__(self, function: Callable[[Any], Any], identity: Any) -> None:
        self.function = function
        self.memory = _memories[-1] if _memories else None
        self.key = "" if self.memory is None else str(hash_of(identity))

    def __call__(self, cell: Any) -> Any:
        if self.memory is None:
            return self.function(cell)
        key = (self.key, _identity_of(cell))
        result = self.memory.results.get(key)
        if result is None:
            result = self.function(cell)
            _freeze(result)
            self.memory.put(key, cell, result)
        return result

    def __getstate__(self) -> dict[str, Any]:
        """Return what a worker process needs: the function, without the memory."""
        return {"function": self.function, "memory": None, "key": ""}


def _identity_of(cell: Any) -> Any:
    if isinstance(cell, str | bytes):
        return cell
    return os.fspath(cell) if isinstance(cell, os.PathLike) else id(cell)


def _freeze(result: Any) -> None:
    if isinstance(result, LocalFeatures):
        result.descriptors.flags.writeable = False
        result.positions.flags.writeable = False
    else:
        result.flags.writeable = False
