"""Kernel fusion of several outputs: labels, and classes of several kinds."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from mmclassic.fusion import KernelFusionClassifier
from mmclassic.fusion._kernel_weights import align_kernels
from mmclassic.persistence import load, save

PARTS = [("one", StandardScaler(), [0, 1, 2]), ("two", StandardScaler(), [3, 4, 5])]
N = 120
every_weighting = pytest.mark.parametrize("weights", ["alignment", "easymkl", None])


@pytest.fixture(name="X")
def table():
    X = np.random.RandomState(0).normal(size=(N, 6))
    X[:5, :3] = np.nan
    X[3:9, 3:] = np.nan  # rows 3 and 4 have nothing
    return X


@pytest.fixture
def labels(X):
    noise = 0.3 * np.random.RandomState(1).normal(size=(N, 3))
    told = np.nan_to_num(X[:, [0, 3, 1]]) + noise
    return (told > [0, 0, 0.8]).astype(int)


@pytest.fixture
def kinds(X):
    values = np.nan_to_num(X)
    first = np.array(["cup", "hat", "pot"])[np.digitize(values[:, 0], [-0.5, 0.5])]
    second = np.array(["blue", "red"])[(values[:, 3] > 0).astype(int)]
    return np.column_stack([first, second])


def fused(**params):
    return KernelFusionClassifier(PARTS, **params)


@every_weighting
def test_labels_are_learned_together(X, labels, weights):
    model = fused(weights=weights, cv=3).fit(X, labels)
    predicted, scores = model.predict(X), model.decision_function(X)
    assert ((predicted == labels).mean(axis=0) > 0.85).all()
    assert model.weights_.shape == (2,)
    assert scores.shape == (N, 3)
    np.testing.assert_array_equal(predicted, scores > 0)
    for each, found in zip(model.predict_proba(X), predicted.T, strict=True):
        np.testing.assert_allclose(each.sum(axis=1), 1)
        np.testing.assert_array_equal(each.argmax(axis=1), found)


@every_weighting
def test_classes_of_several_kinds_are_learned_together(X, kinds, weights):
    model = fused(weights=weights, cv=3).fit(X, kinds)
    assert ((model.predict(X) == kinds).mean(axis=0) > 0.85).all()
    assert [each.shape for each in model.predict_proba(X)] == [(N, 3), (N, 2)]
    assert [each.shape for each in model.decision_function(X)] == [(N, 3), (N,)]
    assert model.score(X, kinds) == (model.predict(X) == kinds).all(axis=1).mean()
    shares = (kinds[:, 1] == "red").mean()
    np.testing.assert_allclose(model.predict_proba(X)[1][3:5, 1], shares)


def test_with_given_weights_each_output_is_as_it_would_be_alone(X, kinds):
    folds = list(KFold(3).split(X))
    several = fused(weights=[2, 1], cv=folds).fit(X, kinds)
    for k in range(2):
        alone = fused(weights=[2, 1], cv=folds).fit(X, kinds[:, k])
        found = several.predict_proba(X)[k]
        np.testing.assert_allclose(found, alone.predict_proba(X), atol=1e-10)
        scores = several.decision_function(X)[k]
        np.testing.assert_allclose(scores, alone.decision_function(X), atol=1e-10)


def test_learned_weights_lie_between_those_of_the_outputs(X, labels):
    for weights in ("alignment", "easymkl"):
        alone = [fused(weights=weights).fit(X, y).weights_[0] for y in labels[:, :2].T]
        together = fused(weights=weights).fit(X, labels[:, :2]).weights_[0]
        assert min(alone) + 0.1 < together < max(alone) - 0.1


def test_alignment_of_outputs_is_that_with_the_kernel_of_all_labels(labels):
    rng = np.random.RandomState(0)
    Z = [rng.normal(size=(N, 4)) + labels[:, [k]] for k in range(2)]
    kernels = [(z - z.mean(axis=0)) @ (z - z.mean(axis=0)).T for z in Z]
    present = np.ones((N, 2), dtype=bool)
    # The kernel of every label, centred, each scaled so that all count alike.
    targets = np.zeros((N, N))
    for y in labels.T:
        members = np.eye(2)[y] / np.sqrt(np.bincount(y) / N)
        members -= members.mean(axis=0)
        targets += members @ members.T
    apart = ~np.eye(N, dtype=bool)
    relevance = [(kernel * targets)[apart].mean() for kernel in kernels]
    likeness = [[(a * b)[apart].mean() for b in kernels] for a in kernels]
    expected = np.linalg.solve(likeness, relevance)
    assert (expected > 0).all()
    found = align_kernels(kernels, present, labels, np.ones(N))
    np.testing.assert_allclose(found, expected / expected.sum())


def test_constant_and_rare_labels_are_no_obstacle(X, labels):
    labels[:, 1] = 1
    labels[:, 2] = 0
    labels[[4, 60], 2] = 1
    for weights in ("alignment", "easymkl"):
        model = fused(weights=weights, cv=3).fit(X, labels)
        assert model.predict_proba(X)[1].tolist() == [[1.0]] * N
        assert np.isfinite(model.predict_proba(X)[2]).all()
        assert ((model.predict(X) == labels).mean(axis=0) > 0.85).all()
        assert np.isfinite(model.decision_function(X)[2]).all()


def test_sparse_labels_groups_and_weights_are_taken(X, labels):
    groups = np.arange(N) // 4
    model = fused(cv=GroupKFold(3))
    model.fit(X, sparse.csr_matrix(labels), groups=groups, sample_weight=np.ones(N))
    expected = fused(cv=GroupKFold(3)).fit(X, labels, groups=groups)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X))


def test_scorers_and_searches_of_scikit_learn_take_labels(X, labels):
    scoring = ["accuracy", "f1_macro", "roc_auc", "average_precision"]
    scores = cross_validate(fused(cv=3), X, labels, cv=3, scoring=scoring)
    assert scores["test_roc_auc"].mean() > 0.85
    unscaled = cross_validate(fused(cv=None), X, labels, cv=3, scoring="roc_auc")
    assert unscaled["test_score"].mean() > 0.85
    search = GridSearchCV(fused(cv=None), {"C": [0.3, 3.0]}, cv=2).fit(X, labels)
    assert search.best_score_ > 0.3


def test_files_and_pickles_predict_the_same(X, kinds, tmp_path):
    model = fused().fit(X, kinds)
    save(model, tmp_path / "model.skops")
    for copy in (pickle.loads(pickle.dumps(model)), load(tmp_path / "model.skops")):
        for a, b in zip(copy.predict_proba(X), model.predict_proba(X), strict=True):
            np.testing.assert_array_equal(a, b)


def test_tags_tell_that_any_outputs_are_taken():
    tags = get_tags(fused())
    assert tags.target_tags.multi_output
    assert tags.classifier_tags.multi_label
