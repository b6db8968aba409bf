"""The command writes transcripts whole, and goes on after bad files if asked to."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import soundfile

from mmclassic.cli import _transcribe
from mmclassic.persistence import save
from mmclassic.transcription import SpeechTranscriber
from mmclassic.transcription._decoder import Word

pytest.importorskip("pocketsphinx")


@pytest.fixture(scope="module")
def prompt(data_folder):
    folder = data_folder / "prompts"
    table = pd.read_csv(folder / "items.csv")
    return (
        folder / table["audio"][table["audio"].str.endswith("conf-locked.ogg")].iloc[0]
    )


@pytest.fixture
def silence(tmp_path):
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(16000), 8000)
    return path


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.wav"
    path.write_text("junk")
    return path


def test_words_of_a_domain_are_written_in_every_format(run, prompt, silence, tmp_path):
    domain = tmp_path / "domain.txt"
    domain.write_text("This conference is locked.", encoding="utf-8")
    printed = run("transcribe", prompt, silence, "--domain", domain)
    assert printed.exit_code == 0
    text, nothing = printed.output.splitlines()
    assert "conference" in text.split()
    assert nothing == ""
    run("transcribe", prompt, silence, "--domain", domain, "-o", "a.txt")
    assert (tmp_path / "a.txt").read_text() == printed.output
    run("transcribe", prompt, silence, "--domain", domain, "-o", "a.JSON")
    content = json.loads((tmp_path / "a.JSON").read_text())
    assert content[str(silence)] == []
    words = content[str(prompt)]
    assert " ".join(word["text"] for word in words) == text
    assert set(words[0]) == {"text", "start", "end", "confidence"}
    run("transcribe", prompt, "--domain", domain, "-o", "a.srt")
    number, times, shown = (tmp_path / "a.srt").read_text().splitlines()[:3]
    assert number == "1"
    assert re.fullmatch(r"00:00:0\d,\d{3} --> 00:00:0\d,\d{3}", times)
    assert text.startswith(shown)


def test_a_saved_model_is_taken_in_place_of_a_domain(run, silence, tmp_path):
    save(SpeechTranscriber(["Press one"]).fit(None), tmp_path / "taught.skops")
    result = run("transcribe", silence, "--model", "taught.skops")
    assert (result.exit_code, result.output) == (0, "\n")
    result = run("transcribe", silence, "--model", "taught.skops", "--domain", silence)
    assert "Give it or --model" in result.output


def test_several_outputs_are_written_of_one_reading(
    run, silence, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    readings = []

    def hear(self, path):
        readings.append(path)
        yield 1.0, [Word("hello", 0.0, 0.5, 1.0)]

    monkeypatch.setattr(_transcribe.Transcribe, "pieces", hear)
    names = ["a.srt", "a.json", "a.txt"]
    result = run("transcribe", silence, *(f"-o{name}" for name in names))
    paths = [tmp_path / name for name in names]
    told = f"Wrote 1 words of 1 file to {', '.join(map(str, paths))}\n"
    assert (result.exit_code, result.output) == (0, told)
    assert readings == [str(silence)]
    subtitles, content, text = (path.read_text() for path in paths)
    assert subtitles.startswith("1\n00:00:00,000 --> 00:00:00,500\nhello")
    assert json.loads(content)[str(silence)][0]["text"] == "hello"
    assert text == "hello\n"


def test_every_output_is_checked_before_any_work(run, silence, tmp_path, monkeypatch):
    monkeypatch.setattr(_transcribe, "_transcriber", None)  # an error if it is called
    for wrong in ("b.doc", "no/b.txt", silence):
        result = run("transcribe", silence, "-o", "a.txt", "-o", wrong)
        assert result.exit_code == 1
        assert str(wrong) in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["silence.wav"]


def test_the_text_of_the_domain_is_no_output(run, silence, tmp_path):
    domain = tmp_path / "domain.txt"
    domain.write_text("Press one.")
    result = run("transcribe", silence, "--domain", domain, "-o", "domain.txt")
    assert "domain.txt' is a file to read. Name another output." in result.output
    assert domain.read_text() == "Press one."


def test_the_remedy_for_a_bad_file_is_one_for_files(run, silence, tmp_path):
    av = pytest.importorskip("av")
    mute = tmp_path / "mute.mp4"
    with av.open(str(mute), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        for packet in [*stream.encode(picture), *stream.encode()]:
            container.mux(packet)
    result = run("transcribe", silence, mute)
    assert result.exit_code == 1
    told = "mute.mp4' is a video without a track of sound. Leave the file out.\n"
    assert result.output.endswith(told)
    empty = tmp_path / "empty.wav"
    empty.touch()
    result = run("transcribe", empty, "--invalid", "missing")
    assert "empty.wav' is empty (0 bytes). Replace the file or leave it out." in (
        result.output
    )


def test_a_bad_file_stops_before_any_work_or_is_left_empty(run, silence, bad, tmp_path):
    result = run("transcribe", silence, bad, "-o", "a.json")
    assert result.exit_code == 1
    assert "bad.wav' holds text, not sound" in result.output
    assert not (tmp_path / "a.json").exists()
    result = run("transcribe", silence, bad, "-o", "a.json", "--invalid", "missing")
    assert result.exit_code == 0
    assert "Warning: " in result.output
    assert json.loads((tmp_path / "a.json").read_text())[str(bad)] is None


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError("no")])
def test_what_is_stopped_leaves_the_older_file_and_nothing_beside_it(
    run, silence, tmp_path, monkeypatch, error
):
    def stop(*_):
        raise error

    (tmp_path / "a.txt").write_text("older")
    monkeypatch.setattr(_transcribe.Transcribe, "pieces", stop)
    result = run("transcribe", silence, "-o", "a.txt")
    assert result.exit_code == 1
    assert (tmp_path / "a.txt").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "silence.wav"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("-o", "a.doc"), "must end in .txt, .srt or .json"),
        (("silence.wav", "-o", "a.srt"), "one file"),
        (("-o", "no/a.txt"), "folder of .* does not exist"),
        (("--domain", "silence.wav"), "holds no text in UTF-8"),
        (("--model", "silence.wav"), "silence.wav"),
    ],
)
def test_a_wrong_option_is_told_of(run, silence, arguments, why):
    data = bytearray(silence.read_bytes())
    data[-1] = 0xFF
    silence.write_bytes(data)
    result = run("transcribe", silence, *arguments)
    assert result.exit_code != 0
    assert re.search(why, result.output.replace("\n", " "))


def test_the_text_itself_comes_piece_by_piece_on_a_terminal(run, silence, monkeypatch):
    pieces = [(1.0, [Word("hello", 0.0, 0.5, 1.0)]), (2.0, [Word("you", 1, 2, 1.0)])]
    monkeypatch.setattr(_transcribe.Transcribe, "pieces", lambda *_: iter(pieces))
    monkeypatch.setattr(_transcribe, "_is_terminal", lambda: True)
    assert run("transcribe", silence).output == "hello you \n"


def test_pauses_and_five_seconds_end_a_subtitle():
    words = [
        Word(str(i), start, start + 0.4, 1.0)
        for i, start in enumerate([0.0, 0.5, 2.0, 2.5, *np.arange(3.0, 8.0, 0.5)])
    ]
    blocks = _transcribe._as_subtitles([("a", words)]).split("\n\n")
    assert blocks[0] == "1\n00:00:00,000 --> 00:00:00,900\n0 1"
    assert blocks[1].startswith("2\n00:00:02,000 --> 00:00:06,900\n2 3 4")
    assert len(blocks) == 3
    assert _transcribe._as_subtitles([("a", [])]) == ""
    assert _transcribe._time(3599.9996) == "01:00:00,000"
