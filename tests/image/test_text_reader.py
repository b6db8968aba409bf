"""TextReader on words that are drawn, and on pictures without any."""

import cv2
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mmclassic import make_multimodal_pipeline
from mmclassic._kernels.letters import LETTERS, draw_letters, find_regions
from mmclassic.exceptions import MediaError
from mmclassic.image import TextReader
from mmclassic.image._words_of_letters import lines_of, nearest_word

WORDS = ["stop", "yield", "hospital", "school", "museum", "bridge", "market"]


def sign(*lines, size=(160, 420), ink=0, paper=255):
    picture = np.full(size, paper, dtype=np.uint8)
    for i, line in enumerate(lines):
        place = (30, 70 + 70 * i)
        cv2.putText(
            picture, line, place, cv2.FONT_HERSHEY_DUPLEX, 2.0, (ink,), 4, cv2.LINE_AA
        )
    return picture


@pytest.fixture(scope="module")
def reader():
    return TextReader(WORDS).fit([sign("STOP")])


def test_it_reads_drawn_words(reader):
    pictures = [sign(word.upper()) for word in WORDS]
    read = reader.transform(pictures)
    assert sum(map(str.__eq__, read, WORDS)) >= 6


def test_light_letters_on_dark_are_read_as_dark_on_light(reader):
    assert reader.transform([sign("STOP", ink=250, paper=30)]).tolist() == ["stop"]


def test_lines_are_read_from_the_top(reader):
    assert reader.transform([sign("SCHOOL", "STOP")]).tolist() == ["school stop"]


def test_small_and_large_pictures_are_read_alike(reader):
    large = cv2.resize(sign("HOSPITAL"), None, fx=3, fy=3)
    small = cv2.resize(sign("HOSPITAL"), None, fx=0.6, fy=0.6)
    assert reader.transform([large, small]).tolist() == ["hospital"] * 2


def test_nothing_is_read_where_nothing_stands(reader):
    rng = np.random.default_rng(0)
    blank = np.full((80, 90, 3), 200, dtype=np.uint8)
    noise = rng.integers(0, 256, (120, 120, 3)).astype(np.uint8)
    tiny = np.zeros((1, 1), dtype=np.uint8)
    assert reader.transform([blank, noise, tiny]).tolist() == [""] * 3


def test_without_words_whatever_is_read_is_kept():
    (text,) = TextReader().fit_transform([sign("QUIZ")])
    assert len(text) >= 3
    assert text == text.lower()


def test_a_missing_picture_has_no_text_and_an_invalid_one_is_named(reader):
    assert reader.transform([None, sign("STOP")]).tolist() == [None, "stop"]
    with pytest.raises(MediaError, match="Row 1"):
        reader.transform([sign("STOP"), b"no picture"])


@pytest.mark.parametrize(
    ("read", "word"),
    [
        ("stop", "stop"),
        ("stcp", "stop"),
        ("hospltai", "hospital"),
        ("schol", "school"),
        ("xxop", ""),
        ("sto", ""),
        ("", ""),
    ],
)
def test_a_word_may_differ_in_a_quarter_of_its_letters(read, word):
    assert nearest_word(read, WORDS) == word


def test_letters_stand_in_lines_of_one_layer_from_left_to_right():
    regions = find_regions(sign("STOP", "MUSEUM"))
    for line in lines_of(regions):
        lefts = [regions[i].left for i in line]
        assert lefts == sorted(lefts)
        assert len({regions[i].layer for i in line}) == 1


def test_every_letter_is_drawn_the_same_for_one_seed():
    first, again = list(draw_letters(1, 3)), list(draw_letters(1, 3))
    assert {letter for letter, _ in first} == set(LETTERS)
    assert all(
        np.array_equal(a, b) for (_, a), (_, b) in zip(first, again, strict=True)
    )
    assert all(s.any(axis=0)[[0, -1]].all() for _, s in first)


def test_what_is_read_is_a_modality_beside_the_picture():
    words = ["STOP", "MUSEUM"] * 8
    shades = np.linspace(180, 255, len(words)).astype(int)
    X = np.empty((len(words), 1), dtype=object)
    X[:, 0] = [sign(w, paper=int(s)) for w, s in zip(words, shades, strict=True)]
    model = make_multimodal_pipeline(
        text={"print": (TextReader(WORDS), 0)},
        image=0,
        fusion="early",
        classifier=LogisticRegression(),
        features="light",
        random_state=0,
    )
    assert model.fit(X, words).score(X, words) == 1.0
    assert model.named_steps["fusion"].modality_counts_["print"] == len(words)


def test_letters_are_drawn_without_the_fonts_of_opencv_5_too(monkeypatch):
    monkeypatch.delattr(cv2, "FontFace", raising=False)
    drawn = list(draw_letters(1, 0))
    assert {letter for letter, _ in drawn} == set(LETTERS)
    assert all(10 < shape.shape[0] < 130 for _, shape in drawn)
