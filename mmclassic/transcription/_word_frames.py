"""A clip of one word to the cepstra of its frames, from its first loud one on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Libraries
from mmclassic._kernels.mfcc import cepstrum, delta
from mmclassic._kernels.spectrum import frame_levels, mel_spectrogram
from mmclassic.media import load_audio

__all__ = ["WordFrames"]

FRAME_SECONDS, HOP_SECONDS = 0.032, 0.010
WIDTH = 7  # frames that a derivative is taken over
N_MELS = 26
LOWEST, HIGHEST = 100.0, 0.45  # hertz, and of the rate: edges differ by microphone
# Of power, in place of its logarithm: noise between the words of a clip, and what a
# microphone leaves out, then weigh little (Kim & Stern, section III-F).
EXPONENT = 1 / 15


class WordFrames:
    """A function of a clip to its frames, (n_frames, 3 * n_mfcc), float32.

    A clip shorter than a frame is one, with silence after it.

    Parameters
    ----------
    sample_rate : float
    n_mfcc : int
    trim : float
        Decibels below the loudest frame.

    References
    ----------
    Kim, C. & Stern, R. M. (2016). Power-normalized cepstral coefficients (PNCC) for
    robust speech recognition. IEEE/ACM Transactions on Audio, Speech, and Language
    Processing, 24(7), 1315-1329. https://doi.org/10.1109/TASLP.2016.2545928
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
        power = mel_spectrogram(
            samples.astype(np.float64),
            sample_rate=self.sample_rate,
            n_fft=n_fft,
            hop_length=hop,
            n_mels=max(N_MELS, self.n_mfcc),
            fmin=min(LOWEST, self.sample_rate / 80),
            fmax=HIGHEST * self.sample_rate,
        )
        loudness = (power / (power.max() or 1.0)) ** EXPONENT / EXPONENT
        frames = cepstrum(loudness, n_mfcc=self.n_mfcc)
        slopes = delta(frames, width=WIDTH, mode="nearest")
        curvatures = delta(slopes, width=WIDTH, mode="nearest")
        levels = frame_levels(samples, n_fft=n_fft, hop_length=hop)
        loud = np.flatnonzero(levels >= levels.max() - self.trim)
        word = slice(loud[0], loud[-1] + 1)
        return np.hstack([frames, slopes, curvatures])[word].astype(np.float32)
