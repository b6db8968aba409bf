"""Texts to the means of their words' vectors, beside the usual call a text."""

import re
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, NoDataError, Row
from benchmarks.made_data import make_texts
from benchmarks.real_or_made import Source, news
from benchmarks.timing import compare
from mmclassic.text import Word2VecVectorizer

N_TEXTS, N_QUICK = 10_000, 50
SIZE = 100  # of a vector
MIN_COUNT = 2  # a word that occurs less often has no vector


def measure_word2vec(context: Context) -> list[Row]:
    """Return the pooling of short and of long texts, from the texts as they come.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    return [
        _measure(name, source, context)
        for name, source in (
            ("word2vec reviews", _reviews(context)),
            ("word2vec newsgroups", news(context, N_TEXTS)),
        )
    ]


def _reviews(context: Context) -> Source:
    """Return sentences: film reviews, or made texts of as many words."""
    n = N_QUICK if context.quick else N_TEXTS
    try:
        table = context.table("text/mr.csv.gz")
    except NoDataError:
        return Source(make_texts(n, n_words=20), "made sentences", False)
    return Source(table.iloc[:n], "film reviews (MR)", True)


def _measure(name: str, source: Source, context: Context) -> Row:
    from gensim.models import KeyedVectors

    texts = source.table["text"].tolist()
    counts = Counter(word for text in texts for word in _words(text))
    words = [word for word, count in counts.most_common() if count >= MIN_COUNT]
    # Training would take minutes, and the time of pooling is any vectors'.
    vectors = np.random.default_rng(0).standard_normal((len(words), SIZE), np.float32)
    keyed = KeyedVectors(SIZE)
    keyed.add_vectors(words, vectors)
    vectorizer = Word2VecVectorizer((words, vectors)).fit(texts)
    exact = _pool_each(texts, keyed, np.float64)
    n_words = counts.total() / len(texts)
    return compare(
        name,
        f"Word2VecVectorizer.transform of {len(texts)} texts of {source.title}, "
        f"{n_words:.0f} words each on average, {SIZE}-d vectors of {len(words)} words; "
        "peer: gensim's KeyedVectors and numpy's mean, a text at a time; error: of "
        "ours, beside the peer's in float64",
        lambda: vectorizer.transform(texts),
        lambda: _pool_each(texts, keyed, np.float32),
        lambda ours, peer: np.abs(ours - exact).max(),
        "",
        context,
        peer_name="gensim, numpy",
        min_pairs=9,
        at_least=5.0,
        real=source.real,
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _pool_each(texts: list[str], keyed: Any, dtype: type) -> NDArray[Any]:
    """Return the mean of each text's known words' vectors, as people write it."""
    zeros = np.zeros(keyed.vector_size, dtype)

    def pool(text: str) -> NDArray[Any]:
        words = [word for word in _words(text) if word in keyed]
        if not words:
            return zeros
        return np.mean([keyed[word] for word in words], axis=0, dtype=dtype)

    return np.array([pool(text) for text in texts])
