"""WideLinearSVC is LinearSVC, whatever the shape of the data."""

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmclassic._wide_linear_svc import WideLinearSVC
from mmclassic.persistence import load, save

EXACT = {"tol": 1e-10, "max_iter": 100_000, "random_state": 0}


# As for LinearSVC: the solver's random order shows within its tolerance.
APPROXIMATE = {
    f"check_sample_weight_equivalence_on_{kind}_data": "liblinear is not exact"
    for kind in ("dense", "sparse")
}


@parametrize_with_checks(
    [WideLinearSVC(max_iter=10_000)], expected_failed_checks=lambda _: APPROXIMATE
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def wide(n_samples=30, n_features=200, n_classes=3):
    rng = np.random.default_rng(0)
    y = np.arange(n_samples) % n_classes
    X = rng.normal(size=(n_samples, n_features))
    X[:, :n_classes] += 3 * np.eye(n_classes)[y]
    return X, y


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "params",
    [{}, {"C": 0.01}, {"class_weight": {0: 5.0}}, {"fit_intercept": False}],
    ids=str,
)
def test_weights_equal_those_of_linear_svc_on_the_same_wide_data(n_classes, params):
    X, y = wide(n_classes=n_classes)
    ours = WideLinearSVC(**EXACT, **params).fit(X, y)
    theirs = LinearSVC(**EXACT, **params).fit(X, y)
    assert ours.coef_.shape == theirs.coef_.shape
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-6)
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)


def test_sample_weights_count():
    X, y = wide()
    weights = np.linspace(0.1, 3, len(y))
    soft = {**EXACT, "C": 1e-4}
    ours = WideLinearSVC(**soft).fit(X, y, weights)
    theirs = LinearSVC(**soft).fit(X, y, weights)
    unweighted = WideLinearSVC(**soft).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    assert np.abs(ours.coef_ - unweighted.coef_).max() > 1e-3


def test_repeated_and_dependent_rows_are_no_trouble():
    X, y = wide()
    X, y = np.vstack([X, X[:10], X[:5] + X[5:10]]), np.r_[y, y[:10], y[:5]]
    ours = WideLinearSVC(**EXACT).fit(X, y)
    theirs = LinearSVC(**EXACT).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda X: X[:, :8],
        lambda X: sparse.csr_matrix(X),
        lambda X: X[:, :80],
        lambda X: np.zeros_like(X),
        lambda X: pd.DataFrame.sparse.from_spmatrix(sparse.csr_matrix(X)),
    ],
    ids=["narrow", "sparse", "little wide", "zero", "sparse columns"],
)
def test_what_gains_nothing_is_left_to_linear_svc(make):
    X, y = wide()
    X = make(X)
    ours, theirs = WideLinearSVC(random_state=0), LinearSVC(random_state=0)
    np.testing.assert_array_equal(ours.fit(X, y).coef_, theirs.fit(X, y).coef_)


def test_an_l1_penalty_which_depends_on_the_axes_is_left_to_linear_svc():
    X, y = wide()
    params = {"penalty": "l1", "dual": False, "random_state": 0}
    ours, theirs = WideLinearSVC(**params), LinearSVC(**params)
    np.testing.assert_array_equal(ours.fit(X, y).coef_, theirs.fit(X, y).coef_)


def test_column_names_of_a_frame_are_kept():
    X, y = wide()
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    svm = WideLinearSVC().fit(frame, y)
    assert list(svm.feature_names_in_) == list(frame)
    assert svm.n_features_in_ == X.shape[1]
    with pytest.raises(ValueError, match="feature names"):
        svm.predict(frame.rename(columns={"x0": "other"}))


def test_a_saved_one_predicts_the_same(tmp_path):
    X, y = wide()
    svm = WideLinearSVC().fit(X, y)
    save(svm, tmp_path / "svm.skops")
    loaded = load(tmp_path / "svm.skops")
    np.testing.assert_array_equal(loaded.decision_function(X), svm.decision_function(X))


def test_of_blank_samples_the_column_names_are_kept_too():
    X, y = wide()
    frame = pd.DataFrame(np.zeros_like(X)).add_prefix("x")
    assert list(WideLinearSVC().fit(frame, y).feature_names_in_) == list(frame)


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_fits_in_several_threads_at_once_repeat(make):
    X, y = wide(n_samples=90, n_classes=6)
    X, svm = make(X), WideLinearSVC(random_state=0)
    alone = svm.fit(X, y).coef_
    fits = Parallel(4, prefer="threads")(
        delayed(lambda: WideLinearSVC(random_state=0).fit(X, y).coef_)()
        for _ in range(24)
    )
    for coefficients in fits:
        np.testing.assert_array_equal(coefficients, alone)


def test_several_outputs_are_refused_with_what_takes_them():
    X, y = np.eye(6), np.tile([[0, 1], [1, 0]], (3, 1))
    with pytest.raises(ValueError, match=r"\(6, 2\), of several outputs.*MultiOutput"):
        WideLinearSVC().fit(X, y)
