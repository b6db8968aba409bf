"""Gather the invalid items of several passes over a column into one warning."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mmclassic._execution._thread_var import ThreadVar
from mmclassic.exceptions import InvalidItemWarning, MediaError

__all__ = ["gathered", "one_warning", "treat_as_missing"]

MAX_NAMED = 20  # rows

_gathered: ThreadVar[list[MediaError] | None] = ThreadVar(None)


@contextmanager
def one_warning() -> Iterator[None]:
    """Warn once of all invalid items inside the context, at its end.

    Contexts nest: the outermost one warns. Where the context ends by an error,
    nothing is warned of. A thread started inside has a context of its own.
    """
    if _gathered.get() is not None:
        yield
        return
    errors: list[MediaError] = []
    token = _gathered.set(errors)
    try:
        yield
    finally:
        _gathered.reset(token)
    if errors:
        # Past this function and contextlib's: the place of the with statement.
        warnings.warn(_message(errors), InvalidItemWarning, stacklevel=3)


@contextmanager
def gathered() -> Iterator[list[MediaError]]:
    """Give a list that holds the invalid items inside the context, without a warning.

    Who asks for it passes them on by ``treat_as_missing``.
    """
    errors: list[MediaError] = []
    token = _gathered.set(errors)
    try:
        yield errors
    finally:
        _gathered.reset(token)


def treat_as_missing(errors: Sequence[MediaError]) -> None:
    """Warn of items that are treated as missing, or leave it to ``one_warning``.

    Parameters
    ----------
    errors : sequence of MediaError
        With the rows of the outermost X.
    """
    with one_warning():
        gathered = _gathered.get()
        assert gathered is not None
        gathered += errors


def _message(errors: list[MediaError]) -> str:
    # Several passes may have met an item.
    by_row = {error.row: error for error in reversed(errors)}
    rows = sorted(row for row in by_row if row is not None)
    named = ", ".join(map(str, rows[:MAX_NAMED]))
    more = f" and {len(rows) - MAX_NAMED} more" if len(rows) > MAX_NAMED else ""
    return (
        f"{len(rows)} invalid item(s) are treated as missing, rows {named}{more}. "
        f"The first: {by_row[rows[0]]}"
    )
