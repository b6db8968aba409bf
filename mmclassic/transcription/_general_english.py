"""pocketsphinx's language model of general English to arrays.

It is a reverse trie of bit-packed records: beneath a word are those that stand before
it, beneath these the ones before. Probabilities are places in tables of logarithms.
"""

import struct
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmclassic.transcription._pocketsphinx import LANGUAGE_MODEL, model_path

__all__ = ["GeneralEnglish", "general_english"]

HEADER = b"Trie Language Model"
LOG_BASE = 1.0001
N_VALUES = 2**16  # of a table
SPARE = 8  # bytes after each of the packed arrays


@dataclass(frozen=True)
class GeneralEnglish:
    """Probabilities of n-grams in general English, as natural logarithms.

    Parameters
    ----------
    words : list of str
    unigrams, unigram_backoffs : ndarray of shape (n_words,)
    bigrams : ndarray of shape (n_bigrams, 2)
        Positions of the two words in `words`.
    bigram_logs, bigram_backoffs : ndarray of shape (n_bigrams,)
    farthest : ndarray of shape (n_trigrams,)
        The first word of each trigram.
    nearest : ndarray of shape (n_trigrams,)
        The bigram that the other two are.
    trigram_logs : ndarray of shape (n_trigrams,)
    """

    words: list[str]
    unigrams: NDArray[np.float64]
    unigram_backoffs: NDArray[np.float64]
    bigrams: NDArray[np.int64]
    bigram_logs: NDArray[np.float64]
    bigram_backoffs: NDArray[np.float64]
    farthest: NDArray[np.int64]
    nearest: NDArray[np.int64]
    trigram_logs: NDArray[np.float64]


@cache
def general_english() -> GeneralEnglish:
    """Read the model that comes with pocketsphinx, once a process.

    Raises
    ------
    ValueError
        If it has another form than that of pocketsphinx 5.
    """
    path = model_path(LANGUAGE_MODEL)
    data = Path(path).read_bytes()
    if not data.startswith(HEADER) or data[len(HEADER)] != 3:
        raise ValueError(f"{path} is no trie of trigrams, as pocketsphinx 5 has it.")
    at = len(HEADER) + 1
    n_words, n_bigrams, n_trigrams = struct.unpack_from("<3I", data, at)
    at += 12 + 4
    tables = np.frombuffer(data, "<f4", 3 * N_VALUES, at).reshape(3, -1) * log(LOG_BASE)
    at += 12 * N_VALUES
    record = np.dtype([("log", "<f4"), ("backoff", "<f4"), ("first", "<u4")])
    unigrams = np.frombuffer(data, record, n_words + 1, at)
    at += record.itemsize * (n_words + 1)

    bits_of_word, bits_of_place = n_words.bit_length(), n_trigrams.bit_length()
    widths = [bits_of_word, 16, 16, bits_of_place]
    (last, backoffs, logs, first), n_bytes = _unpack(data, at, n_bigrams + 1, widths)
    at += n_bytes
    (farthest, trigram_logs), n_bytes = _unpack(
        data, at, n_trigrams + 1, [bits_of_word, 16]
    )
    at += n_bytes
    (n_text,) = struct.unpack_from("<I", data, at)
    words = data[at + 4 : at + 4 + n_text].decode("utf-8").split("\0")[:n_words]

    # The header counts a few that are not there; the last record says where all end.
    ends = np.array(unigrams["first"], dtype=np.int64)
    n_followers = ends[1:] - ends[:-1]
    n_bigrams = int(n_followers.sum())
    second = np.repeat(np.arange(n_words), n_followers)
    bigrams = np.column_stack([last[:n_bigrams], second])
    nearest = np.repeat(np.arange(n_bigrams), np.diff(first[: n_bigrams + 1]))
    n_trigrams = len(nearest)
    return GeneralEnglish(
        words,
        unigrams["log"][:-1] * log(LOG_BASE),
        unigrams["backoff"][:-1] * log(LOG_BASE),
        bigrams,
        tables[0, logs[:n_bigrams]].astype(np.float64),
        tables[1, backoffs[:n_bigrams]].astype(np.float64),
        farthest[:n_trigrams],
        nearest,
        tables[2, trigram_logs[:n_trigrams]].astype(np.float64),
    )


def _unpack(
    data: bytes, at: int, n_records: int, widths: list[int]
) -> tuple[list[NDArray[np.int64]], int]:
    """Return each field of records of so many bits, and how many bytes they take."""
    width = sum(widths)
    n_bytes = (n_records * width + 7) // 8 + SPARE
    # The 8 bytes from each byte on: no field has more than 57 bits.
    windows = np.ndarray(n_bytes - 7, "<u8", data, at, (1,))
    fields = []
    starts = np.arange(n_records) * width
    for bits in widths:
        value = windows[starts >> 3]
        value >>= (starts & 7).astype(np.uint64)
        value &= np.uint64(2**bits - 1)
        fields.append(value.view(np.int64))
        starts += bits
    return fields, n_bytes
