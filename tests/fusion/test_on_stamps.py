"""The fusions on the stamps: names, pictures and speech of 450 things, 7 classes."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic.audio import MFCC
from mmclassic.fusion import (
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
)
from mmclassic.image import HOG, ColorHistogram


@pytest.fixture(scope="module")
def stamps(data_folder):
    """Return the names, and descriptions of the pictures and the speech as cells."""
    folder = data_folder / "stamps"
    items = pd.read_csv(folder / "items.csv")
    pictures = [folder / path for path in items["image"]]
    clips = [folder / path for path in items["speech_fr"]]
    X = pd.DataFrame(
        {
            "name": items["text"],
            "shape": list(
                HOG(pixels_per_cell=(16, 16), cells_per_block=(2, 2)).transform(
                    pictures
                )
            ),
            "color": list(ColorHistogram().transform(pictures)),
            "speech": list(MFCC().transform(clips)),
        }
    )
    return X, items["label"].to_numpy(), items["fold"].to_numpy()


def words():
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)


def arrays(*steps):
    """Return a Pipeline over cells that are arrays of one length."""
    return make_pipeline(FunctionTransformer(stack_cells), *steps)


def stack_cells(cells):
    return np.stack(list(cells))


def classifiers(*names):
    svm = make_pipeline(FunctionTransformer(stack_cells), StandardScaler(), SVC(C=3))
    parts = [("name", make_pipeline(words(), LinearSVC()), "name")]
    parts += [(name, svm, name) for name in ("shape", "color", "speech")]
    return [part for part in parts if part[0] in names]


def accuracies(stamps, fit):
    X, y, fold = stamps
    scores = []
    for test in (fold == k for k in np.unique(fold)):
        model = fit(X[~test], y[~test], fold[~test])
        scores.append(model.score(X[test], y[test]))
    return np.array(scores)


def late(stamps, *names, **params):
    return accuracies(
        stamps,
        lambda X, y, groups: LateFusionClassifier(classifiers(*names), **params).fit(
            X, y, groups=groups
        ),
    )


def early(stamps, **params):
    stack = FunctionTransformer(stack_cells)
    parts = [("name", words(), "name"), ("shape", stack, "shape")]
    parts += [
        (n, make_pipeline(stack, StandardScaler()), n) for n in ("color", "speech")
    ]
    return accuracies(
        stamps,
        lambda X, y, _: make_pipeline(EarlyFusion(parts, **params), LinearSVC()).fit(
            X, y
        ),
    )


def test_late_fusion_beats_the_best_modality_and_speech_does_not_lower_it(stamps):
    singles = {n: late(stamps, n) for n in ("name", "shape", "color", "speech")}
    without = late(stamps, "name", "shape", "color")
    fused = late(stamps, "name", "shape", "color", "speech")
    best = max(scores.mean() for scores in singles.values())
    assert without.mean() > best + 0.05
    assert fused.mean() > without.mean() - 0.01


def test_early_fusion_of_scaled_blocks_beats_the_best_modality(stamps):
    assert early(stamps).mean() > 0.62
    assert early(stamps, weights={"speech": 0.5}).mean() > 0.65


class Gapped:
    """Score rows of which some cells were removed."""

    def __init__(self, model, gaps):
        self.model = model
        self.gaps = gaps

    def score(self, X, y):
        return self.model.score(self.gaps.loc[X.index], y)


def kernels(stamps, *names, removed=0.0, **params):
    parts = [("name", words(), "name")]
    parts += [(name, arrays(), name) for name in ("shape", "color", "speech")]
    parts = [part for part in parts if part[0] in names]
    X = stamps[0]
    gaps = X.where(np.random.RandomState(0).rand(*X.shape) >= removed, None)

    def fit(X, y, groups):
        model = KernelFusionClassifier(parts, refit_features=False, cv=None, **params)
        return Gapped(model.fit(X, y, groups=groups), gaps)

    return accuracies(stamps, fit).mean()


EVERY = ("name", "shape", "color", "speech")


@pytest.mark.parametrize("weights", ["alignment", "easymkl"])
def test_learned_kernels_beat_the_best_modality_and_equal_ones(stamps, weights):
    best = max(kernels(stamps, name) for name in EVERY)
    learned = kernels(stamps, *EVERY, weights=weights)
    assert learned > best + 0.1
    assert learned > kernels(stamps, *EVERY, weights="uniform") + 0.01


@pytest.mark.parametrize("removed", [0.25, 0.5, 0.75])
def test_kernels_of_what_is_left_beat_the_best_modality(stamps, removed):
    best = max(kernels(stamps, name, removed=removed) for name in EVERY)
    assert kernels(stamps, *EVERY, removed=removed) > best + 0.05


def test_learned_weights_of_blocks_keep_speech_from_costing(stamps):
    learned = early(stamps, weights="alignment").mean()
    assert learned > early(stamps).mean() + 0.02
    assert learned > early(stamps, weights={"speech": 0.0}).mean() - 0.01
