"""load_audio against librosa and soundfile, over formats, rates and channels."""

import io
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mmclassic.exceptions import MediaError
from mmclassic.media import Waveform, load_audio

# librosa looks for backends of its own in modules that Python is about to drop.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*deprecated and slated for removal:DeprecationWarning"
)

RATE = 44100
FORMATS = [
    ("WAV", "PCM_16"),
    ("WAV", "PCM_U8"),
    ("WAV", "PCM_24"),
    ("WAV", "FLOAT"),
    ("AIFF", "PCM_16"),
    ("FLAC", "PCM_16"),
    ("OGG", "VORBIS"),
    ("MP3", "MPEG_LAYER_III"),
]


@pytest.fixture(scope="module")
def stereo() -> np.ndarray:
    time = np.arange(RATE // 2) / RATE
    noise = np.random.default_rng(0).normal(scale=0.01, size=(len(time), 2))
    tones = np.sin(2 * np.pi * time[:, np.newaxis] * np.array([440.0, 1000.0]))
    return (0.3 * tones + noise).astype(np.float32)


def encode(samples, rate=RATE, file_format="WAV", subtype=None) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format=file_format, subtype=subtype)
    return stream.getvalue()


@pytest.mark.parametrize(("file_format", "subtype"), FORMATS)
@pytest.mark.parametrize("sample_rate", [RATE, 22050, 16000, 11025.5])
def test_files_equal_librosa(tmp_path, stereo, file_format, subtype, sample_rate):
    import librosa

    path = tmp_path / f"a.{file_format.lower()}"
    path.write_bytes(encode(stereo, RATE, file_format, subtype))
    samples = load_audio(path, sample_rate=sample_rate)
    expected, _ = librosa.load(path, sr=sample_rate)
    assert samples.dtype == np.float32
    assert samples.shape == expected.shape
    np.testing.assert_allclose(samples, expected, atol=1e-6)


def test_opus_is_read():
    tone = 0.3 * np.sin(np.arange(48000) * 0.06).astype(np.float32)
    samples = load_audio(encode(tone, 48000, "OGG", "OPUS"), sample_rate=48000)
    assert abs(len(samples) - 48000) < 1000
    np.testing.assert_allclose(np.std(samples), np.std(tone), rtol=0.05)


@pytest.mark.parametrize("n_samples", [1, 2, 7, 100, 4001])
def test_the_resampled_length_is_rounded_up_as_librosa_does(n_samples):
    import librosa

    clip = Waveform(np.linspace(-1, 1, n_samples, dtype=np.float32), 8000)
    samples = load_audio(clip, sample_rate=22050)
    expected = librosa.resample(clip.samples, orig_sr=8000, target_sr=22050)
    np.testing.assert_allclose(samples, expected, atol=1e-6)


def test_every_kind_of_cell_gives_the_same_samples(tmp_path, stereo):
    path = tmp_path / "a clip.wav"
    path.write_bytes(encode(stereo, subtype="FLOAT"))
    data, expected = path.read_bytes(), stereo.mean(axis=1)
    cells = [
        path,
        str(path),
        data,
        bytearray(data),
        memoryview(data),
        stereo,
        stereo.tolist(),
        Waveform(stereo, RATE),
        {"bytes": data, "path": "gone.wav"},
        {"bytes": None, "path": str(path)},
        {"array": stereo, "sampling_rate": RATE, "path": "gone.wav"},
        {"array": stereo.tolist(), "sampling_rate": RATE},
    ]
    for cell in cells:
        samples = load_audio(cell, sample_rate=RATE)
        assert samples.dtype == np.float32
        np.testing.assert_allclose(samples, expected, atol=1e-6)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 6])
@pytest.mark.parametrize("order", ["C", "F"])
def test_channels_are_averaged_and_left_alone(n_channels, order):
    noise = np.random.default_rng(0).normal(size=(1000, n_channels))
    channels = np.asarray(noise, np.float32, order=order)
    before = channels.copy()
    samples = load_audio(channels)
    np.testing.assert_allclose(samples, noise.mean(axis=1), rtol=0, atol=1e-6)
    assert samples.flags.c_contiguous
    assert np.array_equal(channels, before)


def test_an_array_is_at_the_rate_asked_for(stereo):
    clip = stereo[:, 0].copy()
    assert load_audio(clip, sample_rate=8000) is clip


