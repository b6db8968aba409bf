"""The track of an open video to blocks of samples at their times."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.exceptions import MediaError
from mmclassic.media._video_file import Opened, decoded_from, opened

__all__ = ["load_track", "sound_blocks"]

LEAD = 0.5  # seconds decoded before what is asked for: codecs need a run-up
DRIFT = 0.05  # seconds between the clock and the samples, from which it is believed


def load_track(
    source: Any, max_seconds: float | None
) -> tuple[NDArray[np.float32], float]:
    """Return all the sound of a video, or of sound in a video's container.

    Parameters
    ----------
    source : str, PathLike or bytes-like
    max_seconds : float or None
        Longest track accepted.

    Returns
    -------
    samples : ndarray of shape (n, n_channels), float32
        From the time 0 on, silence before the track begins.
    rate : float
        Hz.
    """
    try:
        with opened(source, check_end=True, sound_only=True) as video:
            if video.sound is None:
                raise MediaError(
                    "is a video without a track of sound. Use None for a missing cell."
                )
            rate, end = float(video.sound.rate), 0
            held: list[tuple[int, NDArray[np.float32]]] = []
            for begin, samples in _placed(video, 0.0, video.sound.rate):
                held.append((begin, samples))
                end = max(end, begin + len(samples))
                if max_seconds is not None and end > max_seconds * rate:
                    raise MediaError(
                        f"lasts more than max_seconds={max_seconds:g}. Raise "
                        "max_seconds, or cut the clip."
                    )
    except ImportError as error:
        raise MediaError(
            'holds sound that PyAV reads, which is not installed: pip install "'
            'mmclassic[video]", or convert the file to wav or flac.'
        ) from error
    if not end:
        raise MediaError("holds no samples. Replace it or drop the row.")
    track = np.zeros((end, held[0][1].shape[1]), dtype=np.float32)
    for begin, samples in held:
        _put(track, 0, begin, samples)
    return track, rate


def sound_blocks(
    video: Opened, start: float, stop: float, n_block: int
) -> Iterator[NDArray[np.float32]]:
    """Yield the samples from a time to another, silence where the track has none.

    Parameters
    ----------
    video : Opened
        With a track.
    start, stop : float
        Seconds.
    n_block : int
        Samples a block; the last may have fewer.

    Yields
    ------
    ndarray of shape (n, n_channels), float32
    """
    rate, n_channels = video.sound.rate, video.sound.channels
    first, last = round(start * rate), round(stop * rate)
    block = np.zeros((min(n_block, last - first), n_channels), dtype=np.float32)
    at = first  # of the block's first sample
    for begin, samples in _placed(video, start, rate):
        if begin >= last:
            break
        end = begin + len(samples)
        while end > at + len(block) and len(block):
            _put(block, at, begin, samples)
            yield block
            at += len(block)
            block = np.zeros((min(n_block, last - at), n_channels), dtype=np.float32)
        _put(block, at, begin, samples)
    while len(block):
        yield block
        at += len(block)
        block = np.zeros((min(n_block, last - at), n_channels), dtype=np.float32)


def _put(
    block: NDArray[np.float32], at: int, begin: int, samples: NDArray[np.float32]
) -> None:
    """Write samples, the first of them the begin-th, into a block where they lie."""
    low, high = max(at, begin), min(at + len(block), begin + len(samples))
    if low < high:
        block[low - at : high - at] = samples[low - begin : high - begin]


def _placed(
    video: Opened, start: float, rate: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield decoded samples, each with the place of its first one in the track.

    Containers round times, WebM to a millisecond, so samples follow each other unless
    the clock tells of a gap.
    """
    import av

    convert = av.AudioResampler(format="fltp")  # the rate and the channels stay
    place: int | None = None
    for time, frame in decoded_from(video, video.sound, max(0.0, start - LEAD)):
        stated = round(time * rate)
        if place is None or abs(stated - place) > DRIFT * rate:
            place = stated
        for converted in convert.resample(frame):
            samples: Any = converted.to_ndarray().T
            yield place, samples
            place += len(samples)
