"""Counted n-grams of a domain to probabilities, and to how much these weigh."""

import numpy as np

from mmclassic.transcription._domain_counts import Order
from mmclassic.transcription._ngrams import Floats, Keys, Sparse, keys_of

__all__ = ["Domain"]


class Domain:
    """The domain's own probabilities, and how much they weigh after each context.

    Parameters
    ----------
    orders : list of Order
    base : ndarray of shape (n_words,)
        Probability of each word where nothing else is known.
    size : int
        Number of words.
    """

    def __init__(self, orders: list[Order], base: Floats, size: int) -> None:
        self.size = size
        self.pairs, self.triples = (o.ngrams.astype(np.int64) for o in orders[1:])
        share, self.n_words = orders[0].contexts.get((), (1.0, 0.0))
        self.first = share * base
        self.first[orders[0].ngrams[:, 0]] += orders[0].excess
        self._excess = [Sparse(keys_of(o.ngrams, size), o.excess) for o in orders]
        contexts = [
            np.array(list(o.contexts), dtype=np.int64).reshape(len(o.contexts), n)
            for n, o in enumerate(orders)
        ]
        known = [np.array(list(o.contexts.values())).reshape(-1, 2) for o in orders]
        self._contexts = contexts
        self._counts = [values[:, 1] for values in known]
        self._share_of_word = np.ones(size)
        self._share_of_word[contexts[1][:, 0]] = known[1][:, 0]
        self._share_of_pair = Sparse(keys_of(contexts[2], size), known[2][:, 0])

    def weigh(self, weight: float, inertia: float) -> None:
        """State what the domain weighs after a context; see domain_language_model."""

        def blend(counts: Floats, lower: Floats | float) -> Floats:
            return (counts * weight + inertia * lower) / np.maximum(
                counts + inertia, 1e-9
            )

        self.weight_of_first = float(blend(np.array(self.n_words), 0.0))
        self._weight_of_pair = np.zeros(self.size)
        self._weight_of_pair[self._contexts[1][:, 0]] = blend(self._counts[1], 0.0)
        lower = self.weight_of_pair(self._contexts[2][:, 1:])
        self._weight_of_triple = Sparse(
            keys_of(self._contexts[2], self.size), blend(self._counts[2], lower)
        )

    def weight_of_pair(self, contexts: Keys) -> Floats:
        """Return the domain's weight after each context of one word."""
        return self._weight_of_pair[contexts[:, 0]]

    def weight_of_triple(self, contexts: Keys) -> Floats:
        """Return the domain's weight after each context of two words."""
        lower = self.weight_of_pair(contexts[:, 1:])
        return self._weight_of_triple.get(keys_of(contexts, self.size), lower)

    def pair(self, pairs: Keys) -> Floats:
        """Return the probability of each second word after the first."""
        share = self._share_of_word[pairs[:, 0]]
        excess = self._excess[1].get(keys_of(pairs, self.size), 0.0)
        return share * self.first[pairs[:, 1]] + excess

    def triple(self, triples: Keys) -> Floats:
        """Return the probability of each third word after the first two."""
        share = self._share_of_pair.get(keys_of(triples[:, :2], self.size), 1.0)
        excess = self._excess[2].get(keys_of(triples, self.size), 0.0)
        return share * self.pair(triples[:, 1:]) + excess
