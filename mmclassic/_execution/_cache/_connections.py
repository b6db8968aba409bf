"""A process's connections to one cache, and what is done when the disk fails."""

import sqlite3
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from mmclassic._execution._cache._database import Database
from mmclassic._execution._cache._files import current_file, replace_file

__all__ = ["Connections", "is_damage"]

T = TypeVar("T")

OPENING_TRIES = 20
RETRY_AFTER = 60.0  # seconds until what failed is tried again
# Modules that stand between a user's line and a warning.
BETWEEN = {"concurrent", "contextlib", "joblib", "mmclassic", "sklearn", "threading"}
# Of sqlite3's primary codes: what passes by itself, and what never will.
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


class Connections:
    """Connections that threads take in turn.

    Parameters
    ----------
    path : str
        The cache's folder.
    """

    max_bytes: int

    def __init__(self, path: str) -> None:
        self.path = path
        self._unreadable_until = self._unwritable_until = 0.0
        self._failed = False
        self._idle: list[Database] = []
        self._said: set[str] = set()
        self._to_say: list[str] = []

    @property
    def readable(self) -> bool:
        """Whether reading is worth a try."""
        return time.monotonic() >= self._unreadable_until

    @property
    def writable(self) -> bool:
        """Whether writing is worth a try."""
        return self.readable and time.monotonic() >= self._unwritable_until

    def attempt(
        self, work: Callable[[Database], T], otherwise: T, writes: bool = False
    ) -> T:
        """Return what a function of a connection gives, or the other if it fails.

        A damaged file begins anew; where reading or writing is not possible, it is
        not tried again for a while. ``say`` tells of either.
        """
        for _ in range(2):
            if not self.readable or (writes and not self.writable):
                return otherwise
            database = None
            try:
                database = self._take()
                result = work(database)
            except (sqlite3.Error, OSError) as error:
                if database is not None:
                    database.close()
                failure = error
            except BaseException:  # its frames, and with them a lock, may live long
                if database is not None:
                    database.close()
                raise
            else:
                self._idle.append(database)
                if writes and self._failed:
                    self._failed = False
                    self._said.clear()  # another failure would be news
                return result
            if _code(failure) in BUSY:
                return otherwise
            if is_damage(failure):
                self.begin_anew(database)
            elif database is not None and not database.file.exists():
                continue
            elif writes and database is not None:
                self.give_up_writing(failure)
            else:
                self._give_up(f"can't be opened: {failure}. It is not used.")
        return otherwise

    def give_up_writing(self, failure: Exception) -> None:
        """Read only, for a while."""
        self._read_only(f"can't be written: {failure}. Features are not kept.")

    def run(self, work: Callable[[Database], T]) -> T:
        """Return what a function of a new connection gives; errors are raised."""
        database = self._open()
        try:
            return work(database)
        finally:
            database.close()

    def begin_anew(self, database: Database | None) -> None:
        """Replace a damaged file by an empty one."""
        try:
            folder = Path(self.path)
            damaged = current_file(folder) if database is None else database.file
            begun = replace_file(damaged)
        except OSError as error:
            self._give_up(f"is damaged and can't be replaced: {error}. It is not used.")
            return
        self._close_idle()
        if begun:
            self.note("was damaged. It begins anew, empty.")

    def close(self) -> None:
        """Close the connections that no thread uses now, and forget what failed."""
        self._close_idle()
        self._unreadable_until = self._unwritable_until = 0.0
        self._said.clear()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def note(self, message: str) -> None:
        """Let ``say`` warn of something, once."""
        if message not in self._said:
            self._said.add(message)
            self._to_say.append(message)

    def say(self) -> None:
        """Warn of what was noted, in whatever thread, at the user's line if it is."""
        while self._to_say:
            message = f"The cache {self.path!r} {self._to_say.pop()}"
            warnings.warn(message, stacklevel=_level_of_user())

    def _give_up(self, message: str) -> None:
        self._unreadable_until = time.monotonic() + RETRY_AFTER
        self._failed = True
        self.note(message)

    def _read_only(self, message: str) -> None:
        self._unwritable_until = time.monotonic() + RETRY_AFTER
        self._failed = True
        self.note(message)

    def _take(self) -> Database:
        with suppress(IndexError):
            database = self._idle.pop()
            is_to_reopen = database.read_only and self.writable
            if database.file.exists() and not is_to_reopen:
                database.max_bytes = self.max_bytes
                return database
            database.close()  # removed, or replaced by another process
        return self._open()

    def _open(self) -> Database:
        folder = Path(self.path)
        with suppress(FileExistsError):
            folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(OPENING_TRIES):
            file = current_file(folder)
            try:
                return Database(file, self.max_bytes)
            except sqlite3.OperationalError as error:
                code = _code(error)
                if code in BUSY and attempt + 1 < OPENING_TRIES:
                    # SQLite does not wait where two set up a new file at once.
                    time.sleep(0.05)
                    continue
                if code not in UNWRITABLE:
                    raise
                database = Database(file, self.max_bytes, read_only=True)
                self._read_only("can't be written. Features are read, but not kept.")
                return database
        raise AssertionError


def is_damage(error: Exception) -> bool:
    """Tell whether an error means that a database is damaged as a whole."""
    return _code(error) in DAMAGED


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _level_of_user() -> int:
    """Return the caller's ``stacklevel`` of the line that called us; else its own."""
    level, frame = 1, sys._getframe(1)
    while frame.f_globals.get("__name__", "").partition(".")[0] in BETWEEN:
        if frame.f_back is None:  # a thread's beginning
            return 1
        level, frame = level + 1, frame.f_back
    return level
