"""audio_blocks gives the samples of load_audio, some seconds at a time."""

import io
import tracemalloc

import numpy as np
import pytest
import soundfile

from mmclassic.exceptions import MediaError
from mmclassic.media import Waveform, audio_blocks, load_audio
from tests.common.clips import encode as encode_video
from tests.common.clips import frame_of, tone

RATE = 44100


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (0.1 * rng.standard_normal((RATE * 2 + 77, 2))).astype(np.float32)


def encode(samples, rate=RATE, file_format="WAV") -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format=file_format)
    return stream.getvalue()


@pytest.mark.parametrize("file_format", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("sample_rate", [RATE, 16000, 22050])
def test_the_blocks_of_a_file_are_what_is_loaded_at_once(
    noise, tmp_path, file_format, sample_rate
):
    path = tmp_path / "a"
    path.write_bytes(encode(noise, file_format=file_format))
    blocks = list(audio_blocks(path, sample_rate=sample_rate, seconds=0.3))
    assert len(blocks) >= 7
    assert max(map(len, blocks)) < 0.35 * sample_rate
    np.testing.assert_array_equal(
        np.concatenate(blocks), load_audio(path, sample_rate=sample_rate)
    )


@pytest.mark.parametrize("sample_rate", [RATE, 16000])
def test_every_kind_of_cell_is_read_in_blocks(noise, sample_rate):
    pcm = np.rint(noise * 2**15).astype(np.int16)
    for cell in (
        encode(noise),
        {"bytes": encode(noise), "path": None},
        Waveform(noise, RATE),
        {"array": pcm, "sampling_rate": RATE},
        noise[:, 0],
        noise[:3].tolist(),
    ):
        blocks = list(audio_blocks(cell, sample_rate=sample_rate, seconds=0.5))
        expected = load_audio(cell, sample_rate=sample_rate)
        np.testing.assert_array_equal(np.concatenate(blocks), expected)


def test_the_track_of_a_video_is_read_in_blocks(data_folder):
    made = encode_video([frame_of(i) for i in range(20)], sound=tone(2.0))
    for cell in (made, data_folder / "video" / "big_buck_bunny.webm"):
        blocks = list(audio_blocks(cell, sample_rate=16000, seconds=0.7))
        np.testing.assert_array_equal(
            np.concatenate(blocks), load_audio(cell, sample_rate=16000)
        )
        assert max(map(len, blocks)) < 0.8 * 16000
    with pytest.raises(MediaError, match="without a track of sound"):
        next(audio_blocks(encode_video([frame_of(0)] * 5)))


@pytest.mark.parametrize("cell", [np.zeros(0, np.float32), encode(np.zeros((0, 1)))])
def test_a_clip_without_samples_is_refused(cell):
    with pytest.raises(MediaError, match="no samples"):
        list(audio_blocks(cell))


def test_a_damaged_end_is_told_of_once_it_is_reached(noise):
    flac = encode(noise, file_format="FLAC")
    blocks = audio_blocks(flac[: len(flac) // 2], seconds=0.1)
    assert len(next(blocks))
    with pytest.raises(MediaError, match="cut short"):
        list(blocks)
    wav = encode(noise)
    with pytest.raises(MediaError, match="cut short"):
        next(audio_blocks(wav[: len(wav) // 2]))


def test_what_is_not_finite_or_no_sound_is_refused_with_the_cell(noise):
    bad = noise.copy()
    bad[RATE] = np.nan
    blocks = audio_blocks(bad, sample_rate=RATE, seconds=0.5)
    next(blocks)
    with pytest.raises(MediaError, match="An array.*from 1 s on that are NaN"):
        list(blocks)
    with pytest.raises(MediaError, match="not sound"):
        next(audio_blocks(b"once upon a time"))


def test_a_clip_longer_than_accepted_is_refused_where_it_is_too_long(noise):
    blocks = audio_blocks(Waveform(noise, RATE), seconds=0.5, max_seconds=1)
    next(blocks)
    with pytest.raises(MediaError, match="more than max_seconds=1"):
        list(blocks)


@pytest.mark.parametrize("name", ["sample_rate", "seconds", "max_seconds"])
def test_a_bad_parameter_is_named(name):
    with pytest.raises(ValueError, match=f"'{name}' parameter of audio_blocks"):
        audio_blocks(np.zeros(3), **{name: 0})


def test_memory_does_not_grow_with_the_length_of_a_file(noise, tmp_path):
    peaks = []
    for n in (2, 20):
        path = tmp_path / f"{n}.wav"
        soundfile.write(path, np.tile(noise, (n, 1)), RATE)
        list(audio_blocks(path, seconds=1.0))[:0]  # imports
        tracemalloc.start()
        for _ in audio_blocks(path, sample_rate=16000, seconds=1.0):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
