"""What a SpeechTranscriber has learned, as decoders are made of it in any process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.transcription._language_model import domain_language_model
from mmclassic.transcription._pocketsphinx import DICTIONARY, model_path
from mmclassic.transcription._pronunciation import read_dictionary

__all__ = ["Knowledge"]

# Of the domain's language model; see domain_language_model.
INERTIA, N_WORDS, THRESHOLD = 1.0, 20_000, 1e-7


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What a decoder is made of besides pocketsphinx's English model.

    Parameters
    ----------
    sentences : tuple of str
        Of the domain, as words with a space between them; none for pocketsphinx's own
        language model.
    domain_weight : float
        Of the sentences against general English.
    pronunciations : dict of str to list of str
        Of words that the dictionary lacks.
    means : ndarray of shape (n_phones, n_streams, n_gaussians, n_cepstra) or None
        Of the Gaussians; None for the model's own.
    weights : ndarray of shape (n_streams, n_gaussians, n_senones), uint8, or None
        Of the senones; None for the model's own.
    settings : dict
        Of the decoder, by pocketsphinx's names.
    """

    sentences: tuple[str, ...]
    domain_weight: float
    pronunciations: dict[str, list[str]]
    means: NDArray[np.float32] | None
    weights: NDArray[np.uint8] | None
    settings: dict[str, float]

    @classmethod
    def of(cls, transcriber: Any) -> "Knowledge":
        """Return what a fitted SpeechTranscriber knows."""
        return cls(
            tuple(transcriber.sentences_.tolist()),
            float(transcriber.domain_weight),
            transcriber.pronunciations_,
            transcriber.means_,
            transcriber.weights_,
            {"lw": float(transcriber.language_weight)},
        )

    def digest(self) -> bytes:
        """Return what is equal in every process for equal knowledge."""
        plain = [self.sentences, self.domain_weight, self.pronunciations, self.settings]
        digest = blake2b(json.dumps(plain, sort_keys=True).encode())
        for array in (self.means, self.weights):
            digest.update(b"-" if array is None else array.tobytes())
        return digest.digest()

    def language_model(self) -> str:
        """Return the language model of the sentences, in ARPA's format."""
        return _language_model(self.sentences, self.domain_weight)

    def dictionary_lines(self, model: str) -> Iterator[str]:
        """Yield a line for each pronunciation of each word of a language model."""
        known = read_dictionary(model_path(DICTIONARY))
        unigrams = model[: model.index("\\2-grams:")].split("\\1-grams:\n")[1]
        for line in unigrams.splitlines():
            word = line.split(" ")[1] if line else "<"
            if word.startswith("<"):
                continue
            spoken = known.get(word) or self.pronunciations[word]
            for i, phones in enumerate(spoken, 1):
                yield f"{word}({i}) {phones}\n" if i > 1 else f"{word} {phones}\n"


@lru_cache(maxsize=1)  # each thread has a decoder of its own of the same model
def _language_model(sentences: tuple[str, ...], weight: float) -> str:
    return domain_language_model(
        [sentence.split() for sentence in sentences],
        read_dictionary(model_path(DICTIONARY)),
        weight=weight,
        inertia=INERTIA,
        n_words=N_WORDS,
        threshold=THRESHOLD,
    )
