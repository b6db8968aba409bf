"""The functions of one cell that a SpeechTranscriber maps, in any process."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Column, Libraries, as_cache, map_items, remembered
from mmclassic.media import audio_blocks, load_audio
from mmclassic.transcription._adaptation import Aligned
from mmclassic.transcription._alignment import align
from mmclassic.transcription._decoder import SAMPLE_RATE, Word, decode
from mmclassic.transcription._knowledge import Knowledge
from mmclassic.transcription._pieces import pieces_of
from mmclassic.transcription._pocketsphinx import DICTIONARY, model_path
from mmclassic.transcription._pronunciation import read_dictionary

__all__ = ["Align", "Transcribe", "transcribe_all"]

LIBRARIES = Libraries(("numpy", "pocketsphinx", "soundfile", "soxr", "av"))
LONGEST = 30.0  # seconds that are decoded at once
SHORTEST = 15.0  # of a piece that is not the last


class Transcribe:
    """A function of a recording to its text.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.digest = knowledge.digest()

    def __call__(self, cell: Any) -> dict[str, Any]:
        words = (word.text for _, piece in self.pieces(cell) for word in piece)
        return {"text": " ".join(words)}

    def identity(self) -> tuple[Any, ...]:
        """Return what its results depend on besides the recording."""
        return "transcribe", self.digest, LIBRARIES

    def pieces(self, cell: Any) -> Iterator[tuple[float, list[Word]]]:
        """Yield the words of a recording piece by piece, while it is read.

        Yields
        ------
        end : float
            Of the piece, seconds.
        words : list of Word
        """
        blocks = audio_blocks(cell, sample_rate=SAMPLE_RATE)
        for start, samples in pieces_of(
            blocks, SAMPLE_RATE, longest=LONGEST, shortest=SHORTEST
        ):
            words = decode(self.knowledge, self.digest, samples)
            end = start + len(samples) / SAMPLE_RATE
            yield end, [word.later(start) for word in words]


def transcribe_all(transcriber: Any, recordings: Column) -> NDArray[np.object_]:
    """Return the text of each recording, None of a missing one.

    Parameters
    ----------
    transcriber : SpeechTranscriber
        Fitted; of it are what it knows, ``n_jobs``, ``invalid`` and ``cache``.
    recordings : Column

    Returns
    -------
    ndarray of shape (n_samples,), object
    """
    transcribe = Transcribe(Knowledge.of(transcriber))
    cache = as_cache(transcriber.cache)
    results = map_items(
        remembered(transcribe, transcribe.identity(), cache),
        recordings,
        n_jobs=transcriber.n_jobs,
        invalid=transcriber.invalid,
    )
    texts = np.empty(len(results), dtype=object)
    texts[:] = [None if result is None else result["text"] for result in results]
    return texts


class Align:
    """A function of a recording and its words to the states of its frames.

    Parameters
    ----------
    pronunciations : dict of str to list of str
        Of the words that the dictionary lacks.
    """

    def __init__(self, pronunciations: dict[str, list[str]]) -> None:
        self.pronunciations = pronunciations

    def __call__(self, pair: tuple[Any, list[str]]) -> Aligned | bool:
        cell, words = pair
        dictionary = read_dictionary(model_path(DICTIONARY))
        known = {
            word: dictionary.get(word) or tuple(self.pronunciations[word])
            for word in words
        }
        samples = load_audio(cell, sample_rate=SAMPLE_RATE)
        # None would stand for a missing cell.
        return align(samples, words, known) or False
