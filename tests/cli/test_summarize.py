"""A video is summarised from the command line, or the reason why not is told."""

import pytest
from click.testing import CliRunner

from mmclassic.cli import main
from mmclassic.media import open_video
from mmclassic.persistence import save
from mmclassic.summarization import VideoSummarizer
from tests.common.clips import encode, frame_of, tone


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(encode([frame_of(i) for i in range(40)], sound=tone(4.0)))
    return path


def summarize(*arguments):
    return CliRunner().invoke(main, ["summarize", *map(str, arguments)])


def test_a_film_and_a_page_are_written(clip, tmp_path):
    film, page = tmp_path / "short.mp4", tmp_path / "short.html"
    done = summarize(clip, "-o", film, "-o", page, "--seconds", 2)
    assert done.exit_code == 0, done.output
    assert "of 4.0 s" in done.output and "short.html" in done.output
    assert open_video(film).has_audio
    assert open_video(film).duration <= 2.1
    assert "clip.mp4" in page.read_text(encoding="utf-8")


def test_subtitles_and_a_saved_summarizer_are_used(clip, tmp_path):
    srt = tmp_path / "clip.srt"
    srt.write_text("00:00:01,0 --> 00:00:02,0\nA <b>kettle</b> boils.\n")
    model = tmp_path / "model.skops"
    save(VideoSummarizer(seconds=3).fit([clip]), model)
    page = tmp_path / "page.html"
    done = summarize(clip, "-o", page, "--subtitles", srt, "--model", model)
    assert done.exit_code == 0, done.output
    assert "A kettle boils." in page.read_text(encoding="utf-8")


def test_late_subtitles_are_warned_of(clip, tmp_path):
    srt = tmp_path / "clip.srt"
    srt.write_text("00:00:01,0 --> 00:00:02,0\nyes\n\n00:01:00,0 --> 00:02:00,0\nno\n")
    done = summarize(clip, "-o", tmp_path / "page.html", "--subtitles", srt)
    assert done.exit_code == 0
    assert "Warning: 1 of 2 subtitles" in done.output


def test_what_cant_be_done_is_said_in_a_sentence(clip, tmp_path):
    for output, message in (
        (tmp_path / "short.txt", "must end in .html to be a page"),
        (clip, "is the video itself"),
        (tmp_path / "none" / "a.mp4", "Make it first"),
    ):
        done = summarize(clip, "-o", output)
        assert done.exit_code == 1 and message in done.output
    words = tmp_path / "words.mp4"
    words.write_text("no video")
    done = summarize(words, "-o", tmp_path / "a.mp4")
    assert done.exit_code == 1
    assert (
        done.output.startswith("Error: ") and "holds text, not a video" in done.output
    )
    assert not (tmp_path / "a.mp4").exists()
