"""MFCC as a transformer: equal to librosa, trimmed, silent, short and real clips."""

import warnings

import librosa
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mmclassic.audio import MFCC, Waveform, mfcc
from mmclassic.exceptions import InvalidItemWarning, MediaError


@pytest.fixture
def noise() -> np.ndarray:
    samples = np.random.default_rng(0).standard_normal(22050)
    return (0.1 * samples).astype(np.float32)


@pytest.mark.parametrize("deltas", [0, 1, 2])
def test_describe_is_librosas_mfcc_with_its_deltas(noise, deltas):
    features = MFCC(deltas=deltas).describe(noise)
    first = librosa.feature.mfcc(y=noise, sr=22050)
    orders = [librosa.feature.delta(first, order=k) for k in range(1, deltas + 1)]
    expected = np.vstack([first, *orders]).T
    np.testing.assert_allclose(features.descriptors, expected, rtol=0, atol=1e-3)


def test_parameters_reach_the_function(noise):
    parameters = {
        "n_mfcc": 13,
        "n_fft": 400,
        "hop_length": 160,
        "n_mels": 26,
        "fmin": 60,
        "fmax": 7000,
        "top_db": 50,
    }
    features = MFCC(16000, **parameters).describe(noise)
    expected = mfcc(noise, sample_rate=16000, **parameters)
    assert np.array_equal(features.descriptors, expected)