def test_stated_rates_are_resampled(stereo):
    expected = load_audio(Waveform(stereo, RATE), sample_rate=8000)
    assert expected.shape == (4000,)
    for cell in ({"array": stereo, "sampling_rate": RATE}, encode(stereo, RATE)):
        np.testing.assert_allclose(
            load_audio(cell, sample_rate=8000), expected, atol=1e-4
        )


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.array([-128, 64], np.int8), [-1, 0.5]),
        (np.array([0, 128, 192], np.uint8), [-1, 0, 0.5]),
        (np.array([-32768, 16384], np.int16), [-1, 0.5]),
        (np.array([-32768, 16384], ">i2"), [-1, 0.5]),
        (np.array([-(2**31), 2**30], np.int32), [-1, 0.5]),
        (np.array([-1, 0.5], np.float16), [-1, 0.5]),
        (np.array([-1, 0.5], ">f8"), [-1, 0.5]),
        (np.array([[-32768, 0]], np.int16), [-0.5]),
    ],
)
def test_integer_samples_are_divided_by_their_full_scale(samples, expected):
    loaded = load_audio(samples)
    assert loaded.dtype == np.float32
    assert loaded.tolist() == expected


def test_silence_stays_silent():
    silence = Waveform(np.zeros(8000), 8000)
    assert not load_audio(silence, sample_rate=22050).any()


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(0), "holds no samples"),
        (np.zeros((0, 2)), "holds no samples"),
        (np.zeros((5, 0)), "sound is of shape"),
        (np.zeros((2, 3, 4)), r"sound is of shape \(n,\) or \(n, n_channels\)"),
        (np.zeros((2, 8000)), "which is 8000 channels; .* Transpose it"),
        (np.array(0.5), "sound is of shape"),
        (np.array([0, np.nan, np.inf]), "holds 2 of 3 samples that are NaN or inf"),
        (np.array([0, 1e300]), "holds 1 of 2 samples that are NaN or inf"),
        (np.array([[np.inf, -np.inf]]), "holds 1 of 1 samples that are NaN or inf"),
        (np.full((3, 2), 3e38, np.float32), "holds 3 of 3 samples that are NaN or"),
        (np.array([1, 2]), "array of int64, which says nothing of its full scale"),
        (np.array([True]), "array of bool"),
        (np.array(["a"]), "array of <U1"),
        (np.array([1j]), "array of complex128"),
    ],
)
def test_arrays_that_are_no_sound_are_refused(samples, message):
    with pytest.raises(MediaError, match=message):
        load_audio(samples)


@pytest.mark.parametrize("rate", [0, -1, float("inf"), "8000"])
def test_a_dict_that_states_no_valid_rate_is_refused(rate):
    with pytest.raises(MediaError, match="states a sampling_rate of"):
        load_audio({"array": np.zeros(5), "sampling_rate": rate})


def test_a_file_of_no_samples_is_refused():
    with pytest.raises(MediaError, match="holds no samples"):
        load_audio(encode(np.zeros(0, np.float32)))


def test_a_float_file_with_nan_is_refused():
    samples = np.array([0, np.nan, 0, 0], np.float32)
    with pytest.raises(MediaError, match="holds 1 of 4 samples that are NaN"):
        load_audio(encode(samples, subtype="FLOAT"))


@pytest.mark.parametrize(("file_format", "subtype"), FORMATS)
def test_a_truncated_file_is_an_error(capfd, stereo, file_format, subtype):
    data = encode(stereo, RATE, file_format, subtype)
    assert len(load_audio(data, sample_rate=RATE)) == len(stereo)
    for n_bytes in (20, 200, len(data) // 2, len(data) * 95 // 100):
        with pytest.raises(MediaError, match="cut short"):
            load_audio(data[:n_bytes])
    assert capfd.readouterr().err == ""


def test_an_mp3_behind_tags_is_whole(stereo):
    data = encode(stereo, file_format="MP3")
    tag = b"ID3\x04\0\0\0\0\x01\x00" + bytes(128)
    expected = load_audio(data)
    np.testing.assert_array_equal(load_audio(tag + data), expected)
    with pytest.raises(MediaError, match="cut short"):
        load_audio(tag + data[:-100])


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", b"\0\0\0\0"])
def test_a_wav_written_to_a_pipe_is_not_taken_for_truncated(stereo, size):
    data = bytearray(encode(stereo, subtype="PCM_16"))
    position = data.index(b"data") + 4
    data[position : position + 4] = size
    if size == b"\0\0\0\0":
        with pytest.raises(MediaError, match="holds no samples"):
            load_audio(bytes(data))
    else:
        assert len(load_audio(bytes(data), sample_rate=RATE)) == len(stereo)


def test_damaged_bytes_never_raise_anything_but_media_error(stereo):
    rng = np.random.default_rng(0)
    n_errors = 0
    for file_format, subtype in FORMATS:
        data = encode(stereo[:2000], RATE, file_format, subtype)
        for _ in range(15):
            damaged = bytearray(data)
            for position in rng.integers(4, min(len(data), 300), 4):
                damaged[position] = rng.integers(256)
            try:
                load_audio(bytes(damaged), max_seconds=100)
            except MediaError:
                n_errors += 1
    assert n_errors


def test_too_many_seconds_are_refused_before_decoding(monkeypatch, stereo):
    data = encode(stereo)
    monkeypatch.setattr(
        soundfile.SoundFile, "read", lambda *_, **__: pytest.fail("it was decoded")
    )
    with pytest.raises(MediaError, match="lasts 0.5 s, more than max_seconds=0.4. R"):
        load_audio(data, max_seconds=0.4)


def test_the_limit_of_seconds_holds_for_arrays():
    clip = np.zeros(100)
    with pytest.raises(MediaError, match="lasts 10 s, more than max_seconds=9.9"):
        load_audio(clip, sample_rate=10, max_seconds=9.9)
    assert len(load_audio(clip, sample_rate=10, max_seconds=10)) == 100
    assert len(load_audio(clip, sample_rate=10, max_seconds=None)) == 100


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 bytes is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "holds a PNG picture, not sound"),
        (b"some words, no sound", "holds text, not sound"),
        (b"\x01\x02\x03\x04\xfe\xfd", "holds unknown data, not sound"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "is cut short"),
        (b"fLaC" + bytes(50), "begins as flac sound does but can't be decoded"),
    ],
)
def test_what_is_no_sound_is_named(data, message):
    with pytest.raises(MediaError, match=message):
        load_audio(data)


