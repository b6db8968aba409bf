"""A video to one whose frames are watched, small, while others are sampled of it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.media._cells import naming
from mmclassic.media._video import Video
from mmclassic.media._video_file import opened
from mmclassic.media._video_frames import JUMP, Timed, each, picked, pixels

__all__ = ["WatchedVideo"]


class WatchedVideo(Video):
    """A video of which the first pass over samples shows every frame to a watcher.

    What samples a video needs most of its frames decoded, so who needs all of them
    need not decode them again.

    Parameters
    ----------
    video : Video
    watch : callable
        Of a frame's time and its pixels, for every frame in order.
    size : (int, int)
        Height and width of the pixels.

    Attributes
    ----------
    is_seen : bool
        Whether all frames were watched: not if samples were far apart or not taken to
        the end.
    """

    def __init__(
        self,
        video: Video,
        watch: Callable[[float, NDArray[np.uint8]], None],
        size: tuple[int, int],
    ) -> None:
        vars(self).update(vars(video))
        self.is_seen = False
        self._watch: Callable[[float, NDArray[np.uint8]], None] | None = watch
        self._watch_size = size

    def frames(
        self,
        start: float = 0.0,
        stop: float | None = None,
        *,
        every: float | None = None,
        size: tuple[int, int] | None = None,
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield frames as of a Video, and show all of them to the watcher once."""
        watch, self._watch = self._watch, None
        if watch is None or every is None or not 0 < every <= JUMP:
            yield from super().frames(start, stop, every=every, size=size)
            return
        stop = self.duration if stop is None else min(stop, self.duration)
        with naming(self.cell), opened(self._source) as video:
            passing = self._passing(each(video, 0.0, self.duration), watch)
            for time, frame in picked(passing, start, stop, every):
                yield time, pixels(frame, size or self.size, self._n_turns)
            for _ in passing:
                pass
        self.is_seen = True

    def _passing(
        self, frames: Timed, watch: Callable[[float, NDArray[np.uint8]], None]
    ) -> Iterator[tuple[float, Any]]:
        for time, frame in frames:
            watch(time, pixels(frame, self._watch_size, self._n_turns))
            yield time, frame