@pytest.mark.parametrize(
    ("sample_rate", "n_fft"), [(8000, 512), (16000, 1024), (22050, 2048), (48000, 4096)]
)
def test_the_frame_follows_the_sample_rate_and_no_mel_band_is_empty(sample_rate, n_fft):
    clip = np.ones(3 * n_fft, dtype=np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = MFCC(sample_rate).describe(clip)
    assert len(features) == 1 + 3 * 4
    with pytest.raises(MediaError, match=f"needs n_fft={n_fft}"):
        MFCC(sample_rate).describe(clip[: n_fft - 1])


def test_transform_is_mean_and_standard_deviation_over_frames(noise):
    transformer = MFCC(n_mfcc=13, deltas=1)
    rows = transformer.fit_transform([noise, noise[:9000]])
    frames = transformer.describe(noise).descriptors
    assert rows.dtype == np.float32
    assert rows.shape == (2, 2 * 26)
    np.testing.assert_allclose(rows[0, :26], frames.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(rows[0, 26:], frames.std(axis=0), atol=1e-3)


def test_feature_names_say_coefficient_derivative_and_statistic():
    names = MFCC(n_mfcc=2, deltas=2).get_feature_names_out()
    assert list(names[:6]) == [
        "mfcc_mean0",
        "mfcc_mean1",
        "mfcc_delta_mean0",
        "mfcc_delta_mean1",
        "mfcc_delta2_mean0",
        "mfcc_delta2_mean1",
    ]
    assert len(set(names)) == 12
    assert names[-1] == "mfcc_delta2_std1"


def test_trim_drops_quiet_frames_and_spreads_positions_over_what_is_left(noise):
    clip = np.concatenate([1e-4 * noise, noise, 1e-4 * noise])
    whole = MFCC().describe(clip)
    kept = MFCC(trim=50).describe(clip)
    # the middle third, and the frames that overlap it
    assert len(whole) / 3 < len(kept) < len(whole) / 3 + 5
    assert kept.positions[0] == 0
    assert kept.positions[-1] == 1
    assert np.all(np.diff(kept.positions[:, 0]) > 0)
    start = np.flatnonzero((whole.descriptors == kept.descriptors[0]).all(axis=1))[0]
    assert np.array_equal(
        whole.descriptors[start : start + len(kept)], kept.descriptors
    )


def test_trim_drops_a_pause_too_and_keeps_the_time_of_what_follows(noise):
    clip = np.concatenate([noise, 0 * noise, noise])
    kept = MFCC(trim=50).describe(clip)
    gap = np.diff(kept.positions[:, 0])
    assert gap.max() > 0.25
    assert np.isclose(np.median(gap), 1 / (len(clip) // 512), rtol=0.01)


@pytest.mark.parametrize("trim", [None, 50.0])
def test_a_silent_clip_has_finite_frames_that_never_change(trim):
    silence = np.zeros(22050, dtype=np.float32)
    features = MFCC(deltas=2, trim=trim).describe(silence)
    assert len(features) == 44
    assert np.allclose(features.descriptors[:, 0], -100 * np.sqrt(128))
    assert np.allclose(features.descriptors[:, 1:20], 0, atol=1e-3)
    assert np.array_equal(features.descriptors[:, 20:], np.zeros((44, 40)))


def test_a_clip_of_few_frames_has_deltas():
    clip = np.random.default_rng(0).standard_normal(2048).astype(np.float32)
    features = MFCC(deltas=2).describe(clip)
    assert features.descriptors.shape == (5, 60)
    assert np.isfinite(features.descriptors).all()


def test_a_clip_of_one_frame_stands_at_the_beginning():
    clip = np.ones(512, dtype=np.float32)
    features = MFCC(8000, hop_length=1000, deltas=1).describe(clip)
    assert len(features) == 1
    assert np.array_equal(features.positions, [[0.0]])
    assert np.array_equal(features.descriptors[:, 20:], np.zeros((1, 20)))


def test_a_clip_shorter_than_a_frame_is_named(noise):
    X = pd.Series([noise, noise[:100]], index=["long", "short"])
    with pytest.raises(
        MediaError,
        match=r"Row 1 \(.*index 'short'\) holds 100 samples at 22050 Hz; MFCC needs "
        r"n_fft=2048. Lower n_fft or drop the row.",
    ):
        MFCC().transform(X)


def test_invalid_and_missing_clips_become_nan_on_request(noise):
    clips = [noise, noise[:100], None, "no such file.wav"]
    with pytest.warns(InvalidItemWarning, match="rows 1, 3"):
        rows = MFCC(invalid="missing").transform(clips)
    assert np.isfinite(rows[0]).all()
    assert np.isnan(rows[1:]).all()


def test_a_waveform_is_resampled_to_the_rate(noise):
    rows = MFCC(8000).transform([Waveform(noise, 22050), noise[:8000]])
    assert np.isfinite(rows).all()
    assert len(MFCC(8000).describe(Waveform(noise, 22050))) == 1 + 8000 // 128


def test_rows_are_equal_to_the_bit_for_any_n_jobs_and_order(noise):
    clips = [noise[: 3000 + 700 * i] for i in range(20)]
    rows = MFCC(deltas=2, trim=50).transform(clips)
    assert np.array_equal(MFCC(deltas=2, trim=50, n_jobs=2).transform(clips), rows)
    assert np.array_equal(MFCC(deltas=2, trim=50).transform(clips[::-1])[::-1], rows)
    assert np.array_equal(MFCC(deltas=2, trim=50).transform(clips[7:8])[0], rows[7])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sample_rate": 0}, "The 'sample_rate' parameter of MFCC"),
        ({"n_mfcc": 0}, "The 'n_mfcc' parameter of MFCC"),
        ({"n_mfcc": 40, "n_mels": 20}, r"'n_mels' parameter of MFCC .* \[n_mfcc=40"),
        ({"deltas": 3}, "The 'deltas' parameter of MFCC"),
        ({"trim": -1}, "The 'trim' parameter of MFCC"),
        ({"fmin": 9000, "sample_rate": 16000}, r"'fmin' parameter .* fmax=8000\)"),
        ({"invalid": "ignore"}, "The 'invalid' parameter of MFCC"),
    ],
)
def test_a_bad_parameter_is_named_before_any_clip_is_read(parameters, message):
    with pytest.raises(ValueError, match=message):
        MFCC(**parameters).fit(["no such file.wav"])
    with pytest.raises(ValueError, match=message):
        MFCC(**parameters).transform(["no such file.wav"])


def test_clone_and_frames_keep_parameters_and_names(noise):
    transformer = clone(MFCC(16000, n_mfcc=13)).set_output(transform="pandas")
    table = transformer.fit_transform(pd.DataFrame({"clip": [noise]}, index=[7]))
    assert list(table.columns) == list(transformer.get_feature_names_out())
    assert transformer.get_params()["n_mfcc"] == 13
