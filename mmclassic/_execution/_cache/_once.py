"""Compute what is not kept yet, once, whoever asks for it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mmclassic._execution._cache._content import content_digest, digest_and_file
from mmclassic._execution._cache._places import Places, digest_of, entry_key
from mmclassic._execution._memory import current_memory, is_made_of
from mmclassic._execution._workers import lent
from mmclassic.media import is_missing
from mmclassic.media._cells import HeldFile, holding

__all__ = ["compute_once", "current_reading", "keep", "prepared"]

HELD_BYTES = 2**24  # of files that are read before the first of them is worked at

_reading = threading.local()


@dataclass
class Reading:
    """A cell that is being worked at, and what was found of it before."""

    cell: Any
    digest: bytes | None
    held: HeldFile | None = None
    proof: bool | None = None

    def is_still(self) -> bool:
        """Tell whether the cell has its digest now."""
        return content_digest(self.cell) == self.digest

    def is_unchanged(self) -> bool:
        """Tell whether what was read is what the digest is of; the first answer holds.

        A function inside, of the same cell, asks first: it is what reads the cell.
        """
        if self.proof is None:
            given = self.held is not None and self.held.is_given
            self.proof = given or self.is_still()
        return self.proof


def compute_once(
    places: Places, function_key: bytes, cell: Any, function: Callable[[Any], Any]
) -> Any:
    """Return what is kept for a function and a cell; compute and keep it if nothing is.

    Where another thread or process is at the same work, wait for it.

    Parameters
    ----------
    places : Places
    function_key : bytes
    cell : cell, or tuple of cells
    function : callable
        Of the cell.
    """
    store = places.store
    with store.batch() as batch, _reading_of(places, cell) as reading:
        if reading.digest is None:
            return function(cell)
        key = entry_key(function_key, reading.digest)
        attempt = 0
        while key not in batch.claimed or key in batch.entries:
            kept = places.get(function_key, reading.digest)
            if kept is not None:
                reading.proof = True  # no file was read for it
                return kept
            if store.claim([key]):
                break
            with lent():
                store.pause(attempt)
            attempt += 1
        with store.working_at(key):
            with holding(reading.held):
                result = function(cell)
            # A file may have been replaced between the digest and the work.
            if reading.is_unchanged():
                # What is kept becomes read-only; the user's own array must not.
                kept = deepcopy(result) if is_made_of(result, cell) else result
                places.put(function_key, reading.digest, kept)
        return result


def current_reading() -> Reading | None:
    """Return what this thread reads to compute what will be kept, if it does."""
    return getattr(_reading, "cell", None)


def keep(
    places: Places, function_key: bytes, digest: bytes | None, cell: Any, result: Any
) -> None:
    """Keep a result that was computed from a cell of a digest, if it has it still."""
    if digest is not None and content_digest(cell) == digest:
        places.put(function_key, digest, result)


@contextmanager
def prepared(
    places: Places, function_keys: Sequence[bytes], cells: Sequence[Any]
) -> Iterator[None]:
    """Claim what is not kept of several cells at once, and write together.

    Parameters
    ----------
    places : Places
    function_keys : sequence of bytes
        A function's, and that of another that it calls with the same cell.
    cells : sequence of cells
    """
    with places.store.batch() as batch:
        room = HELD_BYTES
        for cell in cells:
            if not is_missing(cell):
                digest, held = _find(cell)
                room -= 0 if held is None else len(held.content)
                batch.known[id(cell)] = digest, held if room >= 0 else None
        digests = {digest for digest, _ in batch.known.values() if digest is not None}
        for function_key in function_keys:
            missing = places.missing(function_key, digests)
            if missing:
                places.store.claim(missing)
            digests = set(missing.values())
        try:
            yield
        finally:
            batch.known = {}
            # Within longer work, such as a fit, others would wait for all of that.
            places.store.give_up()


@contextmanager
def _reading_of(places: Places, cell: Any) -> Iterator[Reading]:
    """Share what is known of a cell with functions that are called with it inside."""
    outer = current_reading()
    if outer is not None and outer.cell is cell:
        yield outer
        return
    with places.store.batch() as batch:
        known = batch.known.get(id(cell))
    _reading.cell = Reading(cell, *(known or _find(cell)))
    try:
        yield _reading.cell
    finally:
        _reading.cell = outer


def _find(cell: Any) -> tuple[bytes | None, HeldFile | None]:
    """Return a cell's digest, and what was read for it if it names a file."""
    if isinstance(cell, tuple) or current_memory() is not None:
        return digest_of(cell), None
    return digest_and_file(cell)
