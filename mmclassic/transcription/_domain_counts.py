"""Sentences to discounted counts of their words, pairs and triples (Kneser-Ney)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["END", "START", "Order", "count_sentences"]

START, END = "<s>", "</s>"
DISCOUNT = 0.8  # where counts are too few to tell


@dataclass(frozen=True)
class Order:
    """The n-grams of one length that occur in the domain.

    Parameters
    ----------
    ngrams : ndarray of shape (n_ngrams, n), int32
        Numbers of their words.
    excess : ndarray of shape (n_ngrams,)
        The share of its context's occurrences, less the discount.
    contexts : dict of tuple of int to (float, float)
        Of all but the last word: the share that goes to the lower order, and how often
        the context occurs.
    """

    ngrams: NDArray[np.int32]
    excess: NDArray[np.float64]
    contexts: dict[tuple[int, ...], tuple[float, float]]


def count_sentences(
    sentences: Iterable[Sequence[str]], numbers: dict[str, int]
) -> list[Order]:
    """Return the orders 1 to 3 of an interpolated Kneser-Ney model.

    Lower orders count in how many contexts an n-gram occurs, not how often.

    Parameters
    ----------
    sentences : iterable of sequence of str
    numbers : dict of str to int
        Of every word, and of the marks of the start and the end.

    Returns
    -------
    list of Order

    References
    ----------
    Kneser, R. & Ney, H. (1995). Improved backing-off for m-gram language modeling.
    ICASSP, 181-184. https://doi.org/10.1109/ICASSP.1995.479394
    """
    counts: list[Counter[tuple[int, ...]]] = [Counter() for _ in range(3)]
    start = numbers[START]
    for sentence in sentences:
        said = [start, *(numbers[word] for word in sentence), numbers[END]]
        for n, of_order in enumerate(counts, 1):
            of_order.update(zip(*(said[i:] for i in range(n)), strict=False))
    occurrences = [_by_context(of_order) for of_order in counts]
    for n in (0, 1):
        kept = {g: c for g, c in counts[n].items() if g[0] == start}
        counts[n] = Counter(ngram[1:] for ngram in counts[n + 1]) | Counter(kept)
    counts[0].pop((start,), None)
    return [
        _order(of_order, often, n)
        for n, (of_order, often) in enumerate(zip(counts, occurrences, strict=True), 1)
    ]


def _by_context(counts: Counter[tuple[int, ...]]) -> Counter[tuple[int, ...]]:
    total: Counter[tuple[int, ...]] = Counter()
    for ngram, count in counts.items():
        total[ngram[:-1]] += count
    return total


def _order(
    counts: Counter[tuple[int, ...]], occurrences: Counter[tuple[int, ...]], n: int
) -> Order:
    once, twice = (sum(c == k for c in counts.values()) for k in (1, 2))
    discount = once / (once + 2 * twice) if once and twice else DISCOUNT
    totals = _by_context(counts)
    kinds = Counter(ngram[:-1] for ngram in counts)
    ngrams = sorted(counts)
    return Order(
        np.array(ngrams, dtype=np.int32).reshape(-1, n),
        np.array([max(counts[g] - discount, 0) / totals[g[:-1]] for g in ngrams]),
        {
            context: (discount * kinds[context] / total, float(occurrences[context]))
            for context, total in sorted(totals.items())
        },
    )
