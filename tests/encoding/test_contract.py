"""What every encoder owes, whatever it makes of a set of descriptors."""

import pickle
import tracemalloc
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from mmclassic.encoding import (
    VLAD,
    BagOfWords,
    FisherVector,
    LocalFeatures,
    StatisticsPooling,
)
from mmclassic.exceptions import InvalidItemWarning, MediaError

from .toys import Dots, MeanShift, make_items

ENCODERS = [
    StatisticsPooling(
        Dots(),
        statistics=("mean", "std", "skew", "quantile"),
        pyramid=("1x1", "2x2"),
    ),
    BagOfWords(Dots(), n_words=8, pyramid=("1x1", "2x1"), random_state=0),
    BagOfWords(
        Dots(),
        n_words=8,
        assignment="soft",
        n_nearest=3,
        pyramid=("1x1", "2x2"),
        random_state=0,
    ),
    VLAD(Dots(), n_words=4, pyramid="2x2", random_state=0),
    FisherVector(
        Dots(),
        n_components=3,
        pca=4,
        append_positions=True,
        pyramid=("1x1", "3x1"),
        random_state=0,
    ),
]
each = pytest.mark.parametrize(
    "encoder", ENCODERS, ids=["statistics", "hard", "soft", "vlad", "fisher"]
)
each_class = pytest.mark.parametrize(
    "encoder_class", [StatisticsPooling, BagOfWords, VLAD, FisherVector]
)


@each
def test_fit_transform_equals_fit_then_transform_bitwise(encoder):
    items = make_items()
    at_once = clone(encoder).fit_transform(items)
    assert np.array_equal(at_once, clone(encoder).fit(items).transform(items))
    assert at_once.dtype == np.float32
    assert np.isfinite(at_once).all()


@each
def test_refit_repeats(encoder):
    items = make_items()
    first = encoder.fit_transform(items)
    assert np.array_equal(first, encoder.fit_transform(items))


@each
def test_rows_are_equal_for_any_n_jobs(encoder):
    items = make_items()
    alone = clone(encoder).fit_transform(items)
    shared = clone(encoder).set_params(n_jobs=3).fit_transform(items)
    assert np.array_equal(alone, shared)


def test_rows_are_equal_in_other_processes():
    items = make_items()
    encoder = FisherVector("precomputed", n_components=3, random_state=0)
    alone = clone(encoder).fit_transform(items)
    with parallel_config(backend="loky"):
        shared = clone(encoder).set_params(n_jobs=2).fit_transform(items)
    assert np.array_equal(alone, shared)


@each
def test_a_row_depends_neither_on_order_nor_on_batch(encoder):
    items = make_items()
    encoder = clone(encoder).fit(items)
    together = encoder.transform(items)
    backwards = encoder.transform(items[::-1])
    assert np.array_equal(backwards[::-1], together)
    alone = np.concatenate([encoder.transform([item]) for item in items])
    assert np.array_equal(alone, together)


@each
def test_the_memory_layout_of_an_item_changes_nothing(encoder):
    items = make_items()
    encoder = clone(encoder).set_params(descriptor="precomputed", pyramid="2x1")
    expected = encoder.fit_transform(items)
    fortran = [np.asfortranarray(item) for item in items]
    assert np.array_equal(encoder.transform(fortran), expected)


@each
def test_every_item_is_described_once_in_fit_transform(encoder):
    items = make_items()
    for number, item in enumerate(items):
        item[0, 0] = number
    Dots.calls.clear()
    clone(encoder).fit_transform(items)
    assert Counter(Dots.calls) == Counter(range(len(items)))


def test_only_the_sample_is_described_in_fit():
    items = make_items(200)
    Dots.calls.clear()
    BagOfWords(Dots(), n_words=4, max_bytes=1, random_state=0).fit(items)
    assert len(Dots.calls) == 32  # one round


def test_the_rows_are_held_once():
    items = [np.ones(5000, dtype=np.float32)] * 2000
    pooled = StatisticsPooling("precomputed", statistics=("mean",)).fit(items[:1])
    for method in (pooled.transform, pooled.fit_transform):
        tracemalloc.start()
        try:
            rows = method(items)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 1.25 * rows.nbytes


@each
def test_missing_items_are_nan_and_blank_ones_zero(encoder):
    items = make_items()
    expected = clone(encoder).fit_transform(items)
    blank = np.empty((0, 6), dtype=np.float32)
    rows = clone(encoder).fit(items).transform([items[0], None, blank, float("nan")])
    assert np.array_equal(rows[0], expected[0])
    assert np.isnan(rows[[1, 3]]).all()
    assert not rows[2].any()


@each
def test_missing_and_blank_items_are_left_out_of_the_fit(encoder):
    blank = np.empty((0, 6), dtype=np.float32)
    items = make_items()
    rows = clone(encoder).fit_transform([None, *items, blank])
    assert np.isnan(rows[0]).all()
    assert not rows[-1].any()
    assert np.isfinite(rows[1:-1]).all()


