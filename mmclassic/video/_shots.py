"""detect_shots: a video to the times at which its shots begin and end."""

from collections import deque
from math import inf
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmclassic.media import open_video

__all__ = ["THUMB", "Cuts", "detect_shots", "difference"]

THUMB = (36, 64)  # height and width at which frames are compared
REACH = 5  # frames on each side that a change is compared with
LEAST = 1.0  # change that a still picture is taken to have, so that noise is no cut


def detect_shots(
    video: Any, *, threshold: float = 10.0, ratio: float = 2.5
) -> NDArray[np.float64]:
    """Find the shots of a video: what lies between its hard cuts.

    A frame begins a shot if it differs from the one before by more than a threshold,
    by several times more than the frames around differ from each other, so that
    motion makes none, and if no frame shortly before looks like one shortly after, so
    that a flash makes none. Fades and dissolves are no cuts.

    Parameters
    ----------
    video : cell, or Video
        A path, encoded bytes, a dict with "bytes" or "path", or what `open_video`
        gave.
    threshold : float, default=10.0
        Least change: the mean absolute difference of all pixels in OpenCV's 8-bit
        CIELAB, at 64x36.
    ratio : float, default=2.5
        Least change over the mean of the five changes before and after it.

    Returns
    -------
    ndarray of shape (n_shots, 2), float64
        Start and end of each shot, seconds; each begins where the last one ends.

    Raises
    ------
    MediaError
        If it can't be read.

    Notes
    -----
    Each frame is decoded once, and eleven thumbnails are held. PySceneDetect's
    detectors of content and of adaptive content compare colours in HSV, of which the
    hue is noise wherever there is little colour.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.video import detect_shots
    >>> detect_shots(b"no video")
    Traceback (most recent call last):
        ...
    mmclassic.exceptions.MediaError: 8 bytes holds text, not a video in a known format
    (mp4, webm, mkv, mov, avi). Correct the path, or convert the file to mp4.
    """
    for name, value in (("threshold", threshold), ("ratio", ratio)):
        if not 0 <= value < inf:
            raise ValueError(
                f"The {name!r} parameter of detect_shots must be a float in the range "
                f"[0, inf). Got {value!r} instead."
            )
    opened = open_video(video)
    cuts = Cuts(threshold=threshold, ratio=ratio)
    for time, pixels in opened.frames(size=THUMB):
        cuts.see(time, pixels)
    return cuts.shots(opened.duration)


class Cuts:
    """The frames that begin a shot, found while frames pass.

    Parameters
    ----------
    threshold, ratio : float
        As of `detect_shots`.
    """

    def __init__(self, *, threshold: float = 10.0, ratio: float = 2.5) -> None:
        self.threshold = threshold
        self.ratio = ratio
        self._times: list[float] = []
        # Up to REACH frames after a change decide on it; so many are held on each side.
        self._held: deque[tuple[float, NDArray[Any], float]] = deque(
            maxlen=2 * REACH + 1
        )
        self._n_seen = 0

    def see(self, time: float, pixels: NDArray[np.uint8]) -> None:
        """Take the next frame.

        Parameters
        ----------
        time : float
            Seconds.
        pixels : ndarray of shape (height, width, 3), uint8
            RGB, scaled to `THUMB`.
        """
        held = self._held
        lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
        held.append((time, lab, difference(held[-1][1], lab) if held else 0.0))
        self._n_seen += 1
        if self._n_seen > REACH and self._is_cut(len(held) - 1 - REACH):
            self._times.append(held[-1 - REACH][0])

    def shots(self, duration: float) -> NDArray[np.float64]:
        """Return starts and ends of the shots, once all frames have passed.

        Parameters
        ----------
        duration : float
            Of the video, seconds.

        Returns
        -------
        ndarray of shape (n_shots, 2)
        """
        last = range(max(0, len(self._held) - REACH), len(self._held))
        cuts = [*self._times, *(self._held[at][0] for at in last if self._is_cut(at))]
        return np.column_stack([[0.0, *cuts], [*cuts, duration]])

    def _is_cut(self, at: int) -> bool:
        held = self._held
        change = held[at][2]
        if at == 0 or change < self.threshold:
            return False
        low, high = max(0, at - REACH), min(len(held), at + REACH + 1)
        # The first frame of all has no change of its own.
        others = [held[k][2] for k in range(max(low, 1), high) if k != at]
        usual = max(LEAST, float(np.mean(others)) if others else 0.0)
        if change < self.ratio * usual:
            return False
        return all(
            difference(held[before][1], held[after][1]) >= change / 2
            for before in range(low, at)
            for after in range(at, high)
        )


def difference(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return the mean absolute difference of two pictures of uint8."""
    return float(cv2.norm(first, second, cv2.NORM_L1)) / first.size
