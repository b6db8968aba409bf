"""Honest cross-validation stays at chance where nothing can be learned."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from mmclassic.fusion import EarlyFusion, LateFusionClassifier

N = 120
LATE = [
    {"method": "product"},
    {"method": "mean"},
    {"method": "vote"},
    {"method": "stacking"},
]


def noise(seed):
    """Return unique words and numbers, and labels that they don't tell."""
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(
        {
            "key": [f"key{i} {rng.choice(['a', 'b', 'c'])}" for i in range(N)],
            "number": rng.normal(size=N),
            "other": rng.normal(size=N),
        }
    )
    return X, rng.permutation(np.arange(N) % 2)


def memorisers():
    """Return parts that know their training rows by heart."""
    words = make_pipeline(
        CountVectorizer(token_pattern=r"\w+"), SelectKBest(chi2, k=40), LinearSVC()
    )
    return [
        ("key", words, "key"),
        ("number", KNeighborsClassifier(1), ["number"]),
        ("other", DecisionTreeClassifier(random_state=0), ["other"]),
    ]


def mean_accuracy(model, data):
    scores = []
    for seed in range(2):
        X, y = data(seed)
        scores += list(cross_val_score(model, X, y, cv=3))
    return np.mean(scores)


@pytest.mark.parametrize("late", LATE, ids=lambda p: p["method"])
def test_late_fusion_of_noise_stays_at_chance(late):
    model = LateFusionClassifier(memorisers(), cv=3, **late)
    assert 0.37 < mean_accuracy(model, noise) < 0.63


def test_early_fusion_of_noise_stays_at_chance():
    fusion = EarlyFusion(
        [
            ("key", CountVectorizer(), "key"),
            ("number", StandardScaler(), ["number", "other"]),
        ]
    )
    model = make_pipeline(fusion, KNeighborsClassifier(1))
    assert 0.37 < mean_accuracy(model, noise) < 0.63


@pytest.mark.parametrize("late", LATE[:2] + LATE[3:], ids=lambda p: p["method"])
def test_learned_fusion_is_not_fooled_by_what_is_known_by_heart(late):
    def planted(seed):
        X, y = noise(seed)
        rng = np.random.RandomState(seed + 100)
        return X.assign(honest=y + rng.normal(scale=0.7, size=N)), y

    honest = ("honest", LogisticRegression(), ["honest"])
    alone = mean_accuracy(LateFusionClassifier([honest]), planted)
    assert alone > 0.7
    fused = LateFusionClassifier([honest, *memorisers()], cv=3, **late)
    assert mean_accuracy(fused, planted) > alone - 0.08


def test_memorisers_get_hardly_any_weight():
    X, y = noise(0)
    X["honest"] = y + np.random.RandomState(1).normal(scale=0.5, size=N)
    parts = [("honest", LogisticRegression(), ["honest"]), *memorisers()[1:]]
    weights = LateFusionClassifier(parts).fit(X, y).weights_
    assert weights[0] > 0.5
    assert (weights[1:] < 0.2).all()
