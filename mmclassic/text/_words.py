"""Texts to their words, and words to their numbers in a vocabulary."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from mmclassic.text._word_table import WordTable

__all__ = ["WORDS", "Splitter", "index_words"]

NumberedWords = tuple[NDArray[np.intp], NDArray[np.intp], int]

WORDS = r"\w+"
BLOCK = 2**16  # characters looked up at once; what they become stays in cache
WORTH_A_TABLE = 8  # characters of text a word of the vocabulary; 5 break even


@dataclass(frozen=True, slots=True)
class Splitter:
    """Split texts into words.

    Parameters
    ----------
    tokenizer : callable or None, default=None
        Of a text, returns its words; by default, ``re.findall`` of ``token_pattern``.
    token_pattern : str, default=WORDS
    lowercase : bool, default=True
    """

    tokenizer: Callable[[str], Iterable[str]] | None = None
    token_pattern: str = WORDS
    lowercase: bool = True

    def split(self, texts: list[str]) -> list[list[str]]:
        """Return the words of each text."""
        texts = self._in_case(texts)
        if self.tokenizer is not None:
            return [list(self.tokenizer(text)) for text in texts]
        find = re.compile(self.token_pattern).findall
        return [find(text) for text in texts]

    def number(self, texts: list[str], vocabulary: dict[str, int]) -> NumberedWords:
        """Return what `index_words` does of the texts' words.

        Parameters
        ----------
        texts : list of n_texts str
        vocabulary : dict of str to int
            Words numbered from 0, in order.

        Returns
        -------
        words, ends, n_words
        """
        enough = max(BLOCK, WORTH_A_TABLE * len(vocabulary))
        if not self._finds_words or sum(map(len, texts)) < enough:
            return index_words(self.split(texts), vocabulary)
        table = WordTable(vocabulary)
        found = [table.look_up(self._in_case(block)) for block in _blocks(texts)]
        numbers, lengths = map(np.concatenate, zip(*found, strict=True))
        return _keep_known(numbers, lengths)

    @property
    def _finds_words(self) -> bool:
        return self.tokenizer is None and self.token_pattern == WORDS

    def _in_case(self, texts: list[str]) -> list[str]:
        # Each by itself: how a sigma is lowercased depends on what is beside it.
        return [text.lower() for text in texts] if self.lowercase else texts


def index_words(texts: list[list[str]], vocabulary: dict[str, int]) -> NumberedWords:
    """Return the numbers of all texts' known words, one text after the other.

    Parameters
    ----------
    texts : list of n_texts lists of str
    vocabulary : dict of str to int

    Returns
    -------
    words : ndarray of shape (n_known_words,), int
    ends : ndarray of shape (n_texts,), int
        Where in ``words`` each text ends.
    n_words : int
        How many words the texts have, unknown ones included.
    """
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    every_word = chain.from_iterable(texts)
    numbers = np.fromiter(map(vocabulary.get, every_word, repeat(-1)), dtype=np.intp)
    return _keep_known(numbers, lengths)


def _keep_known(
    numbers: NDArray[np.integer], lengths: NDArray[np.intp]
) -> NumberedWords:
    known = numbers >= 0
    n_known_until = np.concatenate([[0], np.cumsum(known)])
    ends = n_known_until[np.cumsum(lengths)]
    return numbers[known].astype(np.intp, copy=False), ends, len(numbers)


def _blocks(texts: list[str]) -> Iterator[list[str]]:
    block: list[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size >= BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block
