from ._speech import SpeechTranscriber
from ._word_recognizer import WordRecognizer

__all__ = ["SpeechTranscriber", "WordRecognizer"]
