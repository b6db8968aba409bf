"""Inside ``remembering`` an encoder learns from the same items once."""

import numpy as np
import pytest
from sklearn.base import clone

from mmclassic._execution import remembering
from mmclassic.audio import MFCC, Waveform
from mmclassic.encoding import (
    VLAD,
    BagOfWords,
    FisherVector,
    StatisticsPooling,
    _statistics_pooling,
)
from mmclassic.exceptions import InvalidItemWarning

RATE = 8000
FRAMES = MFCC(RATE, n_mfcc=5, n_fft=256)


@pytest.fixture
def clips():
    rng = np.random.default_rng(0)
    return [Waveform(rng.normal(size=RATE).astype(np.float32), RATE) for _ in range(9)]


@pytest.fixture
def counted(monkeypatch):
    """How often each kind of work was done."""
    calls = {"describe": 0, "learn": 0, "encode": 0}

    def count(owner, name, kind):
        original = getattr(owner, name)

        def spy(*args, **kwargs):
            calls[kind] += 1
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, spy)

    count(MFCC, "_describe", "describe")
    count(BagOfWords, "_fit_descriptors", "learn")
    count(VLAD, "_fit_descriptors", "learn")
    count(FisherVector, "_fit_descriptors", "learn")
    return calls


ENCODERS = [
    BagOfWords(FRAMES, n_words=4, random_state=0),
    VLAD(FRAMES, n_words=4, random_state=0),
    FisherVector(FRAMES, n_components=2, pca=3, random_state=0),
]


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda e: type(e).__name__)
def test_equal_encoders_of_the_same_items_share_what_they_learn(
    clips, counted, encoder
):
    alone = clone(encoder).fit(clips[:6])
    counted.update(describe=0, learn=0)
    with remembering(2**24):
        fitted = [clone(encoder) for _ in range(3)]
        rows = [each.fit_transform(clips[:6]) for each in fitted]
        tests = [each.transform(clips[6:]) for each in fitted]
    assert counted["describe"] == len(clips)
    assert counted["learn"] == 1
    for each in (*rows, fitted[2].transform(clips[:6])):
        np.testing.assert_array_equal(each, alone.transform(clips[:6]))
    for each in tests:
        np.testing.assert_array_equal(each, alone.transform(clips[6:]))


def test_rows_and_what_was_learned_are_each_encoders_own(clips):
    encoder = ENCODERS[0]
    with remembering(2**24):
        first, second = clone(encoder), clone(encoder)
        rows = first.fit_transform(clips)
        expected = rows.copy()
        rows[:] = 0
        first.codebook_ = np.zeros_like(first.codebook_)
        np.testing.assert_array_equal(second.fit_transform(clips), expected)
    assert np.abs(second.codebook_).max() > 0


@pytest.mark.parametrize(
    ("other", "items"),
    [
        ({"n_words": 5}, slice(0, 6)),
        ({"random_state": 1}, slice(0, 6)),
        ({"descriptor__n_mfcc": 4}, slice(0, 6)),
        ({}, slice(1, 7)),
        ({}, slice(5, None, -1)),
        ({"random_state": None}, slice(0, 6)),
    ],
    ids=str,
)
def test_another_parameter_or_item_is_learned_anew(clips, counted, other, items):
    encoder = ENCODERS[0]
    with remembering(2**24):
        clone(encoder).fit(clips[:6])
        clone(encoder).set_params(**other).fit(clips[items])
    assert counted["learn"] == 2


def test_without_an_int_random_state_each_fit_is_its_own(clips, counted):
    encoder = clone(ENCODERS[0]).set_params(random_state=None)
    with remembering(2**24):
        clone(encoder).fit(clips)
        clone(encoder).fit(clips)
    assert counted["learn"] == 2


def test_statistics_are_pooled_once_an_item_whatever_the_fold(clips, monkeypatch):
    pooled = []
    original = _statistics_pooling.pool

    def spy(*args):
        pooled.append(args)
        return original(*args)

    monkeypatch.setattr(_statistics_pooling, "pool", spy)
    with remembering(2**24):
        for fold in (slice(0, 6), slice(3, 9)):
            pooling = StatisticsPooling(FRAMES, statistics=["mean"]).fit(clips[fold])
            pooling.transform(clips)
    assert len(pooled) == len(clips)


def test_a_descriptor_that_can_not_be_hashed_is_fitted_as_ever(clips):
    class Local(MFCC):  # pickle finds no class inside a function
        pass

    frames = Local(RATE, n_mfcc=5, n_fft=256)
    with remembering(2**24):
        rows = StatisticsPooling(frames).fit_transform(clips)
    np.testing.assert_array_equal(rows, StatisticsPooling(FRAMES).fit_transform(clips))


def test_invalid_items_are_warned_of_by_every_encoder(clips):
    frames = clone(FRAMES).set_params(invalid="missing")
    cells = [*clips, "no such file.wav"]
    with remembering(2**24):
        for _ in range(2):
            with pytest.warns(InvalidItemWarning, match="rows 9"):
                rows = BagOfWords(frames, n_words=4, random_state=0).fit_transform(
                    cells
                )
            assert np.isnan(rows[-1]).all()


def test_workers_of_a_recalled_descriptor_are_those_of_the_encoder(clips):
    with remembering(2**24):
        for n_jobs in (2, 1):
            frames = clone(FRAMES).set_params(n_jobs=n_jobs)
            bag = BagOfWords(frames, n_words=4, random_state=0).fit(clips)
            assert bag.descriptor_.n_jobs == n_jobs
