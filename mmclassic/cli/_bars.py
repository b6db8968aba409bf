"""Bars of items done, with rate and time left, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from mmclassic._execution import listening

__all__ = ["RowsOfItems", "item_bar"]

BAR_WIDTH = 24  # columns; all of it fits into 80 with a short description
LEAST_BAR = 8  # columns; where there are fewer, it is left out
PERIOD = 120.0  # seconds of the past that the time left is told from


@contextmanager
def item_bar(
    description: str, total: int | None, done: int = 0
) -> Iterator[Callable[[int], None]]:
    """Show how many items of all are done, if the standard error is a terminal.

    Parameters
    ----------
    description : str
        What is being done, a word or two.
    total : int or None
        Items there are, if that is known.
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

    console = Console(stderr=True)
    done_of_all = "99999 items" if total is None else f"{total}/{total} left 0:00:00"
    room = console.width - len(f"{description}  {done_of_all} 999999/s 0:00:00")
    is_wide = room >= LEAST_BAR
    of_all = MofNCompleteColumn(), TextColumn("{task.fields[rate]}")
    of_some = (TextColumn("{task.completed} items {task.fields[rate]}"),)
    left = TextColumn("left"), TimeRemainingColumn(compact=not is_wide)
    bar = Progress(
        TextColumn("{task.description}"),
        *([BarColumn(min(room, BAR_WIDTH))] if is_wide else []),
        *(of_some if total is None else of_all),
        *([TimeElapsedColumn()] if is_wide or total is None else []),
        *(() if total is None else left),
        console=console,
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


class RowsOfItems:
    """Tell a bar of rows, also while the items of some rows are being done.

    Parameters
    ----------
    advance : callable
        Of a number of rows, as ``item_bar`` gives.
    """

    def __init__(self, advance: Callable[[int], None]) -> None:
        self.advance = advance
        self.items_a_row = 0.0  # until the first rows have told

    @contextmanager
    def rows(self, n_rows: int) -> Iterator[None]:
        """Tell of so many rows, by the end of the context all of them."""
        n_items = n_shown = 0

        def count(n: int) -> None:
            nonlocal n_items, n_shown
            n_items += n
            if self.items_a_row:
                n_now = min(n_rows, int(n_items / self.items_a_row))
                self.advance(n_now - n_shown)
                n_shown = n_now

        with listening(count):
            yield
        self.advance(n_rows - n_shown)
        self.items_a_row = n_items / n_rows
