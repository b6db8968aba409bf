"""Learned weights judge parts that learn from y by rows that these didn't see."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder
from sklearn.svm import SVC, LinearSVC

from mmclassic.fusion import EarlyFusion, KernelFusionClassifier
from mmclassic.fusion._cross_fitted import uses_y
from tests.fusion.leaks import VECTOR, ByHeart, planted

FUSIONS = ["early", "alignment", "easymkl"]
every_fusion = pytest.mark.parametrize("fusion", FUSIONS)


def build(fusion, parts, **params):
    if fusion == "early":
        return make_pipeline(EarlyFusion(parts, weights="alignment", **params), SVC())
    return KernelFusionClassifier(parts, **{"weights": fusion, "cv": None, **params})


def shares(model):
    """Return the share of each part in the sum of kernels."""
    if isinstance(model, KernelFusionClassifier):
        return model.weights_
    squares = np.square(list(model[0].weights_.values()))
    return squares / squares.sum()


def wide(y, seed, signal=0.0):
    """Return 200 features, of which three tell y if there is a signal."""
    features = np.random.RandomState(seed + 50).normal(size=(len(y), 200))
    features[:, :3] += signal * np.eye(3)[y]
    return pd.DataFrame(features).add_prefix("w")


def data(seed, signal=0.0):
    X, y = planted(seed)
    return pd.concat([X, wide(y, seed, signal)], axis=1), y


TOLD = ("told", StandardScaler(), ["told"])
WIDE = [f"w{i}" for i in range(200)]
MEMORISERS = {
    "by heart": (ByHeart(), VECTOR),
    "selected": (make_pipeline(SelectKBest(k=10), StandardScaler()), WIDE),
    "discriminant": (LinearDiscriminantAnalysis(), WIDE[:60]),
}


@every_fusion
@pytest.mark.parametrize("name", MEMORISERS)
def test_what_knows_training_labels_by_heart_takes_little(fusion, name):
    part, columns = MEMORISERS[name]
    model = build(fusion, [TOLD, ("other", part, columns)])
    alone = build(fusion, [TOLD])
    weights, lost = [], []
    for seed in range(3):
        X, y = data(seed)
        weights.append(shares(clone(model).fit(X, y))[1])
        known = cross_val_score(alone, X, y, cv=3).mean()
        lost.append(known - cross_val_score(model, X, y, cv=3).mean())
    assert np.median(weights) < 0.1
    assert np.mean(lost) < 0.08


@every_fusion
def test_what_learns_from_y_and_tells_keeps_its_weight(fusion):
    part = make_pipeline(SelectKBest(k=10), StandardScaler())
    model = build(fusion, [TOLD, ("wide", part, WIDE)])
    alone = build(fusion, [TOLD])
    for seed in range(2):
        X, y = data(seed, signal=1.5)
        assert shares(clone(model).fit(X, y))[1] > 0.3
        known = cross_val_score(alone, X, y, cv=3).mean()
        assert cross_val_score(model, X, y, cv=3).mean() > known


@every_fusion
def test_parts_that_learn_without_y_are_fitted_once(fusion):
    X, y = data(0)
    fits = []

    class Counted(StandardScaler):
        def fit(self, X, y=None):
            fits.append(len(X))
            return super().fit(X)

        def fit_transform(self, X, y=None):
            return self.fit(X).transform(X)

    build(fusion, [TOLD, ("other", Counted(), VECTOR)]).fit(X, y)
    assert fits == [150]


@every_fusion
def test_only_what_learns_from_y_is_fitted_on_five_folds(fusion):
    X, y = data(0)
    fits = []

    class Counted(ByHeart):
        def fit(self, X, y):
            fits.append(len(X))
            return super().fit(X, y)

    build(fusion, [TOLD, ("other", Counted(), VECTOR)]).fit(X, y)
    assert fits == [150, 120, 120, 120, 120, 120]


@every_fusion
def test_rows_that_lack_a_part_are_left_out(fusion):
    X, y = data(0, signal=1.5)
    X.loc[::3, WIDE] = np.nan
    X.loc[1::5, "told"] = np.nan
    part = make_pipeline(SelectKBest(k=10), StandardScaler())
    model = build(fusion, [TOLD, ("wide", part, WIDE)]).fit(X, y)
    assert 0.15 < shares(model)[1] < 0.9


@every_fusion
def test_a_sparse_part_is_judged_as_a_dense_one(fusion):
    X, y = data(0)
    rng = np.random.RandomState(0)
    words = np.array(["red", "green", "blue"])[(y + (rng.rand(len(y)) < 0.3)) % 3]
    X = X.assign(text=[f"{word} {rng.randint(9)}x" for word in words])
    found = []
    for step in (StandardScaler(with_mean=False), ToDense()):
        part = make_pipeline(TfidfVectorizer(), SelectKBest(k=3), step)
        kernels = {} if fusion == "early" else {"kernels": "linear"}
        parts = [TOLD, ("text", part, "text")]
        found.append(shares(build(fusion, parts, **kernels).fit(X, y)))
    assert found[0][1] > 0.1
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


class ToDense(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.scaler_ = StandardScaler(with_mean=False).fit(X)
        return self

    def transform(self, X):
        return self.scaler_.transform(X).toarray()


def test_numbers_and_labels_judge_them_too():
    X, y = data(0)
    noise = np.random.RandomState(3).normal(size=(150, 100))
    X = pd.concat([X, pd.DataFrame(noise).add_prefix("n")], axis=1)
    part = PLSRegression(8)
    parts = [TOLD, ("other", part, [f"n{i}" for i in range(100)])]
    numbers = X["told"].to_numpy() + 0.1 * noise[:, 0]
    labels = np.column_stack([y == 0, y == 1]).astype(int)
    for target in (numbers, labels):
        fusion = EarlyFusion(parts, weights="alignment").fit(X, target)
        assert fusion.weights_["other"] < 0.4


def test_a_kernel_fusion_calibrates_by_the_same_weights():
    X, y = data(0)
    model = KernelFusionClassifier([TOLD, ("other", ByHeart(), VECTOR)], cv=3)
    sure = model.fit(X, y).predict_proba(X).max(axis=1).mean()
    assert 0.55 < sure < 0.95
    kept = clone(model).set_params(refit_features=False).fit(X, y)
    np.testing.assert_array_equal(kept.weights_, model.weights_)
    assert kept.scale_ == pytest.approx(model.scale_)


def test_look_alikes_do_not_make_a_memoriser_honest():
    rng = np.random.RandomState(0)
    groups = np.repeat(np.arange(50), 3)
    y = np.repeat(rng.permutation(np.arange(50) % 3), 3)
    twins = np.repeat(rng.normal(size=(50, 4)), 3, axis=0)
    X = pd.DataFrame(twins + 0.01 * rng.normal(size=twins.shape)).add_prefix("v")
    X["told"] = y + rng.normal(scale=0.7, size=150)
    parts = [TOLD, ("twins", ByHeart(), list(X.columns[:4]))]
    order = rng.permutation(150)
    X, y, groups = X.iloc[order], y[order], groups[order]
    model = KernelFusionClassifier(parts, cv=None)
    assert model.fit(X, y, groups=groups).weights_[1] < 0.05
    assert model.fit(X, y).weights_[1] > 0.5


@every_fusion
def test_the_weights_are_the_same_for_any_n_jobs(fusion):
    X, y = data(0, signal=1.5)
    parts = [TOLD, ("wide", SelectKBest(k=10), WIDE), ("heart", ByHeart(), VECTOR)]
    once = shares(build(fusion, parts).fit(X, y))
    twice = shares(build(fusion, parts, n_jobs=2).fit(X, y))
    np.testing.assert_array_equal(once, twice)


@pytest.mark.parametrize(
    "part",
    [
        SelectKBest(),
        make_pipeline(StandardScaler(), SelectKBest()),
        SelectFromModel(LinearSVC()),
        FeatureUnion([("a", PCA()), ("b", TargetEncoder())]),
        ColumnTransformer([("a", StandardScaler(), [0]), ("b", TargetEncoder(), [1])]),
        LinearDiscriminantAnalysis(),
        PLSRegression(),
        ByHeart(),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_learns_from_y_is_known(part):
    assert uses_y(part)
    assert not uses_y(FrozenEstimator(part))


class Tagged(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def test_a_transformer_says_by_its_tags_that_it_learns_from_y():
    assert uses_y(Tagged())
    plain = [StandardScaler(), make_pipeline(TfidfVectorizer(), PCA()), PCA()]
    assert not any(uses_y(part) for part in plain)
