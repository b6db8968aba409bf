"""A cell to the digest of what it holds."""

import os
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError
from mmclassic.media import Waveform, is_missing
from mmclassic.media._cells import (
    HeldFile,
    as_array,
    is_pil_image,
    open_source,
    unwrap,
)

__all__ = ["DIGEST_SIZE", "Text", "content_digest", "digest_and_file"]

DIGEST_SIZE = 20
ORIENTATION_TAG = 274


class Text(str):
    """A cell that is a text, not the path of a file."""

    __slots__ = ()


def content_digest(
    cell: Any, of_part: Callable[[Any], bytes | None] | None = None
) -> bytes | None:
    """Return a digest of a cell's content, None where it has none.

    Of a file all bytes are read every time: neither its size nor its times prove
    that it is unchanged.

    Parameters
    ----------
    cell : cell, or tuple of cells
        A path and the bytes of the file have one digest.
    of_part : callable or None, default=None
        Digest of a tuple's cell; None is this function.

    Returns
    -------
    bytes or None
        None where a file can't be read, or nothing is known of the cell's type.
    """
    parts = _parts_of(cell, of_part or content_digest)
    return None if parts is None else _digest(parts)


def digest_and_file(cell: Any) -> tuple[bytes | None, HeldFile | None]:
    """Return a cell's `content_digest`, and what was read if it names a file."""
    try:
        source = unwrap(cell)
        if isinstance(source, Text) or not isinstance(source, str | os.PathLike):
            return content_digest(cell), None
        with open_source(source, "a file") as stream:
            held = HeldFile(source, stream.read())
    except (MediaError, OSError):
        return None, None
    return _digest([b"file", held.content]), held


def _digest(parts: list[Any]) -> bytes:
    digest = sha256()  # which processors compute themselves
    for part in parts:
        digest.update(part)
    return digest.digest()[:DIGEST_SIZE]


def _parts_of(cell: Any, of_part: Callable[[Any], bytes | None]) -> list[Any] | None:
    if isinstance(cell, tuple):
        digests = [of_part(each) for each in cell]
        known = [digest for digest in digests if digest is not None]
        return [b"cells", *known] if len(known) == len(digests) else None
    if is_missing(cell):
        return [b"missing"]
    if isinstance(cell, Text):
        return [b"text", cell.encode(errors="surrogatepass")]
    if isinstance(cell, LocalFeatures):
        descriptors, positions = map(_array, (cell.descriptors, cell.positions))
        if descriptors is None or positions is None:
            return None
        return [b"features", *descriptors, *positions]
    if isinstance(cell, Waveform):
        samples = _array(cell.samples)
        return samples and [b"sound", repr(float(cell.sample_rate)).encode(), *samples]
    return _media_parts(cell)


def _media_parts(cell: Any) -> list[Any] | None:
    try:
        source = unwrap(cell)
        if is_pil_image(source):
            return _pil(source)
        array = as_array(source)
        if array is not None:
            parts = _array(array)
            rate = cell.get("sampling_rate") if isinstance(cell, dict) else None
            return parts and [b"array", repr(rate).encode(), *parts]
        with open_source(source, "a file") as stream:
            return [b"file", stream.read()]
    except (MediaError, OSError):
        return None


def _array(array: NDArray[Any]) -> list[Any] | None:
    if array.dtype.hasobject:
        return None
    head = f"{array.dtype.str}{array.shape}".encode()
    return [head, np.ascontiguousarray(array).reshape(-1).view(np.uint8)]


def _pil(image: Any) -> list[Any]:
    palette = image.getpalette() if image.mode in ("P", "PA") else None
    kind = image.palette.mode if palette else None
    transparency = image.info.get("transparency")
    orientation = image.getexif().get(ORIENTATION_TAG)
    head = repr((image.mode, image.size, palette, kind, transparency, orientation))
    return [b"picture", head.encode(), image.tobytes()]
