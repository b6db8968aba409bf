"""What a cell is: missing, a text, a file that can't be opened, or described."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mmclassic.exceptions import MediaError
from mmclassic.media import (
    Waveform,
    describe_cell,
    is_missing,
    load_audio,
    load_image,
    load_text,
)

LOADERS = [load_image, load_audio]


@pytest.mark.parametrize(
    "cell",
    [
        None,
        float("nan"),
        np.float32("nan"),
        np.float64("nan"),
        pd.NA,
        pd.NaT,
        np.datetime64("NaT", "ns"),
        {"bytes": None, "path": None},
        {"path": float("nan")},
        {"array": None, "sampling_rate": 16000},
    ],
)
def test_missing_cells_are_missing(cell):
    assert is_missing(cell) is True


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "nan",
        b"",
        0,
        0.0,
        False,
        np.array([np.nan]),
        np.zeros(0),
        [],
        {},
        {"a": None},
        {"bytes": None, "path": "a.png"},
        {"array": np.zeros(3)},
        Waveform(np.zeros(0), 8000),
        pd.Timestamp("2020-01-01"),
        np.datetime64("2020-01-01"),
    ],
)
def test_other_cells_are_not_missing(cell):
    assert is_missing(cell) is False


def test_a_dict_of_neither_bytes_nor_path_is_refused_with_its_keys():
    for load in LOADERS:
        with pytest.raises(MediaError, match=r"dict of \['a'\] holds none of 'array'"):
            load({"a": 1})


@pytest.mark.parametrize(
    ("cell", "description"),
    [
        (None, "None"),
        ("a.wav", "'a.wav'"),
        ("it's.wav", '"it\'s.wav"'),
        (np.str_("a.wav"), "'a.wav'"),
        (PurePosixPath("b/a.wav"), "'b/a.wav'"),
        (b"12345678", "8 bytes"),
        (b"1", "1 byte"),
        (memoryview(b"12"), "2 bytes"),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        (7, "an int"),
        (2.5, "a float"),
        ([1], "a list"),
        (Waveform(np.zeros(5), 8000), "a Waveform of shape (5,)"),
        (Image.new("RGB", (4, 3)), "a PIL image of 4x3 pixels"),
        ({"bytes": b"12", "path": "a.png"}, "'a.png'"),
        ({"bytes": b"12", "path": None}, "2 bytes"),
        ({"array": np.zeros(3), "sampling_rate": 8}, "an array of shape (3,)"),
    ],
)
def test_cells_are_described(cell, description):
    assert describe_cell(cell) == description


def test_a_long_text_is_cut_in_a_description():
    assert len(describe_cell("x" * 10_000)) < 250


def test_a_text_is_returned_as_it_is():
    assert load_text("") == ""
    assert load_text("茶壶 🫖") == "茶壶 🫖"
    assert type(load_text(np.str_("a"))) is str


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (7, r"^An int is not a text \(a str\). Convert it first"),
        (b"abc", "^3 bytes is not a text .* Decode it first"),
        (None, "^None is not a text .* Leave out missing cells"),
        (float("nan"), "^A float is not a text .* Leave out missing cells"),
        (["a", "b"], "^A list is not a text"),
    ],
)
def test_what_is_not_a_text_is_refused(cell, message):
    with pytest.raises(MediaError, match=message):
        load_text(cell)


@pytest.mark.parametrize("load", LOADERS)
def test_a_missing_relative_path_names_the_current_folder(load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MediaError) as caught:
        load("gone/a.png")
    assert str(caught.value).startswith("'gone/a.png' does not exist. A relative path")
    assert str(tmp_path) in str(caught.value)
    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize("load", LOADERS)
def test_a_missing_absolute_path_does_not(load, tmp_path):
    with pytest.raises(MediaError, match="does not exist. Correct the path"):
        load(tmp_path / "a.png")


@pytest.mark.parametrize("load", LOADERS)
def test_a_folder_a_pipe_and_an_empty_file_are_refused(load, tmp_path):
    with pytest.raises(MediaError, match="is a folder. Give the path of one file"):
        load(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MediaError, match="is no regular file"):
        load(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    with pytest.raises(MediaError, match=r"is empty \(0 bytes\). Replace the file"):
        load(tmp_path / "empty")


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "^'' is an empty text, not a path"),
        ("https://example.org/a.png", "is a URL; only local files are read. Download"),
        ("s3://bucket/a.wav", "is a URL"),
        ("a\0b", "can't be opened as a file"),
        ("word " * 2000, "can't be opened as a file: File name too long"),
        (b"", "^0 bytes is empty"),
    ],
)
def test_what_can_not_be_opened_is_a_media_error(load, cell, message):
    with pytest.raises(MediaError, match=message):
        load(cell)


@pytest.mark.parametrize("load", LOADERS)
def test_a_file_without_permission_is_a_media_error(load, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"123")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    # The superuser may read everything, so the refusal is played.
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(MediaError, match="permission denied") as caught:
        load(path)
    assert isinstance(caught.value.__cause__, PermissionError)


def test_a_disk_that_fails_while_reading_is_a_media_error(tmp_path, monkeypatch):
    from mmclassic.media import _image

    class Failing:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def read(self):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(_image, "open_source", lambda *_: Failing())
    with pytest.raises(MediaError, match="can't be read to its end: Input/output"):
        load_image("a.png")


def test_a_memoryview_with_gaps_is_read(tmp_path: Path):
    path = tmp_path / "a.png"
    Image.new("RGB", (4, 3), "red").save(path)
    data = path.read_bytes()
    spaced = memoryview(bytes(byte for pair in data for byte in (pair, 0)))[::2]
    assert load_image(spaced).shape == (3, 4, 3)


def test_importing_media_brings_neither_scikit_learn_nor_pandas():
    code = (
        "import sys; from mmclassic.media import load_image, load_audio, is_missing;"
        "is_missing(1.5);"
        "heavy = {'sklearn', 'pandas', 'librosa', 'PIL', 'scipy', 'soundfile'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
