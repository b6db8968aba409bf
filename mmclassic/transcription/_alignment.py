"""A clip and its transcript to the state that each frame is in."""

import os
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from threading import local
from typing import Any

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
    if aligner is None or aligner.process != os.getpid():  # a fork has a parent's
        aligner = _local.aligner = _Aligner()
    try:
        return aligner.align(samples, words, pronunciations)
    except RuntimeError:
        del _local.aligner  # it may not be able to begin anew
        return None


class _Aligner:
    """A decoder that finds given words, and writes the cepstra that it computes.

    It may live as long as its process, which may end without a word, so the folder of
    its cepstra lives in each decoding alone.
    """

    def __init__(self) -> None:
        self.process = os.getpid()
        hmm = model_path(HMM)
        self.phones = {name: i for i, name in enumerate(read_model(hmm).phones)}
        with TemporaryDirectory(prefix="mmclassic-speech-") as folder:
            self.log = Path(folder)
            empty = self.log / "words.dict"
            empty.touch()
            self.decoder = import_pocketsphinx().Decoder(
                hmm=hmm,
                lm=None,
                dict=os.fspath(empty),
                mfclogdir=folder,
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
        self.log.mkdir(mode=0o700)
        try:
            self.decoder.reinit_feat()
            self.decoder.start_utt()
            self.decoder.process_raw(data, full_utt=True)
            self.decoder.end_utt()
            (path,) = self.log.iterdir()
            # The number of values, then the values, big-endian on any machine.
            values = np.fromfile(path, ">f4", offset=4)
        finally:
            rmtree(self.log, ignore_errors=True)
        return values.reshape(-1, 13).astype(np.float32)
