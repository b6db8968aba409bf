"""The sound of a video is loaded as sound is."""

import sys

import numpy as np
import pytest

from mmclassic.audio import MFCC
from mmclassic.exceptions import MediaError
from mmclassic.media import load_audio, open_video
from tests.common.clips import RATE, encode, frame_of, tone

FRAMES = [frame_of(i) for i in range(20)]


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("webm", "libvpx"), ("matroska", "mpeg4")],
)
def test_the_track_of_a_video_is_loaded_and_resampled(container, codec):
    video = encode(FRAMES, sound=tone(2.0), container=container, codec=codec)
    samples = load_audio(video, sample_rate=RATE)
    assert len(samples) == pytest.approx(2 * RATE, abs=2100)  # codecs fill frames up
    assert np.corrcoef(samples[800:8000], tone(2.0)[800:8000])[0, 1] > 0.98
    assert len(load_audio(video, sample_rate=4000)) == -(-len(samples) // 2)


def test_sound_alone_in_a_videos_container_is_loaded(tmp_path):
    path = tmp_path / "speech.m4a"
    path.write_bytes(encode([], sound=tone(1.0)))
    assert load_audio(path, sample_rate=RATE).std() > 0.1
    assert MFCC(RATE).fit_transform([path, None]).shape == (2, 40)


def test_it_is_what_the_video_gives(data_folder):
    path = data_folder / "video" / "big_buck_bunny.webm"
    whole = open_video(path).audio()
    samples = load_audio(path, sample_rate=whole.sample_rate)
    n = min(len(samples), len(whole.samples))
    assert n > 29 * 44100
    mixed = whole.samples[:n].mean(axis=1)
    np.testing.assert_allclose(samples[:n], mixed, atol=1e-6)


def test_a_silent_a_long_and_a_cut_video_are_refused(tmp_path):
    with pytest.raises(MediaError, match="without a track of sound. Use None for"):
        load_audio(encode(FRAMES))
    sounding = encode(FRAMES, sound=tone(2.0))
    with pytest.raises(MediaError, match="lasts more than max_seconds=1"):
        load_audio(sounding, max_seconds=1)
    path = tmp_path / "cut.mp4"
    path.write_bytes(sounding[: len(sounding) // 2])
    with pytest.raises(MediaError, match=r"cut.mp4' is cut short"):
        load_audio(path)


def test_without_pyav_the_remedy_is_named(monkeypatch):
    video = encode(FRAMES, sound=tone(2.0))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(
        MediaError, match=r'pip install "mmclassic\[video\]", or convert'
    ):
        load_audio(video)
    with pytest.raises(ImportError, match=r'pip install "mmclassic\[video\]"'):
        open_video(video)
