"""Bars of items done, with rate and time left, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

__all__ = ["item_bar"]

BAR_WIDTH = 24  # columns; all of it fits into 80 with a short description
PERIOD = 120.0  # seconds of the past that the time left is told from


@contextmanager
def item_bar(
    description: str, total: int, done: int = 0
) -> Iterator[Callable[[int], None]]:
    """Show how many items of all are done, if the standard error is a terminal.

    Parameters
    ----------
    description : str
        What is being done, a word or two.
    total : int
        Items there are.
    done : int, default=0
        Items that were done before; the rate leaves them out.

    Yields
    ------
    callable
        ``advance(n)``: n more items are done.
    """
    if not sys.stderr.isatty():
        yield lambda n: None
        return
    # Not imported above: most commands show no bar.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(BAR_WIDTH),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        redirect_stdout=False,  # or what a command prints would go where the bar is
        speed_estimate_period=PERIOD,
    )
    with bar:
        shown = bar.add_task(description, total=total, completed=done, rate="")
        start, n_done = monotonic(), 0

        def advance(n: int) -> None:
            nonlocal n_done
            n_done += n
            rate = n_done / max(monotonic() - start, 1e-9)
            bar.update(shown, advance=n, rate=f"{rate:.{0 if rate >= 100 else 1}f}/s")

        yield advance
