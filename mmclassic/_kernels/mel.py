"""Frequencies to mel bands: triangular filters as a sparse matrix."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse

__all__ = ["mel_filterbank"]


@lru_cache(maxsize=32)
def mel_filterbank(
    sample_rate: float,
    n_fft: int,
    n_mels: int,
    fmin: float,
    fmax: float,
    htk: bool,
    mel_norm: Any,
    dtype: str,
    packed: bool = False,
) -> tuple[scipy.sparse.csr_matrix, int]:
    """Build triangular filters, evenly spaced in mel, and count the empty ones.

    Returns
    -------
    filters : csr_matrix of shape (n_mels, 1 + n_fft // 2)
        If ``packed``, of shape (n_mels, n_fft): real and imaginary parts weigh alike.
    n_empty : int
        Filters so narrow that no frequency of the spectrum falls inside.
    """
    if not 0 <= fmin < fmax:
        raise ValueError(
            f"fmin and fmax must satisfy 0 <= fmin < fmax. Got fmin={fmin} and "
            f"fmax={fmax} instead (fmax=None is half the sample rate)."
        )
    edges = _mel_to_hz(
        np.linspace(_hz_to_mel(fmin, htk), _hz_to_mel(fmax, htk), n_mels + 2), htk
    )
    frequencies = np.fft.rfftfreq(n_fft, 1 / sample_rate)
    widths = np.diff(edges)[:, None]
    distance = frequencies - edges[:, None]
    rising = distance[:-2] / widths[:-1]
    falling = -distance[2:] / widths[1:]
    filters = np.maximum(0, np.minimum(rising, falling))
    n_empty = int(np.sum((edges[:-2] > 0) & (filters.max(axis=1) == 0)))
    if mel_norm == "slaney":
        filters *= 2 / (edges[2:] - edges[:-2])[:, None]  # equal energy per band
    elif isinstance(mel_norm, str):
        raise ValueError(
            f"mel_norm must be 'slaney', a number or None. Got {mel_norm!r} instead."
        )
    elif mel_norm is not None:
        lengths = np.linalg.norm(filters, ord=mel_norm, axis=1, keepdims=True)
        filters /= np.where(lengths > 0, lengths, 1)
    if packed:
        filters = np.repeat(filters, 2, axis=1)[:, 1:-1]  # the first and last are real
    return scipy.sparse.csr_matrix(filters.astype(dtype)), n_empty


def _hz_to_mel(hertz: float, htk: bool) -> float:
    if htk:
        return 2595 * math.log10(1 + hertz / 700)
    # Slaney's scale: linear to 1 kHz, then 27 logarithmic steps to 6.4 kHz.
    if hertz < 1000:
        return hertz * 3 / 200
    return 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def _mel_to_hz(mel: np.ndarray, htk: bool) -> np.ndarray:
    if htk:
        return 700 * (10 ** (mel / 2595) - 1)
    logarithmic = 1000 * 6.4 ** ((np.maximum(mel, 15) - 15) / 27)
    return np.where(mel < 15, mel * 200 / 3, logarithmic)
