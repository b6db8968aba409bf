"""From samples to frames of mel power: windows, Fourier spectra and decibels."""

import math
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from mmclassic._kernels.mel import mel_filterbank

__all__ = ["check_samples", "frame_levels", "mel_spectrogram", "to_decibels"]

# Samples transformed at once, 72 frames of 2048: what fits the processor's cache, in
# pieces small enough for their memory to be used again rather than given back.
# Fixed, so that the same clip takes the same route wherever it is computed.
BLOCK_SAMPLES = 147456
# Power below this is silence, -100 dB.
SILENCE = 1e-10


def mel_spectrogram(
    y: np.ndarray,
    *,
    sample_rate: float = 22050,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: Any = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    mel_norm: Any = "slaney",
) -> np.ndarray:
    """Compute the power in mel bands of overlapping frames.

    The parameters are those of :func:`mmclassic.audio.mfcc`, but ``y`` is what
    :func:`check_samples` returns.

    Returns
    -------
    ndarray of shape (n_mels, n_frames), float32 or float64 as ``y``
    """
    _check_positive(
        sample_rate=sample_rate, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels
    )
    if win_length is not None and not 0 < win_length <= n_fft:
        raise ValueError(
            f"win_length must be in the range [1, n_fft={n_fft}]. Got {win_length} "
            "instead."
        )
    if power <= 0:
        raise ValueError(f"power must be above 0. Got {power} instead.")
    # Intel's transforms in OpenCV are 2.5 times as fast as scipy's for even lengths.
    packed = power == 2 and n_fft % 2 == 0 and cv2.ipp.useIPP()
    filters, n_empty = mel_filterbank(
        float(sample_rate),
        int(n_fft),
        int(n_mels),
        float(fmin),
        sample_rate / 2 if fmax is None else float(fmax),
        htk,
        mel_norm,
        y.dtype.char,
        packed,
    )
    if n_empty:
        warnings.warn(
            f"{n_empty} of {n_mels} mel filters lie between two of the "
            f"{n_fft // 2 + 1} frequencies and stay silent. Lower n_mels, or raise "
            "n_fft or fmax.",
            stacklevel=3,
        )
    taper = _taper(window, int(win_length or n_fft), int(n_fft), y.dtype.char)
    frames = _frames(y, int(n_fft), int(hop_length), center, pad_mode)
    mel = np.empty((n_mels, len(frames)), dtype=y.dtype)
    for block in _blocks(*frames.shape):
        tapered = frames[block] * taper
        if packed:
            spectra = _packed_squares(tapered)
        else:
            spectra = _magnitude(tapered, power)
        mel[:, block] = filters @ spectra
    return mel


def to_decibels(power: np.ndarray, *, top_db: float | None = 80.0) -> np.ndarray:
    """Convert power to decibels, no lower than ``top_db`` below the loudest value."""
    if top_db is not None and top_db < 0:
        raise ValueError(f"top_db must be at least 0, or None. Got {top_db} instead.")
    faintest = SILENCE
    if top_db is not None:
        faintest = max(faintest, power.max() * 10 ** (-top_db / 10))
    decibels = np.maximum(power, power.dtype.type(faintest))
    np.log(decibels, out=decibels)  # four times as fast as log10
    decibels *= 10 / math.log(10)
    return decibels


def frame_levels(y: Any, *, n_fft: int = 2048, hop_length: int = 512) -> np.ndarray:
    """Return the mean power of each centred frame, decibels, at least -100.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    n_fft : int, default=2048
        Length of a frame, samples.
    hop_length : int, default=512
        From one frame to the next, samples.

    Returns
    -------
    ndarray of shape (n_frames,), float32 or float64 as ``y``
    """
    frames = _frames(check_samples(y), n_fft, hop_length, True, "constant")
    power = np.empty(len(frames), dtype=frames.dtype)
    for block in _blocks(*frames.shape):
        power[block] = np.einsum("ij,ij->i", frames[block], frames[block])
    return to_decibels(power / n_fft, top_db=None)


def check_samples(y: Any) -> np.ndarray:
    """Return one channel of finite samples as float32, or float64 if they are that."""
    y = np.asarray(y)
    if y.dtype.kind != "f":
        raise ValueError(
            f"y must hold floating-point samples. Got {y.dtype} instead. Divide "
            "16-bit integers by 32768."
        )
    if y.ndim != 1:
        raise ValueError(
            "y must be of shape (n_samples,). Got an array of shape "
            f"{y.shape} instead. Average the channels, or take one."
        )
    if not len(y):
        raise ValueError("y is empty (0 samples); it needs at least one.")
    y = y.astype(np.float32 if y.dtype.itemsize <= 4 else np.float64, copy=False)
    if not np.isfinite(y).all():
        raise ValueError("y contains NaN or infinity. Repair or drop the clip.")
    return y


