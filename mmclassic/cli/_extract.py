"""Extract the features of a table on disk, with a bar, and tell what was written."""

import logging
from contextlib import chdir
from pathlib import Path
from typing import Any

import click
import pandas as pd

from mmclassic.cli._bars import item_bar
from mmclassic.cli._tables import read_table
from mmclassic.extraction import extract_features

__all__ = ["extract_table"]

STOPPED = 130  # what shells say of a command that Ctrl-C ended
N_TOLD = 12  # names of columns in a line that a person reads


def extract_table(
    table: Path, output: Path, keep: Any, drop: Any, **settings: Any
) -> str:
    """Write a table's features, and return what was done as two lines.

    Parameters
    ----------
    table : Path
        Paths in it are relative to it.
    output : Path
        Absolute.
    keep, drop : column, list of columns or None
        What to write of the table too, and what not.
    settings : dict
        Other keywords of `extract_features`.

    Returns
    -------
    str

    Raises
    ------
    Exit
        If Ctrl-C stops it, after telling where the finished rows are.
    """
    if keep is not None and drop is not None:
        raise click.UsageError("Give --keep or --drop, not both.")
    if output.exists() and output.samefile(table):
        raise ValueError(
            f"{str(output)!r} is the table itself, whose columns would be lost where a "
            "part has their name. Give another output."
        )
    frame = read_table(table)
    names = list(map(str, frame))
    if drop is not None:
        frame = _without(frame, _as_list(drop))
    if keep is not None:
        settings["keep"] = _as_list(keep)
    try:
        # What Dask logs of lost connections would hide what the command says of them.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        with chdir(table.parent), item_bar("Describing", len(frame)) as advance:
            done = extract_features(frame, output, progress=advance, **settings)
    except KeyboardInterrupt:
        message = _tell_of_kept(output) or "Nothing is kept."
        click.echo(f"Stopped. {message}", err=True)
        raise click.exceptions.Exit(STOPPED) from None
    except (ValueError, OSError) as error:
        message = f"{error} {_tell_of_kept(output)}"
        raise click.ClickException(message.rstrip()) from error
    parts = ", ".join(f"{name} ({n})" for name, n in done.n_features.items())
    n_before = done.n_rows - done.n_described
    before = f", {n_before} of them described before," if n_before else ""
    wrote = f"Wrote {done.n_rows} rows{before} to {output}. Features: {parts}"
    return f"{wrote}\n{_tell_of_columns(names, output, done.n_features)}"


def _tell_of_columns(names: list[str], output: Path, parts: dict[str, int]) -> str:
    """Say what became of a table's columns."""
    import pyarrow.parquet as pq

    written = set(pq.read_schema(output).names)
    told = {
        "Kept": [name for name in names if name in written and name not in parts],
        "Replaced by features": [name for name in names if name in parts],
        "Left out": [name for name in names if name not in written],
    }
    return ". ".join(f"{what}: {_some(each)}" for what, each in told.items() if each)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - N_TOLD} more" if len(names) > N_TOLD else ""
    return ", ".join(names[:N_TOLD]) + more


def _without(frame: pd.DataFrame, drop: list[str]) -> pd.DataFrame:
    for name in drop:
        if name not in frame:
            raise ValueError(
                f"The table has no column {name!r}; it has "
                f"{', '.join(map(repr, frame))}."
            )
    return frame.drop(columns=drop)


def _as_list(columns: Any) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)


def _tell_of_kept(output: Path) -> str:
    folder = output.with_name(output.name + ".parts")
    if not folder.is_dir():
        return ""
    kept = f"What is described is kept in {str(folder)!r}"
    return f"{kept}; the same command goes on from there."
