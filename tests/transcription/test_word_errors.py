"""Errors are counted as jiwer counts them."""

import math

import numpy as np
import pytest

from mmclassic.transcription._word_errors import WordErrors, word_errors

jiwer = pytest.importorskip("jiwer")


def test_the_rate_is_that_of_jiwer_on_random_texts():
    rng = np.random.default_rng(0)
    pairs = [
        [list(rng.choice(list("abcd"), rng.integers(1, 9))) for _ in range(2)]
        for _ in range(200)
    ]
    errors = word_errors(pairs)
    references, said = ([" ".join(p[side]) for p in pairs] for side in (0, 1))
    assert errors.rate == jiwer.wer(references, said)
    assert errors.n_words == sum(len(reference) for reference, _ in pairs)


def test_each_kind_of_error_is_counted():
    pairs = [("a b c".split(), "a x c".split()), (["a"], []), ([], ["b", "c"])]
    assert word_errors(pairs) == WordErrors(1, 1, 2, 4)


def test_the_rate_without_a_word_to_hear_is_nan():
    assert math.isnan(word_errors([([], [])]).rate)
