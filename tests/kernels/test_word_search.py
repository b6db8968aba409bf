"""WordSearch: words by way of cells, beside the comparison with every word."""

import numpy as np
import pytest

from mmclassic._kernels.codebook import nearest_words
from mmclassic._kernels.word_search import WordSearch

RNG = np.random.default_rng(0)
CODEBOOK = RNG.normal(size=(40, 5)).astype(np.float32)
DESCRIPTORS = RNG.normal(size=(2000, 5)).astype(np.float32)
CENTRES = RNG.normal(size=(6, 5)).astype(np.float32)


def test_with_every_word_in_every_cell_the_nearest_is_found():
    search = WordSearch(CODEBOOK, CENTRES, np.ones((6, 40), dtype=bool))
    assert np.array_equal(
        search.find(DESCRIPTORS), nearest_words(DESCRIPTORS, CODEBOOK)
    )


def test_the_nearest_of_the_words_of_the_cell_is_found():
    listed = RNG.random((6, 40)) < 0.3
    listed[2] = np.arange(40) == 17
    words = WordSearch(CODEBOOK, CENTRES, listed).find(DESCRIPTORS)
    cells = nearest_words(DESCRIPTORS, CENTRES)
    distances = np.linalg.norm(DESCRIPTORS[:, np.newaxis] - CODEBOOK, axis=2)
    distances[~listed[cells]] = np.inf
    assert np.array_equal(words, distances.argmin(axis=1))
    assert set(words[cells == 2]) == {17}


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_descriptors_of_any_type_are_searched(dtype):
    descriptors = (RNG.random((500, 5)) * 255).astype(dtype)
    codebook = (RNG.random((40, 5)) * 255).astype(np.float32)
    search = WordSearch(codebook, codebook[:3], np.ones((3, 40), dtype=bool))
    assert np.array_equal(
        search.find(descriptors), nearest_words(descriptors, codebook)
    )


def test_a_cell_without_descriptors_does_no_harm():
    centres = np.concatenate([CENTRES, np.full((1, 5), 1e3, np.float32)])
    search = WordSearch(CODEBOOK, centres, np.ones((7, 40), dtype=bool))
    assert np.array_equal(
        search.find(DESCRIPTORS), nearest_words(DESCRIPTORS, CODEBOOK)
    )


def test_few_descriptors_are_compared_with_every_word():
    listed = np.zeros((6, 40), dtype=bool)
    listed[:, 0] = True
    search = WordSearch(CODEBOOK, CENTRES, listed)
    few = DESCRIPTORS[:100]
    assert np.array_equal(search.find(few), nearest_words(few, CODEBOOK))
    assert len(search.find(DESCRIPTORS[:0])) == 0


def test_one_cell_compares_with_every_word():
    listed = np.ones((1, 40), dtype=bool)
    search = WordSearch(CODEBOOK, CENTRES[:1], listed)
    assert np.array_equal(
        search.find(DESCRIPTORS), nearest_words(DESCRIPTORS, CODEBOOK)
    )
