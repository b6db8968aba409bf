"""A video to its shots, how much its frames move and how much contrast they have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmclassic.media import Video
from mmclassic.video._shots import THUMB, cuts_of, difference

__all__ = ["Looks", "look_at"]

Frames = Iterator[tuple[float, NDArray[np.uint8]]]


@dataclass
class Looks:
    """What one pass over a video's frames tells.

    Parameters
    ----------
    times : list of float
        Of the frames, seconds.
    motions : list of float
        Mean absolute difference from the frame before.
    contrasts : list of float
        Standard deviation of the grey levels.
    """

    times: list[float] = field(default_factory=list)
    motions: list[float] = field(default_factory=list)
    contrasts: list[float] = field(default_factory=list)

    def see(self, frames: Frames) -> Frames:
        """Measure frames as they pass."""
        last: Any = None
        for time, pixels in frames:
            self.times.append(time)
            self.motions.append(0.0 if last is None else difference(last, pixels))
            grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
            self.contrasts.append(float(grey.std()))
            last = pixels
            yield time, pixels

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
        edges = np.searchsorted(self.times, segments)
        motions, contrasts = np.zeros(len(edges)), np.zeros(len(edges))
        for i, (first, last) in enumerate(edges.tolist()):
            if last > first + 1:
                motions[i] = np.mean(self.motions[first + 1 : last])
            shown = max(0, first - 1) if last == first else first
            contrasts[i] = np.mean(self.contrasts[shown : max(last, shown + 1)])
        return motions, contrasts


def look_at(video: Video) -> tuple[NDArray[np.float64], Looks]:
    """Return the shots of a video, and its looks, in one pass over the frames.

    Parameters
    ----------
    video : Video

    Returns
    -------
    shots : ndarray of shape (n_shots, 2)
        Starts and ends, seconds, as `detect_shots` gives them.
    looks : Looks
    """
    looks = Looks()
    cuts = list(cuts_of(looks.see(video.frames(size=THUMB))))
    return np.column_stack([[0.0, *cuts], [*cuts, video.duration]]), looks
