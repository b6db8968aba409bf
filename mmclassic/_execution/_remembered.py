"""A function of a cell that is called once for equal cells, where results are kept.

They are kept in memory for the time of a comparison, and on disk in the user's cache.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from mmclassic._execution._cache._feature_cache import FeatureCache
from mmclassic._execution._cache._identity import identity_digest
from mmclassic._execution._cache._once import (
    compute_once,
    current_reading,
    keep,
    prepared,
)
from mmclassic._execution._cache._places import Places
from mmclassic._execution._memory import current_memory

__all__ = ["Remembered", "remembered"]


class Remembered:
    """A function of one cell that is called once a cell, where results are kept.

    Parameters
    ----------
    function : callable
        Of one cell, or of a tuple of cells; returns an array, or a dataclass or dict
        with arrays, which may become read-only.
    identity : object
        What the result depends on besides the cell. Where `identity_digest` knows none
        of it, as of a lambda, nothing is kept.
    share : float, default=1.0
        How full the memory may be after a result is put: less for what gains little.
    cache : FeatureCache or None, default=None
        Where results are kept, behind the memory of ``remembering``.
    inner : Remembered or None, default=None
        What the function calls with the same cell.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        identity: Any,
        share: float = 1.0,
        *,
        cache: FeatureCache | None = None,
        inner: "Remembered | None" = None,
    ) -> None:
        self.function = function
        self.share = share
        self.memory = current_memory()
        self.cache = cache
        self.inner = inner
        self.key = b""
        if self.memory is not None or cache is not None:
            self.key = _key_of(identity)
        if not self.key:
            self.memory = self.cache = None

    def __call__(self, cell: Any) -> Any:
        if self.cache is not None:
            return compute_once(self._places(), self.key, cell, self.function)
        result = self.get(cell)
        if result is None:
            result = self.function(cell)
            self._put_in_memory(cell, result)
        return result

    @property
    def has_room(self) -> bool:
        """Whether another result may be kept in memory."""
        return self.memory is not None and self.memory.has_room(self.share)

    def get(self, cell: Any) -> Any:
        """Return the result for a cell if it is kept in memory, else None."""
        if self.memory is None:
            return None
        name = _name_in_memory(cell)
        return None if name is None else self.memory.get(self.key, name)

    def put(self, cell: Any, digest: bytes | None, result: Any) -> None:
        """Keep a result that was computed elsewhere from a cell of that digest."""
        if self.cache is not None:
            keep(self._places(), self.key, digest, cell, result)
        else:
            self._put_in_memory(cell, result)

    def _put_in_memory(self, cell: Any, result: Any) -> None:
        if self.memory is None:
            return
        name, reading = _name_in_memory(cell), current_reading()
        if name is not None and (reading is None or reading.is_still()):
            self.memory.put(self.key, name, result, self.share)

    def writing_together(self) -> AbstractContextManager[Any]:
        """Return a context inside which several results are written as one."""
        return nullcontext() if self.cache is None else self.cache.store.batch()

    def working_at(self, cells: Sequence[Any]) -> AbstractContextManager[None]:
        """Return the context of calls for each of several cells, in one thread."""
        if self.cache is None:
            return nullcontext()
        keys = [self.key]
        if self.inner is not None and self.inner.cache is not None:
            keys.append(self.inner.key)
        return prepared(self._places(), keys, cells)

    def _places(self) -> Places:
        assert self.cache is not None
        return Places(self.cache.store, self.memory)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a worker process needs: all but the memory."""
        return vars(self) | {"memory": None}


def remembered(
    function: Callable[[Any], Any], identity: Any, cache: FeatureCache | None
) -> Callable[[Any], Any]:
    """Return the function, remembered where there is a place; see Remembered."""
    wrapped = Remembered(function, identity, cache=cache)
    return wrapped if wrapped.key else function


def _key_of(identity: Any) -> bytes:
    if identity is None:
        return b""
    if isinstance(identity, str):  # of what is asked for often
        return identity.encode()
    return identity_digest(identity) or b""


def _name_in_memory(cell: Any) -> Any:
    """Return what names a cell in memory, None if its results must not come from there.

    While something is computed for the disk it is the content, since that must be
    of the file as it is now.
    """
    reading = current_reading()
    if reading is None:
        return cell
    return reading.digest if reading.cell is cell else None
