"""Turns recordings and what their names say into the Bunch that fetchers return."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import Bunch

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["make_bunch", "read_offline_copy"]


def read_offline_copy(name: str, columns: Sequence[str]) -> "pd.DataFrame | None":
    """Return the table of ``MMCLASSIC_DATA``'s copy of a set, or None without one.

    Parameters
    ----------
    name : str
        The set's short name: the folder in ``MMCLASSIC_DATA`` with its ``items.csv``.
    columns : sequence of str
        The columns that must be there; "audio" holds paths relative to the folder.

    Returns
    -------
    DataFrame or None
        The table, with paths that include the folder.

    Raises
    ------
    OSError
        If a recording that the table lists is not there.
    ValueError
        If a column is not there.
    """
    import pandas as pd

    root = os.environ.get("MMCLASSIC_DATA")
    if not root or not (table := Path(root, name, "items.csv")).is_file():
        return None
    frame = pd.read_csv(table)
    absent = [column for column in columns if column not in frame]
    if absent:
        raise ValueError(
            f"'{table}' must have the columns {list(columns)}. Got none named "
            f"{absent}. Mend it, or unset MMCLASSIC_DATA."
        )
    paths = [table.parent / path for path in frame["audio"]]
    for row, path in enumerate(paths):
        if not path.is_file():
            raise OSError(
                f"Row {row} ('{path}') of '{table}' is no file. Complete the copy, or "
                "unset MMCLASSIC_DATA."
            )
    return frame[list(columns)].assign(audio=[str(path) for path in paths])


def make_bunch(
    frame: "pd.DataFrame",
    target_names: list[str],
    description: str,
    return_X_y: bool,
) -> Any:
    """Return a Bunch, or (data, target), of a table sorted by the recordings' names.

    Parameters
    ----------
    frame : DataFrame
        Columns "audio" (paths), "label" and whatever else is known of a recording.
    target_names : list of str
        The names of the classes.
    description : str
        The text for ``DESCR``.
    return_X_y : bool
        Whether to return the data and the target only.

    Returns
    -------
    Bunch or tuple of (DataFrame, Series)
        The data has one column, "audio".
    """
    # The names sort alike in the offline copy and the origin's, whatever the format.
    order = np.argsort([Path(path).stem for path in frame["audio"]], kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    data, target = frame[["audio"]], frame["label"]
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        feature_names=["audio"],
        target_names=target_names,
        DESCR=description,
    )
