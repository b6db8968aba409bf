"""make_multimodal: what it promises about its rows, its files and its difficulty."""

import re
import wave

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mmclassic.datasets import _drawing, _write, make_multimodal
from mmclassic.media import Waveform


def _cells_equal(left, right):
    if left is None or right is None:
        return left is right
    if isinstance(left, Waveform):
        return np.array_equal(left.samples, right.samples)
    return np.array_equal(left, right)


def _all_bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_bunch_holds_table_target_and_description():
    bunch = make_multimodal(10, n_classes=3, random_state=0)
    assert list(bunch.data.columns) == bunch.feature_names == ["text", "image", "audio"]
    assert list(bunch.frame.columns) == ["text", "image", "audio", "label"]
    assert bunch.target.name == "label"
    assert set(bunch.target) == set(bunch.target_names)
    assert len(bunch.target_names) == 3
    assert "10 rows of 3 classes" in bunch.DESCR


def test_cells_in_memory_are_str_rgb_and_waveform():
    X, y = make_multimodal(4, return_X_y=True, random_state=0)
    assert len(X) == len(y) == 4
    for text, image, audio in X.itertuples(index=False):
        assert isinstance(text, str)
        assert image.shape == (128, 128, 3)
        assert image.dtype == np.uint8
        assert audio.sample_rate == 16_000
        assert audio.samples.shape == (12_800,)
        assert audio.samples.dtype == np.float32
        assert 0.3 < np.abs(audio.samples).max() <= 1


@pytest.mark.parametrize("n_samples", [1, 2, 41])
def test_classes_are_as_even_as_can_be(n_samples):
    _, y = make_multimodal(n_samples, return_X_y=True, random_state=1)
    counts = y.value_counts().reindex(
        make_multimodal(1, random_state=1).target_names, fill_value=0
    )
    assert counts.sum() == n_samples
    assert counts.max() - counts.min() <= 1


def test_same_random_state_gives_same_cells_and_another_gives_others():
    first, again, other = (
        make_multimodal(6, random_state=seed).frame for seed in (3, 3, 4)
    )
    for column in first:
        assert all(map(_cells_equal, first[column], again[column]))
        assert not all(map(_cells_equal, first[column], other[column]))


def test_random_state_instance_is_drawn_from():
    state = np.random.RandomState(0)
    first, second = (make_multimodal(3, random_state=state).data for _ in range(2))
    assert list(first["text"]) != list(second["text"])


def test_removing_cells_changes_no_other_cell():
    whole = make_multimodal(30, random_state=0).frame
    holed = make_multimodal(30, missing=0.5, random_state=0).frame
    assert list(whole["label"]) == list(holed["label"])
    for column in ("text", "image", "audio"):
        there = holed[column].notna()
        assert all(map(_cells_equal, whole[column][there], holed[column][there]))


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (0.3, [6, 6, 6]),
        (0.65, [13, 13, 13]),
        ({"audio": 1.0, "image": 0.95}, [0, 19, 20]),
        ({"text": 1, "image": 1}, [20, 20, 0]),
        ({}, [0, 0, 0]),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_missing_removes_the_share_but_never_a_whole_row(missing, expected, seed):
    X, _ = make_multimodal(20, missing=missing, return_X_y=True, random_state=seed)
    assert X.isna().sum().tolist() == expected
    assert not X.isna().all(axis=1).any()


def test_folder_holds_the_same_cells_as_memory(tmp_path):
    memory = make_multimodal(9, missing=0.2, random_state=5).frame
    disk = make_multimodal(9, missing=0.2, folder=tmp_path, random_state=5).frame
    assert disk["text"].equals(memory["text"])
    for path, picture in zip(disk["image"], memory["image"], strict=True):
        assert (path is None) == (picture is None)
        if path is not None:
            assert np.array_equal(cv2.imread(path)[:, :, ::-1], picture)
    for path, clip in zip(disk["audio"], memory["audio"], strict=True):
        assert (path is None) == (clip is None)
        if path is not None:
            with wave.open(path) as file:
                assert file.getframerate() == clip.sample_rate
                samples = np.frombuffer(file.readframes(-1), "<i2")
            assert np.array_equal(samples / np.float32(32_768), clip.samples)


def test_items_csv_has_relative_paths_and_empty_cells(tmp_path):
    frame = make_multimodal(12, missing=0.25, folder=tmp_path, random_state=0).frame
    table = pd.read_csv(tmp_path / "items.csv")
    assert list(table.columns) == ["text", "image", "audio", "label"]
    assert table.isna().to_numpy().tolist() == frame.isna().to_numpy().tolist()
    for column in ("image", "audio"):
        for relative, path in zip(table[column], frame[column], strict=True):
            if path is not None:
                assert str(tmp_path / relative) == path
                assert (tmp_path / relative).is_file()
    there = frame["image"].notna().to_numpy()
    names = [f"images/{row:06d}.png" for row in np.flatnonzero(there)]
    assert table["image"][there].tolist() == names


def test_files_repeat_byte_for_byte(tmp_path):
    for name in ("a", "b"):
        make_multimodal(5, folder=tmp_path / name, random_state=0)
    first = _all_bytes(tmp_path / "a")
    assert len(first) == 11
    assert first == _all_bytes(tmp_path / "b")


