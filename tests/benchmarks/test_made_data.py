"""Made data: alike in every run, of classes that differ, gone afterwards."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.common import Context
from benchmarks.made_data import make_texts
from benchmarks.real_or_made import clip, environment, news, photo, scenes
from mmclassic.media import load_audio, load_image

NOWHERE = Context(None, quick=True)


@pytest.mark.parametrize(
    ("source_of", "column", "load"),
    [(scenes, "image", load_image), (environment, "audio", load_audio)],
)
def test_made_files_are_alike_in_every_run_and_removed_afterwards(
    source_of, column, load
):
    loaded = []
    for _ in range(2):
        with source_of(NOWHERE) as source:
            assert not source.real and source.title.startswith("made")
            loaded.append([load(path) for path in source.table[column]])
            paths = source.table[column].tolist()
        assert not any(Path(path).exists() for path in paths)
    for first, second in zip(*loaded, strict=True):
        np.testing.assert_array_equal(first, second)
    assert len({item.tobytes() for item in loaded[0]}) == len(paths)


def test_made_tables_have_every_class_to_train_on_and_to_test_on():
    with scenes(NOWHERE) as source:
        pictures = source.table
    for table in (pictures, news(NOWHERE).table, make_texts(40)):
        counts = table.groupby(["label", "split"]).size()
        assert set(counts.index) == {(c, s) for c in "abcd" for s in ("train", "test")}
    with environment(NOWHERE) as source:
        assert set(source.table["fold"]) <= {1, 2, 3, 4, 5}


def test_made_texts_tell_their_class_by_words_of_their_own():
    table = make_texts(40)
    own = [
        {word for text in texts for word in text.split() if word.startswith("x")}
        for _, texts in table.groupby("label")["text"]
    ]
    assert all(own) and not set.intersection(*own)
    assert table.equals(make_texts(40))


def test_real_data_is_preferred(data_folder):
    context = Context(data_folder, quick=True)
    for source_of, title in ((scenes, "Scene-15"), (environment, "ESC-10")):
        with source_of(context) as source:
            assert source.real and source.title == title
            paths = source.table.iloc[:, 0].tolist()
        assert all(Path(path).exists() for path in paths)
    assert news(context).real
    samples, _, real = clip(context, 0.5)
    assert real and samples.shape == (11025,) and samples.dtype == np.float32
    pixels, _, real = photo(context, 64)
    assert real and pixels.shape == (64, 64) and pixels.dtype == np.uint8


def test_samples_and_pixels_are_made_in_the_size_that_is_asked_for():
    samples, title, real = clip(NOWHERE, 0.5)
    assert samples.shape == (11025,) and "made" in title and not real
    pixels, title, real = photo(NOWHERE, 64)
    assert pixels.shape == (64, 64) and "made" in title and not real
    assert pixels.std() > 10
