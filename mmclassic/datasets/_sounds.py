"""Synthesises a pair of place classes as one clip with background noise."""

from collections.abc import Callable

import numpy as np

__all__ = ["SAMPLE_RATE", "synthesise_clip"]

SAMPLE_RATE = 16_000  # Hz
_EVENT_SAMPLES = 6_400  # 0.4 s
_TIME = np.arange(_EVENT_SAMPLES) / SAMPLE_RATE  # seconds


def synthesise_clip(classes: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Play one event a class, one after the other, in noise.

    Parameters
    ----------
    classes : tuple of two ints
        The classes of the two events; which comes first is drawn at random.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    ndarray of shape (12800,), int16
        0.8 s at 16 kHz.
    """
    events = []
    for label in rng.permutation(classes):
        event = _EVENTS[label](rng)
        event *= _fade() / np.sqrt(np.mean(event**2))
        events.append(event * 10 ** rng.uniform(-0.2, 0.0))
    clip = np.concatenate(events)
    clip += rng.normal(0, 10 ** rng.uniform(-1.6, -0.8), size=len(clip))
    clip *= rng.uniform(0.4, 0.9) / np.abs(clip).max()
    return np.rint(32_767 * clip).astype(np.int16)


def _fade() -> np.ndarray:
    ramp = np.clip(_TIME / 0.01, 0, 1)
    return ramp * ramp[::-1]


def _harmonics(
    phase: np.ndarray, ratios: tuple[float, ...], amplitudes: tuple[float, ...]
) -> np.ndarray:
    # A plain sum: a BLAS product may differ in its last bits with its threads.
    waves = np.sin(np.multiply.outer(ratios, phase))
    return np.sum(np.reshape(amplitudes, (-1, 1)) * waves, axis=0)


def _horn(rng: np.random.Generator) -> np.ndarray:
    phase = 2 * np.pi * rng.uniform(150, 190) * _TIME
    return _harmonics(phase, (1, 3, 5, 7), (1, 1 / 3, 1 / 5, 1 / 7))


def _warble(rng: np.random.Generator) -> np.ndarray:
    wobble = np.sin(2 * np.pi * rng.uniform(12, 20) * _TIME)
    pitch = rng.uniform(3000, 3600) + 700 * wobble
    return np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE)


def _sizzle(rng: np.random.Generator) -> np.ndarray:
    noise = np.diff(rng.normal(size=_EVENT_SAMPLES + 2), n=2)  # a crude high-pass
    return noise * (0.6 + 0.4 * (rng.random(_EVENT_SAMPLES) > 0.98))


def _whistle(rng: np.random.Generator) -> np.ndarray:
    start, end = rng.uniform(900, 1100), rng.uniform(1900, 2300)
    phase = 2 * np.pi * (start * _TIME + (end - start) * _TIME**2 / 0.8)
    return np.sin(phase) + 0.3 * np.sin(2 * phase)


def _saw(rng: np.random.Generator) -> np.ndarray:
    ramp = (rng.uniform(75, 105) * _TIME) % 1 - 0.5
    return ramp * (1 + 0.8 * np.sin(2 * np.pi * rng.uniform(6, 10) * _TIME))


def _bell(rng: np.random.Generator) -> np.ndarray:
    phase = 2 * np.pi * rng.uniform(480, 600) * _TIME
    tone = _harmonics(phase, (1, 2, 2.4, 3, 4.2), (1, 0.8, 0.7, 0.5, 0.4))
    return tone * np.exp(-_TIME / 0.15)


def _low(rng: np.random.Generator) -> np.ndarray:
    pitch = rng.uniform(100, 130) * (1 - 0.5 * _TIME)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    return _harmonics(phase, (1, 2, 3, 4, 5), (1, 1 / 4, 1 / 9, 1 / 16, 1 / 25))


def _drum(rng: np.random.Generator) -> np.ndarray:
    since_beat = _TIME % rng.uniform(0.09, 0.13)
    noise = rng.normal(size=_EVENT_SAMPLES)
    return noise * np.exp(-since_beat / 0.012)


_EVENTS: tuple[Callable[[np.random.Generator], np.ndarray], ...] = (
    _horn,
    _warble,
    _sizzle,
    _whistle,
    _saw,
    _bell,
    _low,
    _drum,
)
