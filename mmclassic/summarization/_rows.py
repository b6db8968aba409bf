"""X of a summarizer to its videos, each with its subtitles."""

from typing import Any

from mmclassic._execution import Column, read_column
from mmclassic.exceptions import MediaError
from mmclassic.media import describe_cell, is_missing

__all__ = ["read_videos"]


def read_videos(X: Any) -> Column:
    """Return the videos of X, none of them missing, with their subtitles.

    Parameters
    ----------
    X : column of videos, or DataFrame with columns "video" and "subtitles"

    Returns
    -------
    Column
        Of pairs: the cell of a video, and that of its subtitles.
    """
    subtitles: list[Any] | None = None
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
    pairs = zip(column.cells, subtitles or [None] * len(column), strict=True)
    return Column(list(pairs), column.labels)
