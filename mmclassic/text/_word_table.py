r"""Texts to the numbers of what ``\w+`` finds in them, all words looked up at once."""

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["WordTable"]

BETWEEN, OTHER = 0, 255  # codes of a character between words, and of an unusual one
LONGEST = 16  # characters, a byte each: two integers
MIX, SPREAD = np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x9E3779B97F4A7C15)  # odd
N_CODE_POINTS = 0x110000
# The bytes to keep, in the lower end of an integer.
_KEEP = np.array([256**n_bytes - 1 for n_bytes in range(9)], dtype=np.uint64)


class WordTable:
    """A vocabulary as a hash table of integers, which numpy searches for many words.

    A word is the bytes of up to 16 characters, each numbered among the 254 that are
    most frequent in the vocabulary. Words that are longer or hold other characters
    are looked up in the vocabulary itself, so the numbers are always those that
    ``vocabulary.get`` gives for ``re.findall``'s words.

    Parameters
    ----------
    vocabulary : dict of str to int
        Words numbered from 0, in order. Where the frequent ones come first, the
        table is fastest.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        words = list(vocabulary)
        text = "\n".join(words)
        self._codes = _number_characters(text)
        self._latin_1 = self._codes[:256].tobytes()
        n_bits = 2 + len(words).bit_length()
        self._shift = np.uint64(64 - n_bits)
        self._last_slot = 2**n_bits - 1
        self._slots = np.full(2**n_bits, -1, dtype=np.int32)
        encoded = self._encode(text)
        lengths = np.fromiter(map(len, words), dtype=np.intp, count=len(words))
        starts = np.cumsum(lengths + 1) - lengths - 1
        self._keys = _keys(encoded, starts, lengths)
        codes = np.frombuffer(encoded, dtype=np.uint8)
        # Many words of unusual characters would have the same integers.
        n_odd = _count_until((codes == BETWEEN) | (codes == OTHER))
        odd = n_odd[starts + lengths] > n_odd[starts]
        self._fill(np.flatnonzero((lengths <= LONGEST) & ~odd))

    def look_up(self, texts: list[str]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        r"""Return the numbers of all texts' words, one text after the other.

        Parameters
        ----------
        texts : list of n_texts str

        Returns
        -------
        numbers : ndarray of shape (n_words,), int32
            -1 for a word that is not in the vocabulary.
        lengths : ndarray of shape (n_texts,), int
            How many words each text has.
        """
        text = "\n".join(texts)
        encoded = self._encode(text)
        codes = np.frombuffer(encoded, dtype=np.uint8)
        edges = np.flatnonzero(np.diff(codes != BETWEEN, prepend=False))
        starts, ends = edges[::2], edges[1::2]
        lengths = ends - starts
        numbers = self._search(*_keys(encoded, starts, lengths))
        beyond = lengths > LONGEST
        if OTHER in encoded:
            n_other = _count_until(codes == OTHER)
            beyond |= n_other[ends] > n_other[starts]
        for place in np.flatnonzero(beyond).tolist():
            word = text[starts[place] : ends[place]]
            numbers[place] = self._vocabulary.get(word, -1)
        until = np.cumsum([len(text) + 1 for text in texts], dtype=np.intp)
        return numbers, np.diff(np.searchsorted(starts, until), prepend=0)

    def _encode(self, text: str) -> bytes:
        """Return a byte a character, and what `_keys` may read beyond the last."""
        try:
            encoded = text.encode("latin-1").translate(self._latin_1)
        except UnicodeEncodeError:
            encoded = self._codes[_code_points(text)].tobytes()
        return encoded + bytes(LONGEST)

    def _fill(self, numbers: NDArray[np.intp]) -> None:
        """Put words into the first free slot from their hash on, in order."""
        low, high = self._keys
        slots = self._first_slots(low[numbers], high[numbers])
        while len(numbers):
            free = self._slots[slots] < 0
            # Of several words for a slot the last assigned stays: the first of them.
            self._slots[slots[free][::-1]] = numbers[free][::-1]
            left = self._slots[slots] != numbers
            numbers, slots = numbers[left], (slots[left] + 1) & self._last_slot

    def _search(
        self, low: NDArray[np.uint64], high: NDArray[np.uint64]
    ) -> NDArray[np.int32]:
        slots = self._first_slots(low, high)
        numbers = self._slots[slots]
        left = np.flatnonzero(self._differ(numbers, low, high))
        while len(left):
            slots[left] = (slots[left] + 1) & self._last_slot
            numbers[left] = self._slots[slots[left]]
            left = left[self._differ(numbers[left], low[left], high[left])]
        return numbers

    def _first_slots(
        self, low: NDArray[np.uint64], high: NDArray[np.uint64]
    ) -> NDArray[np.intp]:
        return (((high * MIX) ^ low) * SPREAD >> self._shift).astype(np.intp)

    def _differ(
        self,
        numbers: NDArray[np.int32],
        low: NDArray[np.uint64],
        high: NDArray[np.uint64],
    ) -> NDArray[np.bool_]:
        """Return where a slot is taken by another word than the one sought."""
        own_low, own_high = self._keys
        return (numbers >= 0) & (
            (own_low[numbers] != low) | (own_high[numbers] != high)
        )


def _keys(
    encoded: bytes, starts: NDArray[np.intp], lengths: NDArray[np.intp]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return each word's first eight bytes, and the next eight, as integers."""
    n_places = len(encoded) - 7
    # Eight bytes from any byte on: each integer overlaps the next by seven.
    eight_bytes = np.ndarray((n_places,), "<u8", encoded, strides=(1,))
    low = eight_bytes[starts] & _KEEP[np.minimum(lengths, 8)]
    high = eight_bytes[starts + 8] & _KEEP[np.clip(lengths - 8, 0, 8)]
    return low, high


def _number_characters(text: str) -> NDArray[np.uint8]:
    """Return each code point's number: the most frequent in the text get their own."""
    codes = _unnumbered().copy()
    counts = np.bincount(_code_points(text))
    in_words = np.flatnonzero(counts * codes[: len(counts)])
    frequent = in_words[np.argsort(-counts[in_words], kind="stable")][: OTHER - 1]
    codes[frequent] = np.arange(1, len(frequent) + 1)
    return codes


@cache
def _unnumbered() -> NDArray[np.uint8]:
    r"""Return OTHER for each code point that ``\w`` matches, elsewhere BETWEEN."""
    every = np.arange(N_CODE_POINTS, dtype="<u4").tobytes()
    codes = np.full(N_CODE_POINTS, BETWEEN, dtype=np.uint8)
    for match in re.finditer(r"\w+", every.decode("utf-32-le", "surrogatepass")):
        codes[slice(*match.span())] = OTHER
    codes.flags.writeable = False
    return codes


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _count_until(flags: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return how many flags are set before each place, and before the end."""
    until = np.zeros(len(flags) + 1, dtype=np.int32)
    np.cumsum(flags, out=until[1:])
    return until
