"""The track of an open video to blocks of samples at their times."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.exceptions import MediaError
from mmclassic.media._video_file import Opened, decoded_from, opened

__all__ = ["load_track", "sound_blocks", "track_blocks"]

TOGETHER = 10.0  # seconds of a track that are put together at once
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
    held, n_samples = [], 0
    for samples, rate in track_blocks(source, TOGETHER):
        held.append(samples)
        n_samples += len(samples)
        if max_seconds is not None and n_samples > max_seconds * rate:
            raise MediaError(
                f"lasts more than max_seconds={max_seconds:g}. Raise max_seconds, or "
                "cut the clip."
            )
    return np.concatenate(held), rate


def track_blocks(
    source: Any, seconds: float
) -> Iterator[tuple[NDArray[np.float32], float]]:
    """Yield all the sound of a video, or of sound in a video's container, in blocks.

    Parameters
    ----------
    source : str, PathLike or bytes-like
    seconds : float
        Of a block, at least one sample; the last may be shorter.

    Yields
    ------
    samples : ndarray of shape (n, n_channels), float32
        From the time 0 on, silence where the track has none.
    rate : float
        Hz.
    """
    try:
        with opened(source, check_end=True, sound_only=True) as video:
            if video.sound is None:
                raise MediaError(
                    "is a video without a track of sound. Use None for a missing cell."
                )
            rate = int(video.sound.rate)
            n_block = max(1, round(seconds * rate))
            held: list[NDArray[np.float32]] = []
            n_held = 0
            for samples in _unbroken(video, rate, n_block):
                held.append(samples)
                n_held += len(samples)
                while n_held >= n_block:
                    together = np.concatenate(held)
                    yield together[:n_block], float(rate)
                    held, n_held = [together[n_block:]], n_held - n_block
            if n_held:
                yield np.concatenate(held), float(rate)
    except ImportError as error:
        raise MediaError(
            'holds sound that PyAV reads, which is not installed: pip install "'
            'mmclassic[video]", or convert the file to wav or flac.'
        ) from error


def _unbroken(video: Opened, rate: int, most: int) -> Iterator[NDArray[np.float32]]:
    """Yield decoded samples and, where there are none, so many of silence at most."""
    end = 0
    for begin, samples in _placed(video, 0.0, rate):
        while end < begin:
            n_silent = min(begin - end, most)
            yield np.zeros((n_silent, samples.shape[1]), dtype=np.float32)
            end += n_silent
        new = samples[end - begin :]
        yield new
        end += len(new)
    if not end:
        raise MediaError("holds no samples. Replace it or drop the row.")


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