def test_text_named_as_a_sound_is_named_with_its_path(tmp_path):
    path = tmp_path / "a.ogg"
    path.write_text("nothing to hear")
    with pytest.raises(MediaError, match=r"^'.*a\.ogg' holds text, not") as caught:
        load_audio(path)
    assert isinstance(caught.value.__cause__, soundfile.SoundFileError)


@pytest.mark.parametrize("name", ["a.png", "a.raw", "a"])
def test_the_content_counts_and_not_the_name(tmp_path, stereo, name):
    path = tmp_path / name
    path.write_bytes(encode(stereo))
    assert len(load_audio(path, sample_rate=RATE)) == len(stereo)


def test_files_are_read_alike_where_descriptors_are_not_shared(
    tmp_path, monkeypatch, stereo
):
    for name, file_format in (("a.flac", "FLAC"), ("a.mp3", "MP3"), ("a.raw", "WAV")):
        path = tmp_path / name
        path.write_bytes(encode(stereo, file_format=file_format))
        expected = load_audio(path)
        with monkeypatch.context() as context:
            context.setattr("mmclassic.media._audio_file.TAKES_DESCRIPTORS", False)
            np.testing.assert_array_equal(load_audio(path), expected)


def test_the_message_for_another_type_says_what_a_cell_may_hold():
    with pytest.raises(MediaError, match="^An int is not sound. A cell may hold a pa"):
        load_audio(7)


def test_parameters_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"'sample_rate' .* \(0, inf\). Got 0 instead"):
        load_audio(np.zeros(3), sample_rate=0)
    with pytest.raises(ValueError, match=r"'max_seconds' .* or None. Got -1 instead"):
        load_audio(np.zeros(3), max_seconds=-1)
    with pytest.raises(ValueError, match="'sample_rate' .* Got None instead"):
        load_audio(np.zeros(3), sample_rate=None)


def test_the_function_pickles():
    assert pickle.loads(pickle.dumps(load_audio)) is load_audio


def test_threads_load_what_one_thread_loads(stereo):
    clips = [encode(stereo[n:], file_format="FLAC") for n in range(0, 4000, 100)]
    expected = [load_audio(clip) for clip in clips]
    with ThreadPoolExecutor(4) as pool:
        for samples, alone in zip(pool.map(load_audio, clips), expected, strict=True):
            np.testing.assert_array_equal(samples, alone)


def test_a_waveform_pickles_and_knows_its_duration(stereo):
    clip = pickle.loads(pickle.dumps(Waveform(stereo, RATE)))
    np.testing.assert_array_equal(clip.samples, stereo)
    assert clip.duration == 0.5


def test_a_waveform_of_wrong_shape_or_rate_is_refused():
    with pytest.raises(ValueError, match=r"samples must be of shape"):
        Waveform(np.zeros((2, 2, 2)), 8000)
    for rate in (0, -8000, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="sample_rate must be a positive number"):
            Waveform(np.zeros(3), rate)
    assert Waveform([0.0, 0.5], 8000).samples.shape == (2,)


def test_real_clips_load_and_equal_librosa(data_folder: Path):
    import librosa

    paths = sorted(data_folder.glob("esc10/**/*.ogg"))[::80]
    paths += sorted(data_folder.glob("fsdd/**/*.wav"))[::500]
    paths += sorted(data_folder.glob("stamps/**/*.ogg"))[::100]
    paths += sorted(data_folder.glob("prompts/**/*.ogg"))[::100]
    assert len(paths) > 15
    for path in paths:
        expected, _ = librosa.load(path, sr=22050)
        np.testing.assert_allclose(load_audio(path), expected, atol=1e-6)
