"""mfcc and delta against librosa, analytic cases and bad input."""

import subprocess
import sys
import tracemalloc
import warnings

import cv2
import librosa
import numpy as np
import pytest

from mmclassic._kernels import spectrum
from mmclassic._kernels.mfcc import delta, mfcc

DECIBELS = 1e-3


def make_sound(kind: str, n_samples: int, sample_rate: int = 22050) -> np.ndarray:
    t = np.arange(n_samples) / sample_rate
    noise = np.random.default_rng(0).standard_normal(n_samples)
    return {
        "noise": 0.1 * noise,
        "tone": np.sin(2 * np.pi * 440 * t),
        "sweep": np.sin(2 * np.pi * (100 + 2000 * t) * t) * np.exp(-3 * t),
        "tone over faint noise": np.sin(2 * np.pi * 1000 * t) + 1e-6 * noise,
        "silence": 0 * t,
    }[kind]


def librosa_mfcc(y: np.ndarray, **parameters) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of short clips and empty filters
        return librosa.feature.mfcc(y=y, **parameters).T


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_samples", [1, 100, 2048, 11025, 66151])
@pytest.mark.parametrize(
    "kind", ["noise", "tone", "sweep", "tone over faint noise", "silence"]
)
def test_mfcc_equals_librosa_by_default(kind, n_samples, dtype):
    y = make_sound(kind, n_samples).astype(dtype)
    frames = mfcc(y)
    assert frames.dtype == dtype
    np.testing.assert_allclose(frames, librosa_mfcc(y), rtol=0, atol=DECIBELS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sample_rate", [8000, 16000, 22050, 44100])
@pytest.mark.parametrize(
    "parameters",
    [
        {"n_mfcc": 13, "n_fft": 512, "hop_length": 160, "n_mels": 40, "htk": True},
        {"n_fft": 511, "hop_length": 100, "n_mels": 30, "center": False},
        {"n_fft": 1024, "win_length": 401, "window": "hamming", "n_mels": 26},
        {"fmin": 50, "fmax": 3900, "lifter": 22, "n_mfcc": 40, "n_mels": 40},
        {"power": 1, "dct_type": 3, "mel_norm": None},
        {"power": 1.5, "dct_type": 1, "norm": None, "mel_norm": 2},
        {"mel_norm": 1, "window": ("kaiser", 8.0), "hop_length": 2500},
        {"pad_mode": "reflect", "window": np.hanning},
        {"pad_mode": "edge", "window": np.hanning(1000), "win_length": 1000},
    ],
)
def test_mfcc_equals_librosa_for_any_parameters(parameters, sample_rate, dtype):
    for kind in ("noise", "sweep"):
        y = make_sound(kind, 9001, sample_rate).astype(dtype)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* mel filters")
            frames = mfcc(y, sample_rate=sample_rate, **parameters)
        expected = librosa_mfcc(y, sr=sample_rate, **parameters)
        # rtol: what float32 can tell apart of values in thousands, where norm=None
        np.testing.assert_allclose(frames, expected, rtol=5e-7, atol=DECIBELS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_samples", [1, 50, 9001])
@pytest.mark.parametrize(
    ("n_fft", "n_mels"),
    [(1, 1), (2, 1), (3, 1), (4, 2), (6, 2), (62, 6), (63, 6), (882, 32), (2206, 128)],
)
def test_mfcc_equals_librosa_for_any_length_of_frame(n_fft, n_mels, n_samples, dtype):
    y = make_sound("sweep", n_samples).astype(dtype)
    parameters = {
        "n_fft": n_fft,
        "hop_length": max(1, n_fft // 3),
        "n_mels": n_mels,
        "n_mfcc": n_mels,
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* mel filters")
        frames = mfcc(y, **parameters)
    expected = librosa_mfcc(y, **parameters)
    np.testing.assert_allclose(frames, expected, rtol=0, atol=DECIBELS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("power", [0.5, 1, 2, 3])
def test_mfcc_equals_librosa_for_any_power(power, dtype):
    y = make_sound("tone over faint noise", 9001).astype(dtype)
    expected = librosa_mfcc(y, power=power)
    np.testing.assert_allclose(mfcc(y, power=power), expected, rtol=0, atol=DECIBELS)


@pytest.mark.parametrize("kind", ["sweep", "tone over faint noise", "silence"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_mfcc_equals_librosa_where_opencv_lacks_intels_routines(
    monkeypatch, kind, dtype
):
    y = make_sound(kind, 66151).astype(dtype)
    fast = mfcc(y)
    monkeypatch.setattr(cv2.ipp, "useIPP", lambda: False)
    monkeypatch.delattr(cv2, "dft")
    frames = mfcc(y)
    np.testing.assert_allclose(frames, librosa_mfcc(y), rtol=0, atol=DECIBELS)
    np.testing.assert_allclose(frames, fast, rtol=0, atol=DECIBELS)


@pytest.mark.parametrize("top_db", [None, 20.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_top_db_is_that_of_librosa(top_db, dtype):
    y = make_sound("sweep", 22050).astype(dtype)
    power = librosa.feature.melspectrogram(y=y, sr=22050)
    expected = librosa.feature.mfcc(S=librosa.power_to_db(power, top_db=top_db)).T
    np.testing.assert_allclose(mfcc(y, top_db=top_db), expected, rtol=0, atol=DECIBELS)


def test_a_louder_clip_differs_in_the_first_coefficient_only():
    y = make_sound("noise", 22050)
    louder = mfcc(10 * y) - mfcc(y)
    # 20 dB in each of 128 bands, through an orthonormal transform
    np.testing.assert_allclose(louder[:, 0], 20 * np.sqrt(128), atol=1e-9)
    np.testing.assert_allclose(louder[:, 1:], 0, atol=1e-9)


@pytest.mark.parametrize("n_fft", [2048, 2047])
def test_frames_do_not_depend_on_the_blocks_they_are_computed_in(monkeypatch, n_fft):
    y = make_sound("noise", 30000).astype(np.float32)
    whole = mfcc(y, n_fft=n_fft)
    for n_frames in (1, 3, 58, 59):  # of 59, or of 58 where n_fft is odd
        monkeypatch.setattr(spectrum, "BLOCK_SAMPLES", n_frames * n_fft)
        np.testing.assert_allclose(mfcc(y, n_fft=n_fft), whole, rtol=0, atol=1e-4)


@pytest.mark.parametrize("n_frames", [1, 71, 72, 73, 145])
def test_clips_that_end_at_the_edge_of_a_block_equal_librosa(n_frames):
    y = make_sound("noise", 2048 + 512 * (n_frames - 1)).astype(np.float32)
    frames = mfcc(y, center=False)
    assert len(frames) == n_frames
    expected = librosa_mfcc(y, center=False)
    np.testing.assert_allclose(frames, expected, rtol=0, atol=DECIBELS)


def test_mfcc_repeats_to_the_bit_wherever_its_samples_lie():
    y = make_sound("noise", 30000).astype(np.float32)
    expected = mfcc(y)
    for shift in range(1, 20):
        copy = np.concatenate([np.zeros(shift, np.float32), y])[shift:]
        assert np.array_equal(mfcc(copy), expected)


def test_mfcc_repeats_to_the_bit_for_any_number_of_threads():
    y = make_sound("noise", 100000).astype(np.float32)
    n_threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        expected = mfcc(y)
        cv2.setNumThreads(4)
        assert np.array_equal(mfcc(y), expected)
    finally:
        cv2.setNumThreads(n_threads)


def test_a_long_clip_is_computed_in_less_than_twice_its_own_memory():
    y = make_sound("noise", 60 * 22050).astype(np.float32)
    mfcc(y[:5000])  # what is built once
    tracemalloc.start()
    try:
        mfcc(y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * y.nbytes


def test_mfcc_takes_strided_foreign_and_half_precision_samples():
    y = make_sound("noise", 5000).astype(np.float32)
    expected = mfcc(y, center=False)
    twice = np.repeat(y, 2)[::2]
    assert np.array_equal(mfcc(twice, center=False), expected)
    assert np.array_equal(mfcc(y.astype(">f4"), center=False), expected)
    assert mfcc(y.astype(np.float16)).dtype == np.float32


def test_mfcc_leaves_its_input_alone():
    y = make_sound("noise", 5000)
    before = y.copy()
    mfcc(y, center=False)
    assert np.array_equal(y, before)


def test_narrow_mel_filters_are_warned_about():
    with pytest.warns(UserWarning, match=r"mel filters lie between .* Lower n_mels"):
        mfcc(make_sound("noise", 5000), n_fft=256)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(0), r"y is empty \(0 samples\)"),
        (np.zeros((2, 9)), r"shape \(2, 9\) instead. Average the channels"),
        (np.zeros(9, dtype=np.int16), "int16 instead. Divide 16-bit"),
        (np.array([0.0, np.nan]), "NaN or infinity"),
        (np.array([0.0, np.inf]), "NaN or infinity"),
        (["a"], "must hold floating-point samples"),
    ],
)
def test_samples_that_are_not_sound_are_named(y, message):
    with pytest.raises(ValueError, match=message):
        mfcc(y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"center": False}, "y holds 1000 samples; a frame needs n_fft=2048"),
        ({"n_mfcc": 129}, r"n_mfcc must be an int in the range \[1, n_mels=128\]"),
        ({"n_mfcc": 0}, "n_mfcc must be an int"),
        ({"n_mfcc": 2.5}, "n_mfcc must be an int"),
        ({"n_fft": 0}, "n_fft must be an int, 1 or more. Got 0"),
        ({"hop_length": 0.5}, "hop_length must be an int"),
        ({"sample_rate": 0}, "sample_rate must be a number above 0"),
        ({"win_length": 4096}, r"win_length must be in the range \[1, n_fft=2048\]"),
        ({"window": np.ones(3)}, r"window must give win_length=2048 values"),
        ({"power": 0}, "power must be above 0"),
        ({"fmin": 500, "fmax": 400}, "fmin < fmax"),
        ({"fmin": -1}, "0 <= fmin"),
        ({"mel_norm": "htk"}, "mel_norm must be 'slaney', a number or None"),
        ({"pad_mode": "sideways"}, "pad_mode must be a mode of numpy.pad"),
        ({"top_db": -1}, "top_db must be at least 0"),
        ({"dct_type": 4}, "dct_type must be 1, 2 or 3"),
        ({"lifter": -1}, "lifter must be at least 0"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        mfcc(np.zeros(1000), **parameters)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_frame_levels_are_the_mean_power_of_centred_frames(dtype):
    y = make_sound("sweep", 100_000).astype(dtype)
    padded = np.pad(y.astype(np.float64), 512)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 1024)[::256]
    expected = 10 * np.log10(np.maximum(np.square(frames).mean(axis=1), 1e-10))
    levels = spectrum.frame_levels(y, n_fft=1024, hop_length=256)
    assert levels.dtype == dtype
    np.testing.assert_allclose(levels, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("mode", ["interp", "nearest"])
@pytest.mark.parametrize(("width", "order"), [(9, 1), (9, 2), (3, 1), (5, 3)])
@pytest.mark.parametrize("n_frames", [9, 30])
def test_delta_equals_librosa(n_frames, width, order, mode):
    features = np.random.default_rng(0).standard_normal((n_frames, 4))
    expected = librosa.feature.delta(features.T, width=width, order=order, mode=mode).T
    result = delta(features, width=width, order=order, mode=mode)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12)


def test_delta_of_one_repeated_frame_is_zero():
    frame = np.ones((1, 5), dtype=np.float32)
    assert np.array_equal(delta(frame, mode="nearest"), 0 * frame)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"width": 4}, "width must be an odd int"),
        ({"width": 3, "order": 3}, "above order"),
        ({"order": 0}, "at least 1"),
        ({"mode": "wrap"}, "mode must be 'interp' or 'nearest'"),
        ({"width": 11}, "features holds 10 frames; mode='interp' needs width=11"),
    ],
)
def test_bad_parameters_of_delta_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        delta(np.zeros((10, 2)), **parameters)


def test_the_first_mfcc_of_a_process_imports_only_what_it_uses():
    code = (
        "import sys, numpy; from mmclassic.audio import mfcc; mfcc(numpy.zeros(9));"
        "heavy = {'sklearn', 'librosa', 'pandas', 'scipy.signal', 'scipy.fft'};"
        "sys.exit(bool(heavy & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
