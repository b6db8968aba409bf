"""Read and write tables, and call the library on their columns."""

from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmclassic._execution import listening, one_warning, remembering, rows_within
from mmclassic._files import written_whole
from mmclassic.cli._bars import RowsOfItems, item_bar
from mmclassic.cli._fit_bar import fit_bars

__all__ = [
    "check_suffix",
    "compare",
    "fit_model",
    "predict_frame",
    "read_table",
    "write_table",
]

SUFFIXES = (".csv", ".csv.gz", ".parquet")
MAX_BYTES = 2**29  # of descriptors kept between two calls
# Rows predicted at once: the features of all of them together fill no memory. The
# first few tell how many items a row has, for the bar to move smoothly.
FIRST_ROWS, ROWS = 32, 128


def check_suffix(path: Path) -> None:
    """Raise unless the file's name is that of a table.

    Parameters
    ----------
    path : Path
    """
    if not path.name.endswith(SUFFIXES):
        raise ValueError(
            f"{str(path)!r} must end in one of {', '.join(SUFFIXES)} to be a table."
        )


def read_table(path: Path) -> pd.DataFrame:
    """Return a csv or parquet file as a frame; an empty cell is missing.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame

    Raises
    ------
    ValueError
        If the file is neither, holds no row, or can't be read.
    """
    check_suffix(path)
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
        else:
            # Only an empty cell is missing: "NA" or "null" may be somebody's text.
            frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(f"{str(path)!r} can't be read as a table: {error}") from error
    if frame.empty:
        raise ValueError(f"{str(path)!r} holds no rows.")
    return frame.reset_index(drop=True)  # so that messages count rows as the file does


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as csv or parquet, whole or not at all.

    Parameters
    ----------
    frame : DataFrame
    path : Path
    """
    check_suffix(path)
    with written_whole(path) as beside:
        if path.suffix == ".parquet":
            frame.to_parquet(beside, index=False)
        else:
            frame.to_csv(beside, index=False)


def fit_model(
    frame: pd.DataFrame,
    label: str,
    groups: str | None,
    split: str | None,
    settings: dict[str, Any],
) -> tuple[Any, int]:
    """Return the pipeline that the settings describe, fitted, and to how many rows.

    Parameters
    ----------
    frame : DataFrame
    label, groups, split : str
        Names of columns.
    settings : dict
        Keywords of make_multimodal_pipeline.

    Returns
    -------
    Pipeline
    int
    """
    from mmclassic import make_multimodal_pipeline

    model = make_multimodal_pipeline(**settings)
    train = np.ones(len(frame), dtype=bool)
    if split is not None:
        train = _is_train(frame, split)
    y = _complete(frame, label)
    params = {}
    if groups is not None:
        of_rows = _complete(frame, groups)[train]
        # Early fusion has no inner folds that could split a group.
        params = {"fusion__groups": of_rows} if settings["fusion"] == "late" else {}
    with rows_within(train), fit_bars() as callbacks:
        model.set_callbacks(*callbacks).fit(frame[train], y[train], **params)
    return model.set_callbacks(), int(train.sum())


def compare(
    frame: pd.DataFrame,
    label: str,
    groups: str | None,
    split: str | None,
    cv: int,
    settings: dict[str, Any],
) -> pd.DataFrame:
    """Return the comparison of modalities and fusions on the frame.

    Parameters
    ----------
    frame : DataFrame
    label, groups, split : str
        Names of columns.
    cv : int
        Number of folds.
    settings : dict
        Keywords of make_multimodal_pipeline.

    Returns
    -------
    DataFrame
    """
    from mmclassic.evaluation import compare_modalities

    folds: Any = cv
    if split is not None:
        train = _is_train(frame, split)
        if train.all():
            raise ValueError(f"Column {split!r} says 'test' in no row.")
        folds = [(np.flatnonzero(train), np.flatnonzero(~train))]
    y = _complete(frame, label)
    of_rows = None if groups is None else _complete(frame, groups)
    with item_bar("Evaluating", None) as advance, listening(advance):
        return compare_modalities(frame, y, cv=folds, groups=of_rows, **settings)


def predict_frame(model: Any, frame: pd.DataFrame, proba: bool) -> pd.DataFrame:
    """Return the frame with a column "prediction", and one a class if asked for.

    Parameters
    ----------
    model : Pipeline
    frame : DataFrame
    proba : bool
        Whether to add ``probability_<class>``.

    Returns
    -------
    DataFrame

    Raises
    ------
    ValueError
        If the model has no probabilities and they are asked for.
    """
    if proba and not hasattr(model, "predict_proba"):
        raise ValueError(
            "The model gives no probabilities; fit one with --fusion late, or leave "
            "--proba out."
        )
    starts = [0, *range(FIRST_ROWS, len(frame), ROWS)]
    predictions, probabilities = [], []
    with item_bar("Predicting", len(frame)) as advance, one_warning():
        bar = RowsOfItems(advance)
        for start, end in pairwise([*starts, len(frame)]):
            block = frame.iloc[start:end]
            # What the first call describes, the second needs too.
            with (
                rows_within(np.arange(start, end)),
                bar.rows(end - start),
                remembering(MAX_BYTES) if proba else nullcontext(),
            ):
                predictions.append(model.predict(block))
                if proba:
                    probabilities.append(model.predict_proba(block))
    predicted = frame.assign(prediction=np.concatenate(predictions))
    if proba:
        columns = np.concatenate(probabilities).T
        for name, column in zip(model.classes_, columns, strict=True):
            predicted[f"probability_{name}"] = column
    return predicted


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        raise ValueError(
            f"The table has no column {name!r}; it has {', '.join(map(repr, frame))}."
        )
    return frame[name]


def _complete(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return the cells of a column that must have one in every row."""
    column = _column(frame, name)
    lacking = np.flatnonzero(column.isna())
    if len(lacking):
        raise ValueError(
            f"{len(lacking)} row(s) have no {name!r}, the first is row {lacking[0]}. "
            "Fill or drop them."
        )
    return column.to_numpy()


def _is_train(frame: pd.DataFrame, split: str) -> np.ndarray:
    values = _complete(frame, split)
    wrong = [value for value in values if value not in ("train", "test")]
    if wrong:
        raise ValueError(
            f"Column {split!r} must hold 'train' and 'test'. Got {wrong[0]!r} too."
        )
    if "train" not in values:
        raise ValueError(f"Column {split!r} says 'train' in no row.")
    return np.asarray(values == "train")
