"""MFCC: a clip to its mel-frequency cepstral coefficients, frame by frame."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from mmclassic._base import CACHE_CONSTRAINTS, ItemTransformer
from mmclassic._execution import Cache, Libraries
from mmclassic._kernels.mfcc import delta, mfcc
from mmclassic._kernels.spectrum import frame_levels
from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError
from mmclassic.media import load_audio

__all__ = ["MFCC"]

# librosa's frame, 2048 samples at 22.05 kHz, is the longest power of two within this.
FRAME_SECONDS = 0.093
DELTA_WIDTH = 9


class MFCC(ItemTransformer):
    """Describe a clip by the mel-frequency cepstral coefficients of its frames.

    With the defaults, ``describe`` gives what ``librosa.feature.mfcc`` gives, a frame
    a row. ``transform`` gives mean and standard deviation over the frames; more
    statistics, thirds of the clip or words are the encoders' work:
    ``StatisticsPooling(MFCC())``, ``BagOfWords(MFCC())``, ``FisherVector(MFCC())``.

    Parameters
    ----------
    sample_rate : float, default=22050
        Hertz that clips are resampled to, and the rate of cells that are bare arrays.
        Bands above half the rate of the source only hold silence: lower it to that
        of your clips if they are below.
    n_mfcc : int, default=20
        Coefficients of a frame. 13 is customary for speech.
    n_fft : int or None, default=None
        Length of a frame, samples. None is the largest power of two within 93 ms:
        2048 at 22.05 kHz, 1024 at 16 kHz, 512 at 8 kHz. A clip shorter than a frame
        is invalid.
    hop_length : int or None, default=None
        From one frame to the next, samples. None is a quarter of ``n_fft``.
    n_mels : int or None, default=None
        Mel bands. None is a sixteenth of ``n_fft``, at least ``n_mfcc``, at most 128.
    fmin : float, default=0.0
        Lowest frequency, hertz.
    fmax : float or None, default=None
        Highest frequency, hertz. None is half of ``sample_rate``.
    deltas : {0, 1, 2}, default=0
        How many derivatives over time to append: 1 the slope of each coefficient over
        9 frames, 2 also its curvature. The frames of a clip of fewer than 9 are
        continued by its first and last.
    trim : float or None, default=None
        Drop frames whose mean power is more than this many decibels below that of
        the clip's loudest: 30 drops what lies around and between the sounds. None
        keeps all.
    top_db : float or None, default=80.0
        Raise each mel band to no lower than this many decibels below the loudest
        band of the clip. None keeps them, down to -100 dB.
    invalid : {"error", "missing"}, default="error"
        Whether ``transform`` stops at an invalid clip, or warns once and gives NaN.
    n_jobs : int or None, default=None
        Clips described at once, as joblib's.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps what was computed of each clip, for every fold and process;
        see `mmclassic.cache.FeatureCache`. None is that of the enclosing encoder.

    See Also
    --------
    mmclassic.audio.mfcc : The function, of samples, with all of librosa's parameters.

    Notes
    -----
    A silent clip has frames like any other: they are finite and all equal, with a
    standard deviation and deltas of 0, and ``trim`` keeps them all.

    The defaults are librosa's. To tell sounds apart, ``MFCC(16000, deltas=2, trim=30)``
    with more statistics than these two does better: see ``StatisticsPooling``.

    ``positions`` are the frames' times, from 0 at the first kept frame to 1 at the
    last, so that a pyramid divides the sound and not the silence around it.

    References
    ----------
    Davis, S. & Mermelstein, P. (1980). Comparison of parametric representations for
    monosyllabic word recognition in continuously spoken sentences. IEEE Transactions
    on Acoustics, Speech, and Signal Processing, 28(4), 357-366.
    https://doi.org/10.1109/TASSP.1980.1163420

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.audio import MFCC, Waveform
    >>> t = np.arange(8000) / 8000
    >>> clips = [np.sin(2 * np.pi * 440 * t), np.zeros(4000)]
    >>> MFCC(sample_rate=8000, n_mfcc=13).fit_transform(clips).shape
    (2, 26)
    >>> features = MFCC(n_mfcc=13, deltas=2).describe(Waveform(clips[0], 8000))
    >>> features.descriptors.shape, features.positions.shape
    ((44, 39), (44, 1))
    """

    _libraries = Libraries(("numpy", "scipy", "soundfile", "soxr"))
    _parameter_constraints: dict[str, Any] = {
        "sample_rate": [Interval(Real, 0, None, closed="neither")],
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "n_fft": [Interval(Integral, 2, None, closed="left"), None],
        "hop_length": [Interval(Integral, 1, None, closed="left"), None],
        "n_mels": [Interval(Integral, 1, None, closed="left"), None],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
        "deltas": [Interval(Integral, 0, 2, closed="both")],
        "trim": [Interval(Real, 0, None, closed="left"), None],
        "top_db": [Interval(Real, 0, None, closed="left"), None],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        sample_rate: float = 22050,
        *,
        n_mfcc: int = 20,
        n_fft: int | None = None,
        hop_length: int | None = None,
        n_mels: int | None = None,
        fmin: float = 0.0,
        fmax: float | None = None,
        deltas: int = 0,
        trim: float | None = None,
        top_db: float | None = 80.0,
        invalid: str = "error",
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.sample_rate = sample_rate
        self.n_mfcc = n_mfcc
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.deltas = deltas
        self.trim = trim
        self.top_db = top_db
        self.invalid = invalid
        self.n_jobs = n_jobs
        self.cache = cache

    def _validate_params(self) -> None:
        super()._validate_params()
        if self.n_mels is not None and self.n_mels < self.n_mfcc:
            raise ValueError(
                "The 'n_mels' parameter of MFCC must be an int in the range "
                f"[n_mfcc={self.n_mfcc}, inf) or None. Got {self.n_mels} instead."
            )
        fmax = self.sample_rate / 2 if self.fmax is None else self.fmax
        if self.fmin >= fmax:
            raise ValueError(
                "The 'fmin' parameter of MFCC must be a float in the range "
                f"[0, fmax={fmax:g}). Got {self.fmin} instead."
            )

    @property
    def _frame(self) -> tuple[int, int, int]:
        """n_fft, hop_length and n_mels, where None is replaced."""
        n_fft = self.n_fft or _frame_length(self.sample_rate)
        n_mels = self.n_mels or max(self.n_mfcc, min(n_fft // 16, 128))
        return n_fft, self.hop_length or max(1, n_fft // 4), n_mels

    @property
    def _n_descriptor_features(self) -> int:
        return self.n_mfcc * (1 + self.deltas)

    def _load(self, cell: Any) -> NDArray[np.float32]:
        return load_audio(cell, sample_rate=self.sample_rate)

    def _describe(self, item: NDArray[np.float32]) -> LocalFeatures:
        n_fft, hop_length, n_mels = self._frame
        if len(item) < n_fft:
            raise MediaError(
                f"holds {len(item)} samples at {self.sample_rate:g} Hz; MFCC needs "
                f"n_fft={n_fft}. Lower n_fft or drop the row."
            )
        frames = mfcc(
            item,
            sample_rate=self.sample_rate,
            n_mfcc=self.n_mfcc,
            n_fft=n_fft,
            hop_length=hop_length,
            n_mels=n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            top_db=self.top_db,
        )
        frames = _append_deltas(frames, self.deltas)
        kept = np.arange(len(frames))
        if self.trim is not None:
            levels = frame_levels(item, n_fft=n_fft, hop_length=hop_length)
            kept = np.flatnonzero(levels >= levels.max() - self.trim)
        times = (kept - kept[0]) / max(kept[-1] - kept[0], 1)
        return LocalFeatures(frames[kept], times[:, None].astype(np.float32))

    def _feature_names(self) -> list[str]:
        return [
            f"mfcc{derivative}_{statistic}{i}"
            for statistic in ("mean", "std")
            for derivative in ("", "_delta", "_delta2")[: 1 + self.deltas]
            for i in range(self.n_mfcc)
        ]


def _frame_length(sample_rate: float) -> int:
    return max(2, 2 ** int(np.log2(max(FRAME_SECONDS * sample_rate, 1))))


def _append_deltas(frames: NDArray[Any], n_deltas: int) -> NDArray[Any]:
    """Return frames with their first n_deltas derivatives beside them."""
    mode = "interp" if len(frames) >= DELTA_WIDTH else "nearest"
    slopes = [
        delta(frames, width=DELTA_WIDTH, order=order, mode=mode)
        for order in range(1, n_deltas + 1)
    ]
    return np.hstack([frames, *slopes]) if slopes else frames
