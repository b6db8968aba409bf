"""X of a summarizer to its videos and their subtitles, rows named in errors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mmclassic._execution import Column, read_column
from mmclassic.exceptions import MediaError
from mmclassic.media import describe_cell, is_missing

__all__ = ["naming_row", "read_videos"]


@contextmanager
def naming_row(row: int) -> Iterator[None]:
    """Give every MediaError from within the row."""
    try:
        yield
    except MediaError as error:
        raise MediaError(error.reason, error.subject, row) from error


def read_videos(X: Any) -> tuple[list[Any], Sequence[Any]]:
    """Return the videos of X, none of them missing, and their subtitles.

    Parameters
    ----------
    X : column of videos, or DataFrame with columns "video" and "subtitles"

    Returns
    -------
    videos, subtitles : list of cells
    """
    subtitles: Sequence[Any] | None = None
    column: Column
    if hasattr(X, "columns") and len(X.columns) > 1:
        if set(X.columns) != {"video", "subtitles"}:
            raise ValueError(
                "X must be a column of videos, or have the columns 'video' and "
                f"'subtitles'. Got {list(X.columns)} instead."
            )
        column = read_column(X["video"])
        subtitles = read_column(X["subtitles"]).cells
    else:
        column = read_column(X)
    for row, cell in enumerate(column.cells):
        if is_missing(cell):
            raise MediaError(
                "is missing. Leave out rows without a video.", describe_cell(cell), row
            )
    return column.cells, subtitles or [None] * len(column)
