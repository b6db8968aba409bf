"""A clip of one word to the cepstra of its frames, from its first loud one on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Libraries
from mmclassic._kernels.mfcc import delta, mfcc
from mmclassic._kernels.spectrum import frame_levels
from mmclassic.media import load_audio

__all__ = ["WordFrames"]

FRAME_SECONDS, HOP_SECONDS = 0.032, 0.010
WIDTH = 5  # frames that a derivative is taken over
N_MELS = 26


class WordFrames:
    """A function of a clip to its frames, (n_frames, 3 * n_mfcc), float32.

    A clip shorter than a frame is one, with silence after it.

    Parameters
    ----------
    sample_rate : float
    n_mfcc : int
    trim : float
        Decibels below the loudest frame.
    """

    def __init__(self, sample_rate: float, n_mfcc: int, trim: float) -> None:
        self.sample_rate = sample_rate
        self.n_mfcc = n_mfcc
        self.trim = trim

    def identity(self) -> tuple[Any, ...]:
        """Return what the frames depend on besides the clip."""
        libraries = Libraries(("numpy", "scipy", "soundfile", "soxr"))
        return type(self), vars(self), libraries

    def __call__(self, cell: Any) -> NDArray[np.float32]:
        samples = load_audio(cell, sample_rate=self.sample_rate)
        n_fft = max(2, round(FRAME_SECONDS * self.sample_rate))
        hop = max(1, round(HOP_SECONDS * self.sample_rate))
        samples = np.pad(samples, (0, max(0, n_fft - len(samples))))
        frames = mfcc(
            samples,
            sample_rate=self.sample_rate,
            n_mfcc=self.n_mfcc,
            n_fft=n_fft,
            hop_length=hop,
            n_mels=max(N_MELS, self.n_mfcc),
            top_db=None,
        )
        levels = frame_levels(samples, n_fft=n_fft, hop_length=hop)
        loud = np.flatnonzero(levels >= levels.max() - self.trim)
        word = frames[loud[0] : loud[-1] + 1]
        mode = "interp" if len(word) >= WIDTH else "nearest"
        slopes = delta(word, width=WIDTH, mode=mode)
        curvatures = delta(slopes, width=WIDTH, mode=mode)
        return np.hstack([word, slopes, curvatures]).astype(np.float32)
