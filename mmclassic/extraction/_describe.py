"""A chunk of a table's rows to their blocks of features: what a worker does at once."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from scipy import sparse

from mmclassic._execution import (
    Caller,
    content_digest,
    gathered,
    identity_digest,
    remembering,
    rows_within,
    single_threaded,
)
from mmclassic.exceptions import MediaError
from mmclassic.extraction._chunk import Chunk, Described
from mmclassic.extraction._parts import LIBRARIES, Part
from mmclassic.fusion._blocks import lacking_rows

__all__ = ["describe_chunk", "installed"]

MAX_BYTES = 2**26  # of pictures kept for the several descriptors of a part
PLAIN = bool | int | float | complex | np.generic


def installed() -> bytes | None:
    """Return a digest of the code, and the libraries, that describe in this process."""
    return identity_digest(LIBRARIES)


def describe_chunk(
    chunk: Chunk, parts: Sequence[Part], caller: Caller, expected: bytes | None
) -> Described:
    """Return the features of a chunk, or that nothing has changed.

    Parameters
    ----------
    chunk : Chunk
    parts : sequence of Part
    caller : Caller
    expected : bytes
        What ``installed`` gives there.

    Returns
    -------
    Described

    Raises
    ------
    MediaError
        If an item is invalid, naming its row in the table.
    ImportError
        If other versions are installed here.
    """
    if caller.is_this_process():  # threads share its filters of warnings
        with _alone():
            return _describe(chunk, parts)
    # For a worker that has not imported OpenCV yet; the limit below is for the others.
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    if installed() != expected:
        raise ImportError(
            "A worker has another version of mmclassic, or of a library that it uses, "
            "than the process that writes the table. Install the same on all."
        )
    with warnings.catch_warnings(record=True) as caught, _alone():
        warnings.simplefilter("always")
        with caller.folder_entered():
            described = _describe(chunk, parts)
    described.warned = list({(w.category, str(w.message)) for w in caught})
    return described


@contextmanager
def _alone() -> Iterator[None]:
    """Compute in one thread; the chunks are what runs in parallel."""
    with single_threaded(), parallel_config("sequential"), remembering(MAX_BYTES):
        yield


def _describe(chunk: Chunk, parts: Sequence[Part]) -> Described:
    digest = _digest(chunk, parts)
    if digest and digest == chunk.known:
        return Described(
            chunk.start, chunk.n_rows, digest, None, chunk.present, is_known=True
        )
    blocks, all_present = [], []
    with gathered() as errors:
        for part, cells, present in zip(parts, chunk.cells, chunk.present, strict=True):
            block, lacking = _describe_part(part, cells, chunk.start, present)
            kept = present.copy()
            kept[np.flatnonzero(present)[lacking]] = False
            blocks.append(block[~lacking])
            all_present.append(kept)
    if _digest(chunk, parts) != digest:  # a file was replaced meanwhile
        digest = ""
    return Described(
        chunk.start,
        chunk.n_rows,
        digest,
        blocks,
        all_present,
        [_plain(error) for error in errors],
    )


def _describe_part(
    part: Part, cells: Any, start: int, present: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the block of the rows that are present, and which of them are invalid."""
    if not present.any():
        return np.empty((0, 0), np.float32), np.empty(0, bool)
    try:
        with rows_within(start + np.flatnonzero(present)):
            block = part.transformer.transform(cells)
    except Exception as error:
        error.add_note(f"In the part {part.name!r} (column {part.column!r}).")
        raise
    if sparse.issparse(block):
        raise ValueError(
            f"The part {part.name!r} gives sparse rows of {block.shape[1]} features; a "
            "table holds dense ones. Add a TruncatedSVD to it, or keep the column as "
            "it is."
        )
    block = np.asarray(block)
    if block.ndim != 2 or len(block) != present.sum():
        raise ValueError(
            f"The part {part.name!r} must give one row of features an item. Got shape "
            f"{block.shape} of {present.sum()} items instead."
        )
    block = np.ascontiguousarray(block, dtype=np.float32)
    return block, lacking_rows(block)


def _digest(chunk: Chunk, parts: Sequence[Part]) -> str:
    """Return a digest of all items of a chunk, "" if one has none."""
    digest = blake2b(digest_size=20)
    for part, cells, present in zip(parts, chunk.cells, chunk.present, strict=True):
        digest.update(np.packbits(present).tobytes() + b"%d" % len(present))
        columns = [cells] if isinstance(part.positions, int) else _columns(cells)
        for cell in (cell for column in columns for cell in column):
            content = _cell_digest(cell, part.of_files)
            if content is None:
                return ""
            digest.update(b"%d " % len(content) + content)
    return digest.hexdigest()


def _cell_digest(cell: Any, of_files: bool) -> bytes | None:
    if isinstance(cell, PLAIN):
        return repr(cell).encode()
    if isinstance(cell, str) and not of_files and len(cell) > 4096:
        return cell.encode()  # longer than a path can be
    try:
        content = content_digest(cell)
    except ValueError:
        content = None
    if not isinstance(cell, str | os.PathLike):
        return content
    if of_files:
        return content or b"unreadable"
    return os.fsencode(cell) + (content or b"")


def _columns(table: Any) -> list[Any]:
    if hasattr(table, "get_columns"):
        return list(table.get_columns())
    return [table.iloc[:, at] for at in range(table.shape[1])]


def _plain(error: MediaError) -> tuple[Any, ...]:
    """Return what JSON holds of an error, but for a label that is no plain value."""
    label = error.label
    if isinstance(label, np.generic):
        label = label.item()
    if not isinstance(label, str | int | float | None):
        label = str(label)
    return error.reason, error.subject, int(error.row or 0), label
