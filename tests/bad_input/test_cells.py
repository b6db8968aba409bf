"""A bad cell stops fit and predict with its row and path, or counts as documented."""

import cv2
import numpy as np
import pytest
import soundfile

from mmclassic import make_multimodal_pipeline
from mmclassic.audio import Waveform
from mmclassic.datasets import make_multimodal
from mmclassic.exceptions import InvalidItemWarning, MediaError

ROW = 3
QUICK = {"__encoder__n_components": 3, "__encoder__descriptor__step": 16}


@pytest.fixture(scope="module")
def made():
    return make_multimodal(24, return_X_y=True, random_state=0)


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    """A folder of files that are broken, each in its own way."""
    folder = tmp_path_factory.mktemp("files")
    X, _ = made
    png = cv2.imencode(".png", X["image"][0])[1].tobytes()
    jpeg = cv2.imencode(".jpg", X["image"][0])[1].tobytes()
    soundfile.write(folder / "whole.wav", X["audio"][0].samples, 16000)
    wav = (folder / "whole.wav").read_bytes()
    contents = {
        "empty.png": b"",
        "cut.png": png[:200],
        "cut.jpg": jpeg[:200],
        "half.jpg": jpeg[: len(jpeg) // 2],
        "text.png": b"this is no picture",
        "sound.png": wav,
        "jpeg.png": jpeg,
        "empty.wav": b"",
        "head.wav": wav[:30],
        "half.wav": wav[: len(wav) // 2],
        "text.wav": b"this is no sound",
        "picture.wav": png,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    return folder


def build(**settings):
    model = make_multimodal_pipeline(random_state=0, **settings)
    return model.set_params(
        **{
            path: value
            for path in model.get_params()
            for end, value in QUICK.items()
            if path.endswith(end)
        }
    )


def columns_with(modality):
    other = "audio" if modality == "text" else "text"
    return {modality: modality, other: other}


@pytest.fixture(scope="module")
def fitted(made):
    """Pipelines of each modality beside another, fitted to whole cells."""
    return {
        (modality, fusion): build(**columns_with(modality), fusion=fusion).fit(*made)
        for modality in ("text", "image", "audio")
        for fusion in ("early", "late")
    }


def with_cell(X, modality, cell):
    X = X.copy()
    X[modality] = X[modality].astype(object)
    X.at[ROW, modality] = cell
    return X


FILES = [
    ("image", "empty.png", "is empty"),
    ("image", "cut.png", "cut short"),
    ("image", "cut.jpg", "damaged or ends early"),
    ("image", "half.jpg", "cut short|damaged"),
    ("image", "text.png", "holds text, not a picture"),
    ("image", "sound.png", "holds wav sound, not a picture"),
    ("image", "folder", "is a folder"),
    ("image", "gone.png", "does not exist"),
    ("audio", "empty.wav", "is empty"),
    ("audio", "head.wav", "cut short|header"),
    ("audio", "half.wav", "cut short"),
    ("audio", "text.wav", "holds text, not sound"),
    ("audio", "picture.wav", "holds a PNG picture, not sound"),
    ("audio", "folder", "is a folder"),
    ("audio", "gone.wav", "does not exist"),
]


@pytest.mark.parametrize("fusion", ["early", "late"])
@pytest.mark.parametrize(("modality", "name", "message"), FILES)
def test_a_bad_file_is_named_by_row_and_path(
    made, folder, fitted, modality, name, message, fusion
):
    X, y = made
    bad = with_cell(X, modality, folder / name)
    expected = rf"^Row {ROW} \('.*{name}'\) .*({message})"
    with pytest.raises(MediaError, match=expected):
        build(**columns_with(modality), fusion=fusion).fit(bad, y)
    with pytest.raises(MediaError, match=expected):
        fitted[modality, fusion].predict(bad)


NAN = np.full(8000, np.nan, dtype=np.float32)
CELLS = [
    ("image", np.zeros((0, 5, 3), np.uint8), "has no pixels"),
    ("image", np.full((30, 30), np.nan), "NaN or infinite"),
    ("image", np.zeros(5), "a picture is of shape"),
    ("image", 5, "is not a picture"),
    ("image", b"", "is empty"),
    ("image", "", "is an empty text, not a path"),
    ("audio", Waveform(NAN, 16000), "NaN or infinite"),
    ("audio", NAN, "NaN or infinite"),
    ("audio", np.zeros(0, np.float32), "holds no samples"),
    ("audio", np.ones(10, np.float32), "10 samples.*n_fft=1024. Lower n_fft or drop"),
    ("audio", Waveform(np.ones(3, np.float32), 16000), "holds 3 samples"),
    ("audio", 7, "is not sound"),
    ("text", 5, "is not a text"),
    ("text", 5.5, "is not a text"),
    ("text", ["a", "list"], "is not a text"),
]


@pytest.mark.parametrize("fusion", ["early", "late"])
@pytest.mark.parametrize(("modality", "cell", "message"), CELLS)
def test_a_bad_cell_is_named_by_row(made, fitted, modality, cell, message, fusion):
    X, y = made
    bad = with_cell(X, modality, cell)
    with pytest.raises(MediaError, match=rf"^Row {ROW} \(.*{message}"):
        build(**columns_with(modality), fusion=fusion).fit(bad, y)
    with pytest.raises(MediaError, match=rf"^Row {ROW} \(.*{message}"):
        fitted[modality, fusion].predict(bad)


PLAIN = [
    ("image", np.zeros((1, 1, 3), np.uint8)),
    ("image", np.zeros((40, 40, 3), np.uint8)),
    ("image", np.full((40, 40), 255, np.uint8)),
    ("audio", np.zeros(8000, np.float32)),
    ("audio", Waveform(np.zeros(8000, np.float32), 16000)),
    ("text", ""),
    ("text", "  \n"),
    ("text", "?!"),
]


@pytest.mark.parametrize("fusion", ["early", "late"])
@pytest.mark.parametrize(("modality", "cell"), PLAIN)
def test_an_empty_but_valid_cell_is_described(made, fitted, modality, cell, fusion):
    X, y = made
    plain = with_cell(X, modality, cell)
    assert fitted[modality, fusion].predict(plain)[ROW] in set(y)
    refitted = build(**columns_with(modality), fusion=fusion).fit(plain, y)
    assert refitted.predict(plain)[ROW] in set(y)


def test_a_file_with_the_suffix_of_another_format_is_read(made, folder, fitted):
    X, y = made
    for fusion in ("early", "late"):
        model = fitted["image", fusion]
        predicted = model.predict(with_cell(X, "image", folder / "jpeg.png"))
        assert predicted[ROW] in set(y)


@pytest.mark.parametrize("modality", ["image", "audio"])
def test_bad_cells_in_training_and_new_rows_are_missing_on_request(
    made, folder, modality
):
    X, y = made
    name = {"image": "cut.png", "audio": "half.wav"}[modality]
    bad = with_cell(X, modality, str(folder / name))
    gap = with_cell(X, modality, None)
    model = build(**columns_with(modality), invalid="missing")
    with pytest.warns(InvalidItemWarning, match=rf"rows {ROW}. The first: Row {ROW}"):
        model.fit(bad, y)
    expected = build(**columns_with(modality)).fit(gap, y).predict_proba(gap)
    with pytest.warns(InvalidItemWarning, match=rf"{name}'\)"):
        probabilities = model.predict_proba(bad)
    # The items that a codebook is learned from are drawn before the bad one shows.
    np.testing.assert_allclose(probabilities, expected, atol=0.01)


def test_pictures_that_are_all_blank_teach_nothing(made):
    X, y = made
    blank = X.assign(image=[np.zeros((40, 40, 3), np.uint8)] * len(y))
    for fusion in ("early", "late"):
        with pytest.raises(ValueError, match="all 24 rows of X are missing or blank"):
            build(image="image", fusion=fusion).fit(blank, y)


def test_sound_that_is_all_silent_tells_nothing(made):
    X, y = made
    silent = X.assign(audio=[np.zeros(8000, np.float32)] * len(y))
    for fusion in ("early", "late"):
        model = build(audio="audio", fusion=fusion).fit(silent, y)
        assert len(set(model.predict(silent))) == 1


def test_texts_that_are_all_empty_say_so(made):
    X, y = made
    for fusion in ("early", "late"):
        with pytest.raises(ValueError, match="None of the 24 texts of X holds a term"):
            build(text="text", fusion=fusion).fit(X.assign(text=""), y)