@each
@pytest.mark.parametrize("nothing", [None, np.empty((0, 6), dtype=np.float32)])
def test_nothing_to_learn_from_is_an_error(encoder, nothing):
    with pytest.raises(ValueError, match="all 3 rows of X are missing or blank"):
        clone(encoder).fit([nothing] * 3)


@each
def test_feature_names_are_unique_and_as_many_as_columns(encoder):
    encoder = clone(encoder)
    n_columns = encoder.fit_transform(make_items()).shape[1]
    names = encoder.get_feature_names_out()
    assert len(set(names)) == len(names) == n_columns
    assert all(name.startswith(type(encoder).__name__.lower()) for name in names)


@each
def test_set_output_gives_named_columns_and_the_index(encoder):
    series = pd.Series(make_items(), index=[f"row{i}" for i in range(60)])
    encoder = clone(encoder)
    frame = encoder.set_output(transform="pandas").fit_transform(series)
    assert list(frame.columns) == list(encoder.get_feature_names_out())
    assert list(frame.index) == list(series.index)
    assert encoder.set_output(transform="polars").transform(series).height == 60


@each
def test_pickle_round_trip(encoder):
    items = make_items()
    encoder = clone(encoder).fit(items)
    copy = pickle.loads(pickle.dumps(encoder))
    assert np.array_equal(copy.transform(items), encoder.transform(items))


@each
def test_transform_before_fit_is_an_error(encoder):
    with pytest.raises(NotFittedError):
        clone(encoder).transform(make_items())
    with pytest.raises(NotFittedError):
        clone(encoder).get_feature_names_out()


@each_class
def test_an_encoder_after_its_descriptor_names_the_right_form(encoder_class):
    name = encoder_class.__name__
    with pytest.raises(ValueError, match=rf"{name}\(SIFT\(\)\)"):
        make_pipeline(Dots(), encoder_class()).fit(make_items())


@each_class
def test_a_class_in_place_of_a_descriptor_is_an_error(encoder_class):
    name = encoder_class.__name__
    with pytest.raises(TypeError, match=rf"write {name}\(Dots\(\)\)"):
        encoder_class(Dots).fit(make_items())


@each_class
def test_what_cannot_describe_is_no_descriptor(encoder_class):
    with pytest.raises(ValueError, match="'descriptor' parameter of"):
        encoder_class(5).fit(make_items())


@each_class
@pytest.mark.parametrize("pyramid", ["2", "0x1", "2x", (), ("1x1", 3)])
def test_what_is_no_pyramid_is_an_error(encoder_class, pyramid):
    with pytest.raises(ValueError, match="The 'pyramid' parameter must"):
        encoder_class("precomputed", pyramid=pyramid).fit(make_items())


@each_class
def test_columns_over_time_are_an_error_with_a_remedy(encoder_class):
    with pytest.raises(ValueError, match="grid '2x2'.*such as '4x1'"):
        encoder_class("precomputed", pyramid="2x2").fit(make_items())


@each_class
def test_one_weight_a_grid(encoder_class):
    encoder = encoder_class("precomputed", pyramid="2x1", pyramid_weights=[1, 2])
    with pytest.raises(ValueError, match="one weight a grid, 1. Got 2"):
        encoder.fit(make_items())


@each
def test_pyramid_weights_multiply_the_features_of_their_grid(encoder):
    items = make_items()
    encoder = clone(encoder).set_params(pyramid=("1x1", "2x2"))
    plain = encoder.fit_transform(items).reshape(60, 5, -1)
    encoder.set_params(pyramid_weights=(0.5, 2))
    weighted = encoder.fit_transform(items).reshape(60, 5, -1)
    factors = np.array([0.5, 2, 2, 2, 2])[:, np.newaxis]
    np.testing.assert_allclose(weighted, plain * factors, rtol=1e-6)


@pytest.mark.parametrize(
    "encoder",
    [
        BagOfWords("precomputed", n_words=500),
        VLAD("precomputed", n_words=500),
        FisherVector("precomputed", n_components=500),
    ],
)
def test_fewer_descriptors_than_words_is_an_error_with_a_remedy(encoder):
    with pytest.raises(ValueError, match="=500 of .* lower it, or give more items"):
        encoder.fit(make_items(3))


@each
def test_one_item_is_enough(encoder):
    items = make_items(1, n_max=20)
    encoder = clone(encoder)
    if hasattr(encoder, "n_words"):
        encoder.set_params(n_words=2)
    assert np.isfinite(encoder.fit_transform(items)).all()


@each
def test_equal_descriptors_give_finite_rows(encoder):
    items = [np.full((20, 6), 3, dtype=np.float32) for _ in range(4)]
    rows = clone(encoder).fit_transform(items)
    assert np.isfinite(rows).all()


