"""A video and its subtitles to its segments, with what each shows, sounds and says."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mmclassic._execution import within_an_item
from mmclassic.audio import MFCC
from mmclassic.image import ColorHistogram
from mmclassic.media import Video, open_video
from mmclassic.media._cells import naming
from mmclassic.summarization._looks import look_at
from mmclassic.summarization._segments import describe_segments, split_shots
from mmclassic.summarization._subtitles import read_subtitles, within
from mmclassic.video import FramePooling

__all__ = ["Describe", "Described", "OfARow", "default_pictures"]

# Seconds of parts that shots are cut into for the sake of a budget, and of those for
# the sake of one that is less.
SHORTEST, LEAST = 1.5, 0.5
PARTS = 8  # of a summary, at least, where they need not be shorter


@dataclass(frozen=True, eq=False)
class Described:
    """A video in segments.

    Parameters
    ----------
    video : Video
    budget : float
        Length of a summary, seconds.
    segments : ndarray of shape (n_segments, 2)
        Starts and ends, seconds.
    table : DataFrame of n_segments rows
        Of `describe_segments`.
    """

    video: Video
    budget: float
    segments: NDArray[Any]
    table: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Describe:
    """A function of a video and its subtitles to what is described of it.

    Parameters
    ----------
    seconds, share, longest : float
        As of `VideoSummarizer`.
    pictures, sound : descriptor
        Of a video, and of a clip of sound; of the latter None for ``MFCC(16000)``.
    """

    seconds: float | None
    share: float
    longest: float
    pictures: Any
    sound: Any

    def __call__(self, cell: Any, subtitles: Any = None) -> Described:
        video = open_video(cell)
        said = within(read_subtitles(subtitles), video.duration, subtitles)
        with naming(video.cell):
            looks, features = look_at(video, self.pictures)
        budget = self._budget(video)
        # A choice takes several; but what is too short is no more than a glance.
        part = max(budget / PARTS, min(SHORTEST, max(budget, LEAST)))
        longest = min(self.longest, part)
        segments = split_shots(looks.cuts.shots(video.duration), longest)
        sound = MFCC(16000) if self.sound is None else self.sound
        with naming(video.cell):
            table = describe_segments(video, segments, looks, features, said, sound)
        return Described(video, budget, segments, table)

    def _budget(self, video: Video) -> float:
        if self.seconds is not None:
            return min(float(self.seconds), video.duration)
        return self.share * video.duration


def default_pictures() -> FramePooling:
    """Return what describes videos if nothing else is named."""
    colors = ColorHistogram(8, grid=(2, 2), root=True)
    return FramePooling(colors, every=0.5, max_frames=None)


class OfARow:
    """A function of a pair, a row's video and subtitles, for workers.

    Parameters
    ----------
    function : callable
        Of the two.
    """

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, pair: tuple[Any, Any]) -> Any:
        with within_an_item():
            return self.function(*pair)
