"""Blocks of sound to pieces of it that end in a pause, one at a time."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["pieces_of"]

WINDOW = 0.2  # seconds that a pause must last


def pieces_of(
    blocks: Iterable[NDArray[np.float32]],
    sample_rate: int,
    *,
    longest: float,
    shortest: float,
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Yield consecutive pieces, with the second at which each begins.

    What is no longer than `longest` is one piece. Otherwise each ends in the middle of
    the quietest `WINDOW` from `shortest` to `longest` on.

    Parameters
    ----------
    blocks : iterable of ndarray of shape (n,), float32
        Consecutive samples, of any number each.
    sample_rate : int
    longest, shortest : float
        Seconds.

    Yields
    ------
    start : float
        Seconds.
    samples : ndarray of shape (n,), float32
    """
    most, least = round(longest * sample_rate), round(shortest * sample_rate)
    window = round(WINDOW * sample_rate)
    held: list[NDArray[np.float32]] = []
    n_held = n_before = 0
    for block in blocks:
        held.append(block)
        n_held += len(block)
        while n_held > most:
            samples = np.concatenate(held)
            cut = least + _quietest(samples[least:most], window)
            yield n_before / sample_rate, samples[:cut]
            n_before += cut
            held, n_held = [samples[cut:]], n_held - cut
    if n_held:
        yield n_before / sample_rate, np.concatenate(held)


def _quietest(samples: NDArray[np.float32], window: int) -> int:
    """Return the middle of the window with the least energy, the first of equals."""
    energy = np.cumsum(np.square(samples, dtype=np.float64))
    return int(np.argmin(energy[window:] - energy[:-window])) + window // 2
