"""Samples to words, by pocketsphinx with what a SpeechTranscriber has learned."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.transcription._acoustic_model import (
    read_model,
    write_gaussians,
    write_weights,
)
from mmclassic.transcription._knowledge import Knowledge
from mmclassic.transcription._pocketsphinx import (
    HMM,
    import_pocketsphinx,
    model_path,
)

__all__ = ["SAMPLE_RATE", "Word", "decode"]

SAMPLE_RATE = 16000
FRAMES_PER_SECOND = 100
SHORTEST = SAMPLE_RATE // 10  # no word is shorter
SILENCE = 2**-13  # of full scale: the decoder would hear words in zeros
KEPT = 2  # decoders of a thread, each of some hundred megabytes

_local = local()


@dataclass(frozen=True)
class Word:
    """A word that was heard.

    Parameters
    ----------
    text : str
    start, end : float
        Seconds from the beginning of the clip.
    confidence : float
        Posterior probability, in [0, 1], of the word among those that were considered.
    """

    text: str
    start: float
    end: float
    confidence: float

    def later(self, seconds: float) -> "Word":
        """Return the word of a clip that begins so many seconds later."""
        return replace(self, start=self.start + seconds, end=self.end + seconds)


def decode(knowledge: Knowledge, digest: bytes, samples: NDArray[Any]) -> list[Word]:
    """Return the words of a clip of up to about half a minute.

    Parameters
    ----------
    knowledge : Knowledge
    digest : bytes
        Of the knowledge, by which this thread's decoder is found again.
    samples : ndarray of shape (n,), float
        In [-1, 1], at `SAMPLE_RATE`.

    Returns
    -------
    list of Word
        Empty where nothing is heard.
    """
    if len(samples) < SHORTEST or np.abs(samples).max() < SILENCE:
        return []
    decoders = _local.__dict__.setdefault("decoders", {})
    decoder = decoders.pop(digest, None) or _Decoder(knowledge)
    with suppress(RuntimeError):
        words = list(decoder.words(samples))
        decoders[digest] = decoder  # the latest is the last
        while len(decoders) > KEPT:
            del decoders[next(iter(decoders))]
        return words
    return []  # no path through the words reaches the end; the decoder is dropped


def as_pcm(samples: NDArray[Any]) -> bytes:
    """Return samples as the decoder takes them: 16 bits each."""
    scaled = np.rint(np.asarray(samples, dtype=np.float64) * 32768)
    return np.clip(scaled, -32768, 32767).astype(np.int16).tobytes()


class _Decoder:
    """A decoder whose answers depend on nothing that it heard before.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        hmm = model_path(HMM)
        with TemporaryDirectory(prefix="mmclassic-speech-") as folder:
            files = Path(folder)
            paths: dict[str, Path] = {}
            if knowledge.sentences:
                paths = {"lm": files / "words.arpa", "dict": files / "words.dict"}
                model = knowledge.language_model()
                paths["lm"].write_text(model, encoding="utf-8")
                lines = knowledge.dictionary_lines(model)
                paths["dict"].write_text("".join(lines), encoding="utf-8")
            if knowledge.means is not None:
                paths["mean"] = files / "means"
                write_gaussians(paths["mean"], knowledge.means)
            if knowledge.weights is not None:
                paths["sendump"] = files / "sendump"
                write_weights(paths["sendump"], read_model(hmm), knowledge.weights)
            self.decoder = import_pocketsphinx().Decoder(
                hmm=hmm,
                mmap=False,  # all is read before the files are removed
                loglevel="FATAL",
                **{name: os.fspath(path) for name, path in paths.items()},
                **knowledge.settings,
            )

    def words(self, samples: NDArray[Any]) -> Iterator[Word]:
        decoder = self.decoder
        # Else the first frames would depend on the clip before.
        decoder.reinit_feat()
        decoder.start_utt()
        decoder.process_raw(as_pcm(samples), full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return
        for segment in decoder.seg():
            if segment.word[0] in "<[+":
                continue
            yield Word(
                segment.word.partition("(")[0],
                segment.start_frame / FRAMES_PER_SECOND,
                (segment.end_frame + 1) / FRAMES_PER_SECOND,
                float(min(max(segment.prob, 0.0), 1.0)),
            )
