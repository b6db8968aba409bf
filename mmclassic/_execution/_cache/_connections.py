"""A process's connections to one cache, and what is done when the disk fails."""

import sqlite3
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from mmclassic._execution._cache._database import Database
from mmclassic._execution._cache._files import current_file, replace_file

__all__ = ["Connections"]

T = TypeVar("T")

OPENING_TRIES = 20
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
        self.readable = self.writable = True
        self._idle: list[Database] = []
        self._said: set[str] = set()
        self._to_say: list[str] = []

    def attempt(
        self, work: Callable[[Database], T], otherwise: T, writes: bool = False
    ) -> T:
        """Return what a function of a connection gives, or the other if it fails.

        A damaged file begins anew; where reading or writing is not possible, it is
        not tried again. ``say`` tells of either.
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
                return result
            code = getattr(failure, "sqlite_errorcode", 0) & 0xFF
            if code in BUSY:
                return otherwise
            if code in DAMAGED:
                self.begin_anew(database)
            elif database is not None and not database.file.exists():
                continue
            elif writes and database is not None:
                self.give_up_writing(failure)
            else:
                self.readable = self.writable = False
                self.note(f"can't be opened: {failure}. It is not used.")
        return otherwise

    def give_up_writing(self, failure: Exception) -> None:
        """Read only, from now on."""
        self.writable = False
        self.note(f"can't be written: {failure}. Features are not kept.")

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
            self.readable = self.writable = False
            self.note(f"is damaged and can't be replaced: {error}. It is not used.")
            return
        self.close()
        if begun:
            self.note("was damaged. It begins anew, empty.")

    def close(self) -> None:
        """Close the connections that no thread uses now."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def note(self, message: str) -> None:
        """Let ``say`` warn of something, once."""
        if message not in self._said:
            self._said.add(message)
            self._to_say.append(message)

    def say(self) -> None:
        """Warn of what was noted, in whatever thread."""
        while self._to_say:
            message = f"The cache {self.path!r} {self._to_say.pop()}"
            warnings.warn(message, stacklevel=3)

    def _take(self) -> Database:
        with suppress(IndexError):
            database = self._idle.pop()
            if database.file.exists():
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
                code = error.sqlite_errorcode & 0xFF
                if code in BUSY and attempt + 1 < OPENING_TRIES:
                    # SQLite does not wait where two set up a new file at once.
                    time.sleep(0.05)
                    continue
                if code not in UNWRITABLE:
                    raise
                database = Database(file, self.max_bytes, read_only=True)
                self.writable = False
                self.note("can't be written. Features are read, but not kept.")
                return database
        raise AssertionError
