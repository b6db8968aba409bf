"""Where what is computed once is kept, by function and content."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from mmclassic._execution._cache._content import DIGEST_SIZE, Text, content_digest
from mmclassic._execution._cache._store import Store
from mmclassic._execution._memory import Memory, current_memory

__all__ = ["Places", "digest_of", "entry_key"]


@dataclass
class Places:
    """The disk, and the memory of a comparison before it, if there is one.

    The memory too goes by content here: what is kept on disk may come from it.

    Parameters
    ----------
    store : Store
    memory : Memory or None
    """

    store: Store
    memory: Memory | None

    def get(self, function_key: bytes, digest: bytes) -> Any:
        """Return what is kept for a function and content, else None."""
        kept = self._in_memory(function_key, digest)
        if kept is None:
            kept = self.store.get(entry_key(function_key, digest))
            if kept is not None and self.memory is not None:
                self.memory.put(function_key, digest, kept)
        return kept

    def put(self, function_key: bytes, digest: bytes, result: Any) -> None:
        """Keep a result in both places."""
        self.store.put(entry_key(function_key, digest), result)
        if self.memory is not None:
            self.memory.put(function_key, digest, result)

    def missing(
        self, function_key: bytes, digests: Iterable[bytes]
    ) -> dict[bytes, bytes]:
        """Return the contents that nothing is kept for, by the keys of entries."""
        keys = {
            entry_key(function_key, digest): digest
            for digest in digests
            if self._in_memory(function_key, digest) is None
        }
        return {key: keys[key] for key in self.store.missing(keys)}

    def _in_memory(self, function_key: bytes, digest: bytes) -> Any:
        return None if self.memory is None else self.memory.get(function_key, digest)


def digest_of(cell: Any) -> bytes | None:
    """Return a cell's `content_digest`, which a comparison's memory keeps for paths.

    Files do not change in its time. Should one, what is read from it is not kept.

    Parameters
    ----------
    cell : cell, or tuple of cells
    """
    if isinstance(cell, tuple):
        return content_digest(cell, digest_of)
    memory = current_memory()
    is_path = isinstance(cell, str | os.PathLike) and not isinstance(cell, Text)
    if memory is None or not is_path:
        return content_digest(cell)
    digest = memory.get(b"content", cell)
    if digest is None:
        digest = content_digest(cell)
        memory.put(b"content", cell, digest)
    return digest


def entry_key(function_key: bytes, digest: bytes) -> bytes:
    """Return what a result is kept by on disk."""
    return blake2b(function_key + digest, digest_size=DIGEST_SIZE).digest()
