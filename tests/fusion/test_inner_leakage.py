"""What is learned from inner folds is not fooled by what knows its rows by heart."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler

from mmclassic.fusion import (
    KernelFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
)
from tests.fusion.leaks import (
    KERNELS,
    LEARNED,
    REGRESSORS,
    OnItself,
    describers,
    guessers,
    memorisers,
    named,
    noise,
    planted,
)

every_learned = pytest.mark.parametrize("params", LEARNED, ids=named)
LEARNED_VALUES = [p for p in REGRESSORS if p.get("weights", "cv") == "cv"]
LEARNED_VALUES = [p for p in LEARNED_VALUES if p["method"] != "median"]


def both(build, X, y):
    """Return a model of honest inner folds, and one of inner folds on themselves."""
    return build(cv=5).fit(X, y), build(cv=OnItself()).fit(X, y)


@every_learned
def test_late_probabilities_of_noise_are_near_the_prior(params):
    def build(cv):
        return LateFusionClassifier(memorisers(), cv=cv, **params)

    X, y = noise(1)
    losses = [log_loss(y, m.predict_proba(X)) for m in both(build, *noise(0))]
    assert losses[0] < np.log(3) + 0.1 < losses[1] - 1


@pytest.mark.parametrize("params", KERNELS[:4], ids=named)
def test_kernel_probabilities_of_noise_are_near_the_prior(params):
    def build(cv):
        return KernelFusionClassifier(describers(), cv=cv, **params)

    X, y = noise(1)
    losses = [log_loss(y, m.predict_proba(X)) for m in both(build, *noise(0))]
    # Of parts that learn from y the weights are learned once, on all rows, not in each
    # fold that calibrates: what agrees with the classes by chance is taken to be surer.
    assert losses[0] < np.log(3) + 0.1 < losses[1] - 0.5


@every_learned
def test_late_classifiers_that_know_rows_by_heart_count_for_little(params):
    told = ("told", LogisticRegression(), ["told"])

    def build(cv):
        return LateFusionClassifier([told, *memorisers()], cv=cv, **params)

    (X, y), (new, truth) = planted(0), planted(1)
    alone = LateFusionClassifier([told]).fit(X, y).score(new, truth)
    learned, fooled = both(build, X, y)
    assert alone > 0.6
    assert learned.score(new, truth) > alone - 0.1
    assert fooled.score(new, truth) < alone - 0.2
    if params["method"] != "stacking":
        assert learned.weights_[2] < 0.25 * learned.weights_[0]
        assert fooled.weights_[2] > 0.9 * fooled.weights_[0]


@pytest.mark.parametrize("params", LEARNED_VALUES, ids=named)
def test_late_regressors_that_know_rows_by_heart_count_for_little(params):
    told = ("told", LinearRegression(), ["told"])

    def build(cv):
        return LateFusionRegressor([told, *guessers()], cv=cv, **params)

    (X, y), (new, truth) = planted(0), planted(1)
    learned, fooled = both(build, X, y)
    alone = LateFusionRegressor([told]).fit(X, y).score(new, truth)
    assert learned.score(new, truth) > alone - 0.05
    assert fooled.score(new, truth) < alone - 0.4
    if params["method"] == "mean":
        assert (learned.weights_[2:] < 0.2 * learned.weights_[0]).all()
        assert (fooled.weights_[2:] > 2 * fooled.weights_[0]).any()


def look_alikes():
    """Return rows in fours that look alike, labels, and the four of each row.

    What a four looks like tells which it is, and nothing of its label.
    """
    rng = np.random.RandomState(0)
    groups = np.repeat(np.arange(40), 4)
    y = rng.permutation(np.arange(40) % 2)[groups]
    X = np.column_stack([rng.normal(size=(40, 5))[groups], y + rng.normal(size=160)])
    order = rng.permutation(160)
    return X[order], y[order], groups[order]


@every_learned
def test_groups_keep_look_alikes_from_counting_in_a_late_classifier(params):
    parts = [
        ("looks", KNeighborsClassifier(1), [0, 1, 2, 3, 4]),
        ("told", LogisticRegression(), [5]),
    ]
    X, y, groups = look_alikes()
    fusion = LateFusionClassifier(parts, **params)
    shares = []
    for told in (groups, None):
        fusion.fit(X, y, groups=told)
        if params["method"] == "stacking":
            of_looks, _, of_told, _ = fusion.final_estimator_.coef_[0, :4]
            weights = np.abs([of_looks, of_told])
        else:
            weights = fusion.weights_
        shares.append(weights[0] / weights.sum())
    assert shares[0] < 0.23
    assert shares[1] > 0.47


def test_groups_keep_look_alikes_from_counting_in_a_late_regressor():
    parts = [
        ("looks", KNeighborsRegressor(1), [0, 1, 2, 3, 4]),
        ("told", LinearRegression(), [5]),
    ]
    X, y, groups = look_alikes()
    fusion = LateFusionRegressor(parts)
    looks, told = fusion.fit(X, y, groups=groups).weights_
    assert looks < 0.3 * told
    looks, told = fusion.fit(X, y).weights_
    assert looks > told


def test_groups_keep_look_alikes_from_counting_in_aligned_kernels():
    parts = [
        ("looks", StandardScaler(), [0, 1, 2, 3, 4]),
        ("told", StandardScaler(), [5]),
    ]
    X, y, groups = look_alikes()
    fusion = KernelFusionClassifier(parts, cv=None)
    looks, told = fusion.fit(X, y, groups=groups.astype(str)).weights_
    assert looks < 0.05 * told
    looks, told = fusion.fit(X, y).weights_
    assert looks > 0.15 * told
