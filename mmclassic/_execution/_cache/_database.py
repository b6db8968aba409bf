"""One connection to the SQLite file that holds entries and claims."""

import os
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from mmclassic._execution._cache._eviction import drop_entries, make_room
from mmclassic._execution._cache._segments import (
    Placed,
    read_placed,
    remove_segments,
)
from mmclassic._execution._cache._values import Blobs

__all__ = ["LEASE", "Database", "now"]

BUSY_TIMEOUT = 10.0  # seconds
PAGE_SIZE = 2**16  # bytes, SQLite's largest: descriptors take a third of the time
JOURNAL_BYTES = 2**22
TOUCH_AFTER = 60  # seconds between notes of an entry's use
MOST_VALUES = 500  # in a statement
LEASE = 30.0  # seconds that a claim holds without a sign of life

SCHEMA = """
create table if not exists entries (
    id integer primary key, key blob not null unique, used integer not null,
    size integer not null, segment integer, offset integer
);
create index if not exists by_segment on entries (segment) where segment is not null;
create table if not exists contents (
    id integer primary key, header blob not null, first blob not null,
    second blob not null
);
create table if not exists segments (
    id integer primary key autoincrement, used integer not null, size integer not null
);
create table if not exists claims (
    key blob primary key, owner text not null, beat real not null
) without rowid;
"""

N_TABLES = 5  # with SQLite's own, of the numbers that were given
COLUMNS = (
    "id, key, used, segment, offset, header, first, second "
    "from entries left join contents using (id)"
)
NO_BLOBS: Blobs = (b"", b"", b"")

_token = token_hex(8)


def now() -> float:
    """Return the seconds since the epoch."""
    return time.time()


