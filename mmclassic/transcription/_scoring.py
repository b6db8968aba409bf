"""Transcripts and the texts of recordings to how right these are."""

from collections.abc import Callable
from typing import Any

from mmclassic._execution import Column
from mmclassic.transcription._learning import check_lengths, transcripts_of
from mmclassic.transcription._spoken_words import spoken_words
from mmclassic.transcription._word_errors import word_errors

__all__ = ["word_accuracy"]


def word_accuracy(
    recordings: Column, y: Any, texts_of: Callable[[Column], Any]
) -> float:
    """Return one minus the word error rate of recordings with a transcript.

    Parameters
    ----------
    recordings : Column
    y : column of n_samples transcripts
    texts_of : callable
        Maps a column to a text each, None of a missing recording.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If y holds no transcripts, or of another number than recordings.
    """
    references = transcripts_of(y)
    check_lengths(recordings, references)
    if not references:
        raise ValueError(
            "y holds no transcripts to score against. Give each recording its "
            "transcript as text, None where there is none."
        )
    pairs = zip(recordings.cells, references, strict=True)
    cells = [None if words is None else cell for cell, words in pairs]
    texts = texts_of(Column(cells, recordings.labels))
    errors = word_errors(
        (reference, spoken_words(text or ""))
        for reference, text in zip(references, texts, strict=True)
        if reference is not None
    )
    n_errors = errors.substitutions + errors.deletions + errors.insertions
    return 1.0 - n_errors / max(errors.n_words, 1)
