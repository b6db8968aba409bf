"""Compute what is not kept yet, once, whoever asks for it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from mmclassic._execution._cache._content import DIGEST_SIZE, content_digest
from mmclassic._execution._cache._store import Store
from mmclassic.media import is_missing

__all__ = ["compute_once", "is_computing", "keep", "prepared"]

_reading = threading.local()


@dataclass
class _Reading:
    """A cell that is being worked at, and the digest that was found before."""

    cell: Any
    digest: bytes | None
    proof: bool | None = None

    def is_unchanged(self) -> bool:
        """Tell whether what was read is what the digest is of; the first answer holds.

        A function inside, of the same cell, asks first: it is what reads the cell.
        """
        if self.proof is None:
            self.proof = content_digest(self.cell) == self.digest
        return self.proof


def compute_once(
    store: Store, function_key: bytes, cell: Any, function: Callable[[Any], Any]
) -> Any:
    """Return what is kept for a function and a cell; compute and keep it if nothing is.

    Where another thread or process is at the same work, wait for it.

    Parameters
    ----------
    store : Store
    function_key : bytes
    cell : cell, or tuple of cells
    function : callable
        Of the cell.
    """
    with store.batch() as batch, _reading_of(store, cell) as reading:
        if reading.digest is None:
            return function(cell)
        key = _entry_key(function_key, reading.digest)
        attempt = 0
        while key not in batch.claimed or key in batch.values:
            kept = store.get(key)
            if kept is not None:
                reading.proof = True  # no file was read for it
                return kept
            if store.claim([key]):
                break
            store.pause(attempt)
            attempt += 1
        with store.working_at(key):
            result = function(cell)
            # A file may have been replaced between the digest and the work.
            if reading.is_unchanged():
                store.put(key, result)
        return result


def is_computing() -> bool:
    """Tell whether this thread computes what will be kept."""
    return getattr(_reading, "cell", None) is not None


def keep(
    store: Store, function_key: bytes, digest: bytes | None, cell: Any, result: Any
) -> None:
    """Keep a result that was computed from a cell of a digest, if it has it still."""
    if digest is not None and content_digest(cell) == digest:
        store.put(_entry_key(function_key, digest), result)


@contextmanager
def prepared(
    store: Store, function_keys: Sequence[bytes], cells: Sequence[Any]
) -> Iterator[None]:
    """Claim what is not kept of several cells at once, and write together.

    Parameters
    ----------
    store : Store
    function_keys : sequence of bytes
        A function's, and that of another that it calls with the same cell.
    cells : sequence of cells
    """
    with store.batch() as batch:
        batch.digests = {
            id(cell): content_digest(cell) for cell in cells if not is_missing(cell)
        }
        digests = {digest for digest in batch.digests.values() if digest is not None}
        for function_key in function_keys:
            keys = {_entry_key(function_key, digest): digest for digest in digests}
            missing = store.missing(keys)
            if missing:
                store.claim(missing)
            digests = {keys[key] for key in missing}
        try:
            yield
        finally:
            batch.digests = {}


@contextmanager
def _reading_of(store: Store, cell: Any) -> Iterator[_Reading]:
    """Share what is known of a cell with functions that are called with it inside."""
    outer = getattr(_reading, "cell", None)
    if outer is not None and outer.cell is cell:
        yield outer
        return
    with store.batch() as batch:
        known = batch.digests.get(id(cell), ...)
    digest = content_digest(cell) if known is ... else known
    _reading.cell = _Reading(cell, digest)
    try:
        yield _reading.cell
    finally:
        _reading.cell = outer


def _entry_key(function_key: bytes, digest: bytes) -> bytes:
    return blake2b(function_key + digest, digest_size=DIGEST_SIZE).digest()
