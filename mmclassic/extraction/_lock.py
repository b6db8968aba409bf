"""A folder to the one process that may write into it, until it ends or is killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Locked", "locked"]


@dataclass(frozen=True, slots=True)
class Locked:
    """A folder that this process has alone."""

    folder: Path


@contextmanager
def locked(folder: Path, taken: str) -> Iterator[Locked]:
    """Make a folder and hold it; the system lets go of it when the process ends.

    Parameters
    ----------
    folder : Path
        Its parent must exist.
    taken : str
        What an error says where another process holds it.

    Raises
    ------
    FileExistsError
        If another process holds it.
    """
    handle = _hold(folder, taken)
    try:
        yield Locked(folder)
    finally:
        os.close(handle)


def _hold(folder: Path, taken: str) -> int:
    name = folder / "lock"
    while True:
        folder.mkdir(exist_ok=True)
        try:
            handle = os.open(name, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # one that ended has just removed the folder
            continue
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            raise FileExistsError(
                f"{taken}. Wait for its end, or give another output."
            ) from None
        if _is_same(name, handle):
            return handle
        os.close(handle)


def _is_same(name: Path, handle: int) -> bool:
    """Tell whether a file is still the one that was opened, not removed meanwhile."""
    try:
        return os.path.samestat(os.stat(name), os.fstat(handle))
    except FileNotFoundError:
        return False


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
