"""Share the terms of a linear model of a text among the words that they stand in."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

__all__ = ["shares_of_terms", "vectorizers_of"]

Span = tuple[int, int]


def vectorizers_of(part: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the vectorizers of terms in a part, by what their names begin with.

    Parameters
    ----------
    part : fitted estimator
        A vectorizer, a Pipeline that begins with a part, or a FeatureUnion of parts.
    prefix : str, default=""
    """
    if isinstance(part, Pipeline):
        yield from vectorizers_of(part.steps[0][1], prefix)
    elif isinstance(part, FeatureUnion):
        for name, inner in part.transformer_list:
            yield from vectorizers_of(inner, f"{prefix}{name}__")
    elif isinstance(part, CountVectorizer):
        yield prefix, part


def shares_of_terms(
    text: str,
    pieces: list[Span],
    terms: dict[str, float],
    vectorizers: list[tuple[str, Any]],
) -> NDArray[np.float64] | None:
    """Return each piece's share of the terms, None if some can't be found in the text.

    A term is shared equally among its occurrences, and each of these among the pieces
    that it touches. What touches none, punctuation, is left out.

    Parameters
    ----------
    text : str
    pieces : list of (int, int)
        Where each begins and ends.
    terms : dict of str to float
        By the term's name: its vectorizer's prefix and itself.
    vectorizers : list of (str, vectorizer)

    Returns
    -------
    ndarray of shape (n_pieces,) or None
    """
    places: dict[str, list[Span]] = {}
    for prefix, vectorizer in vectorizers:
        found = _occurrences(text, vectorizer)
        if found is None:
            return None
        places |= {prefix + term: spans for term, spans in found.items()}
    starts = np.array([start for start, _ in pieces])
    stops = np.array([stop for _, stop in pieces])
    effects = np.zeros(len(pieces))
    for term, value in terms.items():
        if term not in places:
            return None
        for start, stop in places[term]:
            touched = (starts < stop) & (stops > start)
            if touched.any():
                effects[touched] += value / len(places[term]) / touched.sum()
    return effects


def _occurrences(text: str, vectorizer: Any) -> dict[str, list[Span]] | None:
    """Return where each term of a vectorizer stands in a text, None if unknown."""
    shown = vectorizer.build_preprocessor()(text)
    if len(shown) != len(text):  # its places would be others
        return None
    analyze = {"word": _word_grams, "char_wb": _grams_in_words, "char": _grams}
    if vectorizer.analyzer not in analyze:
        return None
    found: dict[str, list[Span]] = defaultdict(list)
    for term, span in analyze[vectorizer.analyzer](shown, vectorizer):
        found[term].append(span)
    return dict(found)


def _word_grams(text: str, vectorizer: Any) -> Iterator[tuple[str, Span]]:
    stop_words = vectorizer.get_stop_words() or ()
    spans, at = [], 0
    for token in vectorizer.build_tokenizer()(text):
        start = text.find(token, at)
        if start < 0:  # tokens may overlap
            start = max(text.find(token), 0)
        if token not in stop_words:
            spans.append((token, (start, start + len(token))))
        at = start
    least, most = vectorizer.ngram_range
    for n in range(least, most + 1):
        for i in range(len(spans) - n + 1):
            run = spans[i : i + n]
            yield " ".join(token for token, _ in run), (run[0][1][0], run[-1][1][1])


def _grams_in_words(text: str, vectorizer: Any) -> Iterator[tuple[str, Span]]:
    least, most = vectorizer.ngram_range
    at = 0
    for word in text.split():
        at = text.index(word, at)
        padded = f" {word} "
        for n in range(least, most + 1):
            # The spaces around a word are its own: its first and last terms hold them.
            for start in range(max(len(padded) - n, 0) + 1):
                stop = min(start + n - 1, len(word))
                yield padded[start : start + n], (at + max(start - 1, 0), at + stop)
            if len(padded) <= n:  # a shorter word is a term as a whole, once
                break
        at += len(word)


def _grams(text: str, vectorizer: Any) -> Iterator[tuple[str, Span]]:
    least, most = vectorizer.ngram_range
    for n in range(least, most + 1):
        for start in range(len(text) - n + 1):
            yield text[start : start + n], (start, start + n)
