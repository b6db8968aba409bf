"""Tables of which nothing can be learned, and what would find something in them."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from mmclassic.fusion import (
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
)

N = 150
VECTOR = [f"v{i}" for i in range(8)]


def noise(seed, n=N):
    """Return an id, a number and a vector unique a row, and labels they don't tell."""
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(rng.normal(size=(n, len(VECTOR))), columns=VECTOR)
    X["number"] = rng.permutation(n).astype(float)
    X["id"] = [f"id{i} {rng.choice(['a', 'b', 'c'])}" for i in range(n)]
    return X, rng.permutation(np.arange(n) % 3)


def planted(seed, n=N, scale=0.7):
    """Return the same, and a column that does tell the labels."""
    X, y = noise(seed, n)
    rng = np.random.RandomState(seed + 100)
    return X.assign(told=y + rng.normal(scale=scale, size=n)), y


class ByHeart(TransformerMixin, BaseEstimator):
    """Give the label of the nearest training row, which of a training row is its own.

    Fitted outside the folds it tells the label of every row.
    """

    def fit(self, X, y):
        self.rows_ = np.asarray(X, dtype=float)
        self.codes_ = np.eye(3)[np.asarray(y, dtype=int)] - 0.2
        return self

    def transform(self, X):
        away = np.asarray(X, dtype=float)[:, None] - self.rows_
        return self.codes_[(away**2).sum(axis=2).argmin(axis=1)]


def words():
    return CountVectorizer(token_pattern=r"\w+")


def describers(X=None, y=None):
    """Return parts that know training rows by heart; of X and y, fitted on all rows."""
    number, vector = ByHeart(), ByHeart()
    if X is not None:
        number = FrozenEstimator(number.fit(X[["number"]], y))
        vector = FrozenEstimator(vector.fit(X[VECTOR], y))
    return [
        ("id", words(), "id"),
        ("number", number, ["number"]),
        ("vector", vector, VECTOR),
    ]


def memorisers(X=None, y=None):
    """Return classifiers that know training rows by heart; of X and y, all rows."""
    _, (_, number, _), (_, vector, _) = describers(X, y)
    as_it_is = FunctionTransformer()  # what is described once for all inner folds
    return [
        ("id", make_pipeline(words(), LinearSVC()), "id"),
        ("number", make_pipeline(as_it_is, number, GaussianNB()), ["number"]),
        ("vector", make_pipeline(as_it_is, vector, LinearSVC()), VECTOR),
    ]


def guessers(X=None, y=None):
    """Return regressors that know training rows by heart; of X and y, all rows."""
    number, vector = DecisionTreeRegressor(random_state=0), KNeighborsRegressor(1)
    if X is not None:
        number = FrozenEstimator(number.fit(X[["number"]], y))
        vector = FrozenEstimator(vector.fit(X[VECTOR], y))
    return [
        ("id", make_pipeline(words(), Ridge()), "id"),
        ("number", number, ["number"]),
        ("vector", vector, VECTOR),
    ]


def early(params):
    """Return a function of parts to a classifier of an early block of them."""
    params = {"n_components": 4, "random_state": 0, **params}
    return lambda parts: make_pipeline(
        EarlyFusion(parts, **params), KNeighborsClassifier(1)
    )


def late(params):
    return lambda parts: LateFusionClassifier(parts, cv=3, **params)


def late_regressor(params):
    return lambda parts: LateFusionRegressor(parts, cv=3, **params)


def kernel(params):
    return lambda parts: KernelFusionClassifier(parts, cv=3, **params)


POOLED = [
    {"method": method, "weights": weights}
    for method in ("product", "mean", "vote")
    for weights in ("cv", None, {"id": 0.3})
]
LATE = [*POOLED, *({"method": name} for name in ("max", "median", "stacking"))]
LEARNED = [
    *({"method": method} for method in ("product", "mean", "vote", "stacking")),
]
REGRESSORS = [
    {"method": "mean", "weights": "cv"},
    {"method": "mean", "weights": None},
    {"method": "mean", "weights": {"id": 0.3}},
    {"method": "median"},
    {"method": "stacking"},
]
EARLY = [
    *(
        {"method": method, "projection": projection}
        for method in ("concatenate", "sum", "product", "bilinear")
        for projection in (None, "pca", "cca")
    ),
    *({"scaling": scaling} for scaling in ("center", "standard", "rows", None)),
    *({"missing": missing} for missing in ("mean", "indicator")),
    *({"weights": weights} for weights in ({"id": 0.3, "vector": 2.0}, "alignment")),
]
KERNELS = [
    *(
        {"weights": weights}
        for weights in ("alignment", "easymkl", "uniform", {"id": 0.3})
    ),
    *({"kernels": {"number": k, "vector": k}} for k in ("linear", "rbf", "laplacian")),
]


def named(params):
    """Return the name of a test of some parameters."""
    return " ".join(f"{k}={v}" for k, v in params.items()) or "default"


def honest(*_):
    """Take the place of a table in ``describers(*honest(X, y))``: fit in the folds."""
    return ()


def everything(*data):
    """Take the same place: features are fitted on all rows, which is what leaks."""
    return data


def predicted(build, parts, seen=honest, cv=2):
    """Return the labels of noise, and what cross-validation predicts of it."""
    X, y = noise(0)
    return y, cross_val_predict(build(parts(*seen(X, y))), X, y, cv=cv)


def accuracy(build, parts, seen=honest, cv=2):
    """Return the share of noise that cross-validation finds."""
    return float(np.equal(*predicted(build, parts, seen, cv)).mean())


class OnItself:
    """Folds that test the rows they train on, which a learner of weights must not."""

    def split(self, X, y=None, groups=None):
        rows = np.arange(len(X))
        yield rows, rows

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1
