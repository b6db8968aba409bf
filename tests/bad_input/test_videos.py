"""A bad or odd video is refused by its row and remedy, or shown as documented."""

import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from mmclassic._execution import listening
from mmclassic.cli import main
from mmclassic.encoding import StatisticsPooling
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.image import ColorHistogram
from mmclassic.media import open_video
from mmclassic.summarization import VideoSummarizer
from mmclassic.video import FramePooling, detect_shots
from tests.common.clips import encode, frame_of, number_of, tone

POOLING = FramePooling(ColorHistogram(n_bins=3), every=0.2)


def zero_frames():
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=10)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        file.start_encoding()
    return buffer.getvalue()


def png():
    buffer = BytesIO()
    Image.fromarray(frame_of(0)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def whole():
    return encode([frame_of(i) for i in range(40)], sound=tone(4.0))


@pytest.fixture(scope="module")
def folder(whole, tmp_path_factory):
    """A folder of files that are no whole video, each in its own way."""
    folder = tmp_path_factory.mktemp("videos")
    noise = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), dtype=np.uint8)
    large = encode(noise)
    contents = {
        "empty.mp4": b"",
        "cut.mp4": large[: len(large) // 2],
        "zero.mp4": zero_frames(),
        "text.mp4": b"no video at all, but a text. " * 9,
        "picture.mp4": png(),
        "sound.mp4": encode([], sound=tone(1.0)),
        "head.mp4": large[:16],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "whole.mp4").write_bytes(whole)
    return folder


REASONS = {
    "empty.mp4": "is empty",
    "cut.mp4": "is cut short.*Replace the file or drop the row",
    "zero.mp4": "drop the row|convert it to mp4|Correct",
    "text.mp4": "holds text, not a video.*Correct the path",
    "picture.mp4": "a PNG picture.*Correct the path",
    "sound.mp4": r"no moving pictures \(sound only\).*column of sound",
    "head.mp4": "cut short|damaged",
    "none.mp4": "does not exist",
}
every_bad_file = pytest.mark.parametrize("name", REASONS)


@every_bad_file
@pytest.mark.parametrize(
    "use",
    [
        POOLING.transform,
        StatisticsPooling(POOLING).fit_transform,
        VideoSummarizer().predict,
        lambda X: VideoSummarizer().fit(X, [[1, 2]] * 3),
    ],
    ids=["transform", "encoder", "predict", "fit"],
)
def test_a_file_that_is_no_video_is_named_with_row_path_and_remedy(folder, name, use):
    cells = [folder / file for file in ("whole.mp4", name, "whole.mp4")]
    with pytest.raises(MediaError, match=rf"^Row 1 \('.*{name}'\) .*({REASONS[name]})"):
        use(cells)


@every_bad_file
def test_shots_and_summaries_of_one_file_name_it(folder, name):
    for use in (detect_shots, VideoSummarizer().summarize):
        with pytest.raises(MediaError, match=rf"^'.*{name}' .*({REASONS[name]})"):
            use(folder / name)


@every_bad_file
def test_the_command_says_it_in_a_sentence_and_writes_nothing(folder, name, tmp_path):
    if name == "none.mp4":
        return  # click's own message
    arguments = ["summarize", folder / name, "-o", tmp_path / "a.mp4"]
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 1 and done.output.startswith("Error: ")
    assert name in done.output and "Traceback" not in done.output
    assert not list(tmp_path.iterdir())


def test_rows_with_an_index_are_named_by_it(folder):
    X = pd.Series([folder / "whole.mp4", folder / "text.mp4"], index=["a", "b"])
    with pytest.raises(MediaError, match=r"^Row 1 \('.*text.mp4', index 'b'\)"):
        VideoSummarizer().predict(X)


def test_missing_and_invalid_videos_are_rows_of_nan_where_asked_for(folder):
    cells = [folder / "whole.mp4", None, folder / "cut.mp4", float("nan"), pd.NA]
    pooling = POOLING.set_params(invalid="missing")
    with pytest.warns(InvalidItemWarning, match=r"1 invalid item.* rows 2\."):
        rows = pooling.fit_transform(cells)
    POOLING.set_params(invalid="error")
    assert np.isnan(rows).all(axis=1).tolist() == [False, True, True, True, True]
    np.testing.assert_array_equal(rows[:1], POOLING.transform(cells[:1]))


def upright_and_turned():
    """Return a film upright, and as a phone stores it: on its side, to be turned."""
    frames = [frame_of(i, (64, 48)) for i in range(20)]
    stored = [np.ascontiguousarray(np.rot90(frame, -1)) for frame in frames]
    turned = BytesIO()
    with (
        av.open(BytesIO(encode(stored))) as source,
        av.open(turned, "w", format="mp4") as file,
    ):
        stream = file.add_stream_from_template(source.streams.video[0])
        if not hasattr(stream, "set_display_rotation"):
            pytest.skip("this version of PyAV writes no rotation")
        stream.set_display_rotation(90)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                file.mux(packet)
    return encode(frames), turned.getvalue()


def test_a_video_recorded_on_its_side_is_described_and_written_upright(tmp_path):
    upright, turned = upright_and_turned()
    histograms = ColorHistogram(n_bins=3, grid=(2, 1))
    pooling = FramePooling(histograms, every=0.2)
    np.testing.assert_allclose(*pooling.transform([upright, turned]), atol=0.05)
    summary = VideoSummarizer(seconds=1).summarize(turned)
    summary.write(tmp_path / "film.mp4")
    film = open_video(tmp_path / "film.mp4")
    assert film.size == (64, 48)
    first = round(10 * summary.spans[0, 0])
    assert number_of(film.frame_at(0.0)) == first
    page = summary._repr_html_()
    assert "width='48' height='64'" in page or "<img" in page


def test_frames_of_odd_sides_lose_a_row_and_a_column_in_a_film_only(tmp_path):
    odd = encode(
        [frame_of(i, (49, 65)) for i in range(20)], container="webm", codec="libvpx"
    )
    video = open_video(odd)
    assert video.size == (49, 65)
    assert next(video.frames())[1].shape == (49, 65, 3)
    assert POOLING.transform([odd]).shape == (1, 18)
    summary = VideoSummarizer(seconds=1).summarize(odd)
    summary.write(tmp_path / "film.mp4")
    film = open_video(tmp_path / "film.mp4")
    assert film.size == (48, 64)
    assert number_of(film.frame_at(0.0)) == round(10 * summary.spans[0, 0])
    assert summary.keyframes()[0][1].shape == (49, 65, 3)


@pytest.mark.parametrize("sound", [None, tone(0.1)], ids=["silent", "sounding"])
def test_a_clip_of_one_frame_is_one_shot_its_summary_and_a_film(tmp_path, sound):
    clip = encode([frame_of(5)], sound=sound)
    assert detect_shots(clip).shape == (1, 2)
    assert POOLING.describe(clip).positions.tolist() == [[0.5]]
    summary = VideoSummarizer().summarize(clip)
    summary.write(tmp_path / "film.mp4")
    summary.write(tmp_path / "page.html")
    assert number_of(open_video(tmp_path / "film.mp4").frame_at(0.0)) == 5
    assert "<img" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_clips_of_one_frame_teach():
    clips = [encode([frame_of(i)]) for i in (1, 2, 4)]
    summarizer = VideoSummarizer(seconds=1).fit(clips, [[1.0], [2.0], [3.0]])
    assert [summary.chosen.all() for summary in summarizer.predict(clips)] == [True] * 3


def test_a_varying_rate_is_described_shown_and_written_at_its_times(tmp_path):
    times = np.cumsum([0, *[0.04, 0.3, 0.1, 0.7, 0.04, 0.2] * 4])
    uneven = encode([frame_of(i) for i in range(len(times))], times=times)
    video = open_video(uneven)
    positions = POOLING.describe(uneven).positions[:, 0] * video.duration
    np.testing.assert_allclose(
        positions, np.arange(0.1, video.duration, 0.2), atol=1e-5
    )
    summary = VideoSummarizer(seconds=2).summarize(uneven)
    summary.write(tmp_path / "film.mp4")
    film = open_video(tmp_path / "film.mp4")
    assert film.duration == pytest.approx(summary.seconds, abs=0.2)


@pytest.mark.parametrize("seconds", [0.01, 0.2, 0.45])
def test_a_length_below_any_shot_keeps_the_middle_of_the_best_one(seconds):
    still = encode([frame_of(3)] * 20 + [frame_of(4)] * 20, sound=tone(4.0))
    summary = VideoSummarizer(seconds=seconds).summarize(still)
    assert summary.seconds == pytest.approx(seconds)
    assert summary.importance[summary.chosen].max() == summary.importance.max()
    starts, ends = summary.segments.T
    np.testing.assert_allclose(starts[1:], ends[:-1])
    assert (ends > starts).all() and len(starts) < 20
    arrays = (summary.importance, summary.groups, *summary.scores.values())
    assert {len(each) for each in (*arrays, summary.texts)} == {len(starts)}


def test_a_length_beyond_the_video_keeps_it(whole, tmp_path):
    summary = VideoSummarizer(seconds=1e6).summarize(whole)
    summary.write(tmp_path / "film.mp4")
    film = open_video(tmp_path / "film.mp4")
    numbers = [number_of(frame) for _, frame in film.frames()]
    assert numbers == list(range(40))


@pytest.mark.parametrize("suffix", ["mp4", "html"])
def test_an_interrupt_while_writing_leaves_what_was_there(whole, tmp_path, suffix):
    summary = VideoSummarizer(seconds=3).summarize(whole)
    target = tmp_path / f"out.{suffix}"
    target.write_text("from before")

    def interrupt(n):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), listening(interrupt):
        summary.write(target)
    assert target.read_text() == "from before"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_stops_the_command_and_leaves_no_file(tmp_path):
    frames = [frame_of(i // 5, (240, 320)) for i in range(400)]
    (tmp_path / "long.mp4").write_bytes(encode(frames, codec="mpeg4"))
    code = "from mmclassic.cli import main; main()"
    outputs = ["-o", "out.mp4", "-o", "out.html", "--seconds", "39"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, "summarize", "long.mp4", *outputs],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not any(Path(tmp_path).glob(".*out.mp4")):  # until it is writing
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Aborted" in said and "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["long.mp4"]
