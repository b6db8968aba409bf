"""A score counts the words that are wrong, where it is known what was said."""

import numpy as np
import pandas as pd
import pytest

from mmclassic.exceptions import MediaError
from mmclassic.transcription import SpeechTranscriber, _tasks
from mmclassic.transcription._decoder import Word

pytest.importorskip("pocketsphinx")

CLIP = np.zeros(1600, np.float32)


@pytest.fixture
def hears(monkeypatch):
    """Say what is heard in each clip that is decoded, in order."""
    left = []

    def decode(*_):
        return [Word(text, 0.0, 0.1, 1.0) for text in left.pop(0).split()]

    monkeypatch.setattr(_tasks, "decode", decode)
    return left


def test_errors_are_counted_against_all_words_of_transcripts(plain, hears):
    hears += ["press one", "four three"]
    assert plain.score([CLIP, CLIP], ["Press 1.", "for 2 three"]) == pytest.approx(0.6)
    assert hears == []


def test_what_is_heard_is_compared_as_it_is_spoken(plain, hears):
    hears += ["nine a.m. african-american"]
    assert plain.score([CLIP], ["9 a.m., African-American"]) == 1.0


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_rows_without_a_transcript_are_neither_decoded_nor_counted(
    plain, hears, missing
):
    hears += ["press one"]
    X = pd.Series([b"no sound", CLIP], index=["a", "b"])
    y = pd.Series([missing, "press one"], index=["a", "b"], dtype=object)
    assert plain.score(X, y) == 1.0


def test_a_missing_recording_is_as_wrong_as_silence(plain, hears):
    hears += [""]
    assert plain.score([None, CLIP], ["press one", "press two"]) == 0.0


def test_where_nothing_is_said_each_word_heard_costs_one(plain, hears):
    hears += ["", "", "oh no"]
    assert plain.score([CLIP], [""]) == 1.0
    assert plain.score([CLIP, CLIP], ["", "..."]) == -1.0


@pytest.mark.parametrize("y", [None, [None, None], [1, 2], [np.nan, None]])
def test_a_score_without_transcripts_is_an_error(plain, y):
    with pytest.raises(ValueError, match="y holds no transcripts to score against"):
        plain.score([CLIP, CLIP], y)


@pytest.mark.parametrize("y", [["hello"], ["hello"] * 3])
def test_a_score_of_another_number_of_transcripts_is_an_error(plain, y):
    with pytest.raises(ValueError, match=f"2 recordings and y {len(y)} transcripts"):
        plain.score([CLIP, CLIP], y)


def test_errors_of_a_score_name_the_row(plain):
    X = pd.Series([CLIP, b"no sound"], index=["a", "b"])
    with pytest.raises(MediaError, match="Row 1 .*index 'b'.* holds text, not sound"):
        plain.score(X, ["", "hello"])
    with pytest.raises(MediaError, match="Row 1.*not a text"):
        plain.score(X, ["", b"hello"])


def test_a_score_does_not_depend_on_what_transform_puts_out(hears):
    hears += ["press one"]
    tabular = SpeechTranscriber().set_output(transform="pandas").fit(None)
    assert tabular.score([CLIP], ["press one"]) == 1.0
