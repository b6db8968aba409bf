"""A cell of sound to float32 mono samples at a stated rate."""

import io
import os
from collections.abc import Mapping
from math import ceil, inf
from typing import Any, BinaryIO

import numpy as np

from mmclassic.exceptions import MediaError
from mmclassic.media._audio_container import is_cut_short
from mmclassic.media._cells import (
    as_array,
    is_missing,
    naming,
    open_source,
    read_all,
    unwrap,
)
from mmclassic.media._sniff import HEAD_BYTES, SOUND_KINDS, VIDEO_KINDS, sniff
from mmclassic.media._waveform import Waveform

__all__ = ["load_audio"]

MAX_SECONDS = 3600.0
MAX_CHANNELS = 32
# Elsewhere libsndfile's numbers of open files need not be Python's.
TAKES_DESCRIPTORS = os.name == "posix"

CUT_SHORT = (
    "is cut short: it ends before the end that its header or its last page states. "
    "Replace the file or drop the row."
)

WANTED = (
    "sound. A cell may hold a path, encoded bytes (wav, flac, ogg, mp3), an array of "
    "shape (n,) or (n, n_channels), a Waveform, or a dict with 'array', 'bytes' or "
    "'path'"
)


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
    _check_parameters(sample_rate, max_seconds)
    # What overflows float32 becomes infinite, and is refused as that.
    with naming(cell), np.errstate(over="ignore", invalid="ignore"):
        samples, rate = _samples_of(cell, sample_rate, max_seconds)
        return _resample(_mix(samples), rate, sample_rate)


def _check_parameters(sample_rate: float, max_seconds: float | None) -> None:
    for name, value in (("sample_rate", sample_rate), ("max_seconds", max_seconds)):
        if name == "max_seconds" and value is None:
            continue
        if not _is_positive(value):
            raise ValueError(
                f"The {name!r} parameter of load_audio must be a float in the range "
                f"(0, inf){' or None' * (name == 'max_seconds')}. "
                f"Got {value!r} instead."
            )


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(0 < value < inf)


def _samples_of(
    cell: Any, sample_rate: float, max_seconds: float | None
) -> tuple[np.ndarray, float]:
    """Return float32 samples of shape (n,) or (n, n_channels) and their rate."""
    if isinstance(cell, Waveform):
        source, rate = cell.samples, cell.sample_rate
    else:
        source, rate = unwrap(cell), _stated_rate(cell, sample_rate)
    samples = as_array(source)
    if samples is None:
        with open_source(source, WANTED) as stream:
            if sniff(stream.read(HEAD_BYTES)) not in VIDEO_KINDS:
                stream.seek(0)
                return _decode(stream, max_seconds)
        # Imported here, as it is by what holds a video alone.
        from mmclassic.media._video_sound import load_track

        return load_track(source, max_seconds)
    _check_shape(samples)
    _check_length(len(samples), rate, max_seconds)
    return _to_float(samples), rate


def _stated_rate(cell: Any, default: float) -> float:
    """Return the rate that a dict states for its array; else the default."""
    rate: Any = cell.get("sampling_rate") if isinstance(cell, Mapping) else None
    if is_missing(rate):
        return default
    if not _is_positive(rate):
        raise MediaError(
            f"states a sampling_rate of {rate!r}. State a positive number of Hz."
        )
    return float(rate)


def _decode(stream: BinaryIO, max_seconds: float | None) -> tuple[np.ndarray, float]:
    import soundfile

    head = stream.read(HEAD_BYTES)
    if is_cut_short(stream):
        raise MediaError(CUT_SHORT)
    try:
        with soundfile.SoundFile(_handle(stream), closefd=False) as sound:
            _check_length(sound.frames, sound.samplerate, max_seconds)
            samples = sound.read(dtype="float32")
            # Without a Xing header libsndfile only estimates the length of an mp3.
            n_stated = 0 if sound.format in ("MP3", "MPEG") else sound.frames
            rate = sound.samplerate
    except (soundfile.SoundFileError, MemoryError) as error:
        raise MediaError(_why_undecodable(head)) from error
    if len(samples) < n_stated:
        raise MediaError(CUT_SHORT)
    return samples, float(rate)


def _handle(stream: BinaryIO) -> Any:
    """Return what soundfile reads from the start: a descriptor, or bytes in memory.

    A file object would do, at the cost of a call to Python for every 8 kB; and where
    its name ends in ".raw", soundfile takes it for headerless samples.
    """
    if isinstance(stream, io.BytesIO):
        stream.seek(0)
        return stream
    if TAKES_DESCRIPTORS:
        os.lseek(stream.fileno(), 0, os.SEEK_SET)
        return stream.fileno()
    stream.seek(0)
    return io.BytesIO(read_all(stream))


def _why_undecodable(head: bytes) -> str:
    kind = sniff(head)
    if kind in SOUND_KINDS:
        return (
            f"begins as {kind} does but can't be decoded: it is damaged, cut short or "
            "of a variant that libsndfile lacks. Replace the file, or convert it to "
            "wav or flac."
        )
    return (
        f"holds {kind}, not sound in a known format (wav, flac, ogg, mp3). Correct "
        "the path, or convert the file to one of them."
    )


def _check_shape(samples: np.ndarray) -> None:
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and not samples.shape[1]):
        raise MediaError(
            f"is an array of shape {samples.shape}; sound is of shape (n,) or "
            "(n, n_channels)."
        )
    if samples.ndim == 2 and samples.shape[1] > max(len(samples), MAX_CHANNELS):
        raise MediaError(
            f"is an array of shape {samples.shape}, which is {samples.shape[1]} "
            "channels; sound is of shape (n, n_channels). Transpose it."
        )


def _check_length(n_samples: int, rate: float, max_seconds: float | None) -> None:
    if not n_samples:
        raise MediaError("holds no samples. Replace it or drop the row.")
    if max_seconds is not None and n_samples > max_seconds * rate:
        raise MediaError(
            f"lasts {n_samples / rate:.6g} s, more than max_seconds={max_seconds:g}. "
            "Raise max_seconds, or cut the clip."
        )


def _to_float(samples: np.ndarray) -> np.ndarray:
    """Return float32 samples, integer PCM divided by its full scale."""
    kind = samples.dtype.kind
    if kind == "f":
        return samples.astype(np.float32, copy=False)
    if kind == "u" and samples.dtype.itemsize == 1:
        # 8-bit PCM is the one that is stored with an offset.
        return (samples.astype(np.float32) - 128) / 128
    if kind == "i" and samples.dtype.itemsize <= 4:
        return samples.astype(np.float32) / np.float32(2.0 ** (_bits(samples) - 1))
    raise MediaError(
        f"is an array of {samples.dtype}, which says nothing of its full scale. "
        "Give floats in [-1, 1], or integer PCM as uint8, int8, int16 or int32."
    )


def _bits(samples: np.ndarray) -> int:
    return 8 * samples.dtype.itemsize


def _mix(samples: np.ndarray) -> np.ndarray:
    """Return the mean over channels, checked to be finite."""
    if samples.ndim == 2:
        # A channel at a time takes a tenth of the time of ``samples.mean(axis=1)``.
        first, *others = samples.T
        samples = first.copy()
        for channel in others:
            samples += channel
        samples /= len(others) + 1
    finite = np.isfinite(samples)
    if not finite.all():
        n_bad = len(samples) - int(np.count_nonzero(finite))
        raise MediaError(
            f"holds {n_bad} of {len(samples)} samples that are NaN or infinite. "
            "Repair them, e.g. with numpy.nan_to_num, or drop the row."
        )
    return np.ascontiguousarray(samples)


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
