"""General English to probabilities among the words of a vocabulary."""

import numpy as np
from numpy.typing import NDArray

from mmclassic.transcription._general_english import GeneralEnglish
from mmclassic.transcription._ngrams import Floats, Keys, Sparse, keys_of

__all__ = ["General"]

UNSEEN = 1e-9  # probability in general English of a word that it lacks


class General:
    """General English among the words of a vocabulary.

    Parameters
    ----------
    english : GeneralEnglish
    places : ndarray of shape (n_words,)
        Of the vocabulary's words in it; -1 for those that it lacks.
    start : int
        Number of the mark of the start.
    """

    def __init__(
        self, english: GeneralEnglish, places: NDArray[np.int64], start: int
    ) -> None:
        size, known = len(places), places >= 0
        self.first = np.full(size, UNSEEN)
        self.first[known] = np.exp(english.unigrams[places[known]])
        self.first[start] = 0
        self.first /= self.first.sum()
        self.backoff = np.ones(size)
        self.backoff[known] = np.exp(english.unigram_backoffs[places[known]])
        new = np.full(len(english.words), -1)
        new[places[known]] = np.flatnonzero(known)
        self.pairs, logs, backoffs = _among(
            start, new, english.bigrams, english.bigram_logs, english.bigram_backoffs
        )
        keys = keys_of(self.pairs, size)
        self._pair = Sparse(keys, np.exp(logs))
        self._pair_backoff = Sparse(keys, np.exp(backoffs))
        self.triples, logs = _among(start, new, english.trigrams, english.trigram_logs)
        self._triple = Sparse(keys_of(self.triples, size), np.exp(logs))
        self.size = size

    def pair(self, pairs: Keys) -> Floats:
        """Return the probability of each second word after the first."""
        lower = self.backoff[pairs[:, 0]] * self.first[pairs[:, 1]]
        return self._pair.get(keys_of(pairs, self.size), lower)

    def triple(self, triples: Keys) -> Floats:
        """Return the probability of each third word after the first two."""
        backoff = self._pair_backoff.get(keys_of(triples[:, :2], self.size), 1.0)
        lower = backoff * self.pair(triples[:, 1:])
        return self._triple.get(keys_of(triples, self.size), lower)


def _among(
    start: int, new: NDArray[np.int64], ngrams: NDArray[np.int32], *values: Floats
) -> list[NDArray]:
    """Return n-grams all of whose words are in the vocabulary, by its numbers."""
    renumbered = new[ngrams]
    kept = (renumbered >= 0).all(axis=1) & (renumbered[:, 1:] != start).all(axis=1)
    return [renumbered[kept], *(value[kept] for value in values)]
