"""An open video to the frames that are wanted of it, and a frame to its pixels."""

from collections.abc import Generator, Iterable
from itertools import chain
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.exceptions import MediaError
from mmclassic.media._video_file import Opened, decoded_from

__all__ = ["JUMP", "each", "n_turns", "picked", "pixels", "sampled", "shown_at"]

Timed = Generator[tuple[float, Any]]

JUMP = 10.0  # seconds between frames that are wanted, from which to seek to each
SAME_TIME = 1e-6  # seconds; clocks count in fractions that floats only come near


def each(video: Opened, start: float, stop: float) -> Timed:
    """Yield each frame from a time until before another, at its own time."""
    for time, frame in decoded_from(video, video.pictures, start):
        if time >= stop - SAME_TIME:
            return
        if time >= start - SAME_TIME:
            yield time, frame


def sampled(video: Opened, start: float, stop: float, every: float) -> Timed:
    """Yield what is shown at times of one distance, until before a time."""
    if every <= JUMP:
        frames = decoded_from(video, video.pictures, start)
        yield from picked(frames, start, stop, every)
        return
    for k in range(_n_samples(start, stop, every)):
        time = start + k * every
        frames = decoded_from(video, video.pictures, time)
        yield from picked(frames, time, time + every, every)


def picked(
    frames: Iterable[tuple[float, Any]], start: float, stop: float, every: float
) -> Timed:
    """Yield, of frames in order, those shown at times of one distance.

    Parameters
    ----------
    frames : iterable of (float, frame)
        The first of them is taken to be shown before, too.
    start, stop, every : float
        Seconds.

    Yields
    ------
    time : float
        ``start``, ``start + every``, ... until before ``stop``.
    frame : frame
    """
    n_samples, k = _n_samples(start, stop, every), 0
    shown: Any = None
    for time, frame in chain(frames, [(inf, None)]):
        while shown is not None and k < n_samples:
            if start + k * every >= time - SAME_TIME:
                break
            yield start + k * every, shown
            k += 1
        if k == n_samples:
            return
        shown = frame


def _n_samples(start: float, stop: float, every: float) -> int:
    return max(0, int(np.ceil((stop - start) / every - SAME_TIME)))


def shown_at(video: Opened, time: float) -> Any:
    """Return the frame that is shown at a time, the first one before any is."""
    for _, frame in sampled(video, time, time + 1, 1.0):
        return frame
    raise MediaError(f"has no frame that can be decoded at {time:g} s.")


def n_turns(frame: Any) -> int:
    """Return by how many quarters, counterclockwise, a frame is to be turned."""
    return round(frame.rotation / 90) % 4


def pixels(frame: Any, size: tuple[int, int], turns: int) -> NDArray[np.uint8]:
    """Return a frame as RGB, upright and scaled.

    Parameters
    ----------
    frame : av.VideoFrame
    size : (int, int)
        Height and width once it is upright.
    turns : int
        Quarters, counterclockwise.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
        Its memory is its own: no decoder writes into it any more.
    """
    height, width = size[::-1] if turns % 2 else size
    is_scaled = (height, width) != (frame.height, frame.width)
    rgb = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        interpolation="AREA" if is_scaled else None,
        threads=1,
    )
    array: NDArray[np.uint8] = rgb.to_ndarray()
    if rgb is frame:  # was RGB already: a view of what later frames may refer to
        array = array.copy()
    return np.ascontiguousarray(np.rot90(array, turns)) if turns else array
