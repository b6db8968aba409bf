"""A video to frames sampled from it, and whether what describes them learns."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import FeatureUnion
from sklearn.utils import get_tags

from mmclassic.media import Video, open_video

__all__ = ["TakeFrames", "learns", "scaled_frames"]


def learns(transformer: Any) -> bool:
    """Tell whether a transformer must be fitted; a union, whether one of it must."""
    if isinstance(transformer, FeatureUnion):
        parts = [part for _, part in transformer.transformer_list]
        return any(learns(part) for part in parts if not isinstance(part, str))
    return bool(get_tags(transformer).requires_fit)


def scaled_frames(
    video: Video, every: float, max_size: int | None
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yield frames from the middle of each stretch of time, scaled down.

    Parameters
    ----------
    video : Video
    every : float
        Seconds of a stretch.
    max_size : int or None
        Pixels of the longer side.

    Yields
    ------
    time : float
    frame : ndarray of shape (height, width, 3), uint8
    """
    height, width = video.size
    scale = 1.0 if max_size is None else min(1.0, max_size / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    start = min(every, video.duration) / 2
    return video.frames(start, every=every, size=size)


class TakeFrames:
    """A function of a video to some of its frames, for workers.

    Parameters
    ----------
    n_frames : int
    max_size : int or None
    """

    def __init__(self, n_frames: int, max_size: int | None) -> None:
        self.n_frames = n_frames
        self.max_size = max_size

    def __call__(self, cell: Any) -> list[NDArray[np.uint8]]:
        video = open_video(cell)
        every = video.duration / self.n_frames
        return [frame for _, frame in scaled_frames(video, every, self.max_size)]
