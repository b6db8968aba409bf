"""A cell of sound of any length to mono samples at a stated rate, block by block."""

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.exceptions import MediaError
from mmclassic.media._audio_file import CUT_SHORT, WANTED, n_stated, opened_sound
from mmclassic.media._audio_samples import (
    check_length,
    check_positive,
    check_shape,
    mixed,
    stated_rate,
    to_float,
)
from mmclassic.media._cells import as_array, naming, open_source, unwrap
from mmclassic.media._sniff import HEAD_BYTES, VIDEO_KINDS, sniff
from mmclassic.media._waveform import Waveform

__all__ = ["audio_blocks"]

MAX_SECONDS = 86_400.0
BLOCK = 10.0  # seconds of sound at a time


def audio_blocks(
    cell: Any,
    *,
    sample_rate: float = 22050,
    seconds: float = BLOCK,
    max_seconds: float | None = MAX_SECONDS,
) -> Iterator[NDArray[np.float32]]:
    """Return an iterator over one clip in blocks, however long it is.

    One after another, they are the samples that `load_audio` returns.

    Parameters
    ----------
    cell : str, PathLike, bytes, array, Waveform or dict
        As of `load_audio`.
    sample_rate : float, default=22050
        Rate of the samples, in Hz.
    seconds : float, default=10.0
        Of the source that are read at once.
    max_seconds : float or None, default=86_400
        Longest clip accepted, in seconds; None for any.

    Returns
    -------
    iterator of ndarray of shape (n,), float32
        Of about so many seconds each, the last of fewer.

    Raises
    ------
    MediaError
        As of `load_audio`; while reading, where the clip is damaged further on.
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.media import Waveform, audio_blocks
    >>> clip = Waveform(np.zeros(25 * 8000, dtype=np.int16), 8000)
    >>> sum(len(block) for block in audio_blocks(clip, sample_rate=16000))
    400000
    """
    for name, value in (("sample_rate", sample_rate), ("seconds", seconds)):
        check_positive("audio_blocks", name, value, or_none=False)
    check_positive("audio_blocks", "max_seconds", max_seconds, or_none=True)
    return _blocks(cell, sample_rate, seconds, max_seconds)


def _blocks(
    cell: Any, sample_rate: float, seconds: float, max_seconds: float | None
) -> Iterator[NDArray[np.float32]]:
    with naming(cell):
        resampler: _Resampler | None = None
        n_read = 0
        for samples, rate in _read(cell, sample_rate, seconds):
            place = f" from {n_read / rate:.6g} s on"
            n_read += len(samples)
            check_length(n_read, rate, max_seconds)
            # What overflows float32 becomes infinite, and is refused as that.
            with np.errstate(over="ignore", invalid="ignore"):
                mono = mixed(to_float(samples), place)
            if rate != sample_rate:
                resampler = resampler or _Resampler(rate, sample_rate)
                mono = resampler.next(mono)
            yield mono
        check_length(n_read, 1.0, None)
        if resampler is not None:
            yield resampler.last()


class _Resampler:
    """Consecutive samples at one rate to consecutive ones at another.

    Parameters
    ----------
    rate, sample_rate : float
        From and to, Hz.
    """

    def __init__(self, rate: float, sample_rate: float) -> None:
        import soxr

        self.ratio = float(sample_rate) / rate
        self.stream = soxr.ResampleStream(
            rate, sample_rate, 1, dtype="float32", quality="HQ"
        )
        self.n_in = self.n_out = 0

    def next(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        resampled = self.stream.resample_chunk(samples)
        self.n_in += len(samples)
        self.n_out += len(resampled)
        return resampled

    def last(self) -> NDArray[np.float32]:
        """Return what is left, filled with silence up to the length of load_audio."""
        rest = self.stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)
        n_missing = ceil(self.n_in * self.ratio) - self.n_out - len(rest)
        return np.pad(rest, (0, max(0, n_missing)))


def _read(
    cell: Any, sample_rate: float, seconds: float
) -> Iterator[tuple[NDArray[Any], float]]:
    """Yield consecutive samples of shape (n,) or (n, n_channels), and their rate."""
    if isinstance(cell, Waveform):
        source, rate = cell.samples, cell.sample_rate
    else:
        source, rate = unwrap(cell), stated_rate(cell, sample_rate)
    samples = as_array(source)
    if samples is None:
        yield from _read_file(source, seconds)
        return
    check_shape(samples)
    n_block = max(1, round(seconds * rate))
    for start in range(0, len(samples), n_block):
        yield samples[start : start + n_block], rate


def _read_file(
    source: Any, seconds: float
) -> Iterator[tuple[NDArray[np.float32], float]]:
    with open_source(source, WANTED) as stream:
        if sniff(stream.read(HEAD_BYTES)) not in VIDEO_KINDS:
            stream.seek(0)
            with opened_sound(stream) as sound:
                n_block = max(1, round(seconds * sound.samplerate))
                n_read = 0
                while len(samples := sound.read(n_block, dtype="float32")):
                    n_read += len(samples)
                    yield samples, float(sound.samplerate)
                if n_read < n_stated(sound):
                    raise MediaError(CUT_SHORT)
            return
    # Imported here, as it is by what holds a video alone.
    from mmclassic.media._video_sound import track_blocks

    yield from track_blocks(source, seconds)
