"""Map the parts of one item, which nobody outside counts or knows the rows of."""

from collections.abc import Iterator
from contextlib import contextmanager

from mmclassic._execution._progress import _listener
from mmclassic._execution._rows import _rows

__all__ = ["within_an_item"]


@contextmanager
def within_an_item() -> Iterator[None]:
    """State that X inside this context is made of one item, as a video's frames are.

    Rows in errors are then the parts' own, and no progress is told.
    """
    rows, listener = _rows.set(None), _listener.set(None)
    try:
        yield
    finally:
        _rows.reset(rows)
        _listener.reset(listener)
