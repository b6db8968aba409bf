from ._speech import SpeechTranscriber

__all__ = ["SpeechTranscriber"]
