"""Speech becomes text, and transcripts teach words and voices."""

import numpy as np
import pytest

from mmclassic.exceptions import MediaError
from mmclassic.media import Waveform
from mmclassic.transcription import SpeechTranscriber

pytest.importorskip("pocketsphinx")


def test_silence_and_a_click_hold_no_words_and_nothing_is_missing(plain):
    click = Waveform(np.ones(100, np.float32), 16000)
    clips = [np.zeros(16000, np.float32), click, None]
    assert plain.transform(clips).tolist() == ["", "", None]


def test_a_recording_of_zero_length_is_an_error_of_its_row(plain):
    with pytest.raises(MediaError, match="Row 1"):
        plain.transform([None, np.zeros(0, np.float32)])


def test_transcripts_of_another_number_are_an_error():
    clips = [np.zeros(160, np.float32)] * 2
    with pytest.raises(ValueError, match="2 recordings and y 1 transcripts"):
        SpeechTranscriber().fit(clips, ["hello"])


def test_words_of_the_domain_that_no_dictionary_has_get_a_pronunciation():
    transcriber = SpeechTranscriber(["Unmute the blicket"]).fit(None)
    assert set(transcriber.pronunciations_) == {"unmute", "blicket"}


def test_labels_of_a_pipeline_teach_nothing():
    clips = [np.zeros(16000, np.float32)] * 2
    transcriber = SpeechTranscriber()
    transcriber.fit_transform(clips, ["bird", "vehicle"])
    assert len(transcriber.sentences_) == transcriber.n_aligned_ == 0


def test_words_have_times_in_order_and_confidences(prompts, plain):
    row = prompts[prompts["audio"].str.endswith("conf-invalid.ogg")].iloc[0]
    words = plain.transcribe(row["audio"])
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= row["seconds"] + 0.05
    assert all(0 <= word.confidence <= 1 for word in words)


def test_what_was_heard_before_changes_nothing(prompts, plain):
    paths = prompts["audio"][prompts["seconds"].between(1, 2)][:4].tolist()
    forward = plain.transform(paths)
    assert plain.transform(paths[::-1]).tolist() == forward[::-1].tolist()


def test_transcripts_improve_transcription(prompts, plain):
    short = prompts[prompts["seconds"].between(1, 3)]
    train = short[short["split"] == "train"][:80]
    test = short[short["split"] == "test"][:15]
    taught = SpeechTranscriber().fit(train["audio"], train["text"])
    assert taught.n_aligned_ > 70
    before = plain.score(test["audio"], test["text"])
    assert taught.score(test["audio"], test["text"]) > before + 0.02
