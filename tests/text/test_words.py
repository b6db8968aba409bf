"""Texts to words: what the pattern finds in each text alone, for any pattern."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmclassic.text import Word2VecVectorizer
from mmclassic.text._words import BLOCK, index_words, split_texts

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


def split(texts, **parameters):
    return [words for block in split_texts(texts, **parameters) for words in block]


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_words_are_what_the_pattern_finds_in_each_text_alone(pattern, lowercase):
    expected = [
        re.findall(pattern, text.lower() if lowercase else text) for text in TEXTS
    ]
    assert split(TEXTS, token_pattern=pattern, lowercase=lowercase) == expected
    alone = [
        split([text], token_pattern=pattern, lowercase=lowercase) for text in TEXTS
    ]
    assert alone == [[words] for words in expected]


@pytest.mark.parametrize("n_characters", [0x100, 0x110000])
def test_every_character_is_in_a_word_or_between_words_as_for_re(n_characters):
    text = "x".join(map(chr, range(n_characters)))
    assert split([text], lowercase=False) == [re.findall(r"\w+", text)]
    every = "".join(map(chr, range(n_characters)))
    assert split([every], lowercase=False) == [re.findall(r"\w+", every)]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_texts_never_run_into_each_other(texts):
    assert split(texts) == [re.findall(r"\w+", text.lower()) for text in texts]


def test_texts_longer_than_a_block_and_many_blocks_keep_their_order():
    texts = ["Red " * BLOCK, "", "one", "ten of a block " * (BLOCK // 150)] * 11
    assert split(texts) == [re.findall(r"\w+", text.lower()) for text in texts]


def test_a_tokenizer_is_asked_of_each_text():
    parameters = {"tokenizer": lambda text: iter(text.split("|"))}
    assert split(["A|b c", "", "d"], **parameters) == [["a", "b c"], [""], ["d"]]
    kept = split(["A|b c"], lowercase=False, **parameters)
    assert kept == [["A", "b c"]]


def test_numbers_of_known_words_end_where_each_text_does():
    blocks = [[["b", "x", "a"], []], [["x"], ["a", "a"]]]
    words, ends, n_words = index_words(blocks, {"a": 0, "b": 1})
    np.testing.assert_array_equal(words, [1, 0, 0, 0])
    np.testing.assert_array_equal(ends, [2, 2, 2, 4])
    assert n_words == 6


@pytest.mark.parametrize("blocks", [[], [[[]]]])
def test_no_texts_and_no_words_have_no_numbers(blocks):
    words, ends, n_words = index_words(blocks, {"a": 0})
    assert words.dtype == ends.dtype == np.intp
    assert len(words) == n_words == 0
    assert list(ends) == [0] * len(blocks)


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
