"""A recording of any length is transcribed while it is read, in little memory."""

import tracemalloc

import numpy as np
import pytest
import soundfile

from mmclassic.exceptions import MediaError
from mmclassic.media import Waveform, load_audio
from mmclassic.transcription import SpeechTranscriber, _tasks

pytest.importorskip("pocketsphinx")

RATE = 16000
PAUSE = np.zeros(RATE // 2, np.float32)


@pytest.fixture(scope="module")
def long_clip(prompts):
    """Prompts with pauses, 40 s of them, and the second at which the last begins."""
    chosen = prompts["audio"][prompts["seconds"].between(3, 6)][:10]
    clips = [load_audio(path, sample_rate=RATE) for path in chosen]
    samples = np.concatenate([part for clip in clips for part in (clip, PAUSE)])
    assert 42 < len(samples) / RATE < 60
    return samples, (len(samples) - len(PAUSE) - len(clips[-1])) / RATE


@pytest.fixture(scope="module")
def words(plain, long_clip):
    return plain.transcribe(long_clip[0])


def test_a_file_gives_the_words_of_its_samples(plain, long_clip, words, tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, long_clip[0], RATE, subtype="FLOAT")
    assert plain.transcribe(path) == words


def test_words_at_the_end_have_the_times_of_the_whole(plain, prompts, long_clip, words):
    samples, begin = long_clip
    alone = plain.transcribe(samples[round(begin * RATE) :])
    late = [word for word in words if word.start > begin - 0.1]
    shared = {word.text: word.start for word in alone}
    offsets = [word.start - shared[word.text] for word in late if word.text in shared]
    assert len(offsets) >= 3
    assert np.median(offsets) == pytest.approx(begin, abs=0.1)


def test_words_come_before_the_end_is_read(plain, long_clip, words):
    damaged = long_clip[0].copy()
    damaged[-1] = np.nan
    stream = plain.stream(damaged)
    heard = [next(stream) for _ in range(10)]
    assert heard == words[:10]
    with pytest.raises(MediaError, match="NaN"):
        list(stream)


def test_memory_does_not_grow_with_the_length(monkeypatch, plain, tmp_path):
    monkeypatch.setattr(_tasks, "decode", lambda *_: [])
    minute = 0.1 * np.random.default_rng(0).standard_normal(60 * 8000)
    peaks = []
    for n in (2, 2, 20):  # the first imports what it needs
        path = tmp_path / f"{n}.wav"
        with soundfile.SoundFile(path, "w", 8000, 1) as file:
            for _ in range(n):
                file.write(minute)
        tracemalloc.start()
        assert plain.transform([path]).tolist() == [""]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.1 * peaks[1]


def test_sound_beyond_an_hour_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(_tasks, "decode", lambda *_: [])
    path = tmp_path / "hours.flac"
    silence = np.zeros(600 * 100, np.int16)
    with soundfile.SoundFile(path, "w", 1000, 1) as file:
        for _ in range(61):
            file.write(silence)
    assert SpeechTranscriber().fit([path]).transform([path]).tolist() == [""]


def test_the_track_of_a_video_is_transcribed_and_a_silent_one_is_an_error(plain):
    av = pytest.importorskip("av")
    from tests.common.clips import encode, frame_of

    assert av
    frames = [frame_of(i) for i in range(10)]
    silence = np.zeros(8000, np.float32)
    assert plain.transform([encode(frames, sound=silence)]).tolist() == [""]
    with pytest.raises(MediaError, match="Row 0.*without a track of sound"):
        plain.transform([encode(frames)])


@pytest.mark.parametrize("n", [1, 100, 1599])
def test_what_is_too_short_for_a_word_has_none(plain, n):
    click = Waveform(np.full(n, 0.9, np.float32), RATE)
    assert plain.transcribe(click) == []
