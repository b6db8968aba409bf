"""Kept columns and chunks of features to a parquet file, a row group at a time."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic import __version__
from mmclassic.audio import Waveform
from mmclassic.extraction._chunk import Described
from mmclassic.extraction._folder import Folder
from mmclassic.extraction._parts import LIBRARIES, Part
from mmclassic.media import is_missing

__all__ = ["import_arrow", "keep_columns", "write_table"]


def import_arrow() -> Any:
    """Return pyarrow, or raise with the way to install it."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(
            "A table of features needs the package pyarrow. Install it: "
            'pip install "mmclassic[parquet]"'
        ) from error
    return pyarrow


def keep_columns(table: Any, keep: Any, parts: Sequence[Part]) -> Any:
    """Return the columns that go over into the table of features, as Arrow's.

    Parameters
    ----------
    table : pandas or polars DataFrame
    keep : list of column names, or None
        None for every column of plain values whose name no part takes.
    parts : sequence of Part

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    ValueError
        If a column isn't there, has the name of a part or of another column, or can't
        be in a parquet file.
    """
    names = list(table.columns)
    taken = [part.name for part in parts]
    chosen = names if keep is None else [keep] if isinstance(keep, str) else list(keep)
    for name in chosen:
        if name not in names:
            raise ValueError(
                f"The column {name!r} of keep= isn't in X. Its columns: "
                f"{', '.join(map(repr, names))}."
            )
        if keep is not None and str(name) in taken:
            raise ValueError(
                f"The column {name!r} can't be kept, since a part has its name. Name "
                f"the part otherwise, as in image={{'features': {name!r}}}."
            )
    chosen = [name for name in chosen if str(name) not in taken]
    _check_unique(chosen, names)
    return _to_arrow(
        table,
        [name for name in chosen if keep is not None or _is_plain(table[name])],
    )


def _check_unique(chosen: list[Any], names: list[Any]) -> None:
    """Raise where two columns of the file would have one name: nothing reads them."""
    there, written = Counter(names), Counter(map(str, chosen))
    for name in chosen:
        if there[name] > 1 or written[str(name)] > 1:
            raise ValueError(
                f"Two columns of the table would be named {str(name)!r}. Rename one of "
                "X's, or name each that you want once by keep=[...]."
            )


def write_table(
    path: Path,
    kept: Any,
    parts: Sequence[Part],
    folder: Folder,
    starts: Sequence[int],
    row_group_size: int,
) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
    """Write the table, reading a chunk at a time.

    Parameters
    ----------
    path : Path
    kept : pyarrow.Table
    parts : sequence of Part
    folder : Folder
        Holds the chunks.
    starts : sequence of int
        Of the chunks, the first rows.
    row_group_size : int

    Returns
    -------
    n_features : dict of str to int
        Of each part.
    invalid : list of (reason, subject, row, label)
        Items that count as missing.
    """
    pa = import_arrow()
    lengths = {part.name: 0 for part in parts}
    invalid: list[tuple[Any, ...]] = []
    schema = kept.schema
    for part in parts:
        schema = schema.append(pa.field(part.name, pa.list_(pa.float32())))
    about = json.dumps(_describe_parts(parts)).encode()
    schema = schema.with_metadata({**(schema.metadata or {}), b"mmclassic": about})
    # Bytes of one significance beside each other make numbers a quarter smaller; a
    # dictionary of them would make them larger.
    writer = pa.parquet.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=kept.column_names,
        column_encoding={
            f"{part.name}.list.element": "BYTE_STREAM_SPLIT" for part in parts
        },
    )
    with writer:
        chunks = _chunks(kept, parts, folder, starts, lengths, invalid, schema)
        for group in _row_groups(chunks, row_group_size):
            writer.write_table(group, row_group_size=row_group_size)
    with open(path, "rb+") as file:  # the chunks are removed after this
        os.fsync(file.fileno())
    return lengths, invalid


def _chunks(
    kept: Any,
    parts: Sequence[Part],
    folder: Folder,
    starts: Sequence[int],
    lengths: dict[str, int],
    invalid: list[tuple[Any, ...]],
    schema: Any,
) -> Iterator[Any]:
    """Yield the table a chunk at a time, and note what is found in it."""
    pa = import_arrow()
    for start in starts:
        described = folder.read(start)
        invalid += described.invalid
        columns = kept.slice(start, described.n_rows).columns
        columns += _lists(described, parts, lengths)
        yield pa.Table.from_arrays(columns, schema=schema)


