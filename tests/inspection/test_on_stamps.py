"""Inspection of models of real names, pictures and speech: 450 things of 7 classes."""

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic.audio import MFCC
from mmclassic.encoding import BagOfWords, StatisticsPooling
from mmclassic.fusion import EarlyFusion, LateFusionClassifier
from mmclassic.image import ColorHistogram, DenseSIFT
from mmclassic.inspection import (
    explain_row,
    make_report,
    modality_contributions,
    modality_importance,
)
from mmclassic.text import TfidfVectorizer
from tests.inspection.browser import probe
from tests.inspection.reference import shapley, without

COLUMNS = ("text", "image", "speech_fr")


@pytest.fixture(scope="module")
def stamps(data_folder):
    folder = data_folder / "stamps"
    X = pd.read_csv(folder / "items.csv")
    for column in ("image", "speech_fr"):
        X[column] = [str(folder / path) for path in X[column]]
    test = (X["fold"] == 0).to_numpy()
    return X[~test][::2], X[test].reset_index(drop=True)


def describers():
    words = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    shapes = BagOfWords(
        DenseSIFT(8), n_words=128, max_descriptors=12_800, random_state=0
    )
    return words, shapes, StatisticsPooling(MFCC(16000))


@pytest.fixture(scope="module")
def late(stamps):
    words, shapes, sounds = describers()
    parts = [
        ("text", make_pipeline(words, LinearSVC(random_state=0)), "text"),
        ("image", make_pipeline(shapes, LinearSVC(random_state=0)), "image"),
        ("speech", make_pipeline(sounds, StandardScaler(), SVC()), "speech_fr"),
    ]
    model = LateFusionClassifier(parts, refit_features=False)
    return model.fit(stamps[0], stamps[0]["label"])


@pytest.fixture(scope="module")
def early(stamps):
    words, shapes, _ = describers()
    parts = [
        ("text", words, "text"),
        ("shape", shapes, "image"),
        ("color", ColorHistogram(root=True), "image"),
    ]
    fusion = EarlyFusion(parts, sparse_threshold=0)
    model = make_pipeline(fusion, LinearSVC(random_state=0))
    return model.fit(stamps[0], stamps[0]["label"])


def test_importance_is_by_the_definition_and_speech_brings_least(late, stamps):
    X, y = stamps[1], stamps[1]["label"]
    result = modality_importance(late, X, y, random_state=0)
    by_column = dict(zip(COLUMNS, result.names, strict=True))

    def value(members):
        return late.score(without(X, set(COLUMNS) - members), y)

    np.testing.assert_allclose(
        result.importances_mean, shapley(value, COLUMNS), atol=1e-12
    )
    assert list(by_column.values()) == result.names
    assert result.importances_mean[2] < min(result.importances_mean[:2])
    assert result.score > 0.5


def test_two_descriptions_of_one_column_are_told_apart(early, stamps):
    X, y = stamps[1], stamps[1]["label"]
    result = modality_importance(early, X, y, random_state=0)
    assert result.names == ["text", "shape", "color"]
    assert (result.importances_mean > 0.05).all()
    alone = result.coalition_scores
    assert alone["shape", "color"] > max(alone["shape",], alone["color",]) - 0.05
    split = modality_contributions(early, X, target=y)
    assert (split.contributions[:, :2].mean(axis=0) > 0.1).all()


def test_the_word_of_a_thing_speaks_for_its_class(late, stamps):
    X = stamps[1]
    row = int(np.flatnonzero(X["text"].str.contains("truck"))[0])
    part = explain_row(late, X, row, modalities=["text"]).parts["text"]
    assert part.labels[np.argmax(part.effects)] == "truck"


def test_pictures_and_sounds_are_drawn_on(late, stamps):
    explained = explain_row(late, stamps[1], 0, n_pieces=25)
    image, speech = explained.parts["image"], explained.parts["speech"]
    for drawn in (image.draw(), image.draw_words(), speech.draw()):
        inked = np.ptp(drawn.astype(int), axis=2) > 40  # red or blue, not grey
        assert 0.01 < inked.mean() < 0.95
    # What is transparent stays white: nothing is explained by the ground.
    corner = image.draw()[:5, :5]
    assert corner.min() > 240
    assert image.heat().shape == image.content.pixels.shape[:2]


def test_what_matters_in_a_picture_is_missed_most(late, stamps):
    """Without the fifth of it that speaks most for the answer, it loses most."""
    X, losses = stamps[1], []
    rng = np.random.default_rng(0)
    for row in range(0, 90, 10):
        explained = explain_row(late, X, row, modalities=["image"], n_pieces=36)
        part = explained.parts["image"]
        pixels, heat = part.content.pixels, part.heat()
        opaque = pixels[..., 3] > 0
        elsewhere = cv2.GaussianBlur(rng.normal(size=heat.shape), (0, 0), 20)
        blurred = part.content._blurred()
        cells = [pixels]
        for wanted in (heat, elsewhere, -heat):
            gone = wanted >= np.quantile(wanted[opaque], 0.8)
            soft = cv2.GaussianBlur(gone.astype(np.float32), (0, 0), 3)[..., None]
            cell = pixels.astype(np.float32)
            cell[..., :3] += soft * (blurred - cell[..., :3])
            cells.append(np.rint(cell).astype(np.uint8))
        table = X.iloc[[row] * 4].reset_index(drop=True)
        table["image"] = pd.Series(cells, dtype=object)
        split = modality_contributions(late, table, target=explained.target)
        losses.append(split.answer[0] - split.answer[1:])
    for_it, anywhere, against = np.mean(losses, axis=0)
    assert for_it > 2 * abs(anywhere)
    assert for_it > 0.2
    assert against < anywhere


def test_the_report_of_stamps_reads_on_a_phone(late, stamps, tmp_path):
    X = stamps[1]
    path = make_report(late, X, X["label"], tmp_path / "r.html", n_mistakes=3)
    assert path.stat().st_size < 1_000_000
    seen = probe(tmp_path, path, 390)
    assert seen["scroll"] <= 390
    assert len(seen["pictures"]) == 9 and min(seen["pictures"]) > 0
    assert len(seen["seconds"]) == 3 and min(seen["seconds"]) > 0.3
