"""From samples to mel-frequency cepstral coefficients, and their slopes over time."""

import math
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from mmclassic._kernels.spectrum import check_samples, mel_spectrogram, to_decibels

__all__ = ["cepstrum", "delta", "mfcc"]


def mfcc(
    y: Any,
    *,
    sample_rate: float = 22050,
    n_mfcc: int = 20,
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
    top_db: float | None = 80.0,
    dct_type: int = 2,
    norm: str | None = "ortho",
    lifter: float = 0,
) -> np.ndarray:
    """Compute mel-frequency cepstral coefficients (MFCC), one frame a row.

    The values are those of ``librosa.feature.mfcc(y=y, sr=sample_rate, ...)``, with
    its names and defaults, **transposed**: librosa gives (n_mfcc, n_frames).

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Floating-point samples of one channel. float64 is computed in float64.
    sample_rate : float, default=22050
        Hertz; librosa's ``sr``.
    n_mfcc : int, default=20
        Coefficients to keep of each frame, at most ``n_mels``.
    n_fft : int, default=2048
        Length of a frame, samples.
    hop_length : int, default=512
        From one frame to the next, samples.
    win_length : int or None, default=None
        Length of the window, samples, zero-padded to ``n_fft``. None is ``n_fft``.
    window : str, tuple, float, callable or array-like, default="hann"
        As in ``scipy.signal.get_window``; a callable is given ``win_length``; an
        array holds ``win_length`` values.
    center : bool, default=True
        Whether frame ``t`` is centred at sample ``t * hop_length``; the clip is then
        padded by ``n_fft // 2`` on either side, and may be shorter than ``n_fft``.
        Otherwise frame ``t`` begins there.
    pad_mode : str, default="constant"
        How to pad, a mode of ``numpy.pad``.
    power : float, default=2.0
        Exponent of the magnitude spectrum: 1 for magnitude, 2 for power.
    n_mels : int, default=128
        Mel bands.
    fmin : float, default=0.0
        Lowest frequency, hertz.
    fmax : float or None, default=None
        Highest frequency, hertz. None is ``sample_rate / 2``.
    htk : bool, default=False
        Whether to use HTK's mel scale instead of Slaney's.
    mel_norm : "slaney", float or None, default="slaney"
        "slaney" divides each band by its width; a number scales each band's weights
        to unit norm of that order.
    top_db : float or None, default=80.0
        Raises values to no lower than this many decibels below the clip's loudest.
        None keeps them.
    dct_type : {1, 2, 3}, default=2
        Type of the cosine transform.
    norm : "ortho" or None, default="ortho"
        Normalisation of the cosine transform.
    lifter : float, default=0
        Above 0, scales coefficient ``i`` by
        ``1 + lifter / 2 * sin(pi * (i + 1) / lifter)``.

    Returns
    -------
    ndarray of shape (n_frames, n_mfcc), float32 or float64 as ``y``
        Decibels. With ``center``, ``n_frames`` is ``1 + n_samples // hop_length``
        for even ``n_fft``.

    Raises
    ------
    ValueError
        If ``y`` is empty, not one channel, not floating-point or not finite; if it
        is shorter than a frame that is not centred; if a parameter is out of range.

    Warns
    -----
    UserWarning
        If mel bands are so narrow that no frequency falls inside them.

    References
    ----------
    Davis, S. & Mermelstein, P. (1980). Comparison of parametric representations for
    monosyllabic word recognition in continuously spoken sentences. IEEE Transactions
    on Acoustics, Speech, and Signal Processing, 28(4), 357-366.
    https://doi.org/10.1109/TASSP.1980.1163420

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.audio import mfcc
    >>> t = np.arange(22050) / 22050
    >>> frames = mfcc(np.sin(2 * np.pi * 440 * t), sample_rate=22050, n_mfcc=13)
    >>> frames.shape
    (44, 13)
    """
    if not 1 <= n_mfcc <= n_mels or n_mfcc != int(n_mfcc):
        raise ValueError(
            f"n_mfcc must be an int in the range [1, n_mels={n_mels}]. Got {n_mfcc} "
            "instead."
        )
    samples = check_samples(y)
    # Within 80 dB of the loudest, float32 is right to 1e-4 dB. Beyond, its rounding
    # would show; a lifter would magnify it.
    rounding_shows = top_db is None or top_db > 80 or power < 2 or lifter > 0
    mel = mel_spectrogram(
        samples.astype(np.float64) if rounding_shows else samples,
        sample_rate=sample_rate,
        n_fft=n_fft,
        hop_length=hop_length,
        win_length=win_length,
        window=window,
        center=center,
        pad_mode=pad_mode,
        power=power,
        n_mels=n_mels,
        fmin=fmin,
        fmax=fmax,
        htk=htk,
        mel_norm=mel_norm,
    )
    decibels = to_decibels(mel, top_db=top_db)
    return cepstrum(
        decibels, n_mfcc=n_mfcc, dct_type=dct_type, norm=norm, lifter=lifter
    ).astype(samples.dtype, copy=False)


