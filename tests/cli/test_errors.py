"""What goes wrong is one sentence and exit code 1, and leaves no file behind."""

import os
from pathlib import Path

import pandas as pd
import pytest

COLUMNS = ("--label", "label", "--text", "text", "--image", "image")


@pytest.fixture
def broken(tables, frame):
    """A table beside the others, whose row 6 names a picture that is cut short."""
    picture = frame["image"].dropna().iloc[0]
    (tables / "cut.png").write_bytes((tables / picture).read_bytes()[:300])
    frame.loc[6, "image"] = "cut.png"
    frame.to_csv(tables / "broken.csv", index=False)
    return tables / "broken.csv"


def assert_said(result, message, code=1):
    assert result.exit_code == code, result.output
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert "Error: " in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--label", "class", "--text", "text"), "The table has no column 'class'"),
        (("--label", "label", "--text", "title"), "column 'title' of the part 'text'"),
        (("--label", "label", "--text", "text", "--groups", "g"), "no column 'g'"),
        (("--label", "label", "--text", "text", "--split", "s"), "no column 's'"),
        (
            ("--label", "size", "--text", "text"),
            "1 row(s) have no 'size', the first is row 3. Fill or drop them.",
        ),
        (
            ("--label", "label", "--text", "text", "--split", "pair"),
            "must hold 'train' and 'test'. Got 'pair 0' too.",
        ),
    ],
)
@pytest.mark.parametrize("command", ["fit", "evaluate"])
def test_a_column_that_does_not_do(tables, run, command, options, message):
    output = ("-o", "m.skops") if command == "fit" else ()
    assert_said(run(command, tables / "items.csv", *options, *output), message)
    assert os.listdir() == []


def test_no_modality_names_the_options(tables, run):
    result = run("evaluate", tables / "items.csv", "--label", "label")
    assert_said(result, "at least one of --text, --image, --audio", code=2)


def test_tables_that_are_none(tables, run):
    output = ("--label", "label", "--text", "text", "-o", "m.skops")
    assert_said(run("fit", "none.csv", *output), "'none.csv' does not exist", code=2)
    Path("notes.txt").write_text("text,label\n")
    assert_said(run("fit", "notes.txt", *output), "must end in one of .csv")
    Path("empty.csv").write_text("")
    assert_said(run("fit", "empty.csv", *output), "'empty.csv' can't be read")
    Path("head.csv").write_text("text,label\n")
    assert_said(run("fit", "head.csv", *output), "'head.csv' holds no rows")
    Path("bad.parquet").write_bytes(b"PAR1 no parquet")
    assert_said(run("fit", "bad.parquet", *output), "'bad.parquet' can't be read")
    Path("latin.csv").write_bytes("text,label\ncaf\xe9,a\n".encode("latin-1"))
    assert_said(run("fit", "latin.csv", *output), "'latin.csv' can't be read")


def test_a_split_that_lacks_a_side(tables, frame, run):
    for side, other in (("train", "test"), ("test", "train")):
        frame.assign(split=side)[["text", "label", "split"]].to_csv("t.csv")
        columns = ("--label", "label", "--text", "text", "--split", "split")
        assert_said(run("evaluate", "t.csv", *columns), f"says '{other}' in no row")


def test_a_group_that_a_row_lacks(tables, frame, run):
    frame.loc[2, "pair"] = None
    frame[["text", "label", "pair"]].to_csv("t.csv")
    columns = ("--label", "label", "--text", "text", "--groups", "pair")
    assert_said(run("evaluate", "t.csv", *columns), "1 row(s) have no 'pair'")


@pytest.mark.parametrize("split", [(), ("--split", "split")])
def test_an_unreadable_file_is_named_as_in_the_table(broken, run, split):
    Path("m.skops").write_bytes(b"an older model")
    message = "Row 6 ('cut.png') is cut short"
    assert_said(run("fit", broken, *COLUMNS, *split, "-o", "m.skops"), message)
    assert Path("m.skops").read_bytes() == b"an older model"
    assert os.listdir() == ["m.skops"]
    cv = split or ("--cv", 2)
    assert_said(run("evaluate", broken, *COLUMNS, *cv), message)


def test_an_unreadable_file_is_missing_on_request(broken, run):
    options = (*COLUMNS, "--invalid", "missing", "--fusion", "early")
    result = run("fit", broken, *options, "-o", "m.skops")
    assert result.exit_code == 0, result.output
    assert "Warning: 1 invalid item(s) are treated as missing, rows 6" in result.output
    assert "Row 6 ('cut.png') is cut short" in result.output
    assert "InvalidItemWarning" not in result.output
    result = run("predict", "m.skops", broken, "-o", "o.csv")
    assert result.exit_code == 0, result.output
    assert pd.read_csv("o.csv")["prediction"].notna().all()


def test_a_broken_picture_at_predict_leaves_no_file(tables, broken, run):
    options = (*COLUMNS, "--fusion", "early", "-o", "m.skops")
    assert run("fit", tables / "items.csv", *options).exit_code == 0
    result = run("predict", "m.skops", broken, "-o", "o.csv")
    assert_said(result, "Row 6 ('cut.png') is cut short")
    Path("o.csv").write_text("an older table")
    assert run("predict", "m.skops", broken, "-o", "o.csv").exit_code == 1
    assert Path("o.csv").read_text() == "an older table"
    assert sorted(os.listdir()) == ["m.skops", "o.csv"]


def test_predicting_without_a_column_of_fit_names_it(tables, frame, run):
    table = tables / "items.csv"
    columns = ("--label", "label", "--text", "text", "--tabular", "size")
    assert run("fit", table, *columns, "-o", "m.skops").exit_code == 0
    frame[["text"]].to_csv("t.csv")
    result = run("predict", "m.skops", "t.csv", "-o", "o.csv")
    assert_said(result, "columns are missing: 'size'")


def test_a_folder_that_is_not_there_stops_before_the_work(tables, run, monkeypatch):
    import mmclassic.cli._tables as tables_module
    import mmclassic.persistence as persistence

    def worked(*_, **__):
        raise AssertionError("worked before it looked at the output")

    monkeypatch.setattr(tables_module, "read_table", worked)
    monkeypatch.setattr(persistence, "load", worked)
    table = tables / "items.csv"
    result = run("fit", table, *COLUMNS, "-o", "none/m.skops")
    assert_said(result, "does not exist. Make it first.")
    Path("m.skops").write_bytes(b"")
    result = run("predict", "m.skops", table, "-o", "none/o.csv")
    assert_said(result, "does not exist. Make it first.")
    result = run("predict", "m.skops", table, "-o", "o.xlsx")
    assert_said(result, "must end in one of .csv")


def test_a_file_that_is_no_model(tables, run):
    Path("m.skops").write_bytes(b"not a model")
    result = run("predict", "m.skops", tables / "items.csv", "-o", "o.csv")
    assert_said(result, "'m.skops' is not a model file")


def test_one_class_is_a_sentence(tables, frame, run):
    frame.assign(label="cup")[["text", "label"]].to_csv("t.csv")
    for fusion in ("early", "late"):
        options = ("--label", "label", "--text", "text", "--fusion", fusion)
        result = run("fit", "t.csv", *options, "-o", "m.skops")
        assert_said(result, "2 classes" if fusion == "early" else "two classes")
