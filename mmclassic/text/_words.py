"""Texts to their words, and words to their numbers, for many texts at once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate, chain, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

__all__ = ["WORDS", "index_words", "split_texts"]

WORDS = r"\w+"
BLOCK = 2**16  # characters that are split at once; what they become stays in cache


def split_texts(
    texts: Iterable[str],
    *,
    tokenizer: Callable[[str], Iterable[str]] | None = None,
    token_pattern: str = WORDS,
    lowercase: bool = True,
) -> Iterator[list[list[str]]]:
    """Yield the words of each text, for a block of texts at a time.

    Parameters
    ----------
    texts : iterable of str
    tokenizer : callable or None, default=None
        Of a text, returns its words; by default, ``re.findall`` of ``token_pattern``.
    token_pattern : str, default=WORDS
    lowercase : bool, default=True

    Yields
    ------
    list of lists of str
        The words of each text of the block.
    """
    for block in _blocks(texts):
        if lowercase:
            block = [text.lower() for text in block]
        if tokenizer is not None:
            yield [list(tokenizer(text)) for text in block]
        elif token_pattern == WORDS:
            yield _find_words(block)
        else:
            find = re.compile(token_pattern).findall
            yield [find(text) for text in block]


def index_words(
    blocks: Iterable[list[list[str]]], vocabulary: Mapping[str, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Return the numbers of all texts' known words, one text after the other.

    Parameters
    ----------
    blocks : iterable of lists of texts, each a list of str
        As `split_texts` yields them.
    vocabulary : mapping of str to int

    Returns
    -------
    words : ndarray of shape (n_known_words,), int
    ends : ndarray of shape (n_texts,), int
        Where in ``words`` each text ends.
    n_words : int
        How many words the texts have, unknown ones included.
    """
    numbers = [np.empty(0, np.intp)]
    lengths: list[int] = []
    for block in blocks:
        words = chain.from_iterable(block)
        numbers.append(np.fromiter(map(vocabulary.get, words, repeat(-1)), np.intp))
        lengths += map(len, block)
    every_number = np.concatenate(numbers)
    known = every_number >= 0
    n_known_until = np.concatenate([[0], np.cumsum(known)])
    ends = n_known_until[np.cumsum(lengths, dtype=np.intp)]
    return every_number[known], ends, len(every_number)


def _blocks(texts: Iterable[str]) -> Iterator[list[str]]:
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


def _find_words(texts: list[str]) -> list[list[str]]:
    r"""Return what ``re.findall(r"\w+", text)`` does of each text, in a third the time.

    ``str.split`` is faster than the pattern, once what stands between words is blank.
    """
    blanked = _blank_between_words("".join(texts))
    ends = accumulate(map(len, texts), initial=0)
    return [blanked[start:end].split() for start, end in pairwise(ends)]


def _blank_between_words(text: str) -> str:
    r"""Return the text with a space for each character that ``\w`` does not match."""
    try:
        return text.encode("latin-1").translate(_LATIN_1).decode("latin-1")
    except UnicodeEncodeError:
        pass
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    found = np.zeros(int(codes.max()) + 1, dtype=bool)
    found[codes] = True
    table = np.full(len(found), ord(" "), dtype="<u4")
    in_words = [code for code in np.flatnonzero(found).tolist() if _is_in_words(code)]
    table[in_words] = in_words
    return table[codes].tobytes().decode("utf-32-le", "surrogatepass")


def _is_in_words(code: int) -> bool:
    return chr(code).isalnum() or chr(code) == "_"  # as the module re defines it


_LATIN_1 = bytes(code if _is_in_words(code) else ord(" ") for code in range(256))
