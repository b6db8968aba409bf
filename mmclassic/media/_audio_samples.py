"""Samples as they are given to float32 ones, checked to be sound."""

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np

from mmclassic.exceptions import MediaError
from mmclassic.media._cells import is_missing

__all__ = [
    "check_length",
    "check_positive",
    "check_shape",
    "mixed",
    "stated_rate",
    "to_float",
]

MAX_CHANNELS = 32


def check_positive(function: str, name: str, value: Any, *, or_none: bool) -> None:
    """Raise a ValueError unless a parameter is a positive number, or None if it may."""
    if not (_is_positive(value) or (or_none and value is None)):
        raise ValueError(
            f"The {name!r} parameter of {function} must be a float in the range "
            f"(0, inf){' or None' * or_none}. Got {value!r} instead."
        )


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(0 < value < inf)


def stated_rate(cell: Any, default: float) -> float:
    """Return the rate that a dict states for its array; else the default."""
    rate: Any = cell.get("sampling_rate") if isinstance(cell, Mapping) else None
    if is_missing(rate):
        return default
    if not _is_positive(rate):
        raise MediaError(
            f"states a sampling_rate of {rate!r}. State a positive number of Hz."
        )
    return float(rate)


def check_shape(samples: np.ndarray) -> None:
    """Raise unless an array may be sound of one channel or more."""
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


def check_length(n_samples: int, rate: float, max_seconds: float | None) -> None:
    """Raise if there are no samples, or more than accepted."""
    if not n_samples:
        raise MediaError("holds no samples. Replace it or drop the row.")
    if max_seconds is not None and n_samples > max_seconds * rate:
        raise MediaError(
            f"lasts {n_samples / rate:.6g} s, more than max_seconds={max_seconds:g}. "
            "Raise max_seconds, or cut the clip."
        )


def to_float(samples: np.ndarray) -> np.ndarray:
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


def mixed(samples: np.ndarray, place: str = "") -> np.ndarray:
    """Return the mean over channels, checked to be finite.

    Parameters
    ----------
    samples : ndarray of shape (n,) or (n, n_channels), float32
    place : str, default=""
        Where the samples are, if not all there are, with a space before it.
    """
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
            f"holds {n_bad} of {len(samples)} samples{place} that are NaN or "
            "infinite. Repair them, e.g. with numpy.nan_to_num, or drop the row."
        )
    return np.ascontiguousarray(samples)
