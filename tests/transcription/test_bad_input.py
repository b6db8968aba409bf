"""What can't be transcribed is told of with its row, and how to mend it."""

import sys

import numpy as np
import pandas as pd
import pytest

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.media import Waveform
from mmclassic.transcription import SpeechTranscriber

SILENCE = np.zeros(1600, np.float32)


def test_without_pocketsphinx_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(ImportError, match=r'pip install "mmclassic\[speech\]"'):
        SpeechTranscriber(["press one"]).fit(None)
    with pytest.raises(ImportError, match="SpeechTranscriber needs the package"):
        SpeechTranscriber().fit([SILENCE])


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, {"bytes": None}])
def test_a_missing_recording_has_no_text_and_no_words(plain, missing):
    X = pd.Series([SILENCE, missing], dtype=object)
    assert plain.transform(X).tolist() == ["", None]
    with pytest.raises(MediaError, match="is not sound|for a missing cell"):
        plain.transcribe(missing)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (b"once upon a time", "holds text, not sound"),
        (b"", "is empty"),
        (np.zeros((3, 2, 2)), "is an array of shape"),
        (np.full(1600, np.nan), "NaN or infinite"),
        ({"array": SILENCE, "sampling_rate": 0}, "State a positive number of Hz"),
        ("gone.wav", "does not exist"),
    ],
)
def test_an_invalid_recording_stops_or_counts_as_missing(plain, cell, why):
    X = [SILENCE, cell]
    with pytest.raises(MediaError, match=f"Row 1 .*{why}"):
        plain.transform(X)
    tolerant = SpeechTranscriber(invalid="missing").fit(None)
    with pytest.warns(InvalidItemWarning, match=why):
        assert tolerant.transform(X).tolist() == ["", None]


def test_sound_at_any_rate_is_silent_or_spoken_alike(plain):
    for rate in (4000, 8000, 44100, 96000):
        assert plain.transform([Waveform(np.zeros(rate), rate)]).tolist() == [""]


def test_recordings_and_transcripts_in_any_state_teach_what_there_is():
    transcriber = SpeechTranscriber().fit(
        [SILENCE, None, SILENCE], ["hello there", "general", None]
    )
    assert transcriber.sentences_.tolist() == ["hello there", "general"]
    assert transcriber.n_aligned_ == 0
    assert transcriber.means_ is None
    assert SpeechTranscriber().fit([], []).sentences_.size == 0


def test_texts_of_a_wrong_kind_are_an_error_of_their_row():
    with pytest.raises(MediaError, match="Row 1.*not a text"):
        SpeechTranscriber(["hello", b"there"]).fit(None)