class Database:
    """A connection, for one thread at a time.

    Parameters
    ----------
    file : Path
    max_bytes : int
    read_only : bool
    """

    def __init__(self, file: Path, max_bytes: int, read_only: bool = False) -> None:
        self.file = file
        self.max_bytes = max_bytes
        self.read_only = read_only
        mode = "ro" if read_only else "rwc"
        self.connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,  # the store gives it to one at a time
        )
        try:
            if not read_only:
                self._prepare()
            self._run("select count(*) from (select 1 from entries limit 1)")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def __del__(self) -> None:
        with suppress(AttributeError):  # where connecting failed
            self.close()

    def get(self, key: bytes) -> tuple[int, bool, Blobs] | None:
        """Return an entry's number, whether its use is to be noted, and its blobs."""
        query = f"select {COLUMNS} where key = ?"
        row = self._run(query, (key,)).fetchone()
        if row is None:
            return None
        number, used = row[0], row[2]
        blobs = self._blobs_of(row)
        if blobs is None:
            if self._run(query, (key,)).fetchone() is None:
                return None  # dropped by another in this moment
            blobs = NO_BLOBS
        return number, now() - used > TOUCH_AFTER, blobs

    def missing(self, keys: Iterable[bytes]) -> list[bytes]:
        """Return the keys that have no entry."""
        found: set[bytes] = set()
        keys = list(keys)
        for start in range(0, len(keys), MOST_VALUES):
            some = keys[start : start + MOST_VALUES]
            marks = ", ".join("?" * len(some))
            query = f"select key from entries where key in ({marks})"
            found.update(key for (key,) in self._run(query, tuple(some)))
        return [key for key in keys if key not in found]

    def write(
        self,
        entries: Mapping[bytes, Blobs | Placed],
        touched: Iterable[int] = (),
        released: Iterable[bytes] = (),
    ) -> bool:
        """Write entries, note uses and give up claims, all of it; return True."""
        used = int(now())
        drops_segments = False
        with self.transaction():
            segments = self._segments() if entries else set()
            for key, each in entries.items():
                if not isinstance(each, Placed):
                    self._insert((key, used, sum(map(len, each)), None, None), each)
                # Else it was dropped meanwhile, with what was to be kept there.
                elif each.database == self.file and each.segment in segments:
                    size = each.n_first + each.n_second
                    contents = each.header, each.n_first, each.n_second
                    self._insert((key, used, size, each.segment, each.offset), contents)
                    statement = (
                        "update segments set used = ?, size = max(size, ?) where id = ?"
                    )
                    self._run(statement, (used, each.offset + size, each.segment))
            self._many("update entries set used = ? where id = ?", used, touched)
            self._many("delete from claims where owner = ? and key = ?", me(), released)
            if entries:
                drops_segments = make_room(self.connection, self.max_bytes)
        if drops_segments:
            remove_segments(self.file, self._segments)
        return True

    def begin_segment(self) -> tuple[Path, int]:
        """Return this file, and the number of a new segment of it."""
        with self.transaction():
            statement = "insert into segments (used, size) values (?, 0)"
            number = self._run(statement, (int(now()),)).lastrowid
        assert number is not None
        return self.file, number

    def claim(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return the keys that are now this process's to compute.

        Those that have an entry, or are claimed by another that lives, are not.
        """
        won = set()
        with self.transaction():
            for key in self.missing(keys):
                row = self._run(
                    "select owner, beat from claims where key = ?", (key,)
                ).fetchone()
                if row is None or not _lives(*row):
                    self._run(
                        "insert or replace into claims values (?, ?, ?)",
                        (key, me(), now()),
                    )
                    won.add(key)
        return won

    def beat(self, keys: Iterable[bytes]) -> None:
        """Say that this process still works at what it claimed."""
        with self.transaction():
            self._many("update claims set beat = ? where key = ?", now(), keys)

    def delete(self, number: int) -> None:
        """Drop an entry."""
        with self.transaction():
            drop_entries(self.connection, [number])

    def info(self) -> dict[str, Any]:
        """Return the number of entries, their bytes and their times of use."""
        n, size, first, last = self._run(
            "select count(*), coalesce(sum(size), 0), min(used), max(used) from entries"
        ).fetchone()
        return {"entries": n, "bytes": size, "oldest_use": first, "latest_use": last}

    def entries(self) -> Iterator[tuple[int, bytes, Blobs]]:
        """Yield each entry's number, key and blobs."""
        last = -1
        query = f"select {COLUMNS} where entries.id > ? order by entries.id limit 1"
        while row := self._run(query, (last,)).fetchone():
            last = row[0]
            yield last, row[1], self._blobs_of(row) or NO_BLOBS

    def check(self) -> None:
        """Raise DatabaseError if the file's structure is damaged."""
        (found,) = self._run("pragma quick_check(1)").fetchone()
        if found != "ok":
            error = sqlite3.DatabaseError(found)
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error

    def clear(self) -> None:
        """Drop all entries and claims, and give their room back."""
        with self.transaction():
            for table in ("entries", "contents", "segments", "claims"):
                self._run(f"delete from {table}")
        remove_segments(self.file, self._segments)
        self._run("vacuum")
        # A transaction cuts the journal down to its limit.
        self._run("pragma journal_size_limit = 0")
        with self.transaction():
            self._run("delete from claims")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is written inside, or nothing of it after an error."""
        try:
            self._run("begin immediate")
            yield
            self._run("commit")
        except BaseException:
            if self.connection.in_transaction:
                self._run("rollback")
            raise

    def _prepare(self) -> None:
        self._run(f"pragma page_size = {PAGE_SIZE}")
        # A journal of what stood there before takes a quarter of the time of one of
        # what is to be written. Not waiting for the disk is safe against the end of any
        # process; after a loss of power the file may have to begin anew.
        self._run("pragma journal_mode = persist").fetchall()
        self._run("pragma synchronous = off")
        self._run(f"pragma journal_size_limit = {JOURNAL_BYTES}")
        tables = "select count(*) from sqlite_master where type = 'table'"
        if self._run(tables).fetchone()[0] < N_TABLES:
            self.connection.executescript(f"begin immediate;{SCHEMA}commit;")

    def _run(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        return self.connection.execute(statement, values)

    def _many(self, statement: str, first: Any, others: Iterable[Any]) -> None:
        self.connection.executemany(statement, [(first, other) for other in others])

    def _insert(self, entry: tuple[Any, ...], contents: tuple[Any, ...]) -> None:
        inserted = self._run(
            "insert or ignore into entries (key, used, size, segment, offset) "
            "values (?, ?, ?, ?, ?)",
            entry,
        )
        if inserted.rowcount:
            statement = "insert into contents values (?, ?, ?, ?)"
            self._run(statement, (inserted.lastrowid, *contents))

    def _blobs_of(self, row: tuple[Any, ...]) -> Blobs | None:
        """Return what a row of COLUMNS holds, None where its segment does not."""
        segment, offset, header, first, second = row[3:]
        if segment is None:
            return header, first, second
        return read_placed(Placed(header, first, second, self.file, segment, offset))

    def _segments(self) -> set[int]:
        return {number for (number,) in self._run("select id from segments")}


def me() -> str:
    """Return the name of this process: machine, number and a random text."""
    return f"{socket.gethostname()} {os.getpid()} {_token}"


def _lives(owner: str, beat: float) -> bool:
    if abs(now() - beat) > LEASE:
        return False
    machine, process, _ = owner.rsplit(" ", 2)
    if owner == me() or machine != socket.gethostname() or os.name != "posix":
        return True
    if int(process) == os.getpid():
        return False  # another that had this number
    try:
        os.kill(int(process), 0)  # sends nothing
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
