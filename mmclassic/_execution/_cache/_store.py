"""A process's use of one cache: what its threads read, write and claim."""

import atexit
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mmclassic._execution._cache._connections import Connections
from mmclassic._execution._cache._database import LEASE, Database
from mmclassic._execution._cache._segments import LARGE, Placed, Segments, read_placed
from mmclassic._execution._cache._values import Blobs, DamagedError, pack, unpack

__all__ = ["Batch", "Store", "store_of"]

BATCH_BYTES, BATCH_SECONDS = 2**23, 0.5  # as much as is written, and lost, together
LONGEST_PAUSE = 0.1  # seconds

_stores: dict[tuple[int, str], "Store"] = {}


def store_of(path: str, max_bytes: int) -> "Store":
    """Return this process's store for a folder."""
    key = (os.getpid(), path)  # a forked process must not use its parent's connections
    store = _stores.get(key) or _stores.setdefault(key, Store(path))
    store.connections.max_bytes = max_bytes
    return store


@atexit.register
def _close_all() -> None:
    for (process, _), store in _stores.items():
        if process == os.getpid():
            store.close()


@dataclass
class Batch:
    """What a thread has to write, and what it may compute."""

    entries: dict[bytes, Blobs | Placed] = field(default_factory=dict)
    values: dict[bytes, Any] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    claimed: set[bytes] = field(default_factory=set)
    known: dict[int, tuple[bytes | None, Any]] = field(default_factory=dict)
    in_progress: set[bytes] = field(default_factory=set)
    size: int = 0
    since: float = field(default_factory=time.monotonic)


class Store:
    """The cache of one folder, as this process and its threads use it.

    Nothing here raises because of the disk: what can't be read is computed, what
    can't be written is not kept, and one warning says so.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        self.connections = Connections(path)
        self.segments = Segments(self._begin_segment)
        self._local = threading.local()
        self._held: set[bytes] = set()
        self._left: set[bytes] = set()  # claims that could not be given up
        self._beating: threading.Thread | None = None

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Write together what this thread keeps inside."""
        outer = getattr(self._local, "batch", None)
        if outer is not None:
            yield outer
            return
        batch = Batch()
        try:
            self._local.batch = batch
            yield batch
        finally:
            self._local.batch = None
            self._flush(batch, batch.claimed)
            self.connections.say()

    def get(self, key: bytes) -> Any:
        """Return the value that is kept by a key, or None."""
        with self.batch() as batch:
            if key in batch.values:
                return batch.values[key]
            placed = batch.entries.get(key)
            if isinstance(placed, Placed):
                with suppress(DamagedError):  # or gone: as if it were not kept
                    return unpack(read_placed(placed) or (), key)
            row = self.connections.attempt(partial(Database.get, key=key), None)
            if row is None:
                return None
            number, is_to_note, blobs = row
            if is_to_note:
                batch.touched.add(number)
            try:
                return unpack(blobs, key)
            except DamagedError:
                drop = partial(Database.delete, number=number)
                self.connections.attempt(drop, None, writes=True)
                self.connections.note(
                    "holds a damaged entry. It is dropped and computed again."
                )
                self.connections.say()
                return None

    def put(self, key: bytes, value: Any) -> None:
        """Keep a value, if it holds nothing but arrays and numbers."""
        if not self.connections.writable:
            return
        try:
            blobs = pack(value, key)
        except TypeError:
            return
        size = sum(map(len, blobs))
        if size > self.connections.max_bytes // 4:
            return
        with self.batch() as batch:
            if size < LARGE:
                batch.entries[key] = blobs
                batch.values[key] = value
                batch.size += size
            elif (placed := self._place(blobs)) is not None:
                batch.entries[key] = placed
            else:
                return
            late = time.monotonic() - batch.since > BATCH_SECONDS
            if batch.size > BATCH_BYTES or late:
                self._flush(batch, batch.claimed & set(batch.entries))

    def missing(self, keys: Iterable[bytes]) -> list[bytes]:
        """Return the keys that nothing is kept by."""
        keys = list(keys)
        return self.connections.attempt(partial(Database.missing, keys=keys), keys)

    def claim(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return the keys that this thread may compute, inside a batch.

        The others are kept by now, or being computed elsewhere.
        """
        batch, keys = self._local.batch, set(keys)
        if self._left:
            self._flush(batch, ())
        free = keys - batch.claimed
        won = None
        if free:
            claim = partial(Database.claim, keys=free)
            try:
                won = self.connections.attempt(claim, None, writes=True)
            except BaseException:
                self._left |= free - self._held
                raise
            if won is None:  # no word of others is to be had
                return keys
        if won:
            batch.claimed |= won
            self._held |= won
            self._begin_to_beat()
        return batch.claimed & keys

    def pause(self, attempt: int) -> None:
        """Wait a moment for another's work, and keep no third waiting meanwhile."""
        if attempt == 0:
            self.give_up()
        time.sleep(min(LONGEST_PAUSE, 0.002 * 2 ** min(attempt, 10)))

    def give_up(self) -> None:
        """Write what this thread has, and keep no other waiting for what it begins."""
        batch = self._local.batch
        self._flush(batch, batch.claimed - batch.in_progress)

    @contextmanager
    def working_at(self, key: bytes) -> Iterator[None]:
        """Hold a claim through waits inside, and give it up at the end."""
        batch = self._local.batch
        batch.in_progress.add(key)
        try:
            yield
        finally:
            batch.in_progress.discard(key)
            if key in batch.claimed and key not in batch.entries:
                self._flush(batch, {key})

    def close(self) -> None:
        """Close the connections that no thread uses now."""
        self.segments.close()
        self.connections.close()

    def _begin_segment(self) -> Any:
        return self.connections.attempt(Database.begin_segment, None, writes=True)

    def _place(self, blobs: Blobs) -> Placed | None:
        try:
            return self.segments.append(blobs, self.connections.max_bytes)
        except OSError as error:
            self.connections.give_up_writing(error)
            return None

    def _flush(self, batch: Batch, released: Iterable[bytes]) -> None:
        """Write what a batch holds, and give up claims, which whatever fails ends."""
        entries, touched = batch.entries, batch.touched
        released = set(released)
        self._held -= released
        batch.claimed -= released
        batch.entries, batch.values, batch.touched = {}, {}, set()
        batch.size, batch.since = 0, time.monotonic()
        released |= self._left
        if not (entries or touched or released):
            return
        write = partial(
            Database.write, entries=entries, touched=touched, released=released
        )
        self._left -= released
        written = False
        try:
            written = self.connections.attempt(write, False, writes=True)
        finally:
            if not written:
                self._left |= released

    def _begin_to_beat(self) -> None:
        if self._beating is None or not self._beating.is_alive():
            self._beating = threading.Thread(target=self._beat, daemon=True)
            self._beating.start()

    def _beat(self) -> None:
        """Show that claims are held by one that lives, as long as there are any."""
        while True:
            time.sleep(LEASE / 6)
            held = list(self._held)
            if not held or not self.connections.writable:
                return
            with suppress(sqlite3.Error, OSError):
                self.connections.run(partial(Database.beat, keys=held))
