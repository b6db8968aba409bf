"""A summary is written as a film that plays, its sound in step, and as a page."""

import re

import numpy as np
import pandas as pd
import pytest

from mmclassic.media import Waveform, load_image, open_video
from mmclassic.summarization import VideoSummarizer
from mmclassic.summarization._film import write_film
from mmclassic.summarization._storyboard import clock
from tests.common.clips import RATE, encode, frame_of, number_of, tone

SPANS = np.array([[0.5, 1.5], [3.0, 4.2]])


def beeps(n_seconds):
    """Return a beep, of .1 s, at each full second, and silence between."""
    sound = np.zeros(n_seconds * RATE, dtype=np.float32)
    for second in range(n_seconds):
        sound[second * RATE : second * RATE + RATE // 10] = tone(0.1, 1000)
    return sound


@pytest.fixture(scope="module")
def clip():
    return encode([frame_of(i) for i in range(60)], sound=beeps(6))


def test_a_film_shows_the_spans_frame_by_frame(clip, tmp_path):
    write_film(open_video(clip), SPANS, tmp_path / "film.mp4")
    film = open_video(tmp_path / "film.mp4")
    assert film.duration == pytest.approx(2.2, abs=0.05)
    times, frames = zip(*film.frames(), strict=True)
    numbers = [number_of(frame) for frame in frames]
    assert numbers == [*range(5, 15), *range(30, 42)]
    np.testing.assert_allclose(times, np.arange(22) / 10, atol=1e-3)


def test_sound_stays_in_step_with_the_pictures(clip, tmp_path):
    write_film(open_video(clip), SPANS, tmp_path / "film.mp4")
    sound = open_video(tmp_path / "film.mp4").audio()
    samples = sound.samples.mean(axis=1)
    level = np.abs(samples[: 2 * RATE]).reshape(-1, RATE // 50).max(axis=1) > 0.2
    onsets = np.flatnonzero(np.diff(level.astype(int), prepend=0) == 1) / 50
    # Seconds 1, 3 and 4 of the source lie at .5, 1 and 2 of the film.
    np.testing.assert_allclose(onsets, [0.5, 1.0], atol=0.03)
    assert np.abs(samples[2 * RATE + 200 : 2 * RATE + 700]).max() > 0.2


def test_many_spans_do_not_drift(clip, tmp_path):
    starts = np.arange(0, 5.9, 0.1)
    spans = np.column_stack([starts, starts + 0.0733])
    write_film(open_video(clip), spans, tmp_path / "film.mp4")
    film = open_video(tmp_path / "film.mp4")
    assert film.duration == pytest.approx(59 * 0.0733, abs=0.15)


def test_frames_of_a_varying_rate_keep_their_distances(tmp_path):
    times = np.array([0, 0.1, 0.15, 0.9, 1.0, 2.5, 2.6])
    made = encode([frame_of(i) for i in range(7)], times=times)
    write_film(open_video(made), np.array([[0.5, 2.0]]), tmp_path / "film.mp4")
    found = list(open_video(tmp_path / "film.mp4").frames())
    # Frame 2 is shown at the start, frame 4 until the end.
    assert [number_of(frame) for _, frame in found][:3] == [2, 3, 4]
    shown = [time for time, _ in found][:3]
    np.testing.assert_allclose(shown, [0.0, 0.4, 0.5], atol=2e-3)
    assert open_video(tmp_path / "film.mp4").duration == pytest.approx(1.5, abs=0.1)


def test_a_film_without_a_track_and_of_odd_sides_is_written(tmp_path):
    made = encode([frame_of(i, (50, 66)) for i in range(10)], codec="mpeg4")
    video = open_video(made)
    video.size = (49, 65)  # as some codecs have it, though not this one
    write_film(video, np.array([[0.0, 0.5]]), tmp_path / "film.mp4")
    film = open_video(tmp_path / "film.mp4")
    assert film.size == (48, 64) and not film.has_audio


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_the_suffix_says_the_container(clip, tmp_path, suffix):
    summary = VideoSummarizer(seconds=2).summarize(clip)
    summary.write(tmp_path / f"film{suffix}")
    film = open_video(tmp_path / f"film{suffix}")
    assert film.duration == pytest.approx(summary.seconds, abs=0.15)
    assert [path.name for path in tmp_path.iterdir()] == [f"film{suffix}"]


def test_another_suffix_or_folder_is_refused(clip, tmp_path):
    summary = VideoSummarizer(seconds=2).summarize(clip)
    with pytest.raises(ValueError, match=r"must end in .html to be a page, or in one"):
        summary.write(tmp_path / "film.txt")
    with pytest.raises(FileNotFoundError, match="Make it first"):
        summary.write(tmp_path / "none" / "film.mp4")
    with pytest.raises(ValueError, match="no segment, so there is no film"):
        write_film(open_video(clip), np.zeros((0, 2)), tmp_path / "film.mp4")


def test_a_page_shows_the_kept_moments_and_escapes_what_is_said(clip, tmp_path):
    said = b"00:00:00,0 --> 00:00:06,0\n<script>alert(1)</script> & more\n"
    summary = VideoSummarizer(seconds=3).summarize(clip, said.replace(b"<s", b"< s"))
    summary.write(tmp_path / "page.html", title="<b>Film</b>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<img ") == summary.chosen.sum()
    assert "&lt;b&gt;Film&lt;/b&gt;" in page and "<b>Film" not in page
    assert "&lt; script&gt;" in page and "<script" not in page
    assert "default-src 'none'" in page
    # Nothing is fetched: every address is of data.
    assert all(uri.startswith("data:") for uri in re.findall(r"src='([^']*)'", page))
    assert "http" not in re.sub(r"src='[^']*'", "", page).replace("http-equiv", "")


def test_pictures_of_the_page_are_those_of_their_times(clip):
    import base64

    summary = VideoSummarizer(seconds=3).summarize(clip)
    html = summary._repr_html_()
    pictures = re.findall(r"base64,([^']*)'", html)
    middles = summary.segments[summary.chosen].mean(axis=1)
    assert [clock(time) in html for time in middles] == [True] * len(middles)
    for encoded, time in zip(pictures, middles, strict=True):
        picture = load_image(base64.b64decode(encoded))
        assert number_of(picture) == int(10 * time + 1e-6)


def test_times_read_as_a_player_shows_them():
    shown = [clock(seconds) for seconds in (0, 7.25, 59.97, 61.5, 3725.0)]
    assert shown == ["0:00.0", "0:07.2", "1:00.0", "1:01.5", "1:02:05.0"]


def test_a_summary_of_a_table_is_written_by_rows(clip, tmp_path):
    table = pd.DataFrame({"video": [clip, clip], "subtitles": [None, None]})
    for row, summary in enumerate(VideoSummarizer(seconds=1).predict(table)):
        summary.write(tmp_path / f"{row}.mp4")
        assert isinstance(open_video(tmp_path / f"{row}.mp4").audio(), Waveform)
