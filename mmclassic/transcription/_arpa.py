"""N-grams with their probabilities to the text that decoders read."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmclassic.transcription._ngrams import Floats, Keys

__all__ = ["Mixed", "arpa_lines"]


@dataclass(frozen=True)
class Mixed:
    """The n-grams to write, their probabilities and their weights of backing off."""

    first: Floats
    first_backoff: Floats
    pairs: Keys
    pair: Floats
    pair_backoff: Floats
    triples: Keys
    triple: Floats


def arpa_lines(words: list[str], start: int, mixed: Mixed) -> Iterator[str]:
    """Yield the lines of a model, in ARPA's format."""
    yield f"\\data\\\nngram 1={len(words)}\nngram 2={len(mixed.pairs)}\n"
    yield f"ngram 3={len(mixed.triples)}\n\n\\1-grams:\n"
    logs = np.log10(np.maximum(mixed.first, 1e-10))
    logs[start] = -99
    for word, log, backoff in zip(
        words, logs.tolist(), np.log10(mixed.first_backoff).tolist(), strict=True
    ):
        yield f"{log:.4f} {word} {backoff:.4f}\n"
    yield "\n\\2-grams:\n"
    for (u, v), log, backoff in zip(
        mixed.pairs.tolist(),
        np.log10(mixed.pair).tolist(),
        np.log10(mixed.pair_backoff).tolist(),
        strict=True,
    ):
        yield f"{log:.4f} {words[u]} {words[v]} {backoff:.4f}\n"
    yield "\n\\3-grams:\n"
    for (t, u, v), log in zip(
        mixed.triples.tolist(), np.log10(mixed.triple).tolist(), strict=True
    ):
        yield f"{log:.4f} {words[t]} {words[u]} {words[v]}\n"
    yield "\n\\end\\\n"