def test_existing_folder_loses_only_files_of_the_same_names(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "000000.png").write_bytes(b"old")
    (tmp_path / "images" / "holiday.png").write_bytes(b"mine")
    (tmp_path / "notes.txt").write_bytes(b"mine")
    make_multimodal(2, folder=tmp_path, random_state=0)
    assert (tmp_path / "images" / "000000.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "images" / "holiday.png").read_bytes() == b"mine"
    assert (tmp_path / "notes.txt").read_bytes() == b"mine"


@pytest.mark.parametrize("was_there", [True, False])
def test_error_while_writing_leaves_the_folder_as_it_was(
    tmp_path, monkeypatch, was_there
):
    folder = tmp_path / "made"
    if was_there:
        make_multimodal(3, folder=folder, random_state=0)
        before = _all_bytes(folder)

    def fail(path, clip, sample_rate):
        raise OSError("No space left on device")

    monkeypatch.setattr(_write, "_write_wav", fail)
    with pytest.raises(OSError, match="No space left"):
        make_multimodal(3, folder=folder, random_state=1)
    assert folder.exists() == was_there
    if was_there:
        assert _all_bytes(folder) == before
        assert sorted(p.name for p in folder.iterdir()) == [
            "audio",
            "images",
            "items.csv",
        ]


def test_folder_that_is_a_file_is_refused(tmp_path):
    path = tmp_path / "taken"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="'folder' parameter .* is a file, instead"):
        make_multimodal(3, folder=path)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_samples": 0}, "'n_samples' parameter of make_multimodal must be an int"),
        ({"n_samples": 2.5}, "'n_samples' parameter of make_multimodal must be an int"),
        ({"n_classes": 1}, "'n_classes' parameter of make_multimodal .* [2, 8]"),
        ({"n_classes": 9}, "'n_classes' parameter of make_multimodal .* [2, 8]"),
        ({"ambiguity": 1.5}, "'ambiguity' parameter of make_multimodal must be"),
        ({"missing": -0.1}, "'missing' parameter of make_multimodal must be"),
        ({"missing": 0.7}, "shares must sum to 2 at most. Got 2.1 instead"),
        ({"missing": {"video": 0.1}}, "must have keys among .* Got ['video'] instead"),
        ({"missing": {"text": 1.5}}, "range [0.0, 1.0]. Got 1.5 for 'text' instead"),
        ({"missing": {"text": np.nan}}, "range [0.0, 1.0]. Got nan for 'text' instead"),
        ({"missing": {"text": "x"}}, "range [0.0, 1.0]. Got 'x' for 'text' instead"),
        ({"folder": 3}, "'folder' parameter of make_multimodal must be"),
        ({"random_state": "x"}, "'random_state' parameter of make_multimodal must be"),
    ],
)
def test_bad_parameter_is_named(parameters, message):
    pattern = re.escape(message).replace(r"\.\*", ".*")
    with pytest.raises(ValueError, match=pattern):
        make_multimodal(**{"n_samples": 4, **parameters})


@pytest.mark.parametrize("n_classes", [2, 8])
def test_all_classes_can_be_made(n_classes):
    bunch = make_multimodal(16, n_classes=n_classes, ambiguity=1.0, random_state=0)
    assert sorted(set(bunch.target)) == sorted(bunch.target_names)


def test_pictures_of_a_class_share_its_colour():
    rng = np.random.default_rng(0)
    blue, green = (
        np.mean([_drawing.draw_picture((c, c), rng) for _ in range(20)], axis=(0, 1, 2))
        for c in (0, 1)
    )
    assert blue[2] > blue[1]
    assert green[1] > green[2]


class _Describe(TransformerMixin, BaseEstimator):
    """Plain colour and layout of pictures, plain band energies of sounds."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.array([self._describe(cell) for cell in X])

    def _describe(self, cell):
        if isinstance(cell, Waveform):
            frames = cell.samples.reshape(-1, 400) * np.hanning(400)
            power = np.abs(np.fft.rfft(frames, axis=1))[:, 1:] ** 2
            edges = np.unique(np.geomspace(1, 200, 25).astype(int)) - 1
            bands = np.log(np.add.reduceat(power, edges, axis=1) + 1e-4)
            return np.concatenate((bands.mean(axis=0), bands.std(axis=0)))
        hsv = cv2.cvtColor(cell, cv2.COLOR_RGB2HSV)
        counts = cv2.calcHist([hsv], [0, 1], None, [16, 4], [0, 180, 0, 256])
        return np.sqrt(counts.ravel() / counts.sum())


def test_each_modality_is_ambiguous_alone_and_all_decide_together():
    X, y = make_multimodal(300, return_X_y=True, random_state=0)
    parts = {
        "text": TfidfVectorizer(),
        "image": make_pipeline(_Describe(), StandardScaler()),
        "audio": make_pipeline(_Describe(), StandardScaler()),
    }
    log_probability, blocks = 0, []
    for name, part in parts.items():
        classifier = LogisticRegression(C=1.0, max_iter=1000)
        model = make_pipeline(part, classifier)
        probability = cross_val_predict(model, X[name], y, cv=5, method="predict_proba")
        alone = np.mean(np.unique(y)[probability.argmax(axis=1)] == y)
        assert 0.5 <= alone <= 0.8, name
        log_probability = log_probability + np.log(probability)
        block = part.fit_transform(X[name])
        block = block.toarray() if name == "text" else block
        blocks.append(block / np.linalg.norm(block, axis=1).mean())
    late = np.mean(np.unique(y)[log_probability.argmax(axis=1)] == y)
    early = cross_val_score(SVC(C=10), np.hstack(blocks), y, cv=5).mean()
    assert late > 0.95
    assert early > 0.95
