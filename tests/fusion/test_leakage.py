"""Honest cross-validation stays at chance where nothing can be learned."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from mmclassic import make_multimodal_pipeline
from mmclassic.evaluation import compare_modalities
from mmclassic.fusion import (
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
)
from tests.fusion.leaks import (
    EARLY,
    KERNELS,
    LATE,
    LEARNED,
    REGRESSORS,
    VECTOR,
    ByHeart,
    accuracy,
    describers,
    early,
    everything,
    guessers,
    kernel,
    late,
    late_regressor,
    memorisers,
    named,
    noise,
    predicted,
)


def check_chance(build, parts):
    """Assert that noise stays noise, unless features are fitted outside the folds."""
    # Of 150 rows of three classes the standard error is .04.
    assert 0.2 < accuracy(build, parts) < 0.47
    assert accuracy(build, parts, everything) > 0.55


@pytest.mark.parametrize("params", EARLY, ids=named)
def test_early_fusion_of_noise_stays_at_chance(params):
    check_chance(early(params), describers)


@pytest.mark.parametrize("params", LATE, ids=named)
def test_late_fusion_of_noise_stays_at_chance(params):
    check_chance(late(params), memorisers)


@pytest.mark.parametrize("params", LEARNED, ids=named)
def test_late_fusion_of_noise_described_once_stays_at_chance(params):
    check_chance(late({**params, "refit_features": False}), memorisers)


@pytest.mark.parametrize("params", REGRESSORS, ids=named)
def test_late_regression_of_noise_stays_at_chance(params):
    build = late_regressor(params)
    assert abs(np.corrcoef(*predicted(build, guessers))[0, 1]) < 0.25
    assert np.corrcoef(*predicted(build, guessers, everything))[0, 1] > 0.9


@pytest.mark.parametrize("params", KERNELS, ids=named)
def test_kernel_fusion_of_noise_stays_at_chance(params):
    check_chance(kernel(params), describers)


@pytest.mark.parametrize("fusion", ["early", "late", "kernel"])
def test_a_pipeline_of_noise_stays_at_chance(fusion):
    X, y = noise(0)
    columns = {"text": "id", "vectors": "vector", "tabular": ["number"]}
    cells = X.assign(vector=list(X[VECTOR].to_numpy()))
    leaking = cells.assign(
        vector=list(ByHeart().fit(X[VECTOR], y).transform(X[VECTOR]))
    )
    model = make_multimodal_pipeline(**columns, fusion=fusion, random_state=0)
    assert 0.2 < cross_val_score(model, cells, y, cv=2).mean() < 0.47
    assert cross_val_score(model, leaking, y, cv=2).mean() > 0.8


def test_a_comparison_of_noise_stays_at_chance():
    X, y = noise(0)
    columns = {"text": "id", "tabular": VECTOR}
    fusions = ("early", "late", "kernel")
    means = compare_modalities(X, y, **columns, fusions=fusions, cv=2)["mean"]
    assert list(means.index) == ["text", "tabular", *fusions]
    assert means.between(0.2, 0.47).all()


class ByBatch(TransformerMixin, BaseEstimator):
    """Centre rows by the mean of those given, which the mean of training rows isn't."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        X = np.asarray(X, dtype=float)
        return X - X.mean(axis=0)


def two_places():
    """Return rows of two places, labels, and the place.

    A label moves a row up, but each place lies where no row of the other does: only
    rows centred by their own place's mean can be told apart by the other's.
    """
    rng = np.random.RandomState(0)
    place, y = np.repeat([0, 1], 60), np.tile([0, 1], 60)
    low = np.array([[-300.0, 500.0], [400.0, -200.0]])[place]
    moved = y[:, None] + 0.1 * rng.normal(size=(120, 2))
    X = pd.DataFrame(low + moved, columns=["a", "b"])
    return X.assign(other=rng.normal(size=120)), y, place


def of_places(describe):
    return [
        ("a", describe(), ["a"]),
        ("b", describe(), ["b"]),
        ("other", StandardScaler(), ["other"]),
    ]


def batch_fusions():
    """Return names and functions of ``describe``, which makes a part, to models."""

    def joined(**params):
        return lambda describe: make_pipeline(
            EarlyFusion(
                of_places(describe), **{"n_components": 2, "random_state": 0, **params}
            ),
            SVC(kernel="linear"),
        )

    def decided(**params):
        def build(describe):
            parts = [
                (name, make_pipeline(part, SVC(kernel="linear")), column)
                for name, part, column in of_places(describe)
            ]
            return LateFusionClassifier(parts, cv=3, **params)

        return build

    def summed(**params):
        return lambda describe: KernelFusionClassifier(of_places(describe), **params)

    return {
        **{
            f"early {named(p)}": joined(**p)
            for p in EARLY
            if p.get("method") not in ("product", "bilinear")
            and not isinstance(p.get("weights"), dict)
        },
        **{f"late {named(p)}": decided(**p) for p in [*LEARNED, {"method": "max"}]},
        **{f"kernel {named(p)}": summed(**p, cv=None) for p in KERNELS[:3]},
    }


BATCH_FUSIONS = batch_fusions()


@pytest.mark.parametrize("name", BATCH_FUSIONS)
def test_a_mean_of_a_fold_that_tells_its_labels_stays_at_chance(name):
    X, y, place = two_places()
    build, folds = BATCH_FUSIONS[name], PredefinedSplit(place)
    for describe in (FunctionTransformer, StandardScaler):
        assert cross_val_score(build(describe), X, y, cv=folds).mean() < 0.65
    assert cross_val_score(build(ByBatch), X, y, cv=folds).mean() > 0.85
