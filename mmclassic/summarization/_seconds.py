"""Times that pass to whole seconds, of which who listens is told."""

from mmclassic._execution import items_done

__all__ = ["Seconds", "whole_seconds"]

NEARLY = 1e-6  # seconds; sums of times only come near to their whole


def whole_seconds(time: float) -> int:
    """Return how many seconds have passed in full."""
    return int(time + NEARLY)


class Seconds:
    """Seconds as items that are done, each told of once."""

    def __init__(self) -> None:
        self._n_told = 0

    def until(self, time: float) -> None:
        """Tell of the seconds that have passed since the last call.

        Parameters
        ----------
        time : float
            Seconds from the start.
        """
        n_passed = whole_seconds(time) - self._n_told
        if n_passed > 0:
            items_done(n_passed)
            self._n_told += n_passed
