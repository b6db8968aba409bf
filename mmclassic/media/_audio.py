"""A cell of sound to float32 mono samples at a stated rate."""

from math import ceil
from typing import Any, BinaryIO

import numpy as np

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

__all__ = ["load_audio"]

MAX_SECONDS = 3600.0


def load_audio(
    cell: Any, *, sample_rate: float = 22050, max_seconds: float | None = MAX_SECONDS
) -> np.ndarray:
    """Load one clip as mono samples.

    Channels are mixed by their mean, then the clip is resampled by soxr in its
    high quality: the samples are those of ``librosa.load(path, sr=sample_rate)``.
    A clip already at the rate is not touched.

    Parameters
    ----------
    cell : str, PathLike, bytes, array, Waveform or dict
        A path or the bytes of a wav, flac, ogg or mp3 file, or of an mp4, mkv, webm,
        mov or avi file, of which the track is read by PyAV; samples of shape (n,) or
        (n, n_channels) at `sample_rate`, float or integer PCM; a Waveform; or
        the dict that Hugging Face datasets put in a table.
    sample_rate : float, default=22050
        Rate of the returned samples, in Hz.
    max_seconds : float or None, default=3600
        Longest clip accepted, in seconds, checked before decoding. None for any.

    Returns
    -------
    ndarray of shape (n,), float32
        Samples in [-1, 1] where the source's are. It may share memory with an
        array given as the cell.

    Raises
    ------
    MediaError
        If the cell is not sound, can't be read, is cut short, holds no samples or
        samples that are not finite, or is longer than `max_seconds`.
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.media import Waveform, load_audio
    >>> stereo = Waveform(np.zeros((44100, 2), dtype=np.int16), 44100)
    >>> load_audio(stereo, sample_rate=8000).shape
    (8000,)
    """
    check_positive("load_audio", "sample_rate", sample_rate, or_none=False)
    check_positive("load_audio", "max_seconds", max_seconds, or_none=True)
    # What overflows float32 becomes infinite, and is refused as that.
    with naming(cell), np.errstate(over="ignore", invalid="ignore"):
        samples, rate = _samples_of(cell, sample_rate, max_seconds)
        return _resample(mixed(samples), rate, sample_rate)


def _samples_of(
    cell: Any, sample_rate: float, max_seconds: float | None
) -> tuple[np.ndarray, float]:
    """Return float32 samples of shape (n,) or (n, n_channels) and their rate."""
    if isinstance(cell, Waveform):
        source, rate = cell.samples, cell.sample_rate
    else:
        source, rate = unwrap(cell), stated_rate(cell, sample_rate)
    samples = as_array(source)
    if samples is None:
        with open_source(source, WANTED) as stream:
            if sniff(stream.read(HEAD_BYTES)) not in VIDEO_KINDS:
                stream.seek(0)
                return _decode(stream, max_seconds)
        # Imported here, as it is by what holds a video alone.
        from mmclassic.media._video_sound import load_track

        return load_track(source, max_seconds)
    check_shape(samples)
    check_length(len(samples), rate, max_seconds)
    return to_float(samples), rate


def _decode(stream: BinaryIO, max_seconds: float | None) -> tuple[np.ndarray, float]:
    with opened_sound(stream) as sound:
        check_length(sound.frames, sound.samplerate, max_seconds)
        samples = sound.read(dtype="float32")
        if len(samples) < n_stated(sound):
            raise MediaError(CUT_SHORT)
        return samples, float(sound.samplerate)


def _resample(samples: np.ndarray, rate: float, sample_rate: float) -> np.ndarray:
    if rate == sample_rate:
        return samples
    import soxr

    resampled = soxr.resample(samples, rate, sample_rate, quality="HQ")
    # soxr rounds the length, librosa rounds it up and fills with silence.
    n_samples = ceil(len(samples) * (float(sample_rate) / rate))
    if len(resampled) >= n_samples:
        return resampled[:n_samples]
    return np.pad(resampled, (0, n_samples - len(resampled)))
