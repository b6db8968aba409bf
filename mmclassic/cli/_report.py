"""The report of a saved model on a table."""

from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from mmclassic._execution import rows_within
from mmclassic.cli._tables import _complete, _is_train, read_table
from mmclassic.inspection import make_report
from mmclassic.inspection._take_apart import take_apart
from mmclassic.persistence import load

__all__ = ["find_label", "write_report"]

USUAL = ("label", "target", "class", "y")


def write_report(
    model: Path,
    table: Path,
    output: Path,
    *,
    label: str | None,
    split: str | None,
    mistakes: int,
    trusted: tuple[str, ...],
) -> int:
    """Write the page, and return on how many rows.

    Parameters
    ----------
    model, table : Path
        Files.
    output : Path
        The page's file, absolute.
    label : str or None
        Column of the target; None to find it.
    split : str or None
        Column of "train" and "test".
    mistakes : int
        How many to show.
    trusted : tuple of str
        Types that the model file may use.

    Returns
    -------
    int
    """
    if output.suffix not in (".html", ".htm"):
        raise ValueError(f"{str(output)!r} must end in .html to be a page.")
    loaded = load(model, trusted=trusted)
    frame = read_table(table)
    y = _complete(frame, find_label(loaded, frame) if label is None else label)
    rows = np.ones(len(frame), dtype=bool)
    if split is not None:
        rows = ~_is_train(frame, split)
        if not rows.any():
            raise ValueError(f"Column {split!r} says 'test' in no row.")
    with chdir(table.parent), rows_within(rows):
        make_report(
            loaded,
            frame[rows].reset_index(drop=True),
            y[rows],
            output,
            title=f"{model.name} on {table.name}",
            n_mistakes=mistakes,
        )
    return int(rows.sum())


def find_label(model: Any, frame: pd.DataFrame) -> str:
    """Return the column that must be the model's target.

    Parameters
    ----------
    model : fitted Pipeline
    frame : DataFrame

    Returns
    -------
    str
        The one that holds nothing but the model's classes and that no part reads; of
        several, the one with a usual name.

    Raises
    ------
    ValueError
        If there is none, or more than one.
    """
    parts = take_apart(model).fusion.parts
    read = {column for *_, columns in parts for column in _as_list(columns)}
    found: list[Any] = [name for name in frame if name not in read]
    if is_classifier(model):
        found = [name for name in found if _holds_only(frame[name], model.classes_)]
    named = [name for name in found if str(name).lower() in USUAL]
    if len(named) == 1:
        return named[0]
    if len(found) == 1 and is_classifier(model):
        return found[0]
    what = "hold the model's classes" if is_classifier(model) else "may be the target"
    raise ValueError(
        f"Name the target's column by --label. Columns that {what}: "
        f"{', '.join(map(repr, found)) or 'none'}."
    )


def _holds_only(column: pd.Series, classes: np.ndarray) -> bool:
    try:
        values = set(column.dropna())
    except TypeError:  # of cells that aren't hashable, such as arrays
        return False
    return bool(values) and values <= set(classes.tolist())


def _as_list(columns: Any) -> list[Any]:
    return list(columns) if isinstance(columns, list | tuple) else [columns]
