"""Bars are drawn on a terminal, with rate and time left, and nowhere else."""

import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mmclassic._execution import items_done
from mmclassic.cli._bars import RowsOfItems, item_bar
from tests.common.clips import encode, frame_of, tone

pty = pytest.importorskip("pty")  # not on Windows

COMMAND = "from mmclassic.cli import main; main()"


def call(*arguments, folder, terminal, columns=80):
    """Return what a command in a process of its own writes to its two outputs."""
    command = [sys.executable, "-c", COMMAND, *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    pipes = {"stdout": subprocess.PIPE, "cwd": folder, "env": environment}
    if not terminal:
        done = subprocess.run(command, stderr=subprocess.PIPE, **pipes)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode(), done.stderr.decode()
    outer, inner = pty.openpty()
    process = subprocess.Popen(command, stderr=inner, **pipes)
    os.close(inner)
    drawn = b""
    try:
        while more := os.read(outer, 65536):
            drawn += more
    except OSError:  # the other end is closed
        pass
    os.close(outer)
    printed = process.communicate()[0]
    assert process.returncode == 0, drawn
    return printed.decode(), drawn.decode()


@pytest.fixture(scope="module")
def fitted(tables, tmp_path_factory):
    """Return the folder of a model, and what its fit drew on a terminal."""
    folder = tmp_path_factory.mktemp("fitted")
    _, drawn = fit(tables, folder, "model.skops", terminal=True)
    return folder, drawn


def fit(tables, folder, name, terminal):
    options = ["--label", "label", "--image", "image", "--features", "light"]
    arguments = ["fit", tables / "items.csv", *options, "-o", name]
    return call(*arguments, folder=folder, terminal=terminal)


def test_a_fit_shows_its_steps_in_one_line(fitted):
    drawn = fitted[1]
    for part in ("describe image, FisherVector", "describe image, HOG", "inner folds"):
        assert f"Fitting: {part}" in drawn
    assert "Fitted" in drawn and "100%" in drawn
    assert drawn.count("\n") == 1


def test_a_prediction_shows_rows_rate_and_time_left(fitted, tables):
    folder, _ = fitted
    predict = ["predict", "model.skops", tables / "items.csv", "-o"]
    printed, drawn = call(*predict, "shown.csv", folder=folder, terminal=True)
    assert "Predicting" in drawn and "40/40" in drawn and "/s" in drawn
    assert "left" in drawn
    same, nothing = call(*predict, "silent.csv", folder=folder, terminal=False)
    assert nothing == ""
    assert same == printed.replace("shown.csv", "silent.csv")
    shown, silent = (folder / f"{name}.csv" for name in ("shown", "silent"))
    assert shown.read_bytes() == silent.read_bytes()


def test_a_narrow_terminal_shows_numbers_whole_and_no_bar(fitted, tables):
    folder, _ = fitted
    predict = ["predict", "model.skops", tables / "items.csv", "-o", "narrow.csv"]
    _, drawn = call(*predict, folder=folder, terminal=True, columns=40)
    assert "Predicting" in drawn and "40/40" in drawn and "/s" in drawn
    assert "left" in drawn
    assert "━" not in drawn and "…" not in drawn


def test_a_summary_shows_the_seconds_that_have_passed(tmp_path):
    frames = [frame_of(i // 10) for i in range(80)]
    (tmp_path / "clip.mp4").write_bytes(encode(frames, sound=tone(8.0)))
    outputs = ["-o", "short.mp4", "-o", "short.html"]
    arguments = ["summarize", "clip.mp4", *outputs, "--seconds", "3"]
    printed, drawn = call(*arguments, folder=tmp_path, terminal=True)
    assert "Watching" in drawn and "8/8" in drawn and "left" in drawn
    assert "Writing .mp4" in drawn and "Writing .html" in drawn
    n_kept = re.search(r"(\d+) of \d+ segments", printed)[1]
    assert f"{n_kept}/{n_kept}" in drawn
    assert call(*arguments, folder=tmp_path, terminal=False) == (printed, "")


def test_an_evaluation_shows_items_and_rate(tables, tmp_path):
    options = ["--label", "label", "--text", "text", "--image", "image", "--cv", "2"]
    arguments = ["evaluate", tables / "items.csv", *options, "--features", "light"]
    printed, drawn = call(*arguments, folder=tmp_path, terminal=True)
    assert "Evaluating" in drawn and " items " in drawn and "/s" in drawn
    assert "Evaluating" not in printed and "Accuracy over 2 folds" in printed


@pytest.mark.parametrize("command", ["fit", "evaluate"])
def test_nothing_is_drawn_into_a_pipe(tables, tmp_path, command):
    if command == "fit":
        assert fit(tables, tmp_path, "model.skops", terminal=False)[1] == ""
        return
    options = ["--label", "label", "--text", "text", "--cv", "2"]
    arguments = ["evaluate", tables / "items.csv", *options]
    assert call(*arguments, folder=tmp_path, terminal=False)[1] == ""


def test_a_bar_in_a_pipe_is_silent(capsys):
    with item_bar("Working", 10, done=3) as advance:
        advance(7)
    assert capsys.readouterr() == ("", "")


def test_rows_move_with_their_items_once_it_is_known_how_many_a_row_has():
    told = []
    bar = RowsOfItems(told.append)
    with bar.rows(4):
        items_done(8)
        items_done(4)
    assert told == [4]
    with bar.rows(4):
        for _ in range(4):
            items_done(3)
    assert told == [4, 1, 1, 1, 1, 0]
    with bar.rows(4):  # fewer items than others had
        items_done(5)
    assert sum(told) == 12
    with bar.rows(2):
        items_done(100)
    assert sum(told) == 14


def test_rows_predicted_some_at_a_time_are_those_of_all_at_once(monkeypatch):
    from mmclassic import make_multimodal_pipeline
    from mmclassic.cli import _tables
    from mmclassic.exceptions import InvalidItemWarning

    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 255, (50, 32, 32)).astype(np.uint8))
    frame = pd.DataFrame({"image": pictures}, index=range(100, 150))
    labels = np.arange(50) % 2
    model = make_multimodal_pipeline(
        image="image", features="light", invalid="missing", random_state=0
    ).fit(frame, labels)
    for row in (3, 30, 49):
        frame.iat[row, 0] = b"no picture"
    with pytest.warns(InvalidItemWarning, match="rows 3, 30, 49"):
        expected = model.predict_proba(frame)
    monkeypatch.setattr(_tables, "FIRST_ROWS", 7)
    monkeypatch.setattr(_tables, "ROWS", 16)
    with pytest.warns(InvalidItemWarning, match="rows 3, 30, 49") as caught:
        predicted = _tables.predict_frame(model, frame, proba=True)
    assert len(caught) == 1
    assert list(predicted.index) == list(frame.index)
    probabilities = predicted.filter(like="probability_")
    np.testing.assert_array_equal(probabilities, expected)
