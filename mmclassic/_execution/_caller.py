"""Who asked for work: the process, the thread, and the folder that paths start from."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import current_thread, get_ident, main_thread

__all__ = ["Caller"]


@dataclass(frozen=True, slots=True)
class Caller:
    """The thread that asks workers for something, as they are told of it.

    Parameters
    ----------
    process, thread : int, default=-1
        -1 for one that is nowhere near.
    folder : str or None, default=None
        The current folder there.
    """

    process: int = -1
    thread: int = -1
    folder: str | None = None

    @classmethod
    def here(cls) -> "Caller":
        """Return the thread that runs this."""
        folder = None
        with suppress(OSError):  # a current folder may have been removed
            folder = os.getcwd()
        return cls(os.getpid(), get_ident(), folder)

    def is_this_process(self) -> bool:
        return os.getpid() == self.process

    def is_this_thread(self) -> bool:
        return self.is_this_process() and get_ident() == self.thread

    @contextmanager
    def folder_entered(self) -> Iterator[None]:
        """Let relative paths start where they do for the caller.

        A worker process goes on from one call to the next, and was started wherever the
        first was made. Where it runs several threads, or the folder isn't there, as on
        another computer, nothing changes.
        """
        before = Caller.here().folder
        if (
            self.is_this_process()
            or self.folder in (None, before)
            or current_thread() is not main_thread()
        ):
            yield
            return
        with suppress(OSError):
            os.chdir(str(self.folder))
        try:
            yield
        finally:
            if before is not None:
                with suppress(OSError):
                    os.chdir(before)
