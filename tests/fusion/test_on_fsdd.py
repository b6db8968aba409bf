"""Fusions of two outputs on spoken digits: which digit, and whose voice."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mmclassic.audio import MFCC
from mmclassic.encoding import StatisticsPooling
from mmclassic.fusion import KernelFusionClassifier, LateFusionClassifier

VOICE, COURSE = slice(0, 40), slice(40, 144)


@pytest.fixture(scope="module")
def spoken(data_folder):
    """Return descriptions of recordings, the digit and speaker, and the takes."""
    folder = data_folder / "fsdd"
    items = pd.read_csv(folder / "items.csv")
    items = items[items["take"] < 6]
    clips = [folder / path for path in items["audio"]]
    voice = StatisticsPooling(MFCC(8000, n_mfcc=20))
    course = StatisticsPooling(
        MFCC(8000, n_mfcc=13, trim=30.0), statistics=("mean",), pyramid=("8x1",)
    )
    moments = course.fit_transform(clips).reshape(len(clips), 8, 13)
    moments -= moments.mean(axis=1, keepdims=True)  # how it goes, not how it sounds
    blocks = [voice.fit_transform(clips), moments.reshape(len(clips), -1)]
    y = items[["label", "speaker"]].astype(str).to_numpy()
    return np.hstack(blocks), y, items["take"].to_numpy()


def parts(final=None):
    columns = {"voice": VOICE, "course": COURSE}
    return [
        (
            name,
            StandardScaler()
            if final is None
            else make_pipeline(StandardScaler(), final),
            list(range(144))[at],
        )
        for name, at in columns.items()
    ]


FUSIONS = {
    "scores": LateFusionClassifier(parts(MultiOutputClassifier(SVC(C=10))), cv=2),
    "neighbours": LateFusionClassifier(parts(KNeighborsClassifier(3)), cv=2),
    "kernels": KernelFusionClassifier(parts(), cv=None),
}


@pytest.mark.parametrize("name", FUSIONS)
def test_digit_and_speaker_are_told_better_by_both_modalities(spoken, name):
    X, y, takes = spoken
    train, test = takes < 2, takes >= 2

    def score(fusion):
        return clone(fusion).fit(X[train], y[train]).score(X[test], y[test])

    fusion = FUSIONS[name]
    alone = [score(clone(fusion).set_params(parts=[part])) for part in fusion.parts]
    assert score(fusion) > max(*alone, 0.85)
