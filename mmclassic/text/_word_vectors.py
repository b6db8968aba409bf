"""Tokens, a file or gensim's object to words and one vector each."""

import gzip
import json
import os
import zlib
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import items_done

__all__ = [
    "pack_words",
    "read_word_vectors",
    "train_word_vectors",
    "unpack_words",
]

LONGEST_SENTENCE = 10_000  # words; gensim drops what is beyond


def train_word_vectors(
    texts: list[list[str]],
    *,
    vector_size: int,
    window: int,
    min_count: int,
    sg: int,
    epochs: int,
    seed: int,
) -> tuple[list[str], NDArray[np.float32]]:
    """Return words and vectors that gensim's Word2Vec learns from texts.

    Parameters
    ----------
    texts : list of list of str
    vector_size, window, min_count, sg, epochs, seed : int
        As gensim's.

    Returns
    -------
    words : list of str
        The most frequent first.
    vectors : ndarray of shape (n_words, vector_size), float32

    Raises
    ------
    ValueError
        If no word is frequent enough.
    """
    counts = Counter(word for words in texts for word in words)
    if not counts or max(counts.values()) < min_count:
        raise ValueError(
            f"No word occurs min_count={min_count} times or more in the {len(texts)} "
            f"texts of X, which hold {counts.total()} words. Lower min_count, or pass "
            "pretrained vectors."
        )
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    class Epochs(CallbackAny2Vec):
        def on_epoch_end(self, model: Any) -> None:
            items_done(1)

    model = Word2Vec(
        [
            words[start : start + LONGEST_SENTENCE]
            for words in texts
            for start in range(0, len(words), LONGEST_SENTENCE)
        ],
        vector_size=vector_size,
        window=window,
        min_count=min_count,
        sg=sg,
        epochs=epochs,
        seed=seed,
        workers=1,  # the order in which threads update the vectors is not repeatable
        hashfxn=_hash,
        callbacks=[Epochs()],
    )
    return list(model.wv.index_to_key), np.ascontiguousarray(model.wv.vectors)


def _hash(text: str) -> int:
    """Return a number that does not depend on the process, as ``hash`` does."""
    return zlib.crc32(text.encode())


def read_word_vectors(source: Any) -> tuple[list[str], NDArray[np.float32]]:
    """Return the words and vectors of a file or an object.

    Parameters
    ----------
    source : KeyedVectors, str, PathLike, or (words, vectors)

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), float32
        Not a copy where ``source`` holds them so.

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        If there is no such file, it can't be read, or ``source`` is something else.
    """
    if isinstance(source, str | os.PathLike):
        source = _load_file(Path(source))
    source = getattr(source, "wv", source)
    if hasattr(source, "index_to_key"):
        words, vectors = source.index_to_key, source.vectors
    elif isinstance(source, tuple) and len(source) == 2:
        words, vectors = source
    else:
        raise TypeError(
            "The 'vectors' parameter of Word2VecVectorizer must be a gensim "
            "KeyedVectors, a path, a tuple (words, vectors) or None. Got "
            f"{source!r} instead."
        )
    words = [str(word) for word in words]
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    _check(words, vectors)
    return words, vectors


def _check(words: list[str], vectors: NDArray[np.float32]) -> None:
    if vectors.ndim != 2 or len(vectors) != len(words) or vectors.size == 0:
        raise ValueError(
            "Word vectors must be of shape (n_words, vector_size). Got an array of "
            f"shape {vectors.shape} for {len(words)} words instead."
        )
    if len(set(words)) < len(words):
        repeated, _ = Counter(words).most_common(1)[0]
        raise ValueError(
            f"Word vectors must name each word once. {repeated!r} repeats."
        )
    if not np.isfinite(vectors).all():
        raise ValueError("Word vectors must be finite. Some are NaN or infinite.")


def _load_file(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(
            f"The word vectors {str(path)!r} do not exist. Correct the path."
        )
    try:
        if path.suffix in (".kv", ".model"):
            return _gensim().load(str(path))
        if ".bin" in path.suffixes:
            return _gensim().load_word2vec_format(str(path), binary=True)
        return _read_text_file(path)
    except Exception as error:  # whatever parsing another kind of file leads to
        raise ValueError(
            f"{str(path)!r} can't be read as word vectors: {error}. Give a file in "
            "word2vec's format (.bin, or text under any other name; .gz of either), "
            "GloVe's, or one that KeyedVectors.save wrote (.kv)."
        ) from error


def _gensim() -> Any:
    from gensim.models import KeyedVectors  # two seconds, so not at the top

    return KeyedVectors


def _read_text_file(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    """Read a word and its vector a line; word2vec begins with the sizes, GloVe not."""
    vectors: dict[str, NDArray[np.float32]] = {}
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        first = file.readline()
        has_sizes = len(first.split()) == 2
        size = int(first.split()[1]) if has_sizes else len(first.split()) - 1
        for line in file if has_sizes else chain([first], file):
            # From the right: some of GloVe's words hold spaces.
            word, *numbers = line.decode(errors="replace").rstrip().rsplit(" ", size)
            if len(numbers) != size or not numbers:
                raise ValueError(f"the line of {word[:40]!r} lacks numbers")
            vectors.setdefault(word, np.array(numbers, dtype=np.float32))
    return list(vectors), np.array(list(vectors.values()), dtype=np.float32)


def pack_words(state: dict[str, Any]) -> dict[str, Any]:
    """Return an estimator's state as a file holds it well.

    Parameters
    ----------
    state : dict
        With ``vectors``, and ``vocabulary_`` if fitted.

    Returns
    -------
    dict
        Without gensim's object or a Path, and with all words as one text: a file that
        keeps an entry for each takes a second for 100,000.
    """
    packed = dict(state)
    vectors = packed["vectors"]
    if hasattr(vectors, "index_to_key") or hasattr(vectors, "wv"):
        packed["vectors"] = read_word_vectors(vectors)
    elif isinstance(vectors, os.PathLike):
        packed["vectors"] = os.fspath(vectors)
    if "vocabulary_" in packed:
        packed["vocabulary_"] = json.dumps(list(packed["vocabulary_"]))
    return packed


def unpack_words(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state that `pack_words` was given."""
    unpacked = dict(state)
    if "vocabulary_" in unpacked:
        words = json.loads(unpacked["vocabulary_"])
        unpacked["vocabulary_"] = {word: row for row, word in enumerate(words)}
    return unpacked
