"""Two times of a video to where what lies between them ends."""

from math import isfinite

__all__ = ["stop_within"]


def stop_within(duration: float, start: float, stop: float | None) -> float:
    """Return the second time, the video's end at most.

    Parameters
    ----------
    duration, start : float
        Seconds.
    stop : float or None
        Seconds; None for the end.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a time is no number, or the first is after the second or the end.
    """
    end = duration if stop is None else min(duration, stop)
    if stop != stop or not isfinite(start) or start > end:
        raise ValueError(
            f"There is nothing from {start!r} to {'the end' if stop is None else stop}"
            f" s of a video of {duration:.6g} s. Give numbers of seconds in order."
        )
    return end
