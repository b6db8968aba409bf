"""Speech as words, alone or beside its sound, in scikit-learn's and our pipelines."""

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from mmclassic import make_multimodal_pipeline
from mmclassic.persistence import load, save
from mmclassic.text import TfidfVectorizer
from mmclassic.transcription import SpeechTranscriber, _tasks

pytest.importorskip("pocketsphinx")

SAID = ["one", "seven", "nine"]


@pytest.fixture(scope="module")
def digits(data_folder):
    """Clips of three digits by two speakers, 24 in all."""
    folder = data_folder / "fsdd"
    table = pd.read_csv(folder / "items.csv")
    labels = [1, 7, 9]
    table = table[table["label"].isin(labels) & (table["take"] < 4)]
    table = table[table["speaker"].isin(sorted(set(table["speaker"]))[:2])]
    return table.assign(clip=f"{folder}/" + table["audio"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def transcriber(tmp_path_factory):
    """It knows the digits, and keeps what it heard."""
    cache = tmp_path_factory.mktemp("transcripts")
    return SpeechTranscriber(SAID * 20, domain_weight=0.9, cache=cache)


@pytest.fixture
def decoded(monkeypatch):
    """The clips that were decoded."""
    clips = []

    def spy(knowledge, digest, samples):
        clips.append(len(samples))
        return original(knowledge, digest, samples)

    original = _tasks.decode
    monkeypatch.setattr(_tasks, "decode", spy)
    return clips


def test_words_are_classified_and_each_clip_is_decoded_once(
    digits, transcriber, decoded
):
    model = make_pipeline(transcriber, TfidfVectorizer(), LinearSVC())
    scores = cross_val_score(model, digits["clip"], digits["label"], cv=3)
    assert scores.mean() > 0.6
    search = GridSearchCV(model, {"linearsvc__C": [0.1, 1, 10]}, cv=3)
    search.fit(digits["clip"], digits["label"])
    assert search.best_score_ >= scores.mean()
    assert len(decoded) <= len(digits)


def test_a_frozen_transcriber_keeps_what_it_learned(digits, transcriber, decoded):
    taught = transcriber.fit(None)
    model = make_pipeline(FrozenEstimator(taught), TfidfVectorizer(), LinearSVC())
    model.fit(digits["clip"], digits["label"])
    assert model[0].estimator is taught
    assert model.score(digits["clip"], digits["label"]) > 0.6
    assert set(model[1].vocabulary_) <= set(taught.vocabulary_) | {"and", "the"}


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_one_column_joins_as_sound_and_as_words(digits, transcriber, fusion, tmp_path):
    X = digits[["clip"]].copy()
    X.loc[3, "clip"] = None
    model = make_multimodal_pipeline(
        audio="clip", text={"words": (transcriber, "clip")}, fusion=fusion
    )
    model.fit(X, digits["label"])
    fused = model.named_steps["fusion"]
    assert fused.modality_counts_ == {"audio": 23, "words": 23}
    assert model.score(X, digits["label"]) > 0.9
    save(model, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.predict(X[:4]), model.predict(X[:4]))


def test_the_pipelines_settings_reach_what_reads_a_text():
    model = make_multimodal_pipeline(
        text={"words": (SpeechTranscriber(), "clip")},
        invalid="missing",
        n_jobs=2,
        cache="kept",
        fusion="early",
    )
    found = model.get_params()
    assert found["fusion__words__reader__cache"] == "kept"
    assert found["fusion__words__reader__n_jobs"] == 2
    assert found["fusion__words__reader__invalid"] == "missing"


def test_what_reads_a_text_belongs_to_texts():
    with pytest.raises(ValueError, match="give it by text="):
        make_multimodal_pipeline(audio=(SpeechTranscriber(), "clip"))
