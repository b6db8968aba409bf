"""Small tables with gaps, and transformers that read cells as descriptors do."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic._base import ItemTransformer
from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError


class Letters(ItemTransformer):
    """The shares of a and b among a cell's letters; "bad" can't be read."""

    _parameter_constraints: dict = {"invalid": [str], "n_jobs": [int, None]}

    def __init__(self, invalid="error", n_jobs=None):
        self.invalid = invalid
        self.n_jobs = n_jobs

    def _load(self, cell):
        if cell == "bad":
            raise MediaError("is bad. Drop the row.", repr(cell))
        return cell

    def _describe(self, item):
        counts = np.array([[item.count("a"), item.count("b")]], dtype=np.float32)
        return LocalFeatures(counts / len(item), np.zeros((1, 1), dtype=np.float32))

    def _vectorize(self, features):
        return features.descriptors[0]

    def _feature_names(self):
        return ["a", "b"]


class FittedLetters(Letters):
    """The same, which the fusions must take for something to fit."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = True
        return tags


@pytest.fixture
def table():
    """Sixty rows of two classes: words, letters and numbers, each with gaps."""
    rng = np.random.RandomState(0)
    y = np.arange(60) % 2
    words = [
        " ".join(
            rng.choice(["red", "kettle", "tin"] if k else ["blue", "cup", "tin"], 3)
        )
        for k in y
    ]
    letters = ["aab" if k == (rng.rand() < 0.8) else "abb" for k in y]
    X = pd.DataFrame(
        {
            "title": words,
            "code": letters,
            "height": y + rng.normal(size=60),
            "width": rng.normal(size=60),
        },
        index=[f"r{i}" for i in range(60)],
    )
    X.loc[["r0", "r3", "r10"], "code"] = None
    X.loc[["r1", "r3"], "title"] = None
    X.loc[["r2", "r3"], ["height", "width"]] = np.nan
    return X


@pytest.fixture
def labels():
    return np.array(["cup", "kettle"])[np.arange(60) % 2]


@pytest.fixture
def describers():
    """Parts of an early fusion over ``table``."""
    return [
        ("title", TfidfVectorizer(), "title"),
        ("code", Letters(), "code"),
        ("size", StandardScaler(), ["height", "width"]),
    ]


@pytest.fixture
def classifiers():
    """Parts of a late fusion over ``table``."""
    return [
        ("title", make_pipeline(TfidfVectorizer(), LogisticRegression()), "title"),
        ("code", make_pipeline(Letters(), LogisticRegression()), "code"),
        (
            "size",
            make_pipeline(StandardScaler(), LogisticRegression()),
            ["height", "width"],
        ),
    ]
