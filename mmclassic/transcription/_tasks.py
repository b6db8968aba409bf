"""The functions of one cell that a SpeechTranscriber maps, in any process."""

from typing import Any

from mmclassic.media import load_audio
from mmclassic.transcription._adaptation import Aligned
from mmclassic.transcription._alignment import align
from mmclassic.transcription._decoder import SAMPLE_RATE, Word, decode
from mmclassic.transcription._knowledge import Knowledge
from mmclassic.transcription._pieces import pieces_of
from mmclassic.transcription._pocketsphinx import DICTIONARY, model_path
from mmclassic.transcription._pronunciation import read_dictionary

__all__ = ["Align", "Transcribe"]

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
        return {"text": " ".join(word.text for word in self.words(cell))}

    def words(self, cell: Any) -> list[Word]:
        """Return the words of a recording."""
        blocks = [load_audio(cell, sample_rate=SAMPLE_RATE)]
        pieces = pieces_of(blocks, SAMPLE_RATE, longest=LONGEST, shortest=SHORTEST)
        return [
            word.later(start)
            for start, samples in pieces
            for word in decode(self.knowledge, self.digest, samples)
        ]


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
