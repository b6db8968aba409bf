"""A fusion of kernels stays at chance where nothing can be learned."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.preprocessing import StandardScaler

from mmclassic.fusion import KernelFusionClassifier

every_weighting = pytest.mark.parametrize(
    "weights", ["alignment", "easymkl", "uniform"]
)


@every_weighting
def test_noise_takes_little_from_what_is_known(weights):
    rng = np.random.RandomState(0)
    y = rng.permutation(np.arange(240) % 2)
    X = pd.DataFrame(
        {
            "told": y + rng.normal(scale=0.5, size=240),
            "other": rng.normal(size=240),
        }
    )
    parts = [(name, StandardScaler(), [name]) for name in X]
    model = KernelFusionClassifier(parts, weights=weights, cv=None)
    alone = KernelFusionClassifier(parts[:1], cv=None)
    honest = cross_val_score(alone, X, y, cv=3).mean()
    assert honest > 0.75
    assert cross_val_score(model, X, y, cv=3).mean() > honest - 0.08


def sites(seed):
    """Return places of which each has its own mean and its own share of labels."""
    rng = np.random.RandomState(seed)
    groups = np.repeat(np.arange(12), 10)
    share = rng.choice([0.1, 0.9], 12)[groups]
    X = pd.DataFrame(
        {
            "site": 5 * rng.permutation(12)[groups] + rng.normal(size=120),
            "other": rng.normal(size=120),
        }
    )
    return X, (rng.rand(120) < share).astype(int), groups


@every_weighting
def test_a_mean_of_a_fold_that_tells_its_labels_stays_at_chance(weights):
    parts = [(name, StandardScaler(), [name]) for name in ("site", "other")]
    model = KernelFusionClassifier(parts, weights=weights, cv=None)
    honest, leaking = [], []
    for seed in range(4):
        X, y, groups = sites(seed)
        honest += list(cross_val_score(model, X, y, groups=groups, cv=GroupKFold(6)))
        folds = KFold(6, shuffle=True, random_state=0)
        leaking += list(cross_val_score(model, X, y, cv=folds))
    assert 0.3 < np.mean(honest) < 0.65
    assert np.mean(leaking) > np.mean(honest) + 0.08


def test_groups_keep_look_alikes_from_making_it_sure():
    rng = np.random.RandomState(0)
    groups = np.repeat(np.arange(40), 4)
    y = np.repeat(rng.permutation(np.arange(40) % 2), 4)
    twins = np.repeat(rng.normal(size=(40, 5)), 4, axis=0)  # tells the group, not y
    model = KernelFusionClassifier([("twins", StandardScaler(), [0, 1, 2, 3, 4])])
    order = rng.permutation(160)
    honest = model.fit(twins[order], y[order], groups=groups[order])
    sure = honest.predict_proba(twins).max(axis=1).mean()
    flattered = model.fit(twins[order], y[order]).predict_proba(twins)
    assert sure < 0.65 < flattered.max(axis=1).mean()