def cepstrum(
    decibels: np.ndarray,
    *,
    n_mfcc: int = 20,
    dct_type: int = 2,
    norm: str | None = "ortho",
    lifter: float = 0,
) -> np.ndarray:
    """Turn decibels of shape (n_mels, n_frames) into MFCC of (n_frames, n_mfcc)."""
    if dct_type not in (1, 2, 3):
        raise ValueError(f"dct_type must be 1, 2 or 3. Got {dct_type!r} instead.")
    if lifter < 0:
        raise ValueError(f"lifter must be at least 0. Got {lifter} instead.")
    frames = cv2.transpose(decibels)
    # Not a matrix product: its last bits vary with the number of BLAS threads.
    if dct_type == 2 and norm == "ortho" and frames.shape[1].bit_count() == 1:
        transformed = cv2.dct(frames, flags=cv2.DCT_ROWS)  # fast for powers of two
    else:
        import scipy.fft  # 0.15 s in a new process; the default need not pay it

        transformed = scipy.fft.dct(frames, axis=1, type=dct_type, norm=norm)
    coefficients: np.ndarray = np.ascontiguousarray(transformed[:, :n_mfcc])
    if lifter > 0:
        order = np.arange(1, n_mfcc + 1, dtype=decibels.dtype)
        coefficients *= 1 + lifter / 2 * np.sin(np.pi * order / lifter)
    return coefficients


def delta(
    features: Any, *, width: int = 9, order: int = 1, mode: str = "interp"
) -> np.ndarray:
    """Estimate how features change from frame to frame.

    The derivative of a polynomial of degree ``order`` fitted to ``width`` frames: the
    values of ``librosa.feature.delta``, with frames in rows.

    Parameters
    ----------
    features : array-like of shape (n_frames, n_features)
    width : int, default=9
        Frames fitted, odd, at least 3 and above ``order``.
    order : int, default=1
        1 for the slope, 2 for its change.
    mode : {"interp", "nearest"}, default="interp"
        Near the ends: "interp" takes the fit to the first or last ``width`` frames;
        "nearest" repeats the first or last frame, so that few frames suffice.

    Returns
    -------
    ndarray of shape (n_frames, n_features), float32 or float64 as ``features``

    Raises
    ------
    ValueError
        If there are fewer than ``width`` frames in mode "interp", or a parameter is
        out of range.

    References
    ----------
    Savitzky, A. & Golay, M. (1964). Smoothing and differentiation of data by
    simplified least squares procedures. Analytical Chemistry, 36(8), 1627-1639.
    https://doi.org/10.1021/ac60214a047

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic._kernels.mfcc import delta
    >>> delta(np.arange(0.0, 30.0, 3.0)[:, None])[:3]
    array([[3.], [3.], [3.]])
    """
    features = np.asarray(features)
    if features.dtype.kind != "f":
        features = features.astype(np.float64)
    if width < 3 or width % 2 == 0 or not 1 <= order < width:
        raise ValueError(
            "width must be an odd int, at least 3 and above order, which is at least "
            f"1. Got width={width} and order={order} instead."
        )
    if mode not in ("interp", "nearest"):
        raise ValueError(f"mode must be 'interp' or 'nearest'. Got {mode!r} instead.")
    if mode == "interp" and len(features) < width:
        raise ValueError(
            f"features holds {len(features)} frames; mode='interp' needs "
            f"width={width}. Lower width, or use mode='nearest'."
        )
    features = features - features[:1]  # what never changes is 0 to the bit
    half = width // 2
    if mode == "nearest":
        features = np.pad(features, ((half, half), (0, 0)), mode="edge")
    weights = _derivative_weights(width, order).astype(features.dtype)
    n_inner = len(features) - width + 1
    inner = np.zeros((n_inner, features.shape[1]), dtype=features.dtype)
    for offset, weight in enumerate(weights):
        inner += weight * features[offset : offset + n_inner]
    if mode == "nearest":
        return inner
    # The derivative of degree ``order`` of that polynomial is constant along the fit.
    return np.pad(inner, ((half, half), (0, 0)), mode="edge")


@lru_cache(maxsize=32)
def _derivative_weights(width: int, order: int) -> np.ndarray:
    """Return what values weigh in the derivative of the polynomial fitted to them."""
    steps = np.arange(width) - width // 2
    fit = np.linalg.pinv(np.vander(steps, order + 1, increasing=True))
    weights = math.factorial(order) * fit[order]
    weights.flags.writeable = False
    return weights
