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

    Attributes
    ----------
    first, backoff : ndarray of shape (n_words,)
        Probability of each word, and the factor of what follows it unlisted.
    pairs, triples : ndarray of shape (n, 2) and (m, 3)
        That are listed.
    pair_values, triple_values : ndarray of shape (n,) and (m,)
        Their probabilities.
    contexts, nearest : ndarray of shape (m,)
        Rows, in `pairs`, of the first two words of each triple, and of the last two.
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
        pairs = new[english.bigrams]
        kept = (pairs >= 0).all(axis=1) & (pairs[:, 1] != start)
        self.pairs, self.size = pairs[kept], size
        self.pair_values = np.exp(english.bigram_logs[kept])
        # By the second word first, as they are in order already.
        keys = keys_of(self.pairs[:, ::-1], size)
        self._pair = Sparse(keys, self.pair_values)
        self._pair_backoff = Sparse(keys, np.exp(english.bigram_backoffs[kept]))
        place = np.cumsum(kept) - 1
        far, near = new[english.farthest], english.nearest
        kept = (far >= 0) & kept[near] & (pairs[near, 0] != start)
        self.nearest = place[near[kept]]
        self.triples = np.column_stack([far[kept], self.pairs[self.nearest]])
        self.triple_values = np.exp(english.trigram_logs[kept])
        # Whatever has a third word is listed as a pair.
        contexts = keys_of(self.triples[:, 1::-1], size)
        self.contexts = np.searchsorted(self._pair.keys, contexts)
        keys = keys_of(self.triples[:, ::-1], size)
        self._triple = Sparse(keys, self.triple_values)

    def pair(self, pairs: Keys) -> Floats:
        """Return the probability of each second word after the first."""
        lower = self.backoff[pairs[:, 0]] * self.first[pairs[:, 1]]
        return self._pair.get(keys_of(pairs[:, ::-1], self.size), lower)

    def triple(self, triples: Keys) -> Floats:
        """Return the probability of each third word after the first two."""
        backoff = self._pair_backoff.get(keys_of(triples[:, 1::-1], self.size), 1.0)
        lower = backoff * self.pair(triples[:, 1:])
        return self._triple.get(keys_of(triples[:, ::-1], self.size), lower)
