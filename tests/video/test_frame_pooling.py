"""Any image transformer describes videos, by frames sampled evenly in time."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import FeatureUnion

from mmclassic.encoding import BagOfWords, FisherVector, StatisticsPooling
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.image import HOG, ColorHistogram, DenseSIFT
from mmclassic.media import open_video
from mmclassic.persistence import load, save
from mmclassic.video import FramePooling
from tests.common.clips import encode, frame_of, tone

SHAPES = FramePooling(HOG((32, 32)), every=0.3)
COLORS = FramePooling(ColorHistogram(), every=0.1)


@pytest.fixture(scope="module")
def clips():
    return [
        encode([frame_of(i + shift) for i in range(20)], sound=tone(2.0))
        for shift in range(6)
    ]


def test_each_frame_is_described_at_its_place_in_time(clips):
    features = FramePooling(ColorHistogram(n_bins=4), every=0.5).describe(clips[0])
    np.testing.assert_allclose(features.positions[:, 0], [0.125, 0.375, 0.625, 0.875])
    video = open_video(clips[0])
    frames = [video.frame_at(time) for time in (0.25, 0.75, 1.25, 1.75)]
    expected = ColorHistogram(n_bins=4).transform(frames)
    np.testing.assert_array_equal(features.descriptors, expected)


def test_a_row_is_mean_and_deviation_over_the_frames(clips):
    pooling = FramePooling(ColorHistogram(n_bins=4), every=0.2)
    frames = pooling.describe(clips[1]).descriptors
    row = pooling.transform([clips[1]])[0]
    np.testing.assert_allclose(
        row, np.r_[frames.mean(axis=0), frames.std(axis=0)], atol=1e-6
    )


def test_a_clip_shorter_than_the_distance_gives_one_frame():
    short = encode([frame_of(1)] * 3)
    features = FramePooling(ColorHistogram(), every=60.0).describe(short)
    assert features.positions.tolist() == [[0.5]]


def test_long_videos_are_sampled_at_a_greater_distance(clips):
    pooling = FramePooling(ColorHistogram(), every=0.1, max_frames=5)
    assert len(pooling.describe(clips[0])) == 5


@pytest.mark.parametrize(
    "encoder",
    [
        StatisticsPooling(
            FramePooling(HOG((32, 32)), every=0.3), pyramid=("1x1", "2x1")
        ),
        BagOfWords(
            FramePooling(ColorHistogram(), every=0.1), n_words=4, random_state=0
        ),
        FisherVector(
            FramePooling(ColorHistogram(), every=0.1), n_components=2, random_state=0
        ),
    ],
    ids=lambda encoder: type(encoder).__name__,
)
def test_every_encoder_takes_it(clips, encoder, tmp_path):
    X = pd.Series(clips)
    rows = encoder.fit_transform(X)
    assert rows.shape[0] == len(clips) and np.isfinite(rows).all()
    np.testing.assert_array_equal(rows, encoder.fit(X).transform(X))
    save(encoder, tmp_path / "encoder.skops")
    np.testing.assert_array_equal(load(tmp_path / "encoder.skops").transform(X), rows)


def test_a_transformer_that_learns_is_fitted_on_frames(clips):
    words = BagOfWords(DenseSIFT(8), n_words=6, random_state=0)
    pooling = FramePooling(words, every=0.5, max_fit_frames=12)
    with pytest.raises(NotFittedError, match="Call 'fit' with videos first"):
        pooling.transform(clips)
    rows = pooling.fit(clips).transform(clips)
    assert rows.shape == (6, 12)
    np.testing.assert_array_equal(pooling.fit_transform(clips), rows)
    assert pooling.transformer_ is not words


def test_features_side_by_side_are_a_transformer_too(clips):
    union = FeatureUnion(
        [("color", ColorHistogram(n_bins=2)), ("shape", HOG((32, 32)))]
    )
    pooling = FramePooling(union, every=0.5).fit(clips)
    names = pooling.get_feature_names_out()
    assert pooling.transform(clips).shape == (6, len(names)) == (6, 2 * (6 + 324))


def test_the_cache_serves_frames_and_learned_transformers(clips, tmp_path):
    for transformer in (
        ColorHistogram(),
        BagOfWords(DenseSIFT(8), n_words=4, random_state=0),
    ):
        plain = FramePooling(transformer, every=0.5).fit(clips).transform(clips)
        cached = FramePooling(transformer, every=0.5, cache=tmp_path).fit(clips)
        for _ in range(2):
            np.testing.assert_array_equal(cached.transform(clips), plain)


def test_an_invalid_video_is_named_or_missing(clips):
    X = [clips[0], b"not a film", None]
    pooling = FramePooling(ColorHistogram())
    with pytest.raises(MediaError, match=r"Row 1 \(10 bytes\) holds text, not a video"):
        pooling.transform(X)
    with pytest.warns(InvalidItemWarning, match="1"):
        rows = pooling.set_params(invalid="missing").transform(X)
    assert np.isnan(rows).all(axis=1).tolist() == [False, True, True]


def test_a_frame_that_cant_be_described_names_the_video_and_the_time(clips):
    tall = HOG(size=None, pixels_per_cell=(64, 64))
    with pytest.raises(MediaError, match=r"^Row 1 .*has a frame at 0.5 s that"):
        FramePooling(tall).fit(clips).transform(pd.Series([None, clips[0]]))


def test_it_says_what_is_missing(clips):
    with pytest.raises(ValueError, match=r"such as FramePooling\(ColorHistogram\(\)\)"):
        FramePooling().fit(clips)
    with pytest.raises(ValueError, match="all 2 rows of X are missing"):
        FramePooling(BagOfWords(DenseSIFT())).fit([None, None])
