"""extract: tables on disk to tables of features, and what it prints."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmclassic.audio import MFCC
from mmclassic.image import ColorHistogram
from mmclassic.persistence import load


@pytest.fixture
def light(monkeypatch):
    """Take descriptors that cost little in place of the defaults."""
    monkeypatch.setattr(
        "mmclassic.extraction._parts.DEFAULTS",
        {"image": ColorHistogram, "audio": lambda: MFCC(8000)},
    )


def said(result):
    return " ".join(result.output.split())


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_is_extracted_from_another_folder(tables, run, light, suffix):
    table = tables / f"items.{suffix}"
    options = ("--image", "photo=image", "--audio", "audio", "--n-jobs", "2")
    result = run("extract", table, "-o", "f.parquet", *options)
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(tables / "items.csv")
    kept = [name for name in frame if name != "audio"]
    output = Path("f.parquet").absolute()
    assert result.output == (
        f"Wrote 40 rows to {output}. Features: photo (48), audio (40)\n"
        f"Kept: {', '.join(kept)}. Replaced by features: audio\n"
    )
    features = pd.read_parquet("f.parquet")
    assert list(features) == [*kept, "photo", "audio"]
    assert features["pair"].tolist() == frame["pair"].tolist()
    paths = [tables / cell for cell in frame["image"].dropna()]
    expected = ColorHistogram().fit_transform(paths)
    assert np.array_equal(np.stack(features["photo"].dropna()), expected)
    assert os.listdir() == ["f.parquet"]


def test_its_table_feeds_the_other_commands(tables, run, light):
    columns = ("--image", "image", "--audio", "audio")
    run("extract", tables / "items.csv", "-o", "f.parquet", *columns)
    columns = ("--text", "text", "--vectors", "image,audio")
    result = run("evaluate", "f.parquet", "--label", "label", *columns, "--cv", "2")
    assert result.exit_code == 0, result.output
    for name in ("text", "image", "audio", "early", "late"):
        assert name in result.output
    run("fit", "f.parquet", "--label", "label", *columns, "-o", "m.skops")
    result = run("predict", "m.skops", "f.parquet", "-o", "p.csv")
    assert result.exit_code == 0, result.output
    expected = load("m.skops").predict(pd.read_parquet("f.parquet"))
    assert pd.read_csv("p.csv")["prediction"].tolist() == list(expected)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (("--keep", "label"), ["label"]),
        (("--keep", "label,pair"), ["label", "pair"]),
        (("--drop", "text,audio,size,split,pair"), ["label"]),
    ],
)
def test_columns_to_keep_and_to_drop(tables, run, light, options, kept):
    result = run(
        "extract", tables / "items.csv", "-o", "f.parquet", "--image", "image", *options
    )
    assert result.exit_code == 0, result.output
    assert list(pd.read_parquet("f.parquet")) == [*kept, "image"]


def test_what_became_of_each_column_is_told(tables, run, light):
    frame = pd.read_csv(tables / "items.csv")
    frame = frame[["image", "label"]].assign(raw=b"bytes")
    frame["image"] = [None if pd.isna(i) else str(tables / i) for i in frame["image"]]
    frame.assign(**{f"x{i}": i for i in range(20)}).to_parquet("t.parquet")
    command = ("extract", "t.parquet", "-o", "f.parquet", "--image", "image")
    wide, narrow = (
        run(*command, *options).output.splitlines()[1]
        for options in ((), ("--keep", "label"))
    )
    some = ", ".join(f"x{i}" for i in range(11))
    assert wide == (
        f"Kept: label, {some} and 9 more. Replaced by features: image. Left out: raw"
    )
    assert narrow == (
        f"Kept: label. Replaced by features: image. Left out: raw, {some} and 9 more"
    )


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ((), 2, "Name a column with at least one of --image, --audio."),
        (("--image", "photo"), 1, "The column 'photo' of the part 'image' isn't in X"),
        (("--image", "image", "--keep", "a"), 1, "The column 'a' of keep= isn't in X"),
        (("--image", "image", "--drop", "a"), 1, "The table has no column 'a'; it has"),
        (
            ("--image", "image", "--keep", "text", "--drop", "label"),
            2,
            "Give --keep or --drop, not both.",
        ),
        (("--image", "image", "--row-group-size", "0"), 2, "'--row-group-size'"),
        (("--image", "image", "--dask", "nowhere:1:2"), 1, "no Dask scheduler at"),
    ],
)
def test_options_that_do_not_do(tables, run, options, code, message):
    result = run("extract", tables / "items.csv", "-o", "f.parquet", *options)
    assert (result.exit_code, message in said(result)) == (code, True), result.output
    assert "Traceback" not in result.output
    assert os.listdir() == []


def test_an_address_that_is_none_is_told_and_nothing_else(tables, tmp_path):
    command = ("extract", tables / "items.csv", "-o", "f.parquet", "--image", "image")
    code = "from mmclassic.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, command), "--dask", "::bogus"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("Error: There is no Dask scheduler at '::bogus'.")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("f.csv", "f.csv' must end in .parquet."),
        ("absent/f.parquet", "absent/f.parquet' does not exist. Make it first."),
    ],
)
def test_outputs_that_do_not_do(tables, run, output, message):
    result = run("extract", tables / "items.csv", "-o", output, "--image", "image")
    assert (result.exit_code, message in said(result)) == (1, True), result.output
    assert os.listdir() == []


@pytest.mark.parametrize("output", ["t.parquet", "link.parquet", "hard.parquet"])
def test_the_table_itself_is_no_output(tables, run, output):
    table = Path("t.parquet")
    table.write_bytes((tables / "items.parquet").read_bytes())
    Path("link.parquet").symlink_to(table.absolute())
    os.link(table, "hard.parquet")
    before = table.read_bytes()
    for source in (table, "link.parquet"):
        result = run("extract", source, "-o", output, "--image", "image")
        assert result.exit_code == 1, result.output
        assert f"{output}' is the table itself" in said(result)
        assert "Give another output." in said(result)
    assert table.read_bytes() == before and Path("link.parquet").is_symlink()
    assert sorted(os.listdir()) == ["hard.parquet", "link.parquet", "t.parquet"]


@pytest.fixture
def broken(tables):
    """A table whose row 36 names a picture that is cut short."""
    frame = pd.read_csv(tables / "items.csv")
    picture = tables / frame["image"].dropna().iloc[0]
    (tables / "short.png").write_bytes(picture.read_bytes()[:300])
    frame.loc[36, "image"] = "short.png"
    frame.to_csv(tables / "short.csv", index=False)
    return tables / "short.csv"


def test_an_invalid_file_is_named_as_in_the_table(broken, run, light):
    command = ("extract", broken, "-o", "f.parquet", "--image", "image")
    result = run(*command)
    assert result.exit_code == 1
    assert "Error: Row 36 ('short.png') " in said(result)
    assert "f.parquet.parts'; the same command goes on from there." in said(result)
    assert os.listdir() == ["f.parquet.parts"]
    result = run(*command, "--invalid", "missing")
    assert result.exit_code == 0, result.output
    assert said(result).startswith("Warning: 1 invalid item(s) are treated as missing")
    assert "Wrote 40 rows, 32 of them described before, to" in said(result)
    assert pd.read_parquet("f.parquet")["image"].isna()[36]
    assert os.listdir() == ["f.parquet"]


def test_ctrl_c_tells_where_the_finished_rows_are(tables, run, tmp_path):
    frame = pd.read_csv(tables / "items.csv")
    frame["image"] = [
        None if pd.isna(cell) else str(tables / cell) for cell in frame["image"]
    ]
    pd.concat([frame] * 6).to_csv("items.csv", index=False)
    command = ("extract", "items.csv", "-o", "f.parquet", "--image", "image")
    running = subprocess.Popen(
        [sys.executable, "-c", "from mmclassic.cli import main; main()", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        end = time.monotonic() + 60
        while not list(Path("f.parquet.parts").glob("*.npz")):
            assert running.poll() is None and time.monotonic() < end
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        printed, told = running.communicate(timeout=60)
    finally:
        running.kill()
        running.communicate()
    assert (running.returncode, printed) == (130, "")
    assert told.startswith("Stopped. What is described is kept in ")
    n_kept = len(list(Path("f.parquet.parts").glob("*.npz")))
    assert 1 <= n_kept < 8
    result = run(*command, "--n-jobs", "2")
    assert f"Wrote 240 rows, {32 * n_kept} of them described before, to" in said(result)
