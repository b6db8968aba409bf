"""Features, rows and what was learned to blobs with a checksum, and back."""

import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._local_features import LocalFeatures

__all__ = ["Blobs", "DamagedError", "pack", "unpack"]

BLOCK = 512  # words of eight bytes
LARGEST_READ = 2**16  # bytes, of which a checksum reads each
KINDS = "biuf"  # of dtype: what can run no code and names no object

# A header, and the bytes of one array or two: features are not copied into one blob.
Blobs = tuple[bytes, Any, Any]


class DamagedError(ValueError):
    """Raised where bytes are not as they were written."""


def pack(value: Any, key: bytes) -> Blobs:
    """Return a value as blobs, which share its memory.

    Parameters
    ----------
    value : LocalFeatures, ndarray, or dict of arrays, numbers, texts and None
        Its arrays become read-only.
    key : bytes
        What it is kept by; the checksum covers it too, so that no value passes for
        another.

    Returns
    -------
    header : bytes
    first, second : buffers of bytes

    Raises
    ------
    TypeError
        If it holds anything else.
    """
    kind, arrays, plain = _parts_of(value)
    for array in arrays.values():
        if array.dtype.kind not in KINDS:
            raise TypeError(f"An array of {array.dtype} can't be kept.")
        array.flags.writeable = False
    described = [[name, a.dtype.str, a.shape] for name, a in arrays.items()]
    contents = [
        np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        for array in arrays.values()
    ]
    if len(contents) == 1:
        contents.append(_NOTHING)
    elif len(contents) != 2:
        contents = [np.concatenate([*contents, _NOTHING]), _NOTHING]
    text = json.dumps([kind, described, plain]).encode()
    first, second = contents
    checksum = _checksum(key, text, first, second)
    return b"%08x%s" % (checksum, text), first, second


def unpack(blobs: Sequence[Any], key: bytes) -> Any:
    """Return the value that `pack` was given.

    Parameters
    ----------
    blobs : sequence of three bytes
    key : bytes

    Returns
    -------
    LocalFeatures, ndarray or dict
        Arrays are read-only.

    Raises
    ------
    DamagedError
        If a byte is not as it was written.
    """
    try:
        header, *contents = blobs
        first, second = (np.frombuffer(content, np.uint8) for content in contents)
        text = header[8:]
        if int(header[:8], 16) != _checksum(key, text, first, second):
            raise ValueError("its checksum is wrong")
        kind, described, plain = json.loads(text)
        whole = [first, second] if len(described) == 2 else [first] * len(described)
        offset, arrays = 0, {}
        for content, (name, code, shape) in zip(whole, described, strict=True):
            dtype = np.dtype(code)
            n = int(np.prod(shape))
            start = offset if len(described) != 2 else 0
            arrays[name] = np.frombuffer(content, dtype, n, start).reshape(shape)
            offset += arrays[name].nbytes
        return _whole(kind, arrays, plain)
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedError(str(error)) from error


_NOTHING = np.empty(0, np.uint8)


def _checksum(key: bytes, text: bytes, *contents: NDArray[np.uint8]) -> int:
    """Return a checksum of key, text and contents; of large ones, of their sums.

    Sums over blocks, and over the words of one place in each block, are found several
    times as fast as a checksum of all bytes, which would take a tenth of the time that
    it takes to describe a picture densely.
    """
    checksum = zlib.crc32(text, zlib.crc32(key))
    for content in contents:
        parts: list[Any] = [b"%d" % len(content), content]
        if len(content) > LARGEST_READ:
            whole = len(content) // (8 * BLOCK) * (8 * BLOCK)
            blocks = content[:whole].view(np.uint64).reshape(-1, BLOCK)
            parts[1:] = [blocks.sum(axis=1), blocks.sum(axis=0), content[whole:]]
        for part in parts:
            checksum = zlib.crc32(part, checksum)
    return checksum


def _parts_of(value: Any) -> tuple[str, dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the kind, the arrays by name, and what JSON holds exactly."""
    if isinstance(value, LocalFeatures):
        arrays = {"descriptors": value.descriptors, "positions": value.positions}
        return "features", arrays, {}
    if isinstance(value, np.ndarray):
        return "array", {"": value}, {}
    if not isinstance(value, dict):
        raise TypeError(f"A {type(value).__name__} can't be kept.")
    arrays = {
        name: np.asarray(held)
        for name, held in value.items()
        if isinstance(held, np.ndarray | np.generic)
    }
    plain = {name: held for name, held in value.items() if name not in arrays}
    for held in plain.values():
        if not isinstance(held, str | int | float | None):
            raise TypeError(f"A {type(held).__name__} can't be kept.")
    scalars = [name for name in arrays if isinstance(value[name], np.generic)]
    return "dict", arrays, {"order": list(value), "plain": plain, "scalars": scalars}


def _whole(kind: str, arrays: dict[str, NDArray[Any]], plain: dict[str, Any]) -> Any:
    if kind == "features":
        return LocalFeatures(arrays["descriptors"], arrays["positions"])
    if kind == "array":
        return arrays[""]
    for name in plain["scalars"]:
        arrays[name] = arrays[name][()]
    held = {**arrays, **plain["plain"]}
    return {name: held[name] for name in plain["order"]}
