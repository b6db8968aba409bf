"""Any cell of a table to its kind: missing, a text, an array, bytes or an open file."""

import io
import os
import re
import stat
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mmclassic.exceptions import MediaError
from mmclassic.media._waveform import Waveform

__all__ = ["describe_cell", "is_missing", "load_text"]

MEDIA_KEYS = ("array", "bytes", "path")
LONGEST_SHOWN = 200
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

_local = threading.local()


def is_missing(cell: Any) -> bool:
    """Tell whether a cell holds nothing.

    Parameters
    ----------
    cell : object
        A cell of a table.

    Returns
    -------
    bool
        True for None, NaN, NaT and ``pandas.NA``, and for a dict of ``"bytes"``,
        ``"path"`` and ``"array"`` in which each is missing. An empty text, an
        empty array and empty bytes are there, and so not missing.

    Examples
    --------
    >>> from mmclassic.media import is_missing
    >>> is_missing(float("nan")), is_missing({"bytes": None, "path": None})
    (True, True)
    >>> is_missing("")
    False
    """
    if cell is None:
        return True
    if isinstance(cell, str | bytes | np.ndarray):
        return False
    if isinstance(cell, float | np.floating):
        return bool(np.isnan(cell))
    if isinstance(cell, np.datetime64 | np.timedelta64):
        return bool(np.isnat(cell))
    if isinstance(cell, Mapping):
        held = [cell[key] for key in MEDIA_KEYS if key in cell]
        return bool(held) and all(is_missing(value) for value in held)
    # Without pandas imported no cell can be one of its missing values.
    pandas = sys.modules.get("pandas")
    return pandas is not None and (cell is pandas.NA or cell is pandas.NaT)


def describe_cell(cell: Any) -> str:
    """Name a cell the way an error message shows it.

    Parameters
    ----------
    cell : object
        A cell of a table.

    Returns
    -------
    str
        A quoted path or text, the number of bytes, an array's shape, or the type.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.media import describe_cell
    >>> describe_cell("a.wav"), describe_cell(b"12345678")
    ("'a.wav'", '8 bytes')
    >>> describe_cell(np.zeros(3)), describe_cell(7)
    ('an array of shape (3,)', 'an int')
    """
    if cell is None:
        return "None"
    if isinstance(cell, str | os.PathLike):
        return _quote(os.fspath(cell))
    if isinstance(cell, bytes | bytearray | memoryview):
        n_bytes = memoryview(cell).nbytes
        return f"{n_bytes} byte" if n_bytes == 1 else f"{n_bytes} bytes"
    if isinstance(cell, np.ndarray):
        return f"an array of shape {cell.shape}"
    if isinstance(cell, Waveform):
        return f"a Waveform of shape {cell.samples.shape}"
    if isinstance(cell, Mapping):
        for key in ("path", "array", "bytes"):
            if not is_missing(cell.get(key)):
                return describe_cell(cell[key])
        return f"a dict of {sorted(map(str, cell))}"
    if is_pil_image(cell):
        return f"a PIL image of {cell.size[0]}x{cell.size[1]} pixels"
    name = type(cell).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def _quote(text: Any) -> str:
    shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return repr(str(shown) if isinstance(shown, str) else shown)


def load_text(cell: Any) -> str:
    """Return the text that a cell holds.

    Parameters
    ----------
    cell : str
        The text; it may be empty.

    Returns
    -------
    str
        The text as it is.

    Raises
    ------
    MediaError
        If the cell is not a ``str``.

    Examples
    --------
    >>> from mmclassic.media import load_text
    >>> load_text("red kettle")
    'red kettle'
    """
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, bytes | bytearray | memoryview):
        remedy = "Decode it first, e.g. cell.decode('utf-8')."
    elif is_missing(cell):
        remedy = "Leave out missing cells, or replace them by ''."
    else:
        remedy = "Convert it first, e.g. with str(cell), or name another column."
    raise MediaError(f"is not a text (a str). {remedy}", describe_cell(cell))


@contextmanager
def naming(cell: Any) -> Iterator[None]:
    """Give every MediaError from within the cell as its subject."""
    try:
        yield
    except MediaError as error:
        raise MediaError(error.reason, describe_cell(cell)) from error.__cause__


