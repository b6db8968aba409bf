"""Missing modalities, the same for every fusion: parts, rows alone, rows of nothing."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic.fusion import (
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
)
from tests.fusion.leaks import EARLY, KERNELS, LATE, REGRESSORS, named

NAMES = ["id", "number", "vector"]
COLUMNS = [["a"], ["b"], ["c", "d"]]


def gapped(n=60):
    """Return rows of three modalities in every state of gaps, and their labels."""
    rng = np.random.RandomState(0)
    y = rng.permutation(np.arange(n) % 3)
    values = y[:, None] + rng.normal(scale=0.8, size=(n, 4))
    X = pd.DataFrame(values, columns=["a", "b", "c", "d"])
    there = np.array([[i >> m & 1 for m in range(3)] for i in range(8)], dtype=bool)
    there = np.vstack([there, np.ones((n - 8, 3), dtype=bool)])
    for columns, present in zip(COLUMNS, there.T, strict=True):
        X.loc[~present, columns] = np.nan
    return X, y, there


def parts(final=None):
    def part():
        describe = StandardScaler()
        return describe if final is None else make_pipeline(describe, final)

    return [(name, part(), column) for name, column in zip(NAMES, COLUMNS, strict=True)]


def make_all():
    """Return every fusion by name."""
    made = {}
    for params in EARLY:
        own = {"n_components": 2, "random_state": 0, **params}
        made[f"early {named(params)}"] = EarlyFusion(parts(), **own)
    for params in LATE:
        own = parts(LogisticRegression())
        made[f"late {named(params)}"] = LateFusionClassifier(own, cv=3, **params)
    for params in REGRESSORS:
        own = parts(LinearRegression())
        made[f"regressor {named(params)}"] = LateFusionRegressor(own, cv=3, **params)
    for params in KERNELS:
        own = KernelFusionClassifier(parts(), cv=3, **params)
        made[f"kernel {named(params)}"] = own
    return made


FUSIONS = make_all()
every_fusion = pytest.mark.parametrize("name", FUSIONS)


def answers(fusion, X):
    """Return what a fusion says of rows as one dense array."""
    for method in ("transform", "predict_proba", "predict"):
        if hasattr(fusion, method):
            found = getattr(fusion, method)(X)
            return found.toarray() if sparse.issparse(found) else np.asarray(found)


@every_fusion
def test_presence_and_counts_tell_what_is_there(name):
    X, y, there = gapped()
    fusion = FUSIONS[name].fit(X, y)
    np.testing.assert_array_equal(fusion.modality_presence(X), there)
    counts = there.sum(axis=0).tolist()
    assert fusion.modality_counts_ == dict(zip(NAMES, counts, strict=True))
    np.testing.assert_array_equal(fusion.modality_presence(X[:3]), there[:3])


@every_fusion
def test_parts_learn_from_the_rows_that_have_them_alone(name):
    X, y, there = gapped()
    fusion = FUSIONS[name].fit(X, y)
    for (_, part, columns), present in zip(fusion.parts_, there.T, strict=True):
        scaler = part[0] if hasattr(part, "steps") else part
        expected = X.loc[present, columns].mean()
        np.testing.assert_allclose(scaler.mean_, expected)


@every_fusion
def test_a_row_alone_is_answered_as_among_others(name):
    X, y, _ = gapped()
    fusion = FUSIONS[name].fit(X, y)
    batch = answers(fusion, X[:12])
    assert np.isfinite(batch).all()
    alone = np.concatenate([answers(fusion, X[i : i + 1]) for i in range(12)])
    np.testing.assert_allclose(alone, batch, rtol=1e-9, atol=1e-12)
    turned = answers(fusion, X[:12][::-1])
    np.testing.assert_allclose(turned[::-1], batch, rtol=1e-9, atol=1e-12)


@every_fusion
def test_what_a_cell_is_missing_as_does_not_matter(name):
    X, y, _ = gapped()
    fusion = FUSIONS[name].fit(X, y)
    other = X.astype(object).where(X.notna(), None)
    np.testing.assert_allclose(answers(fusion, other[:8]), answers(fusion, X[:8]))


@pytest.mark.parametrize(
    "name", [n for n in FUSIONS if n.startswith(("late", "kernel"))]
)
def test_a_row_with_nothing_gets_the_class_priors(name):
    X, y, _ = gapped()
    y = np.where(y == 2, 1, y)  # so that the classes aren't even
    fusion = FUSIONS[name].fit(X, y)
    found = fusion.predict_proba(X[:1])
    np.testing.assert_allclose(found, [fusion.class_prior_], atol=1e-12)
    np.testing.assert_allclose(fusion.class_prior_, np.bincount(y) / len(y))
    assert fusion.predict(X[:1]) == [1]


@pytest.mark.parametrize("name", [n for n in FUSIONS if n.startswith("regressor")])
def test_a_row_with_nothing_gets_the_mean(name):
    X, y, _ = gapped()
    assert FUSIONS[name].fit(X, y).predict(X[:1]) == pytest.approx(y.mean())


class Spread(BaseEstimator):
    """Give fixed probabilities, whatever the row."""

    def __init__(self, chances=(0.5, 0.5)):
        self.chances = chances

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.tile(self.chances, (len(X), 1))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = "classifier"
        return tags


def test_a_mean_is_over_what_is_there_by_its_weights():
    X = pd.DataFrame({"a": [1.0, 1.0, np.nan], "b": [1.0, np.nan, 1.0]})
    fusion = LateFusionClassifier(
        [("a", Spread((0.9, 0.1)), ["a"]), ("b", Spread((0.4, 0.6)), ["b"])],
        method="mean",
        weights={"a": 3.0},
    ).fit(pd.DataFrame({"a": [1.0] * 4, "b": [1.0] * 4}), [0, 1, 0, 1])
    both = (3 * 0.9 + 0.4) / 4
    np.testing.assert_allclose(fusion.predict_proba(X)[:, 0], [both, 0.9, 0.4])


@pytest.mark.parametrize(
    "name", [n for n in FUSIONS if n.startswith(("late", "kernel", "regressor"))]
)
def test_what_is_left_still_tells(name):
    X, y, _ = gapped()
    fusion = FUSIONS[name].fit(X, y)
    for columns in COLUMNS:
        left = X[8:].copy()
        left.loc[:, [c for c in X if c not in columns]] = np.nan
        found = fusion.predict(left)
        assert np.corrcoef(found, y[8:])[0, 1] > 0.25
