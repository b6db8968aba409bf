"""A video to its shots, how its frames look, and their descriptors, in one pass."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmclassic._local_features import LocalFeatures
from mmclassic.media import Video
from mmclassic.media._watched_video import WatchedVideo
from mmclassic.summarization._seconds import Seconds
from mmclassic.video._shots import THUMB, Cuts, difference

__all__ = ["Looks", "look_at"]


class Looks:
    """What small frames tell as they pass: shots, motion and contrast.

    Who listens is told of each second of the video that has passed.
    """

    def __init__(self) -> None:
        self.cuts = Cuts()
        self.seconds = Seconds()
        self._times: list[float] = []
        self._motions: list[float] = []  # mean absolute difference from the last frame
        self._contrasts: list[float] = []  # standard deviation of the grey levels
        self._last: NDArray[np.uint8] | None = None

    def see(self, time: float, pixels: NDArray[np.uint8]) -> None:
        """Take the next frame.

        Parameters
        ----------
        time : float
            Seconds.
        pixels : ndarray of shape (height, width, 3), uint8
            RGB, scaled to `THUMB`.
        """
        self.cuts.see(time, pixels)
        last = pixels if self._last is None else self._last
        self._times.append(time)
        self._motions.append(difference(last, pixels))
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        self._contrasts.append(float(cv2.meanStdDev(grey)[1].item()))
        self._last = pixels
        self.seconds.until(time)

    def within(
        self, segments: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean motion and contrast of each segment.

        Parameters
        ----------
        segments : ndarray of shape (n_segments, 2)
            Starts and ends, seconds.

        Returns
        -------
        motions, contrasts : ndarray of shape (n_segments,)
            The step from the frame before a segment, a cut, is no motion of it.
        """
        edges = np.searchsorted(self._times, segments)
        motions, contrasts = np.zeros(len(edges)), np.zeros(len(edges))
        for i, (first, last) in enumerate(edges.tolist()):
            if last > first + 1:
                motions[i] = np.mean(self._motions[first + 1 : last])
            shown = max(0, first - 1) if last == first else first
            contrasts[i] = np.mean(self._contrasts[shown : max(last, shown + 1)])
        return motions, contrasts


def look_at(video: Video, describer: Any) -> tuple[Looks, LocalFeatures]:
    """Return the looks of a video and what a descriptor says of it.

    Parameters
    ----------
    video : Video
    describer : descriptor of videos
        What it samples is decoded together with what the looks need. One that samples
        less than every ten seconds takes a pass of its own.

    Returns
    -------
    looks : Looks
    features : LocalFeatures
    """
    looks = Looks()
    watched = WatchedVideo(video, looks.see, THUMB)
    features = describer.describe(watched)
    if not watched.is_seen:
        looks = Looks()
        for time, pixels in video.frames(size=THUMB):
            looks.see(time, pixels)
    looks.seconds.until(video.duration)
    return looks, features