def _row_groups(chunks: Iterator[Any], size: int) -> Iterator[Any]:
    pa = import_arrow()
    waiting: list[Any] = []
    for chunk in chunks:
        waiting.append(chunk)
        while sum(len(each) for each in waiting) >= size:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, size)
            waiting = [whole.slice(size)]
    if sum(len(each) for each in waiting):
        yield pa.concat_tables(waiting)


def _lists(
    described: Described, parts: Sequence[Part], lengths: dict[str, int]
) -> Iterator[Any]:
    """Yield a column of lists a part, null where a row lacks it."""
    assert described.blocks is not None
    for part, block, present in zip(
        parts, described.blocks, described.present, strict=True
    ):
        if len(block):
            lengths[part.name] = lengths[part.name] or block.shape[1]
            if block.shape[1] != lengths[part.name]:
                row = described.start + int(np.flatnonzero(present)[0])
                raise ValueError(
                    f"The part {part.name!r} gives {block.shape[1]} features for row "
                    f"{row} and {lengths[part.name]} for the first; a table needs one "
                    "length. Scale items to one size, as in HOG(size=(128, 128))."
                )
        yield _list_array(block, present)


def _list_array(block: NDArray[np.float32], present: NDArray[np.bool_]) -> Any:
    pa = import_arrow()
    ends = np.concatenate([[0], np.cumsum(present) * (block.shape[1])])
    # A missing offset makes the list that begins there null.
    offsets = pa.array(ends.astype(np.int32), mask=~np.append(present, True))
    return pa.ListArray.from_arrays(offsets, pa.array(block.reshape(-1)))


def _describe_parts(parts: Sequence[Part]) -> dict[str, Any]:
    """Return how features were made, for the file's metadata."""
    return {
        "version": __version__,
        "libraries": {name: _version(name) for name in LIBRARIES},
        "parts": {
            part.name: {
                "column": part.column,
                "class": type(part.transformer).__name__,
                "transformer": _show(part.transformer),
                "features": part.feature_names(),
            }
            for part in parts
        },
    }


def _version(library: str) -> str:
    from importlib import import_module
    from importlib.metadata import version

    if library == "cv2":  # of several packages that give it
        return str(import_module("cv2").__version__)
    return version(library)


def _show(transformer: Any) -> str:
    try:
        return " ".join(transformer.__repr__(N_CHAR_MAX=100_000).split())
    except TypeError:
        return repr(transformer)


def _is_plain(column: Any) -> bool:
    """Tell whether a column holds no encoded or decoded media."""
    kind = str(column.dtype)
    if kind != "object":
        return not kind.startswith(("Binary", "Struct", "Object"))
    first = _first(column)
    if isinstance(first, np.ndarray | list):
        return np.ndim(first) == 1
    return not isinstance(first, bytes | bytearray | Mapping | Waveform) and not (
        hasattr(first, "__array__") or hasattr(first, "__array_interface__")
    )


def _first(column: Any) -> Any:
    return next((cell for cell in column if not is_missing(cell)), None)


def _to_arrow(table: Any, names: list[Any]) -> Any:
    pa = import_arrow()
    fields, columns = [], []
    for name in names:
        try:
            column = _column_to_arrow(table, name)
            # Some types exist in Arrow only, which the file would tell at the end.
            pa.parquet.write_table(column.slice(0, 1), pa.BufferOutputStream())
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"The column {name!r} can't be kept in a parquet file: "
                f"{str(error).rstrip('.')}. Convert it, as by X[column].astype(str), "
                "or keep others by keep=[...]."
            ) from error
        fields.append(column.schema.field(0))
        columns.append(column.column(0))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _column_to_arrow(table: Any, name: Any) -> Any:
    """Return a table of one column."""
    pa = import_arrow()
    if hasattr(table, "get_columns"):
        if str(table[name].dtype) == "Object":  # polars would give their addresses
            raise TypeError("it holds objects of Python's")
        return table.select(name).to_arrow()
    column = table[name]
    if isinstance(_first(column) if column.dtype == object else None, os.PathLike):
        column = column.map(os.fspath, na_action="ignore")
    return pa.table({str(name): pa.array(column, from_pandas=True)})
