"""Tell who listens how many items are done, wherever they are mapped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mmclassic._execution._thread_var import ThreadVar

__all__ = ["items_done", "listening"]

# Of a thread: who works for it in others tells it when a chunk is there.
_listener: ThreadVar[Callable[[int], None] | None] = ThreadVar(None)


@contextmanager
def listening(advance: Callable[[int], None]) -> Iterator[None]:
    """Have a function told of the items that are mapped inside the context.

    Of several such contexts inside each other the innermost one is told.

    Parameters
    ----------
    advance : callable
        Called with a number of items, invalid and missing ones too, once they are
        done: a chunk after the other, in order, in the thread that maps.
    """
    token = _listener.set(advance)
    try:
        yield
    finally:
        _listener.reset(token)


def items_done(n: int) -> None:
    """Tell the listener, if there is one, that n more items are done."""
    advance = _listener.get()
    if advance is not None:
        advance(n)
