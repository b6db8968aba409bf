"""Subtitles are read with their times, and checked against their video."""

import pytest

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.summarization._subtitles import read_subtitles, within

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello, <i>world</i>.
How are you?

2
00:01:00,250 --> 01:00:00,000 X1:10
{\\an8}- Fine.
"""


def test_times_and_texts_are_read_without_tags():
    first, second = read_subtitles(SRT.encode())
    assert first == (1.0, 2.5, "Hello, world. How are you?")
    assert second == (60.25, 3600.0, "- Fine.")


@pytest.mark.parametrize(
    "written",
    [
        SRT.replace("\n", "\r\n"),
        "\ufeff" + SRT,
        SRT.replace("1\n00", "00", 1).replace("2\n00", "00", 1),
        "WEBVTT\n\n" + SRT.replace(",", ".").replace("Hello.", "Hello,"),
    ],
    ids=["windows", "byte order mark", "no numbers", "webvtt"],
)
def test_other_ways_to_write_them_are_read_too(written):
    assert [s[:2] for s in read_subtitles(written.encode())] == [
        (1.0, 2.5),
        (60.25, 3600.0),
    ]


def test_they_come_in_the_order_of_time(tmp_path):
    path = tmp_path / "a.srt"
    path.write_text(
        "00:00:05,0 --> 00:00:06,0\nlater\n\n00:00:01,0 --> 00:00:02,0\nsooner\n"
    )
    assert [subtitle.text for subtitle in read_subtitles(path)] == ["sooner", "later"]


def test_cues_without_a_blank_line_between_them_are_told_apart():
    written = SRT.replace("you?\n\n2\n", "you?\n2\n")
    assert read_subtitles(written.encode()) == read_subtitles(SRT.encode())
    numbers = "00:00:01,0 --> 00:00:02,0\n1\n2\n\n2\n00:00:03,0 --> 00:00:04,0\n10\n"
    assert [text for *_, text in read_subtitles(numbers.encode())] == ["1 2", "10"]


def test_cues_that_overlap_are_all_kept_and_one_may_say_nothing():
    overlapping = b"00:00:01,0 --> 00:00:05,0\na\n\n00:00:02,0 --> 00:00:03,0\nb\n"
    silent = b"\n00:00:04,0 --> 00:00:06,0\n\n"
    read = read_subtitles(overlapping + silent)
    assert read == [(1.0, 5.0, "a"), (2.0, 3.0, "b"), (4.0, 6.0, "")]


def test_a_cell_without_them_gives_none():
    assert read_subtitles(None) == read_subtitles(float("nan")) == []


def test_what_is_wrong_is_named_with_the_line(tmp_path):
    wrong = SRT.replace("00:00:02,500", "00:00:00,500")
    with pytest.raises(MediaError, match=r"on line 2 that ends at 0.5 s, before it"):
        read_subtitles(wrong.encode())
    with pytest.raises(MediaError, match=r"holds no subtitles.*Give an srt file"):
        read_subtitles(b"Hello, world.")
    with pytest.raises(MediaError, match=r"is empty|holds no subtitles"):
        read_subtitles(b"")
    with pytest.raises(MediaError, match=r"not in UTF-8 \(byte \d+\). Convert it"):
        read_subtitles(SRT.replace("Hello", "Grüße").encode("latin-1"))
    with pytest.raises(MediaError, match=r"none.srt' does not exist"):
        read_subtitles(tmp_path / "none.srt")


def test_times_before_the_beginning_and_without_milliseconds_are_read():
    shifted = (
        b"1\n-00:00:02,000 --> -00:00:01,000\nbefore\n\n"
        b"2\n-00:00:00,500 --> 00:00:02,000\nbegun\n\n"
        b"3\n00:00:03 --> 00:00:04\nwhole\n"
    )
    read = read_subtitles(shifted)
    assert read == [(-2.0, -1.0, "before"), (-0.5, 2.0, "begun"), (3.0, 4.0, "whole")]
    with pytest.warns(InvalidItemWarning, match=r"1 of 3 subtitles .* lie outside"):
        kept = within(read, 9.0, "film.srt")
    assert kept == [(0.0, 2.0, "begun"), (3.0, 4.0, "whole")]


def test_those_after_the_end_are_left_out_with_a_warning():
    read = read_subtitles(SRT.encode())
    with pytest.warns(
        InvalidItemWarning, match=r"1 of 2 subtitles of '.*' lie outside"
    ):
        kept = within(read, 2.0, "film.srt")
    assert kept == [(1.0, 2.0, "Hello, world. How are you?")]
    with pytest.raises(
        MediaError, match=r"'film.srt' has no subtitle within the video"
    ):
        within(read, 0.5, "film.srt")
