"""Isolated words are told apart by how their sound goes on in time."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning
from sklearn.pipeline import make_pipeline

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.media import Waveform
from mmclassic.transcription import WordRecognizer
from mmclassic.transcription._word_models import WordModel, path_scores, train_word

RATE = 8000


def chirp(up, seed, seconds=0.5):
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    slope = (1 if up else -1) * 900 / seconds
    sound = np.sin(2 * np.pi * (1200 + 20 * rng.standard_normal() + slope * t / 2) * t)
    return (0.4 * sound + 0.01 * rng.standard_normal(len(t))).astype(np.float32)


@pytest.fixture
def clips():
    return [chirp(i % 2, i) for i in range(12)], np.array(["down", "up"] * 6)


def test_words_that_differ_in_order_only_are_told_apart(clips):
    recognizer = WordRecognizer(5).fit(*clips)
    new = [chirp(i % 2, 100 + i, 0.4 + 0.03 * i) for i in range(8)]
    assert recognizer.predict(new).tolist() == ["down", "up"] * 4


def test_probabilities_sum_to_one_and_follow_the_scores(clips):
    recognizer = WordRecognizer(5).fit(*clips)
    probabilities = recognizer.predict_proba(clips[0])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    scores = recognizer.decision_function(clips[0])
    assert (probabilities.argmax(axis=1) == scores.argmax(axis=1)).all()


def test_a_missing_clip_teaches_nothing_and_gets_the_shares_of_the_words(clips):
    sounds, words = clips
    recognizer = WordRecognizer(5).fit([*sounds, None], [*words, "up"])
    expected = WordRecognizer(5).fit(sounds, words)
    np.testing.assert_array_equal(recognizer.means_, expected.means_)
    np.testing.assert_array_equal(recognizer.predict_proba([None]), [[0.5, 0.5]])
    assert np.isnan(recognizer.decision_function([None])).all()


def test_a_word_all_of_whose_clips_are_missing_is_an_error(clips):
    sounds, words = clips
    with pytest.raises(ValueError, match="Every clip of 'left' is missing"):
        WordRecognizer().fit([*sounds, None], [*words, "left"])


def test_silence_and_a_clip_shorter_than_a_frame_get_some_word(clips):
    recognizer = WordRecognizer(5).fit(*clips)
    odd = [np.zeros(RATE, np.float32), np.zeros(10, np.float32), chirp(1, 0)[:900]]
    assert set(recognizer.predict(odd)) <= {"down", "up"}
    assert np.isfinite(recognizer.decision_function(odd)).all()


def test_a_clip_of_zero_length_is_an_error_or_missing(clips):
    recognizer = WordRecognizer(5).fit(*clips)
    empty = [clips[0][0], np.zeros(0, np.float32)]
    with pytest.raises(MediaError, match="Row 1"):
        recognizer.predict(empty)
    with pytest.warns(InvalidItemWarning, match="[Rr]ow.* 1"):
        recognizer.set_params(invalid="missing").predict(empty)


def test_another_rate_is_resampled(clips):
    recognizer = WordRecognizer(5).fit(*clips)
    twice = [Waveform(np.repeat(clip, 2), 2 * RATE) for clip in clips[0][:4]]
    assert (recognizer.predict(twice) == clips[1][:4]).all()


def test_rows_and_words_of_different_number_are_an_error(clips):
    with pytest.raises(ValueError, match="12 clips and y 11 words"):
        WordRecognizer().fit(clips[0], clips[1][:-1])


def test_words_of_two_columns_are_an_error_that_names_the_wrapper(clips):
    two = np.column_stack([clips[1], clips[1]])
    with pytest.raises(ValueError, match="2 outputs.*MultiOutputClassifier"):
        WordRecognizer().fit(clips[0], two)


def test_words_of_one_column_are_taken_with_a_warning(clips):
    with pytest.warns(DataConversionWarning, match="column-vector"):
        recognizer = WordRecognizer(5).fit(clips[0], clips[1][:, np.newaxis])
    assert (recognizer.predict(clips[0]) == clips[1]).all()


@pytest.mark.parametrize("nothing", [None, np.nan])
def test_a_missing_word_is_an_error_that_names_its_row(clips, nothing):
    with pytest.raises(ValueError, match="row 2 of y is missing"):
        WordRecognizer().fit(clips[0][:3], np.array(["a", "b", nothing], dtype=object))


def test_no_words_at_all_are_an_error(clips):
    with pytest.raises(ValueError, match="requires y to be passed"):
        WordRecognizer().fit(clips[0], None)


def test_a_long_clip_among_short_ones_takes_memory_of_its_own_length_only(clips):
    recognizer = WordRecognizer(5).fit(*clips)
    models = [
        WordModel(*parts)
        for parts in zip(
            recognizer.means_, recognizer.variances_, recognizer.stay_, strict=True
        )
    ]
    rng = np.random.default_rng(0)
    short = [rng.standard_normal((40, 39)) for _ in range(400)]
    several = [*short[:200], rng.standard_normal((6000, 39)), *short[200:]]
    tracemalloc.start()
    scores = path_scores(several, models)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Padded to the longest, the emissions alone of 5 states would be 96 MB.
    assert peak < 40e6
    for row in (0, 200, 400):
        np.testing.assert_allclose(scores[row], path_scores([several[row]], models)[0])


def test_loudness_of_a_clip_changes_no_score(clips):
    recognizer = WordRecognizer(5).fit(*clips)
    expected = recognizer.decision_function(clips[0])
    faint = recognizer.decision_function([clip / 8 for clip in clips[0]])
    np.testing.assert_allclose(faint, expected, rtol=1e-4)


def test_it_ends_a_pipeline_of_a_series(clips):
    series = pd.Series(clips[0], index=[f"row {i}" for i in range(12)])
    model = make_pipeline(WordRecognizer(4)).fit(series, clips[1])
    assert model.score(series, clips[1]) == 1


def test_training_finds_the_states_of_made_sequences():
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 5.0], [4.0, 0.0], [-4.0, -5.0]])
    sequences = [np.repeat(centres, rng.integers(4, 20, 3), axis=0) for _ in range(40)]
    noisy = [s + 0.3 * rng.standard_normal(s.shape) for s in sequences]
    model = train_word(noisy, 3, 6)
    np.testing.assert_allclose(model.means, centres, atol=0.1)
    stay = 1 - 120 / sum(len(s) for s in sequences)
    assert model.stay.mean() == pytest.approx(stay, abs=0.02)


def test_the_best_path_is_that_of_trying_every_path():
    rng = np.random.default_rng(1)
    model = train_word([rng.standard_normal((9, 2)) for _ in range(5)], 3, 3)
    x = rng.standard_normal((7, 2))
    logs = -0.5 * ((x[:, None] - model.means) ** 2 / model.variances).sum(axis=2)
    logs -= 0.5 * np.log(model.variances).sum(axis=1)
    totals = []
    for first in range(1, 6):
        for second in range(first + 1, 7):
            states = np.repeat([0, 1, 2], [first, second - first, 7 - second])
            moved = np.diff(states).astype(bool)
            steps = np.where(
                moved, 1 - model.stay[states[:-1]], model.stay[states[:-1]]
            )
            totals.append(logs[np.arange(7), states].sum() + np.log(steps).sum())
    assert path_scores([x], [model])[0, 0] == pytest.approx(max(totals) / 7)


def test_digits_of_a_speaker_that_was_not_heard_are_recognised(data_folder):
    folder = data_folder / "fsdd"
    table = pd.read_csv(folder / "items.csv")
    table = table[table["take"] < 12].assign(audio=lambda t: f"{folder}/" + t["audio"])
    heard = table["speaker"] != "jackson"
    model = WordRecognizer().fit(table["audio"][heard], table["label"][heard])
    assert model.score(table["audio"][~heard], table["label"][~heard]) > 0.85