def _taper(window: Any, win_length: int, n_fft: int, dtype: str) -> np.ndarray:
    """Return the window, with zeros around it up to n_fft samples."""
    if isinstance(window, (str, tuple, float, int)):
        return _named_taper(window, win_length, n_fft, dtype)
    values = window(win_length) if callable(window) else np.asarray(window)
    if np.shape(values) != (win_length,):
        raise ValueError(
            f"window must give win_length={win_length} values. Got an array of shape "
            f"{np.shape(values)} instead."
        )
    return _widen(values, n_fft, dtype)


@lru_cache(maxsize=32)
def _named_taper(window: Any, win_length: int, n_fft: int, dtype: str) -> np.ndarray:
    if window == "hann":
        phase = np.arange(win_length) * (2 * np.pi / win_length)
        values = 0.5 - 0.5 * np.cos(phase) if win_length > 1 else np.ones(1)
    else:
        # Costs 0.6 s in a new process; the default need not pay it.
        from scipy.signal import get_window

        values = get_window(window, win_length, fftbins=True)
    return _widen(values, n_fft, dtype)


def _widen(values: np.ndarray, n_fft: int, dtype: str) -> np.ndarray:
    left = (n_fft - len(values)) // 2
    taper = np.zeros(n_fft, dtype=dtype)
    taper[left : left + len(values)] = values
    taper.flags.writeable = False
    return taper


def _frames(
    y: np.ndarray, n_fft: int, hop_length: int, center: bool, pad_mode: str
) -> np.ndarray:
    """Return a view of shape (n_frames, n_fft) of the padded samples."""
    if center and pad_mode == "constant":
        padded = np.zeros(len(y) + 2 * (n_fft // 2), dtype=y.dtype)  # np.pad is slow
        padded[n_fft // 2 : n_fft // 2 + len(y)] = y
        y = padded
    elif center:
        try:
            y = np.pad(y, n_fft // 2, mode=pad_mode)  # type: ignore[call-overload]
        except (ValueError, NotImplementedError) as error:
            raise ValueError(
                f"pad_mode must be a mode of numpy.pad. Got {pad_mode!r} instead."
            ) from error
    if len(y) < n_fft:
        raise ValueError(
            f"y holds {len(y)} samples; a frame needs n_fft={n_fft}. Lower n_fft, or "
            "pad the clip."
        )
    y = np.ascontiguousarray(y)
    n_frames = 1 + (len(y) - n_fft) // hop_length
    return np.ndarray(
        (n_frames, n_fft), y.dtype, y, strides=(hop_length * y.itemsize, y.itemsize)
    )


def _blocks(n_frames: int, n_fft: int) -> Iterator[slice]:
    step = max(1, BLOCK_SAMPLES // n_fft)
    for start in range(0, n_frames, step):
        yield slice(start, min(start + step, n_frames))


def _magnitude(frames: np.ndarray, power: float) -> np.ndarray:
    """Return ``abs(spectra) ** power``, of shape (1 + n_fft // 2, n_frames)."""
    import scipy.fft  # 0.15 s in a new process; the default need not pay it

    spectrum = scipy.fft.rfft(frames.T, axis=0)
    if power == 2:  # without a root
        squares = np.square(spectrum.real)
        squares += np.square(spectrum.imag)
        return squares
    magnitude = np.abs(spectrum)
    return magnitude if power == 1 else magnitude**power


def _packed_squares(frames: np.ndarray) -> np.ndarray:
    """Return squares of the parts of spectra, of shape (n_fft, n_frames).

    Down a column: Re 0, Re 1, Im 1, Re 2, Im 2, ..., Re n_fft / 2. The frames are
    overwritten.
    """
    squares = cv2.transpose(cv2.dft(frames, frames, cv2.DFT_ROWS))
    return np.square(squares, out=squares)


def _check_positive(**parameters: float) -> None:
    for name, value in parameters.items():
        if not value > 0 or (name != "sample_rate" and value != int(value)):
            kind = "a number above 0" if name == "sample_rate" else "an int, 1 or more"
            raise ValueError(f"{name} must be {kind}. Got {value!r} instead.")
