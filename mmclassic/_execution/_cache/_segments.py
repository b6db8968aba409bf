"""Large values to files beside the database, which hold many each and only grow.

SQLite copies what it is given twice before it writes it; here it is written at once,
and its memory need not be held until a transaction. The database says where it lies.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from mmclassic._execution._cache._values import Blobs

__all__ = ["LARGE", "Placed", "Segments", "read_placed", "remove_segments"]

LARGE = 2**15  # bytes, from which a value is worth a place of its own
# A file's size: what is dropped together, and one of how many.
LEAST_BYTES, MOST_BYTES, SHARE = 2**16, 2**26, 64


@dataclass(frozen=True)
class Placed:
    """A header, and where the bytes that it describes lie.

    Parameters
    ----------
    header : bytes
    n_first, n_second : int
        Bytes of each array.
    database : Path
        The file whose segment it is.
    segment, offset : int
    """

    header: bytes
    n_first: int
    n_second: int
    database: Path
    segment: int
    offset: int


class Segments:
    """The segment that this process writes to, one after the other.

    Parameters
    ----------
    begin : callable
        Returns a database's file and the number of a new segment of it, or None.
    """

    def __init__(self, begin: Callable[[], tuple[Path, int] | None]) -> None:
        self._begin = begin
        self._lock = Lock()
        self._place: tuple[Path, int] | None = None
        self._file: BinaryIO | None = None
        self._end = 0

    def append(self, blobs: Blobs, max_bytes: int) -> Placed | None:
        """Write what a header describes, and return its place.

        Parameters
        ----------
        blobs : header, first, second
        max_bytes : int
            The cache's.

        Returns
        -------
        Placed or None
            None where no segment can be had.

        Raises
        ------
        OSError
            If the disk fails.
        """
        header, first, second = blobs
        size = min(MOST_BYTES, max(LEAST_BYTES, max_bytes // SHARE))
        with self._lock:
            if self._file is None or self._end >= size or not self._exists():
                self._next()
            if self._file is None or self._place is None:
                return None
            placed = Placed(header, len(first), len(second), *self._place, self._end)
            try:
                for blob in (first, second):
                    _write(self._file, memoryview(blob))
            except BaseException:
                self._close()  # it may end anywhere
                raise
            self._end += len(first) + len(second)
            return placed

    def close(self) -> None:
        """Close the file; what comes later gets another."""
        with self._lock:
            self._close()

    def _exists(self) -> bool:
        return self._place is not None and os.path.exists(self._place[0])

    def _next(self) -> None:
        self._close()
        self._place = self._begin()
        if self._place is not None:
            self._file = open(_file(*self._place), "wb", buffering=0)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._place, self._end = None, None, 0


def read_placed(placed: Placed) -> Blobs | None:
    """Return the blobs at a place, None where its file is gone or too short."""
    size = placed.n_first + placed.n_second
    try:
        with open(_file(placed.database, placed.segment), "rb") as file:
            file.seek(placed.offset)
            content = memoryview(file.read(size))
    except OSError:
        return None
    if len(content) < size:
        return None
    return placed.header, content[: placed.n_first], content[placed.n_first :]


def remove_segments(database: Path, keep: Callable[[], set[int]]) -> None:
    """Remove the segments of a database but for some, which are asked for later.

    In this order none is removed that another process begins meanwhile.
    """
    prefix = f"{database.stem}."
    found = [
        (int(file.name.removeprefix(prefix).removesuffix(".segment")), file)
        for file in database.parent.glob(f"{prefix}*.segment")
    ]
    kept = keep()
    for number, file in found:
        if number not in kept:
            with suppress(OSError):  # open elsewhere, on Windows
                file.unlink()


def _file(database: Path, segment: int) -> Path:
    return database.with_name(f"{database.stem}.{segment}.segment")


def _write(file: BinaryIO, content: Any) -> None:
    while len(content):  # a signal, or a full disk, may cut it short
        content = content[os.write(file.fileno(), content) :]
