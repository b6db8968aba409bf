"""A clip and its transcript to the state that each frame is in."""

import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import local
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from mmclassic.transcription._acoustic_model import read_model
from mmclassic.transcription._adaptation import Aligned
from mmclassic.transcription._decoder import SHORTEST, as_pcm
from mmclassic.transcription._pocketsphinx import (
    HMM,
    import_pocketsphinx,
    model_path,
)

__all__ = ["align"]

_local = local()


def align(
    samples: NDArray[Any], words: list[str], pronunciations: dict[str, tuple[str, ...]]
) -> Aligned | None:
    """Return the frames of a clip of up to a minute, each with its state.

    Parameters
    ----------
    samples : ndarray of shape (n,), float
    words : list of str
        What is said, in order.
    pronunciations : dict of str to tuple of str
        Of these words at least.

    Returns
    -------
    Aligned or None
        None where the words can't be found in the clip.
    """
    if len(samples) < SHORTEST or not words:
        return None
    aligner = getattr(_local, "aligner", None)
    if aligner is None:
        aligner = _local.aligner = _Aligner()
    try:
        return aligner.align(samples, words, pronunciations)
    except RuntimeError:
        del _local.aligner  # it may not be able to begin anew
        return None


class _Aligner:
    """A decoder that finds given words, and writes the cepstra that it computes."""

    def __init__(self) -> None:
        files = Path(mkdtemp(prefix="mmclassic-speech-"))
        finalize(self, rmtree, files, ignore_errors=True)
        self.log = files / "cepstra"
        self.log.mkdir()
        empty = files / "words.dict"
        empty.touch()
        hmm = model_path(HMM)
        self.phones = {name: i for i, name in enumerate(read_model(hmm).phones)}
        self.decoder = import_pocketsphinx().Decoder(
            hmm=hmm,
            lm=None,
            dict=os.fspath(empty),
            mfclogdir=os.fspath(self.log),
            loglevel="FATAL",
        )

    def align(
        self,
        samples: NDArray[Any],
        words: list[str],
        pronunciations: dict[str, tuple[str, ...]],
    ) -> Aligned | None:
        for word in dict.fromkeys(words):
            for i, phones in enumerate(pronunciations[word], 1):
                name = word if i == 1 else f"{word}({i})"
                if self.decoder.lookup_word(name) is None:
                    self.decoder.add_word(name, phones, update=False)
        data = as_pcm(samples)
        self.decoder.set_align_text(" ".join(words))
        self._decode(data)
        if self.decoder.hyp() is None:
            return None
        self.decoder.set_alignment()
        cepstra = self._decode(data)
        states = Aligned(cepstra, *np.full((2, len(cepstra)), -1, dtype=np.int16))
        for word in self.decoder.get_alignment():
            for phone in word:
                for state in phone:
                    frames = slice(state.start, state.start + state.duration)
                    states.phones[frames] = self.phones[phone.name]
                    states.senones[frames] = int(state.name)
        return states

    def _decode(self, data: bytes) -> NDArray[np.float32]:
        for path in self.log.iterdir():
            path.unlink()
        self.decoder.reinit_feat()
        self.decoder.start_utt()
        self.decoder.process_raw(data, full_utt=True)
        self.decoder.end_utt()
        (path,) = self.log.iterdir()
        # The number of values, then the values, in the byte order of the machine.
        # The number of values, then the values, big-endian on any machine.
        return np.fromfile(path, ">f4", offset=4).reshape(-1, 13).astype(np.float32)
