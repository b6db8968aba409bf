"""Texts of a domain to a language model, interpolated with that of general English."""

from collections.abc import Container, Sequence

import numpy as np
from numpy.typing import NDArray

from mmclassic.transcription._arpa import Mixed, arpa_lines
from mmclassic.transcription._domain import Domain
from mmclassic.transcription._domain_counts import END, START, count_sentences
from mmclassic.transcription._general_among import General
from mmclassic.transcription._general_english import GeneralEnglish, general_english
from mmclassic.transcription._ngrams import Floats, Keys, Sparse, keys_of, union

__all__ = ["domain_language_model"]

MARGIN = 1.0  # how far the domain may move a logarithm beyond what is general
MOST = 0.995  # of a context's probability that goes to the n-grams listed


def domain_language_model(
    sentences: Sequence[Sequence[str]],
    pronounced: Container[str],
    *,
    weight: float,
    inertia: float,
    n_words: int,
    threshold: float,
) -> str:
    """Return a model of up to three words in a row, in ARPA's format.

    Parameters
    ----------
    sentences : sequence of sequence of str
        Of the domain.
    pronounced : container of str
        Words of general English that have a pronunciation.
    weight : float
        Of the domain against general English, in [0, 1), after a frequent context.
    inertia : float
        After a context that occurs n times in the domain, its weight is
        (n * weight + inertia * w) / (n + inertia), w that after the shorter context.
    n_words : int
        The commonest words of general English to take.
    threshold : float
        N-grams of general English that change less are left out: probability times
        change of its logarithm.

    Returns
    -------
    str
    """
    english = general_english()
    words, places = _vocabulary(english, sentences, pronounced, n_words)
    numbers = {word: i for i, word in enumerate(words)}
    general = General(english, places, numbers[START])
    domain = Domain(count_sentences(sentences, numbers), general.first, len(words))
    domain.weigh(weight, inertia)
    mixed = _mix(general, domain, threshold)
    return "".join(arpa_lines(words, numbers[START], mixed))


def _vocabulary(
    english: GeneralEnglish,
    sentences: Sequence[Sequence[str]],
    pronounced: Container[str],
    n_words: int,
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the words, and the place of each in general English or -1."""
    common = np.argsort(-english.unigrams, kind="stable")
    commonest = [i for i in common if english.words[i] in pronounced][:n_words]
    words = {word for sentence in sentences for word in sentence} | {START, END}
    words |= {english.words[i] for i in commonest}
    place = {word: i for i, word in enumerate(english.words)}
    ordered = sorted(words)
    return ordered, np.array([place.get(word, -1) for word in ordered])


class _Mixture:
    """Probabilities of general English and of the domain, each by its weight."""

    def __init__(self, general: General, domain: Domain) -> None:
        self.general, self.domain = general, domain
        w = domain.weight_of_first
        self.first = w * domain.first + (1 - w) * general.first

    def pair(self, pairs: Keys, general: Floats | None = None) -> Floats:
        """Return that of each second word after the first."""
        w = self.domain.weight_of_pair(pairs[:, :1])
        if general is None:
            general = self.general.pair(pairs)
        return w * self.domain.pair(pairs) + (1 - w) * general

    def triple(self, triples: Keys) -> Floats:
        """Return that of each third word after the first two."""
        w = self.domain.weight_of_triple(triples[:, :2])
        general = self.general.triple(triples)
        return w * self.domain.triple(triples) + (1 - w) * general


def _mix(general: General, domain: Domain, threshold: float) -> Mixed:
    mixture, size = _Mixture(general, domain), general.size
    first = mixture.first
    pairs, triples = _that_matter(general, mixture, threshold)
    triples = union(size, triples, domain.triples)
    pairs = union(size, pairs, domain.pairs, triples[:, :2])
    pair, first_backoff = _listed(
        pairs[:, 0], mixture.pair(pairs), first[pairs[:, 1]], size
    )
    lower = Sparse(keys_of(pairs, size), pair).get(
        keys_of(triples[:, 1:], size),
        first_backoff[triples[:, 1]] * first[triples[:, 2]],
    )
    context = np.searchsorted(keys_of(pairs, size), keys_of(triples[:, :2], size))
    triple, pair_backoff = _listed(context, mixture.triple(triples), lower, len(pairs))
    return Mixed(first, first_backoff, pairs, pair, pair_backoff, triples, triple)


def _that_matter(
    general: General, mixture: _Mixture, threshold: float
) -> tuple[Keys, Keys]:
    """Return the pairs and triples of general English that change enough."""
    first, pairs, triples = mixture.first, general.pairs, general.triples
    # How often a word comes is what a sentence's start is worth, too.
    often = np.where(first > 0, first, first.max())
    pair = mixture.pair(pairs, general.pair_values)
    change = np.abs(np.log(pair / (general.backoff[pairs[:, 0]] * first[pairs[:, 1]])))
    pairs = pairs[often[pairs[:, 0]] * pair * change > threshold]

    context = often[triples[:, 0]] * pair[general.contexts]
    lower = pair[general.nearest]
    change = np.abs(np.log(general.triple_values / lower)) + MARGIN
    likely = context * general.triple_values * change > threshold
    triples, context, lower = triples[likely], context[likely], lower[likely]
    triple = mixture.triple(triples)
    change = np.abs(np.log(triple / lower))
    return pairs, triples[context * triple * change > threshold]


def _listed(
    context: Keys, probabilities: Floats, lower: Floats, n_contexts: int
) -> tuple[Floats, Floats]:
    """Return the probabilities, at most `MOST` a context, and what all others get.

    Parameters
    ----------
    context : ndarray of shape (n,)
        Number of each n-gram's context.
    probabilities, lower : ndarray of shape (n,)
        Of each n-gram, and by the lower order.
    n_contexts : int

    Returns
    -------
    probabilities : ndarray of shape (n,)
    backoff : ndarray of shape (n_contexts,)
        Factor of the lower order's probability.
    """
    total = np.bincount(context, probabilities, n_contexts)
    factor = np.minimum(1, MOST / np.maximum(total, 1e-9))
    probabilities = probabilities * factor[context]
    total = np.bincount(context, probabilities, n_contexts)
    below = np.minimum(np.bincount(context, lower, n_contexts), MOST)
    return probabilities, (1 - total) / (1 - below)
