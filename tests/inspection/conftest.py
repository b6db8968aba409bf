"""Tables whose modalities tell known amounts, and models fitted on them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic.fusion import (
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
)


def numbers(n_samples, random_state):
    """Return columns that tell the class well, less well and not at all."""
    rng = np.random.RandomState(random_state)
    y = rng.randint(3, size=n_samples)
    signal = np.eye(3)[y]
    frame = pd.DataFrame(
        {
            "strong": list(signal + 0.4 * rng.normal(size=(n_samples, 3))),
            "weak": list(signal + 1.0 * rng.normal(size=(n_samples, 3))),
            "noise": list(rng.normal(size=(n_samples, 3))),
        }
    )
    for column, every in (("strong", 11), ("weak", 7), ("noise", 5)):
        frame.loc[frame.index[::every], column] = None
    return frame, np.array(["ant", "bee", "cat"])[y]


class Stack(StandardScaler):
    """StandardScaler of cells that are arrays."""

    def fit(self, X, y=None, sample_weight=None):
        return super().fit(np.stack(list(X)))

    def transform(self, X, copy=None):
        return super().transform(np.stack(list(X)))


COLUMNS = ("strong", "weak", "noise")


def late(**params):
    parts = [(c, make_pipeline(Stack(), LogisticRegression()), c) for c in COLUMNS]
    return LateFusionClassifier(parts, **params)


def early(**params):
    parts = [(c, Stack(), c) for c in COLUMNS]
    return make_pipeline(EarlyFusion(parts, **params), LogisticRegression())


def regressor(**params):
    parts = [(c, make_pipeline(Stack(), Ridge()), c) for c in COLUMNS]
    return LateFusionRegressor(parts, **params)


def kernels(**params):
    return KernelFusionClassifier([(c, Stack(), c) for c in COLUMNS], **params)


@pytest.fixture(scope="session")
def train():
    return numbers(240, 0)


@pytest.fixture(scope="session")
def test():
    return numbers(150, 1)


@pytest.fixture(scope="session")
def models(train):
    """Fitted models of every kind, by name."""
    X, y = train
    codes = np.unique(y, return_inverse=True)[1].astype(float)
    return {
        "late": late().fit(X, y),
        "vote": late(method="vote").fit(X, y),
        "stacking": late(method="stacking").fit(X, y),
        "early": early().fit(X, y),
        "indicator": early(missing="indicator").fit(X, y),
        "nan": make_pipeline(
            early(missing="nan")[0], HistGradientBoostingClassifier(max_iter=20)
        ).fit(X, y),
        "mean": early(missing="mean", method="sum").fit(X, y),
        "bilinear": early(method="bilinear", missing="indicator").fit(X, y),
        "cca": early(projection="cca", n_components=3, random_state=0).fit(X, y),
        "kernels": kernels().fit(X, y),
        "regressor": regressor().fit(X, codes),
    }


KINDS = [
    "late",
    "vote",
    "stacking",
    "early",
    "indicator",
    "nan",
    "mean",
    "bilinear",
    "cca",
    "kernels",
    "regressor",
]
