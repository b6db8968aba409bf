"""Late fusion of several outputs: labels, classes of several kinds, and values."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Perceptron,
    RidgeClassifier,
)
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from mmclassic.fusion import LateFusionClassifier, LateFusionRegressor
from mmclassic.persistence import load, save

METHODS = ["product", "mean", "max", "median", "vote", "stacking"]
COLUMNS = {"one": [0, 1, 2], "two": [3, 4, 5]}
N = 120


@pytest.fixture(name="X")
def table():
    X = np.random.RandomState(0).normal(size=(N, 6))
    X[:5, :3] = np.nan
    X[3:9, 3:] = np.nan  # rows 3 and 4 have nothing
    return X


@pytest.fixture
def labels(X):
    """Three labels, the first told by one modality, the second by the other."""
    noise = 0.5 * np.random.RandomState(1).normal(size=(N, 3))
    told = np.nan_to_num(X[:, [0, 3, 1]]) + noise
    return (told > [0, 0, 0.8]).astype(int)


@pytest.fixture
def kinds(X):
    """Classes of two kinds, three of the one and two of the other."""
    values = np.nan_to_num(X)
    first = np.array(["cup", "hat", "pot"])[np.digitize(values[:, 0], [-0.5, 0.5])]
    second = np.array(["blue", "red"])[(values[:, 3] > 0).astype(int)]
    return np.column_stack([first, second])


def parts(classifier, columns=COLUMNS):
    return [(name, clone(classifier), at) for name, at in columns.items()]


def fused(classifier, **params):
    return LateFusionClassifier(parts(classifier), **params)


NATIVE = {
    "forest": RandomForestClassifier(20, random_state=0),
    "tree": DecisionTreeClassifier(max_depth=3),
    "neighbours": KNeighborsClassifier(),
    "each": MultiOutputClassifier(LogisticRegression()),
    "each SVM": MultiOutputClassifier(LinearSVC()),
    "each kernel SVM": MultiOutputClassifier(SVC()),
}
OF_LABELS = {
    "one against rest": OneVsRestClassifier(LogisticRegression()),
    "one against rest, scores": OneVsRestClassifier(LinearSVC()),
    "ridge": RidgeClassifier(),
    "chain": ClassifierChain(LogisticRegression()),
    "network": MLPClassifier(solver="lbfgs", random_state=0, max_iter=500),
    "pipeline": make_pipeline(StandardScaler(), KNeighborsClassifier()),
}


@pytest.mark.parametrize("name", [*NATIVE, *OF_LABELS])
@pytest.mark.parametrize("method", ["product", "stacking"])
def test_whatever_takes_labels_can_be_a_part(X, labels, name, method):
    model = fused({**NATIVE, **OF_LABELS}[name], method=method, cv=3).fit(X, labels)
    predicted = model.predict(X)
    assert predicted.shape == labels.shape
    assert ((predicted == labels).mean(axis=0) > 0.75).all()
    chances = model.predict_proba(X)
    assert [each.shape for each in chances] == [(N, 2)] * 3
    for each, found in zip(chances, predicted.T, strict=True):
        np.testing.assert_allclose(each.sum(axis=1), 1)
        np.testing.assert_array_equal(each.argmax(axis=1), found)


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize("method", METHODS)
def test_classes_of_several_kinds_are_fused_kind_by_kind(X, kinds, name, method):
    model = fused(NATIVE[name], method=method, cv=3).fit(X, kinds)
    assert [list(each) for each in model.classes_] == [
        ["cup", "hat", "pot"],
        ["blue", "red"],
    ]
    assert [each.shape for each in model.predict_proba(X)] == [(N, 3), (N, 2)]
    assert ((model.predict(X) == kinds).mean(axis=0) > 0.75).all()
    assert model.score(X, kinds) == (model.predict(X) == kinds).all(axis=1).mean()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("classifier", [LogisticRegression(), SVC()])
def test_each_output_is_fused_as_it_would_be_alone(X, kinds, method, classifier):
    folds = list(KFold(3).split(X))
    several = fused(MultiOutputClassifier(classifier), method=method, cv=folds)
    several.fit(X, kinds)
    for k, found in enumerate(several.predict_proba(X)):
        alone = fused(classifier, method=method, cv=folds).fit(X, kinds[:, k])
        np.testing.assert_allclose(found, alone.predict_proba(X), atol=1e-10)
        np.testing.assert_allclose(several.weights_[k], alone.weights_)
        np.testing.assert_array_equal(several.class_prior_[k], alone.class_prior_)
        np.testing.assert_array_equal(several.predict(X)[:, k], alone.predict(X))


def test_each_output_weighs_the_modalities_by_itself(X, labels):
    model = fused(KNeighborsClassifier(), method="mean").fit(X, labels)
    assert model.weights_.shape == (3, 2)
    assert model.weights_[0, 0] > model.weights_[0, 1]
    assert model.weights_[1, 1] > model.weights_[1, 0]


def test_given_weights_are_those_of_every_output(X, labels):
    model = fused(KNeighborsClassifier(), weights={"two": 3.0}).fit(X, labels)
    np.testing.assert_array_equal(model.weights_, [[1.0, 3.0]] * 3)


@pytest.mark.parametrize("method", METHODS)
def test_a_row_with_nothing_gets_the_priors_of_each_output(X, kinds, method):
    model = fused(KNeighborsClassifier(), method=method).fit(X, kinds)
    for k, found in enumerate(model.predict_proba(X)):
        shares = [(kinds[:, k] == c).mean() for c in model.classes_[k]]
        np.testing.assert_allclose(found[3:5], [shares] * 2, atol=1e-3)


@pytest.mark.parametrize("as_sparse", [sparse.csr_matrix, sparse.csc_array])
def test_sparse_labels_are_those_of_the_dense(X, labels, as_sparse):
    expected = fused(KNeighborsClassifier()).fit(X, labels)
    model = fused(KNeighborsClassifier()).fit(X, as_sparse(labels))
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
    assert model.score(X, as_sparse(labels)) == expected.score(X, labels)


def test_labels_in_a_frame_are_taken(X, labels):
    frame = pd.DataFrame(labels, columns=["a", "b", "c"])
    model = fused(KNeighborsClassifier()).fit(X, frame)
    assert model.score(X, frame) == model.score(X, labels)


@pytest.mark.parametrize("name", ["forest", "each", "each SVM", *OF_LABELS])
@pytest.mark.parametrize("method", METHODS)
def test_rare_labels_are_no_obstacle(X, labels, name, method):
    labels[:, 2] = 0
    labels[[4, 60], 2] = 1  # one of them has no modality, and one fold has the other
    model = fused({**NATIVE, **OF_LABELS}[name], method=method, cv=3).fit(X, labels)
    assert np.isfinite(model.predict_proba(X)[2]).all()
    assert ((model.predict(X) == labels).mean(axis=0) > 0.75).all()


def test_a_label_that_no_row_has_stays_absent(X, labels):
    labels[:, 1] = 0
    for name in ("each", "each SVM", "forest", "network"):
        model = fused({**NATIVE, **OF_LABELS}[name], cv=3).fit(X, labels)
        assert model.predict_proba(X)[1].tolist() == [[1.0]] * N
        assert not model.predict(X)[:, 1].any()


def test_one_label_that_varies_is_enough(X, labels):
    labels[:, 1:] = 1
    for name in ("forest", "each", "each SVM", "one against rest", "ridge", "chain"):
        model = fused({**NATIVE, **OF_LABELS}[name], cv=3).fit(X, labels)
        assert (model.predict(X) == labels).all(axis=1).mean() > 0.75
    with pytest.raises(ValueError, match=r"two classes. Got only the row \[1, 1, 1\]"):
        fused(KNeighborsClassifier()).fit(X, np.ones_like(labels))


def test_a_modality_whose_rows_lack_a_label_tells_nothing_of_it(X, labels):
    labels[:, 0] = np.arange(N) % 2
    X[labels[:, 0] == 1, :3] = np.nan
    X[9:, 3] = labels[9:, 0]
    for name in ("each", "each SVM"):
        model = fused(NATIVE[name]).fit(X, labels)
        assert (model.predict(X)[:, 0] == labels[:, 0])[9:].mean() > 0.9


def test_a_classifier_of_one_output_is_told_how_to_take_several(X, labels):
    with pytest.raises(ValueError, match="1d array") as caught:
        fused(LogisticRegression()).fit(X, labels)
    notes = "\n".join(caught.value.__notes__)
    assert "MultiOutputClassifier(LogisticRegression(...))" in notes
    assert "part 'one'" in notes


def test_targets_in_another_form_are_refused_with_the_remedy(X, kinds):
    lists = [["a", "b"], ["c"]] * (N // 2)
    with pytest.raises(ValueError, match="MultiLabelBinarizer"):
        fused(KNeighborsClassifier()).fit(X, lists)
    mixed = pd.DataFrame({"n": np.arange(N) % 2, "kind": kinds[:, 0]})
    with pytest.raises(ValueError, match=r"of one type.*y.astype\(str\)"):
        fused(KNeighborsClassifier()).fit(X, mixed)
    assert (
        fused(KNeighborsClassifier())
        .fit(X, mixed.astype(str))
        .score(X, mixed.astype(str))
    )
    with pytest.raises(ValueError, match="continuous-multioutput"):
        fused(KNeighborsClassifier()).fit(X, np.random.rand(N, 2))


def test_scores_of_each_output_do_where_there_are_no_probabilities(X, labels):
    assert fused(MultiOutputClassifier(Perceptron())).fit(X, labels).calibrators_
    with pytest.raises(TypeError, match="part 'one' .* must have predict_proba"):
        fused(MultiOutputClassifier(OnlyPredicts())).fit(X, labels)


class OnlyPredicts(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X))


def test_scorers_and_searches_of_scikit_learn_take_labels(X, labels):
    model = fused(NATIVE["forest"], cv=3)
    scoring = ["accuracy", "f1_macro", "roc_auc", "average_precision"]
    scores = cross_validate(model, X, labels, cv=3, scoring=scoring)
    assert scores["test_roc_auc"].mean() > 0.75
    grid = {"method": ["product", "mean"], "one__max_depth": [2, 4]}
    search = GridSearchCV(model, grid, cv=2).fit(X, labels)
    assert search.best_score_ > 0.3
    assert get_scorer("f1_micro")(search, X, labels) > 0.7


def test_groups_reach_the_inner_folds_and_are_never_split(X, kinds):
    received = []

    class Folds(GroupKFold):
        def split(self, X, y=None, groups=None):
            received.append(groups)
            return super().split(X, y, groups)

    groups = np.arange(N) // 4
    fused(KNeighborsClassifier(), cv=Folds(3)).fit(X, kinds, groups=groups)
    np.testing.assert_array_equal(received, [groups])
    fused(KNeighborsClassifier()).fit(X, kinds, groups=groups)


@pytest.mark.parametrize("method", ["max", "stacking"])
def test_sample_weight_counts_rows_as_often(X, kinds, method):
    weights = np.where(np.arange(N) < 40, 3.0, 1.0)
    more = np.r_[np.arange(N), np.arange(40), np.arange(40)]
    of_row = np.arange(N) % 3

    def folds(rows):
        return [
            (np.flatnonzero(rows != k), np.flatnonzero(rows == k)) for k in range(3)
        ]

    classifier = MultiOutputClassifier(LogisticRegression())
    one = fused(classifier, method=method, cv=folds(of_row))
    one.fit(X, kinds, sample_weight=weights)
    two = fused(classifier, method=method, cv=folds(of_row[more]))
    two.fit(X[more], kinds[more])
    for a, b in zip(one.predict_proba(X), two.predict_proba(X), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)


@pytest.mark.parametrize("name", ["each", "each SVM", "forest"])
@pytest.mark.parametrize("method", ["product", "stacking"])
def test_files_and_pickles_predict_the_same(X, labels, name, method, tmp_path):
    labels[5:, 2] = 0  # in rows that have one modality only
    labels[0, 2] = 1
    model = fused(NATIVE[name], method=method, cv=3).fit(X, labels)
    save(model, tmp_path / "model.skops")
    for copy in (pickle.loads(pickle.dumps(model)), load(tmp_path / "model.skops")):
        np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))


def test_any_n_jobs_gives_the_same(X, kinds):
    expected = fused(NATIVE["each SVM"]).fit(X, kinds).predict_proba(X)
    found = fused(NATIVE["each SVM"], n_jobs=2).fit(X, kinds).predict_proba(X)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("classifier", "any_kind", "labels_too"),
    [
        (KNeighborsClassifier(), True, True),
        (MultiOutputClassifier(LinearSVC()), True, True),
        (make_pipeline(StandardScaler(), MLPClassifier()), False, True),
        (LogisticRegression(), False, False),
    ],
)
def test_tags_tell_which_outputs_all_parts_take(classifier, any_kind, labels_too):
    tags = get_tags(fused(classifier))
    assert tags.target_tags.multi_output == any_kind
    assert tags.classifier_tags.multi_label == labels_too
    mixed = [*parts(classifier), ("three", SVC(), [0])]
    assert not get_tags(LateFusionClassifier(mixed)).classifier_tags.multi_label
    dropped = [*parts(classifier), ("three", "drop", [0])]
    tags = get_tags(LateFusionClassifier(dropped))
    assert tags.target_tags.multi_output == any_kind


def test_tags_of_regressors_and_of_what_is_no_part():
    assert get_tags(regression(LinearRegression())).target_tags.multi_output
    assert not get_tags(regression(SVR())).target_tags.multi_output
    assert get_tags(LateFusionClassifier([("a", "b")])).classifier_tags is not None


def test_one_column_is_one_output(X, labels):
    with pytest.warns(match="column-vector y was passed"):
        model = fused(KNeighborsClassifier()).fit(X, labels[:, :1])
    np.testing.assert_array_equal(model.classes_, [0, 1])
    assert model.predict(X).shape == (N,)


@pytest.fixture
def values(X):
    noise = np.random.RandomState(2).normal(size=(N, 2))
    return np.nan_to_num(X[:, [0, 3]]) + 0.2 * noise + [5, 0]


def regression(regressor, **params):
    return LateFusionRegressor(parts(regressor), **params)


@pytest.mark.parametrize("method", ["mean", "median", "stacking"])
@pytest.mark.parametrize("weights", ["cv", None])
def test_each_value_is_fused_as_it_would_be_alone(X, values, method, weights):
    model = regression(LinearRegression(), method=method, weights=weights)
    several = model.fit(X, values)
    assert several.predict(X).shape == (N, 2)
    for k in range(2):
        alone = clone(model).fit(X, values[:, k])
        np.testing.assert_allclose(several.predict(X)[:, k], alone.predict(X))
        np.testing.assert_allclose(several.weights_[k], alone.weights_)
        np.testing.assert_allclose(several.mean_[k], alone.mean_)


@pytest.mark.parametrize("method", ["mean", "median", "stacking"])
def test_a_row_with_nothing_gets_the_mean_of_each_value(X, values, method):
    model = regression(LinearRegression(), method=method).fit(X, values)
    np.testing.assert_allclose(model.predict(X)[3:5], [values.mean(axis=0)] * 2)


def test_each_value_weighs_the_modalities_by_itself(X, values):
    model = regression(LinearRegression()).fit(X, values)
    assert model.weights_[0, 0] > model.weights_[0, 1]
    assert model.weights_[1, 1] > model.weights_[1, 0]
    assert model.score(X, values) > 0.7


def test_regressors_of_one_value_are_wrapped_or_told_so(X, values):
    with pytest.raises(ValueError) as caught:
        regression(SVR()).fit(X, values)
    assert "MultiOutputRegressor(SVR(...))" in "\n".join(caught.value.__notes__)
    wrapped = regression(MultiOutputRegressor(SVR())).fit(X, values)
    assert wrapped.score(X, values) > 0.7
    final = regression(
        RandomForestRegressor(10, random_state=0),
        method="stacking",
        final_estimator=SVR(),
    )
    assert final.fit(X, values).score(X, values) > 0.7


def test_values_take_groups_weights_files_and_searches(X, values, tmp_path):
    model = regression(LinearRegression(), method="stacking")
    model.fit(X, values, groups=np.arange(N) // 4, sample_weight=np.ones(N))
    save(model, tmp_path / "model.skops")
    copy = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    search = GridSearchCV(model, {"method": ["mean", "stacking"]}, cv=3)
    assert search.fit(X, values).best_score_ > 0.6
