"""Recordings and transcripts to what a SpeechTranscriber learns of them."""

from collections.abc import Sequence
from numbers import Number
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Column, map_items, read_column, single_threaded
from mmclassic.media import is_missing, load_text
from mmclassic.transcription._acoustic_model import read_model
from mmclassic.transcription._adaptation import Aligned, adapt
from mmclassic.transcription._pocketsphinx import DICTIONARY, HMM, model_path
from mmclassic.transcription._pronunciation import pronounce, read_dictionary
from mmclassic.transcription._spoken_words import spoken_words
from mmclassic.transcription._tasks import Align

__all__ = [
    "adapted",
    "align_all",
    "check_lengths",
    "pronunciations_of",
    "sentences_of",
    "transcripts_of",
]

# Frames that what the model brings counts for; see adapt.
MEAN_FRAMES, WEIGHT_FRAMES = 3, 10


def sentences_of(texts: Any) -> list[list[str]]:
    """Return the words of each text, none of a missing one; of numbers, nothing.

    Parameters
    ----------
    texts : column of texts, str or None

    Returns
    -------
    list of list of str
    """
    return [words or [] for words in transcripts_of(texts)]


def transcripts_of(texts: Any) -> list[list[str] | None]:
    """Return the words of each text, None of a missing one; of numbers, nothing.

    Parameters
    ----------
    texts : column of texts, str or None

    Returns
    -------
    list of list of str or None
    """
    if texts is None:
        return []
    column = read_column([texts] if isinstance(texts, str) else texts)
    if all(isinstance(c, Number) or is_missing(c) for c in column.cells):
        return []
    return map_items(_words_of, column)


def _words_of(cell: Any) -> list[str]:
    return spoken_words(load_text(cell))


def check_lengths(recordings: Column, sentences: Sequence[Any]) -> None:
    """Raise if there are transcripts, and not one for each recording."""
    if sentences and len(sentences) != len(recordings):
        raise ValueError(
            f"X holds {len(recordings)} recordings and y {len(sentences)} "
            "transcripts. Give each recording its transcript, None where there is "
            "none, and other texts by the 'domain' parameter."
        )


def pronunciations_of(vocabulary: Sequence[str]) -> dict[str, list[str]]:
    """Return the phones of the words that pocketsphinx's dictionary lacks."""
    dictionary = read_dictionary(model_path(DICTIONARY))
    return {
        word: list(pronounce(word, dictionary))
        for word in vocabulary
        if word not in dictionary
    }


def align_all(
    recordings: Column,
    sentences: Sequence[list[str]],
    pronunciations: dict[str, list[str]],
    *,
    n_jobs: int | None,
    invalid: Literal["error", "missing"],
) -> list[Aligned]:
    """Return the frames of the recordings in which their words are found.

    Parameters
    ----------
    recordings : Column
    sentences : sequence of list of str
        What is said in each.
    pronunciations : dict of str to list of str
        Of the words that the dictionary lacks.
    n_jobs, invalid
        As of ``map_items``.

    Returns
    -------
    list of Aligned
    """
    pairs = [
        None if is_missing(cell) or not words else (cell, words)
        for cell, words in zip(recordings.cells, sentences, strict=True)
    ]
    found = map_items(
        Align(pronunciations),
        Column(pairs, recordings.labels),
        n_jobs=n_jobs,
        invalid=invalid,
    )
    return [clip for clip in found if isinstance(clip, Aligned)]


def adapted(
    clips: Sequence[Aligned],
) -> tuple[NDArray[np.float32] | None, NDArray[np.uint8] | None]:
    """Return the means and weights that suit the clips, None where there are none.

    Parameters
    ----------
    clips : sequence of Aligned
    """
    if not clips:
        return None, None
    with single_threaded():  # sums would depend on the number of BLAS's threads
        return adapt(
            read_model(model_path(HMM)),
            clips,
            mean_frames=MEAN_FRAMES,
            weight_frames=WEIGHT_FRAMES,
        )
