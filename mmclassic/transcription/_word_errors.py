"""Two lists of words to how many were substituted, deleted and inserted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["WordErrors", "word_errors"]


@dataclass(frozen=True)
class WordErrors:
    """Errors of a transcript, of which the fewest explain the difference.

    Parameters
    ----------
    substitutions, deletions, insertions : int
    n_words : int
        Of the reference.
    """

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    n_words: int = 0

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.n_words + other.n_words,
        )

    @property
    def rate(self) -> float:
        """Word error rate: errors a word of the reference; NaN without words."""
        if not self.n_words:
            return float("nan")
        return (self.substitutions + self.deletions + self.insertions) / self.n_words


def word_errors(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> WordErrors:
    """Return the errors of all pairs of reference and hypothesis together.

    Parameters
    ----------
    pairs : iterable of (reference, hypothesis)
        Each a list of words.

    Returns
    -------
    WordErrors
    """
    return sum((_errors(*pair) for pair in pairs), WordErrors())


def _errors(reference: Sequence[str], hypothesis: Sequence[str]) -> WordErrors:
    # A cell holds (errors, substitutions, deletions, insertions) of its prefixes.
    row = [(j, 0, 0, j) for j in range(len(hypothesis) + 1)]
    for i, word in enumerate(reference, 1):
        above, row = row, [(i, 0, i, 0)]
        for j, other in enumerate(hypothesis, 1):
            if word == other:
                row.append(above[j - 1])
                continue
            e, s, d, n = above[j - 1]
            substituted = (e + 1, s + 1, d, n)
            e, s, d, n = above[j]
            deleted = (e + 1, s, d + 1, n)
            e, s, d, n = row[j - 1]
            row.append(min(substituted, deleted, (e + 1, s, d, n + 1)))
    _, substitutions, deletions, insertions = row[-1]
    return WordErrors(substitutions, deletions, insertions, len(reference))