def test_a_fitted_descriptor_is_cloned_and_fitted():
    descriptor = MeanShift()
    items = [*make_items(20), None]
    pooled = StatisticsPooling(descriptor, statistics=("mean",)).fit(items)
    assert not hasattr(descriptor, "mean_")
    rows = pooled.transform(items)
    lengths = [len(item) for item in items[:-1]]
    grand = np.average(rows[:-1], axis=0, weights=lengths)
    np.testing.assert_allclose(grand, 0, atol=1e-5)


def test_an_invalid_item_is_named_by_its_row():
    items = make_items(100)
    items[71] = np.zeros(6, dtype=np.float32)
    with pytest.raises(MediaError, match="^Row 71 .*is no array"):
        BagOfWords(Dots(), n_words=4, max_bytes=1, random_state=0).fit_transform(items)
    encoder = BagOfWords(Dots(), n_words=4, random_state=0).fit(items[:50])
    with pytest.raises(MediaError, match="^Row 71 .*is no array"):
        encoder.transform(items)


def test_the_descriptor_decides_whether_invalid_items_count_as_missing():
    items = make_items(20)
    items[7] = np.zeros(6, dtype=np.float32)
    encoder = BagOfWords(Dots(invalid="missing"), n_words=4, random_state=0)
    with pytest.warns(InvalidItemWarning, match="rows 7"):
        rows = encoder.fit_transform(items)
    assert np.isnan(rows[7]).all()
    assert np.isfinite(np.delete(rows, 7, axis=0)).all()


@each_class
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_invalid_items_of_every_round_are_named_in_one_warning(encoder_class, n_jobs):
    items = make_items(150)
    bad = [2, 40, 77, 149]
    for row in bad:
        items[row] = np.zeros(6, dtype=np.float32)
    encoder = encoder_class(Dots(invalid="missing"), n_jobs=n_jobs)
    encoder.set_params(**_few(encoder_class))
    if _few(encoder_class):
        # Rounds of 32 items and of 96: two of the sample, and one of the others.
        encoder.set_params(max_bytes=90 * items[0].nbytes, random_state=0)
    for method in (encoder.fit_transform, encoder.transform):
        with pytest.warns(InvalidItemWarning, match="rows 2, 40, 77, 149\\.") as all_:
            rows = method(items)
        assert len(all_) == 1
        assert np.flatnonzero(np.isnan(rows).all(axis=1)).tolist() == bad


def test_fit_names_the_invalid_items_of_its_sample_once():
    items = make_items(150)
    for row in (2, 40, 77, 149):
        items[row] = np.zeros(6, dtype=np.float32)
    encoder = BagOfWords(Dots(invalid="missing"), n_words=4, random_state=0)
    with pytest.warns(InvalidItemWarning, match="rows 2, 40, 77, 149\\.") as caught:
        encoder.fit(items)
    assert len(caught) == 1


@each_class
def test_descriptors_of_another_length_are_an_error_naming_the_row(encoder_class):
    items = make_items(100)
    odd = [*items[:80], np.zeros((4, 5), dtype=np.float32)]
    with pytest.raises(MediaError, match="^Row 80 .*has descriptors of 5 numbers"):
        encoder_class("precomputed").set_params(**_few(encoder_class)).fit(
            items[:80]
        ).transform(odd)


def test_a_sample_of_several_lengths_is_an_error_naming_the_row():
    odd = [*make_items(20), np.zeros((4, 5), dtype=np.float32)]
    with pytest.raises(MediaError, match="Row [0-9]+ has descriptors of"):
        BagOfWords("precomputed", n_words=4, random_state=0).fit(odd)


def _few(encoder_class):
    words = {BagOfWords: "n_words", VLAD: "n_words", FisherVector: "n_components"}
    return {words[encoder_class]: 4} if encoder_class in words else {}


def test_precomputed_takes_local_features_arrays_vectors_and_lists():
    rows = np.arange(6, dtype=np.float64).reshape(2, 3)
    features = LocalFeatures(rows, np.zeros((2, 1), dtype=np.float32))
    pooled = StatisticsPooling("precomputed", statistics=("mean",))
    result = pooled.fit_transform([features, rows, rows[1], [7, 8, 9]])
    assert result.tolist() == [[1.5, 2.5, 3.5]] * 2 + [[3, 4, 5], [7, 8, 9]]


def test_a_vector_column_comes_back_as_it_is():
    vectors = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32)
    pooled = StatisticsPooling("precomputed", statistics=("mean",))
    for column in (
        list(vectors),
        vectors,
        pd.DataFrame({"v": list(vectors)}),
        pl.Series(vectors.tolist()),
    ):
        assert np.array_equal(pooled.fit_transform(column), vectors)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("a word", "holds no numbers"),
        (np.array([1.0, np.nan]), "holds NaN"),
        (np.zeros((2, 2, 2)), r"got shape \(2, 2, 2\)"),
    ],
)
def test_what_is_no_set_of_descriptors_is_an_error_naming_the_row(cell, reason):
    with pytest.raises(MediaError, match=f"^Row 1 .*{reason}"):
        StatisticsPooling("precomputed").fit([np.ones(2), cell])
