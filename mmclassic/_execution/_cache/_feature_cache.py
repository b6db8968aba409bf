"""FeatureCache: a folder in which features are kept for every process that asks."""

import os
import sqlite3
from numbers import Integral
from pathlib import Path
from typing import Any

from mmclassic._execution._cache._connections import Connections, is_damage
from mmclassic._execution._cache._database import Database
from mmclassic._execution._cache._files import files_of
from mmclassic._execution._cache._store import Store, store_of
from mmclassic._execution._cache._values import DamagedError, unpack

__all__ = ["Cache", "FeatureCache", "as_cache"]

LEAST_BYTES = 2**20


class FeatureCache:
    """A folder that keeps what was computed of each item, for later and for others.

    Descriptors and encoders take it, or its path, as ``cache``. What they computed of
    an item comes back for an item of equal content, a class and parameters that are
    equal, and the same versions of mmclassic and of the libraries that matter: in
    every fold, candidate and process.

    Parameters
    ----------
    path : str or path-like
        A folder of the cache's own; it is made when something is kept.
    max_bytes : int, default=10 * 2**30
        Size of the entries; beyond it, those go first that were not used for the
        longest time, large ones with all that lie in the same file of up to a 64th of
        this. What is just being written, and a few MiB of a journal, come on top.

    Notes
    -----
    A file is known by all of its bytes, which are read every time, not by its name,
    size or times: a changed file is never taken for the old one. The folder holds a
    database of SQLite, and files of large arrays that it points to. Nothing in it
    is a pickle, each entry has a checksum, and a damaged one is computed again with a
    warning. A class or function of your own counts with its code, and the code and
    constants that it uses, as they are loaded; for a lambda, or what is defined inside
    a function, nothing is kept.

    Any number of processes and threads may share a cache, and be killed at any instant;
    one that finds another at the same work waits for it. Where a disk is full or
    read-only, one warning says so and nothing is kept. A local disk is fastest; a
    network's will do if it knows locks.

    Nothing waits until the disk has what is written (SQLite's ``synchronous=off``), so
    that a first pass costs little. A process that is killed loses about the last half
    second of its work. A loss of power, or a crash of the system, may lose the cache as
    a whole, which then begins anew with a warning, or single entries, which their
    checksums tell. Where computing it again would cost too much, copy the folder while
    nothing uses it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from mmclassic.cache import FeatureCache
    >>> from mmclassic.image import HOG
    >>> pictures = list(np.zeros((3, 32, 32), dtype=np.uint8))
    >>> pictures[0][8:24, 8:24] = 255
    >>> with TemporaryDirectory() as folder:
    ...     cache = FeatureCache(f"{folder}/features")
    ...     rows = HOG(size=(32, 32), cache=cache).transform(pictures)
    ...     entries = cache.info()["entries"]
    ...     cache.close()
    >>> entries  # two of the pictures are equal
    2
    """

    def __init__(
        self, path: str | os.PathLike[str], *, max_bytes: int = 10 * 2**30
    ) -> None:
        if not isinstance(path, str | os.PathLike):
            raise TypeError(
                "The 'path' parameter of FeatureCache must be a str or path-like. Got "
                f"{path!r} instead."
            )
        is_int = isinstance(max_bytes, Integral) and not isinstance(max_bytes, bool)
        if not is_int or max_bytes < LEAST_BYTES:
            raise ValueError(
                "The 'max_bytes' parameter of FeatureCache must be an int in the range "
                f"[{LEAST_BYTES}, inf), such as 10 * 2**30 for 10 GiB. Got "
                f"{max_bytes!r} instead."
            )
        self.path = os.path.abspath(os.path.expanduser(path))
        self.max_bytes = int(max_bytes)

    def __repr__(self) -> str:
        return f"FeatureCache({self.path!r}, max_bytes={self.max_bytes})"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, FeatureCache) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.path, self.max_bytes))

    @property
    def store(self) -> Store:
        """Connections of this process."""
        return store_of(self.path, self.max_bytes)

    def info(self) -> dict[str, Any]:
        """Return how much is kept.

        Returns
        -------
        dict
            ``entries``, ``bytes`` of them, ``file_bytes`` of the files, and
            ``oldest_use`` and ``latest_use``, in seconds since the epoch or None.

        Raises
        ------
        FileNotFoundError
            If there is no cache in the folder.
        sqlite3.DatabaseError
            If the file is damaged as a whole; its next use begins it anew.
        """
        self._check_exists()
        info = self._connections().run(Database.info)
        files = [file for file in Path(self.path).iterdir() if file.is_file()]
        return info | {"file_bytes": sum(file.stat().st_size for file in files)}

    def clear(self) -> int:
        """Drop all entries, and return how many there were.

        A file that is damaged as a whole begins anew with a warning; what it held is
        not counted.

        Raises
        ------
        FileNotFoundError
            If there is no cache in the folder.
        """
        self._check_exists()
        connections = self._connections()
        try:
            return connections.run(_clear)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        connections.begin_anew(None)
        connections.say()
        return connections.run(_clear)

    def verify(self) -> tuple[int, int]:
        """Read every entry, and drop those that are damaged.

        Returns
        -------
        n_sound, n_damaged : int

        Raises
        ------
        FileNotFoundError
            If there is no cache in the folder.
        sqlite3.DatabaseError
            If the file is damaged as a whole; its next use begins it anew.
        """
        self._check_exists()
        return self._connections().run(_verify)

    def close(self) -> None:
        """Close this process's connections; they open again by themselves."""
        self.store.close()

    def _connections(self) -> Connections:
        connections = Connections(self.path)
        connections.max_bytes = self.max_bytes
        return connections

    def _check_exists(self) -> None:
        folder = Path(self.path)
        if not folder.is_dir() or not files_of(folder):
            raise FileNotFoundError(
                f"There is no cache in {self.path!r}. Give the folder that was passed "
                "as cache=."
            )


Cache = None | str | os.PathLike[str] | FeatureCache


def as_cache(cache: Cache, owner: str | None = None) -> FeatureCache | None:
    """Return the cache that a ``cache`` parameter stands for.

    Parameters
    ----------
    cache : str, path-like, FeatureCache or None
    owner : str or None, default=None
        Whose parameter it is, for the error; None where it was checked before.
    """
    if cache is None or isinstance(cache, FeatureCache):
        return cache
    if owner is not None and not isinstance(cache, str | os.PathLike):
        raise TypeError(
            f"The 'cache' parameter of {owner} must be a str, path-like, FeatureCache "
            f"or None. Got {cache!r} instead."
        )
    return FeatureCache(cache)


def _clear(database: Database) -> int:
    n_entries = database.info()["entries"]
    database.clear()
    return int(n_entries)


def _verify(database: Database) -> tuple[int, int]:
    database.check()
    n_sound, damaged = 0, []
    for number, key, blobs in database.entries():
        try:
            unpack(blobs, key)
            n_sound += 1
        except DamagedError:
            damaged.append(number)
    for number in damaged:
        database.delete(number)
    return n_sound, len(damaged)
