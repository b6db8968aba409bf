"""Index a table for search across its modalities, and print what a query finds."""

from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from mmclassic._execution import rows_within
from mmclassic.cli._fit_bar import fit_bars
from mmclassic.cli._tables import _complete, _is_train, read_table
from mmclassic.persistence import load, save
from mmclassic.retrieval import CrossModalRetriever
from mmclassic.retrieval._checks import check_target
from mmclassic.retrieval._default_parts import (
    HUB_NEIGHBORS,
    SHRINKAGE,
    make_parts,
)

__all__ = ["index_table", "search_index"]

SHOWN = 72  # characters of a cell


def index_table(
    table: Path,
    output: Path,
    *,
    text: Any,
    image: str | None,
    audio: str | None,
    vectors: str | None,
    label: str | None,
    split: str | None,
    **settings: Any,
) -> str:
    """Fit a retriever to a table, save it with the cells, and return a sentence.

    Parameters
    ----------
    table : Path
    output : Path
        Absolute.
    text : column, list of columns or None
    image, audio, vectors, label, split : column or None
    settings : dict
        Keywords of `make_parts`.

    Returns
    -------
    str
    """
    frame = read_table(table)
    frame, columns = _one_column_each(
        frame, {"text": text, "image": image, "audio": audio, "vectors": vectors}
    )
    retriever = CrossModalRetriever(
        make_parts(columns, **settings),
        method="correlation" if label is None else "both",
        shrinkage={name: SHRINKAGE[name] for name in columns},
        n_hub_neighbors=HUB_NEIGHBORS,
    )
    train = np.ones(len(frame), dtype=bool)
    if split is not None:
        train = _is_train(frame, split)
    y = None if label is None else _complete(frame, label)[train]
    inputs = frame[list(dict.fromkeys(columns.values()))]
    with rows_within(train), fit_bars() as callbacks:
        retriever.set_callbacks(*callbacks).fit(inputs[train], y)
    retriever.set_callbacks()
    if not train.all():
        retriever.index(inputs)
    shown = {
        str(name): [None if missing else str(cell) for cell, missing in cells]
        for name, cells in (
            (name, zip(frame[name], frame[name].isna(), strict=True))
            for name in inputs
            if name != columns.get("vectors")
        )
    }
    save({"retriever": retriever, "cells": shown}, output)
    counts = ", ".join(f"{n} by {name}" for name, n in retriever.indexed_.items())
    return f"Indexed {len(frame)} rows ({counts}). Saved {output}"


def _one_column_each(
    frame: pd.DataFrame, given: dict[str, Any]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the frame, several columns of text joined, and a modality's column."""
    columns = {name: column for name, column in given.items() if column is not None}
    if len(columns) < 2:
        raise click.UsageError("Name the columns of two modalities at least.")
    for column in columns.values():
        for name in column if isinstance(column, list) else [column]:
            if name not in frame:
                raise ValueError(
                    f"The table has no column {name!r}; it has "
                    f"{', '.join(map(repr, frame))}."
                )
    if isinstance(columns.get("text"), dict):
        raise click.UsageError("--text of index takes columns, not name=column.")
    if isinstance(columns.get("text"), list):
        texts = frame[columns["text"]]
        joined = texts.apply(lambda row: "\n".join(map(str, row.dropna())), axis=1)
        columns["text"] = ", ".join(columns["text"])
        lacking = texts.isna().all(axis=1)
        frame = frame.assign(**{columns["text"]: joined.mask(lacking, None)})
    return frame, columns


def search_index(
    index: Path,
    *,
    text: str | None,
    image: Path | None,
    audio: Path | None,
    target: str | None,
    n_neighbors: int,
    trusted: tuple[str, ...],
) -> str:
    """Return what is nearest to a query, a line each.

    Parameters
    ----------
    index : Path
        A file that :func:`index_table` wrote.
    text : str or None
    image, audio : Path or None
        The query: one of the three.
    target : str or None
        Modality to look at.
    n_neighbors : int
        At most.
    trusted : tuple of str
        Types that the file may use.

    Returns
    -------
    str
    """
    queries = {"text": text, "image": image, "audio": audio}
    asked = {name: query for name, query in queries.items() if query is not None}
    if len(asked) != 1:
        raise click.UsageError("Ask by one of --text, --image and --audio.")
    loaded = load(index, trusted=trusted)
    if not isinstance(loaded, dict) or "retriever" not in loaded:
        raise ValueError(
            f"{str(index)!r} is no index. Make one with: mmclassic index TABLE -o FILE"
        )
    retriever, cells = loaded["retriever"], loaded["cells"]
    ((modality, query),) = asked.items()
    target = check_target(retriever, modality, target)
    n_neighbors = min(n_neighbors, max(1, retriever.indexed_[target]))
    distances, rows = retriever.kneighbors(
        [query], modality=modality, target=target, n_neighbors=n_neighbors
    )
    lines = []
    for rank, (row, distance) in enumerate(zip(rows[0], distances[0], strict=True), 1):
        told = [column[row] for column in cells.values()]
        shown = "  ".join(_shortened(cell) for cell in told)
        lines.append(f"{rank:>3}  {distance:.4f}  row {row}  {shown}")
    return "\n".join(lines)


def _shortened(cell: str | None) -> str:
    line = " ".join((cell or "-").split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."