def is_pil_image(cell: Any) -> bool:
    """Tell whether a cell is a PIL image, without importing Pillow."""
    return all(hasattr(cell, name) for name in ("mode", "size", "convert", "getexif"))


def unwrap(cell: Any) -> Any:
    """Return what a dict of ``"array"``, ``"bytes"`` or ``"path"`` holds.

    What is closest to the data comes first: the path beside decoded or encoded
    data is often only its name. Anything that is no dict is returned as it is.
    """
    if not isinstance(cell, Mapping):
        return cell
    for key in MEDIA_KEYS:
        if not is_missing(cell.get(key)):
            return cell[key]
    raise MediaError(
        "holds none of 'array', 'bytes' and 'path'. Give one of them, or None in "
        "place of the dict for a missing cell."
    )


def as_array(source: Any) -> np.ndarray | None:
    """Return what numpy makes of an array, an array-like or nested lists; else None."""
    if isinstance(source, np.ndarray):
        return source
    if not (hasattr(source, "__array__") or isinstance(source, list | tuple)):
        return None
    if isinstance(source, np.generic):
        return None
    try:
        return np.asarray(source)
    except (TypeError, ValueError, RuntimeError):  # ragged lists, tensors on a GPU
        return None


@dataclass
class HeldFile:
    """What a file held when it was read, and whether `open_source` gave it since."""

    source: Any
    content: bytes
    is_given: bool = False


@contextmanager
def holding(held: HeldFile | None) -> Iterator[None]:
    """Let `open_source` in this thread give what was read of a file before."""
    outer = getattr(_local, "held", None)
    _local.held = held
    try:
        yield
    finally:
        _local.held = outer


def open_source(source: Any, wanted: str) -> BinaryIO:
    """Open a path or encoded bytes for reading, checked not to be empty.

    Parameters
    ----------
    source : str, PathLike or bytes-like
        Where the encoded data is.
    wanted : str
        What may stand in the cell, for the error about a wrong type.

    Returns
    -------
    file object
        Opened in binary mode; the caller closes it.

    Raises
    ------
    MediaError
        If it is not readable, empty, no file, or of another type.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        if not memoryview(source).nbytes:
            raise MediaError("is empty. Replace it or drop the row.")
        # A memoryview may have gaps, which BytesIO refuses.
        return io.BytesIO(bytes(source))
    if not isinstance(source, str | os.PathLike):
        raise MediaError(f"is not {wanted}.")
    held = getattr(_local, "held", None)
    if held is not None and held.source is source:
        held.is_given = True
        return io.BytesIO(held.content)
    path = os.fspath(source)
    if isinstance(path, str):
        _check_path_text(path)
    try:
        # Opening a pipe would wait for its writer, so the kind is checked first.
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise MediaError(f"is {kind}. Give the path of one file.")
        if status.st_size == 0:
            raise MediaError("is empty (0 bytes). Replace the file or drop the row.")
        return open(path, "rb")
    except MediaError:
        raise
    except (OSError, ValueError) as error:
        raise MediaError(_explain(error, path)) from error


def read_all(stream: BinaryIO) -> bytes:
    """Read an open file to its end; a MediaError where the disk fails."""
    try:
        return stream.read()
    except OSError as error:
        raise MediaError(f"can't be read to its end: {error.strerror}.") from error


def _check_path_text(path: str) -> None:
    if not path:
        raise MediaError("is an empty text, not a path. Use None for a missing cell.")
    if URL.match(path):
        raise MediaError(
            "is a URL; only local files are read. Download it first and give the "
            "path of the file."
        )


def _explain(error: Exception, path: str | bytes) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        if os.path.isabs(path):
            return "does not exist. Correct the path or drop the row."
        return (
            "does not exist. A relative path is resolved against the current folder, "
            f"{str(Path.cwd())!r}. Correct the path or drop the row."
        )
    if isinstance(error, PermissionError):
        return "may not be read (permission denied). Change the file's permissions."
    if isinstance(error, OSError) and error.strerror:
        return f"can't be opened as a file: {error.strerror}. Is it a path?"
    return f"can't be opened as a file: {error}. Is it a path?"
