"""Visual words of a picture: what each effects, and where it is drawn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmclassic.encoding import VLAD, BagOfWords, FisherVector, LocalFeatures
from mmclassic.fusion import BlockScaler, EarlyFusion, LateFusionClassifier
from mmclassic.image import ColorHistogram, DenseSIFT
from mmclassic.inspection import explain_row
from mmclassic.inspection._kinds import walk
from mmclassic.inspection._visual_words import vocabulary_of

SIFT = DenseSIFT(4, bin_sizes=(4,))


def drawn(k, rng):
    """Return a picture of noise with stripes, of either direction, on the left."""
    picture = rng.integers(100, 150, (48, 72)).astype(np.uint8)
    stripes = np.tile(
        np.where(np.arange(24) % 8 < 4, 20, 230).astype(np.uint8), (24, 1)
    )
    picture[12:36, 4:28] = stripes.T if k else stripes
    return picture


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    y = np.arange(30) % 2
    X = pd.DataFrame({"image": [drawn(k, rng) for k in y], "size": rng.normal(size=30)})
    return X, np.array(["across", "down"])[y]


def encoders():
    return [
        BagOfWords(SIFT, n_words=24, random_state=0),
        BagOfWords(SIFT, n_words=24, pyramid=("1x1", "1x2"), random_state=0),
        VLAD(SIFT, n_words=8, random_state=0),
        FisherVector(SIFT, n_components=6, pca=16, random_state=0),
    ]


def late(encoder):
    image = make_pipeline(encoder, BlockScaler(), LogisticRegression(C=10))
    size = make_pipeline(StandardScaler(), LogisticRegression())
    return LateFusionClassifier(
        [("image", image, "image"), ("size", size, ["size"])],
        weights=None,
    )


def early(encoder):
    image = FeatureUnion(
        [("local", make_pipeline(encoder, BlockScaler())), ("color", ColorHistogram())],
        transformer_weights={"local": 2.0},
    )
    return make_pipeline(
        EarlyFusion([("image", image, "image"), ("size", StandardScaler(), ["size"])]),
        LinearSVC(random_state=0),
    )


@pytest.mark.parametrize("make", [late, early])
@pytest.mark.parametrize("encoder", encoders(), ids=lambda e: type(e).__name__)
def test_words_of_the_stripes_matter_and_are_drawn_there(table, make, encoder):
    X, y = table
    model = make(encoder).fit(X, y)
    part = explain_row(model, X, 1, n_pieces=30).parts["image"]
    words = part.words
    best = np.argmax(words.effects)
    assert words.effects[best] > 0
    y_at, x_at = np.median(words.positions[best], axis=0)
    assert 8 / 48 <= y_at <= 40 / 48
    assert x_at <= 34 / 72
    shown = part.draw_words(1)
    redness = shown[..., 0].astype(int) - shown[..., 2]
    columns = np.flatnonzero((redness > 60).any(axis=0)) / shown.shape[1]
    assert len(columns) and np.median(columns) < 0.5


@pytest.mark.parametrize("encoder", encoders(), ids=lambda e: type(e).__name__)
def test_effects_are_the_loss_without_a_words_descriptors(table, encoder):
    X, y = table
    model = late(encoder).fit(X, y)
    fitted = model.parts_[0][1]
    words = explain_row(model, X, 1, n_pieces=5).parts["image"].words
    assert len(words.words) == 5
    features = fitted[0].descriptor_.describe(X["image"][1])
    assert sum(map(len, words.positions)) <= len(features)
    # The rest of the descriptors, encoded as precomputed, decided by the part alone.
    alone = explain_row(model, X.assign(size=np.nan), 1, n_pieces=5).parts["image"]
    for word, effect, places in zip(
        alone.words.words, alone.words.effects, alone.words.positions, strict=True
    ):
        at = {tuple(place) for place in places.tolist()}
        kept = np.array([tuple(p) not in at for p in features.positions.tolist()])
        if (~kept).sum() != len(places):  # another word is at the same place
            continue
        rest = LocalFeatures(features.descriptors[kept], features.positions[kept])
        bare = clone(encoder).set_params(descriptor="precomputed")
        vars(bare).update({k: v for k, v in vars(fitted[0]).items() if k[-1] == "_"})
        bare.descriptor_ = "precomputed"
        row = bare.transform([rest])
        whole = fitted[0].transform(X["image"].iloc[[1]])
        odds = [
            np.diff(fitted[1:].predict_log_proba(block))[0, 0] for block in (whole, row)
        ]
        assert effect == pytest.approx(odds[0] - odds[1], abs=1e-5), word


def test_the_most_frequent_words_are_looked_at(table):
    X, y = table
    model = early(encoders()[0]).fit(X, y)
    union = model[0].parts_[0][1]
    vocabulary = vocabulary_of(union, X["image"][0], 4)
    counts = np.bincount(vocabulary.words, minlength=24)
    assert counts[vocabulary.frequent].tolist() == sorted(counts)[::-1][:4]
    assert next(s for s in walk(union) if isinstance(s, BagOfWords)).n_words == 24


def test_parts_without_words_say_so(table):
    X, y = table
    parts = [("image", make_pipeline(ColorHistogram(), LogisticRegression()), "image")]
    model = LateFusionClassifier(parts, cv=3).fit(X, y)
    part = explain_row(model, X, 0, n_pieces=4).parts["image"]
    assert part.words is None
    with pytest.raises(ValueError, match="'image' has no visual words"):
        part.draw_words()


def test_a_blank_picture_has_no_words(table):
    X, y = table
    model = late(encoders()[0]).fit(X, y)
    blank = pd.DataFrame({"image": [np.zeros((48, 72), np.uint8)], "size": [0.0]})
    assert explain_row(model, blank, n_pieces=4).parts["image"].words is None
