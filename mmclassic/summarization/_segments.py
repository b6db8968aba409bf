"""Shots to the segments that a summary is made of, with what each one holds."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError
from mmclassic.media import Video
from mmclassic.summarization._clips import clips
from mmclassic.summarization._looks import Looks
from mmclassic.summarization._subtitles import Subtitle

__all__ = ["MODALITIES", "describe_segments", "split_shots"]

MODALITIES = ("pictures", "sound", "subtitles")
SHORTEST_SOUND = 0.25  # seconds that are described at least
LOUDNESS = 0.3  # power of the intensity: Stevens (1955), The measurement of loudness
SHOWN_LONG_ENOUGH = 0.5  # seconds of a subtitle that belong to a segment


def split_shots(shots: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    """Return shots as segments, long ones cut into equal parts.

    Parameters
    ----------
    shots : ndarray of shape (n_shots, 2)
        Starts and ends, seconds.
    longest : float
        Seconds.

    Returns
    -------
    ndarray of shape (n_segments, 2)
    """
    edges = []
    for start, stop in shots.tolist():
        n_parts = max(1, int(np.ceil((stop - start) / longest - 1e-6)))
        parts = np.linspace(start, stop, n_parts + 1)
        edges.append(np.column_stack([parts[:-1], parts[1:]]))
    return np.concatenate(edges)


def describe_segments(
    video: Video,
    segments: NDArray[np.float64],
    looks: Looks,
    pictures: LocalFeatures,
    subtitles: list[Subtitle],
    sound: Any,
) -> pd.DataFrame:
    """Return a table of what each segment shows, sounds and says.

    Parameters
    ----------
    video : Video
    segments : ndarray of shape (n_segments, 2)
    looks : Looks
    pictures : LocalFeatures
        Of the video, by time.
    subtitles : list of Subtitle
    sound : descriptor
        Of a clip of sound.

    Returns
    -------
    DataFrame of n_segments rows
        ``pictures`` and ``sound`` hold LocalFeatures, ``subtitles`` texts, ``motion``,
        ``contrast`` and ``loudness`` numbers. What the video lacks altogether is None.
    """
    motions, contrasts = looks.within(segments)
    sounds, loudness = _sounds(video, segments, sound)
    return pd.DataFrame(
        {
            "pictures": _column(_pictures(video, segments, pictures)),
            "sound": _column(sounds),
            "subtitles": _column(_texts(segments, subtitles)),
            "motion": motions,
            "contrast": contrasts,
            "loudness": loudness,
        }
    )


def _column(cells: list[Any]) -> pd.Series:
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return pd.Series(column, dtype=object)


def _pictures(
    video: Video, segments: NDArray[np.float64], frames: LocalFeatures
) -> list[LocalFeatures]:
    times = frames.positions[:, 0].astype(np.float64) * video.duration
    held = []
    for start, stop in segments.tolist():
        inside = np.flatnonzero((times >= start) & (times < stop))
        if not len(inside):  # shorter than the distance of the frames
            inside = np.abs(times - (start + stop) / 2).argmin(keepdims=True)
        held.append(LocalFeatures(frames.descriptors[inside], frames.positions[inside]))
    return held


def _sounds(
    video: Video, segments: NDArray[np.float64], describer: Any
) -> tuple[list[Any], NDArray[np.float64]]:
    """Return descriptors and loudness of each segment's sound."""
    held: list[Any] = [None] * len(segments)
    loudness = np.zeros(len(segments))
    if video.has_audio:
        # At the end of the video there is less after the start, and more before.
        begins = np.clip(segments[:, 0], 0, max(0.0, video.duration - SHORTEST_SOUND))
        ends = np.maximum(segments[:, 1], begins + SHORTEST_SOUND)
        for i, clip in enumerate(clips(video, np.column_stack([begins, ends]))):
            power = np.mean(np.square(clip.samples, dtype=np.float64))
            loudness[i] = power**LOUDNESS
            try:
                held[i] = describer.describe(clip)
            except MediaError:  # too short even so
                continue
    return held, loudness


def _texts(segments: NDArray[np.float64], subtitles: list[Subtitle]) -> list[Any]:
    """Return the texts shown long enough, or mostly, in each segment."""
    if not subtitles:
        return [None] * len(segments)
    held: list[list[str]] = [[] for _ in segments]
    for start, stop, text in subtitles:
        first = int(np.searchsorted(segments[:, 1], start, side="right"))
        last = int(np.searchsorted(segments[:, 0], stop, side="left"))
        # One that is shown for no time belongs to where it starts.
        enough = min(SHOWN_LONG_ENOUGH, (stop - start) / 2)
        for at in range(first, max(last, first + 1)):
            begin, end = segments[at]
            if min(end, stop) - max(begin, start) >= enough:
                held[at].append(text)
    return [" ".join(texts) for texts in held]
