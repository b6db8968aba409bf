"""Videos are a modality: their frames by ``video``, their track by ``audio``."""

import numpy as np
import pandas as pd
import pytest

from mmclassic import make_multimodal_pipeline
from mmclassic.persistence import load, save
from tests.common.clips import encode, tone

N = 24


def film(i):
    """Return a clip of a second: red or blue by its number, and high or low."""
    rng = np.random.default_rng(i)
    color = (200, 40, 40) if i % 2 else (40, 40, 200)
    frames = [
        np.clip(color + rng.normal(0, 25, (36, 64, 1)), 0, 255).astype(np.uint8)
        for _ in range(10)
    ]
    sound = tone(1.0, 900 if i // 2 % 2 else 300)
    return encode(frames, sound=None if i == 3 else sound)


@pytest.fixture(scope="module")
def films():
    column = pd.Series([film(i) for i in range(N)], dtype=object)
    column[5] = None
    return pd.DataFrame({"film": column})


@pytest.mark.parametrize("fusion", ["early", "late", "kernel"])
def test_pictures_and_tracks_of_a_column_are_fused(films, fusion, tmp_path):
    # Four classes, of which each modality alone tells two pairs apart.
    y = np.arange(N) % 4
    X = films.copy()
    X["track"] = [None if i == 3 else cell for i, cell in enumerate(X["film"])]
    model = make_multimodal_pipeline(
        video="film", audio="track", fusion=fusion, random_state=0
    )
    train = np.arange(N) < 20
    model.fit(X[train], y[train])
    answers = model.predict(X[~train])
    assert (answers == y[~train]).all()
    save(model, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops").predict(X[~train])
    np.testing.assert_array_equal(again, answers)


def test_frames_are_kept_in_the_pipelines_cache(films, tmp_path):
    y = np.arange(N) % 2
    plain = make_multimodal_pipeline(video="film", features="light", random_state=0)
    cached = make_multimodal_pipeline(
        video="film", features="light", random_state=0, cache=tmp_path
    )
    expected = plain.fit(films, y).predict(films)
    for _ in range(2):
        np.testing.assert_array_equal(cached.fit(films, y).predict(films), expected)


def test_parameters_are_reached_by_the_path_of_the_documentation():
    model = make_multimodal_pipeline(video="film", fusion="early")
    model.set_params(fusion__video__encoder__descriptor__every=2.0)
    pooling = model.get_params()["fusion__video__encoder__descriptor"]
    assert pooling.every == 2.0
