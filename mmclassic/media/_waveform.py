"""Waveform: samples of sound together with their rate."""

from dataclasses import dataclass
from math import inf

import numpy as np

__all__ = ["Waveform"]


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Sound in memory that knows its own sampling rate.

    An array alone is taken to be at the rate of the class that receives it; a
    Waveform is resampled to that rate.

    Parameters
    ----------
    samples : ndarray of shape (n,) or (n, n_channels)
        Floats in [-1, 1], or integer PCM, which is scaled to [-1, 1] when loaded.
    sample_rate : float
        Samples a second, in Hz.

    Raises
    ------
    ValueError
        If the samples are not 1-D or 2-D, or the rate is not positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.media import Waveform
    >>> Waveform(np.zeros(4000), sample_rate=8000).duration
    0.5
    """

    samples: np.ndarray
    sample_rate: float

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples)
        if samples.ndim not in (1, 2):
            raise ValueError(
                "samples must be of shape (n,) or (n, n_channels). Got an array of "
                f"shape {samples.shape} instead."
            )
        if not 0 < self.sample_rate < inf:
            raise ValueError(
                "sample_rate must be a positive number of Hz. "
                f"Got {self.sample_rate!r} instead."
            )
        object.__setattr__(self, "samples", samples)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate
