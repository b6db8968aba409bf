"""ThreadVar: a variable that has a value of its own in each thread."""

from threading import local
from typing import Generic, TypeVar

__all__ = ["ThreadVar"]

T = TypeVar("T")


class ThreadVar(Generic[T]):
    """A variable that is used as a ContextVar is, but by one thread only.

    A context goes with what is scheduled in it: Dask begins the next task in that of
    the thread that made room for it, of which the task knows nothing.

    Parameters
    ----------
    default : object
        Its value in a thread that has set none.
    """

    def __init__(self, default: T) -> None:
        self._default = default
        self._local = local()

    def get(self) -> T:
        """Return the value in this thread."""
        value: T = getattr(self._local, "value", self._default)
        return value

    def set(self, value: T) -> T:
        """Set the value in this thread, and return the one before, for ``reset``."""
        before = self.get()
        self._local.value = value
        return before

    def reset(self, before: T) -> None:
        """Set what the value was before."""
        self._local.value = before
