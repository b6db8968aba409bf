"""Texts to words: what the pattern finds in each text alone, for any pattern."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmclassic._kernels.word_pooling import word_weights
from mmclassic.text import Word2VecVectorizer
from mmclassic.text._word_table import WordTable
from mmclassic.text._words import BLOCK, Splitter, index_words

TEXTS = [
    "The Red Kettle, it's on_fire: 3½ times ²!",
    "",
    "no_end",
    "_",
    "starts where the one before ended",
    " \t\n\x00\x1c\x1f\x85\xa0 ",
    "line\none\r\nline two\x0bthree\x00four",
    "ΟΔΟΣ",
    "Σ",
    "ΟΔΟΣ ΣΟΦΟΣ. ΑΣ'Α",
    "İstanbul IİI ı",
    "straße ẞ ﬁn ǅ",
    "e\u0301te\u0301 été",
    "‘quoted’ — “words” …",
    "北京 图书馆。二",
    "नमस्ते दुनिया ไทย العربية",
    "🙂🙂a🙂b",
    "lone \ud800surrogate\udfff s",
    "\u2028\u3000\u200b\ufeffx\u2060y",
]
PATTERNS = [
    r"\w+",
    r"(?u)\b\w\w+\b",
    r"[^\n]+",
    r"\n",
    r"\s+",
    r".",
    r"(?s).+",
    r"^\w+|\w+$",
    r"(?<=\W)\w+",
    r"(\w)(\w*)",
    r"\w*",
]


def find(texts, pattern=r"\w+", lowercase=True):
    return [re.findall(pattern, text.lower() if lowercase else text) for text in texts]


def make_vocabulary(texts):
    """Return the numbers of every second word, and of words that no text holds."""
    words = sorted({word for words in texts for word in words})[::2]
    others = ["", "two words", "x\0", "\n", "absent", "ab\udc80", "한국어", "a" * 17]
    words = dict.fromkeys([*words, *others])
    return {word: number for number, word in enumerate(words)}


def assert_same_numbers(found, expected):
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])
    assert found[2] == expected[2]
    assert found[0].dtype == found[1].dtype == np.intp


def assert_looks_up_what_re_finds(texts, vocabulary=None):
    found = find(texts, lowercase=False)
    vocabulary = vocabulary or make_vocabulary(found)
    numbers, lengths = WordTable(vocabulary).look_up(texts)
    expected = [vocabulary.get(word, -1) for words in found for word in words]
    np.testing.assert_array_equal(numbers, expected)
    np.testing.assert_array_equal(lengths, list(map(len, found)))


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_words_are_what_the_pattern_finds_in_each_text_alone(pattern, lowercase):
    splitter = Splitter(None, pattern, lowercase)
    assert splitter.split(TEXTS) == find(TEXTS, pattern, lowercase)


def test_a_tokenizer_is_asked_of_each_text():
    splitter = Splitter(lambda text: iter(text.split("|")))
    assert splitter.split(["A|b c", "", "d"]) == [["a", "b c"], [""], ["d"]]
    kept = Splitter(splitter.tokenizer, lowercase=False)
    assert kept.split(["A|b c"]) == [["A", "b c"]]


def test_numbers_of_known_words_end_where_each_text_does():
    texts = [["b", "x", "a"], [], ["x"], ["a", "a"]]
    words, ends, n_words = index_words(texts, {"a": 0, "b": 1})
    np.testing.assert_array_equal(words, [1, 0, 0, 0])
    np.testing.assert_array_equal(ends, [2, 2, 2, 4])
    assert n_words == 6


@pytest.mark.parametrize("texts", [[], [[]], [[], []]], ids=len)
def test_no_texts_and_no_words_have_no_numbers(texts):
    words, ends, n_words = index_words(texts, {"a": 0})
    assert words.dtype == ends.dtype == np.intp
    assert len(words) == n_words == 0
    assert list(ends) == [0] * len(texts)


def test_a_table_looks_up_what_re_finds_in_each_text_alone():
    assert_looks_up_what_re_finds(TEXTS)
    assert_looks_up_what_re_finds([text.lower() for text in TEXTS])
    for text in TEXTS:
        assert_looks_up_what_re_finds([text])
        assert_looks_up_what_re_finds([text, "", text])


@pytest.mark.parametrize("texts", [[], [""], ["", "?", ""]], ids=str)
def test_a_table_looks_up_texts_without_words(texts):
    assert_looks_up_what_re_finds(texts, {"a": 0})


@given(st.lists(st.text(max_size=12), max_size=6))
def test_a_table_never_lets_texts_run_into_each_other(texts):
    assert_looks_up_what_re_finds(texts)


@pytest.mark.parametrize("n_characters", [0x100, 0x110000])
def test_a_table_parts_words_at_the_characters_that_re_does(n_characters):
    characters = list(map(chr, range(n_characters)))
    assert_looks_up_what_re_finds(["x".join(characters)], {"x": 0, "axb": 1})
    every = "".join(characters)
    assert_looks_up_what_re_finds([every], {re.findall(r"\w+", every)[0]: 0})


@pytest.mark.parametrize("letters", ["ab", "aé", "aж", "a中"])
def test_a_table_tells_long_words_apart_to_the_last_letter(letters):
    first, second = letters
    words = [first * n + end for n in range(20) for end in (first, second)]
    assert_looks_up_what_re_finds([" ".join(words), "\0".join(words)])


def test_a_table_looks_up_more_characters_than_bytes_number():
    words = [chr(code) + chr(code + 1) for code in range(0x4E00, 0x5200)]
    assert_looks_up_what_re_finds([" ".join(words), ",".join(words[::-1])])


def test_a_table_finds_every_word_of_a_crowded_vocabulary():
    words = [f"w{number}" for number in range(2**14 - 1)]
    vocabulary = {word: number for number, word in enumerate(words)}
    numbers, _ = WordTable(vocabulary).look_up([" ".join(words[::-1])])
    np.testing.assert_array_equal(numbers, np.arange(len(words))[::-1])


@pytest.mark.parametrize("lowercase", [True, False])
def test_many_texts_are_numbered_as_few_are(lowercase):
    texts = [*TEXTS, "Red " * BLOCK, "", "ten of a block " * (BLOCK // 150)] * 3
    splitter = Splitter(lowercase=lowercase)
    vocabulary = make_vocabulary(splitter.split(texts))
    found = splitter.number(texts, vocabulary)
    assert_same_numbers(found, index_words(splitter.split(texts), vocabulary))
    few = splitter.number(TEXTS, vocabulary)
    assert_same_numbers(few, index_words(splitter.split(TEXTS), vocabulary))
    np.testing.assert_array_equal(found[0][: len(few[0])], few[0])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_many_texts_of_any_pattern_are_numbered_by_it(pattern):
    splitter = Splitter(None, pattern)
    texts = TEXTS * (2 * BLOCK // sum(map(len, TEXTS)))
    words = splitter.split(texts)
    vocabulary = make_vocabulary(words) if pattern != r"(\w)(\w*)" else {("a", ""): 0}
    expected = index_words(words, vocabulary)
    assert_same_numbers(splitter.number(texts, vocabulary), expected)


def test_many_texts_are_split_by_a_tokenizer():
    splitter = Splitter(lambda text: text.split("|"))
    texts = ["A|b c", "", "d|d"] * BLOCK
    words, ends, n_words = splitter.number(texts, {"b c": 0, "d": 1})
    np.testing.assert_array_equal(words[:6], [0, 1, 1, 0, 1, 1])
    np.testing.assert_array_equal(ends[:6], [1, 1, 3, 4, 4, 6])
    assert n_words == 5 * BLOCK


@pytest.mark.parametrize("pattern", [r"\w+", r"[^\s,]+", r"[^,]+"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_a_row_is_the_mean_over_the_words_of_the_pattern(pattern, lowercase):
    texts = [text.lower() if lowercase else text for text in TEXTS]
    found = [re.findall(pattern, text) for text in texts]
    words = sorted({word for text in found for word in text})[::2]
    vectors = np.random.default_rng(0).normal(size=(len(words), 5))
    vectorizer = Word2VecVectorizer(
        (words, vectors), token_pattern=pattern, lowercase=lowercase
    )
    vector = dict(zip(words, vectors, strict=True))
    expected = [
        np.mean([vector[w] for w in text if w in vector] or [np.zeros(5)], axis=0)
        for text in found
    ]
    np.testing.assert_allclose(vectorizer.fit_transform(TEXTS), expected, atol=1e-6)


def test_weights_count_texts_and_leave_the_words_as_they_are():
    words, ends = np.array([2, 0, 2, 1, 0]), np.array([3, 3, 4, 5])
    weights = word_weights(words, ends, 4, "idf", 6, 0.1)
    np.testing.assert_allclose(weights, np.log(5 / (1 + np.array([2, 1, 1, 0]))) + 1)
    np.testing.assert_array_equal(words, [2, 0, 2, 1, 0])
    none = word_weights(words[:0], np.array([0]), 2, "idf", 0, 0.1)
    np.testing.assert_allclose(none, np.log(2) + 1)
