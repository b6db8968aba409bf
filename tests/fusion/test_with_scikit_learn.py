"""Both fusions inside what scikit-learn offers around an estimator."""

import pickle

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble import StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic.fusion import EarlyFusion, LateFusionClassifier, LateFusionRegressor


@pytest.fixture
def early(describers):
    return Pipeline([("fusion", EarlyFusion(describers)), ("svm", LinearSVC())])


@pytest.fixture
def late(classifiers):
    return LateFusionClassifier(classifiers, cv=3)


def test_cross_validation(table, labels, early, late):
    for model in (early, late):
        scores = cross_validate(model, table, labels, cv=3)["test_score"]
        assert scores.mean() > 0.8


def test_grid_search_reaches_parts_and_weights(table, labels, early, late):
    grid = {
        "fusion__title__ngram_range": [(1, 1), (1, 2)],
        "fusion__weights__title": [0.0, 1.0],
        "fusion__code": ["drop"],
        "svm__C": [1.0],
    }
    search = GridSearchCV(early, grid, cv=3).fit(table, labels)
    assert search.best_params_["fusion__weights__title"] == 1.0
    grid = {
        "size__logisticregression__C": [0.5, 1.0],
        "method": ["product", "mean"],
        "title": ["drop"],
    }
    search = GridSearchCV(late, grid, cv=2).fit(table, labels)
    best = search.best_params_["size__logisticregression__C"]
    assert search.best_estimator_.parts_[2][1][-1].C == best
    grid = {"weights__size": [0.5, 1.0]}
    late.set_params(weights=None)
    search = HalvingGridSearchCV(late, grid, cv=2, random_state=0).fit(table, labels)
    assert search.best_estimator_.weights_[2] in (0.5, 1.0)


def test_stacking_classifier_holds_fusions(table, labels, early, late):
    stack = StackingClassifier([("early", early), ("late", late)], cv=2)
    assert stack.fit(table, labels).score(table, labels) > 0.85


def test_a_fusion_is_a_part_of_another(table, labels, describers, late):
    parts = [
        ("early", make_pipeline(EarlyFusion(describers), LinearSVC()), list(table)),
        ("late", late, list(table)),
    ]
    fusion = LateFusionClassifier(parts, cv=2).fit(table, labels)
    assert fusion.score(table, labels) > 0.85


@pytest.mark.parametrize("kind", ["early", "late"])
def test_clones_are_unfitted_and_equal(table, labels, early, late, kind):
    model = {"early": early, "late": late}[kind].fit(table, labels)
    copy = clone(model)
    assert str(copy.get_params()) == str(model.get_params())
    with pytest.raises(sklearn.exceptions.NotFittedError):
        copy.predict(table)
    np.testing.assert_array_equal(
        copy.fit(table, labels).predict(table), model.predict(table)
    )


def test_fit_leaves_the_parts_that_it_was_given_alone(table, labels, late):
    before = str(late.get_params())
    late.fit(table, labels)
    assert str(late.get_params()) == before
    with pytest.raises(sklearn.exceptions.NotFittedError):
        late.parts[2][1].predict(table[["height", "width"]])


def test_pickles_predict_the_same(table, labels, early, late):
    for model in (early, late):
        model.fit(table, labels)
        copy = pickle.loads(pickle.dumps(model))
        np.testing.assert_array_equal(copy.predict(table), model.predict(table))


def test_fit_parameters_reach_the_fusion_in_a_pipeline(table, labels, late):
    groups = np.arange(60) // 2
    late.set_params(cv=GroupKFold(3))
    model = Pipeline([("rows", "passthrough"), ("fusion", late)])
    model.fit(table, labels, fusion__groups=groups)
    scores = cross_validate(
        model,
        table,
        labels,
        groups=groups,
        cv=GroupKFold(3),
        params={"fusion__groups": groups},
        error_score="raise",
    )
    assert scores["test_score"].mean() > 0.7
    with pytest.raises(ValueError, match="groups"):
        model.fit(table, labels)


def test_metadata_is_routed(table, labels, late):
    groups = np.arange(60) // 2
    late.set_params(cv=GroupKFold(3), title="drop", code="drop")
    with sklearn.config_context(enable_metadata_routing=True):
        late.set_fit_request(groups=True, sample_weight=True)
        late.set_score_request(sample_weight=True)
        model = Pipeline([("rows", "passthrough"), ("fusion", late)])
        params = {"groups": groups, "sample_weight": np.ones(60)}
        scores = cross_validate(
            model, table, labels, cv=GroupKFold(3), params=params, error_score="raise"
        )
        assert scores["test_score"].mean() > 0.6
        grid = {"fusion__method": ["product", "stacking"]}
        search = GridSearchCV(model, grid, cv=GroupKFold(3), error_score="raise")
        search.fit(table, labels, **params)
        assert search.best_score_ > 0.6


def test_kinds_are_told(late):
    assert is_classifier(late)
    regressor = LateFusionRegressor([("a", Ridge(), ["height"])])
    assert is_regressor(regressor)


def test_regression_is_cross_validated(table):
    y = table["height"].fillna(0).to_numpy()
    parts = [
        ("h", make_pipeline(StandardScaler(), Ridge()), ["height"]),
        ("w", make_pipeline(StandardScaler(), Ridge()), ["width"]),
    ]
    predicted = cross_val_predict(LateFusionRegressor(parts), table, y, cv=3)
    assert np.corrcoef(predicted, y)[0, 1] > 0.9


def test_diagrams_show_the_parts(early, late):
    for model in (early, late):
        assert "title" in model._repr_html_()
        assert "title" in repr(model)


def test_frames_asked_for_globally_change_nothing_inside(table, labels, early, late):
    expected = late.fit(table, labels).predict_proba(table)
    with sklearn.config_context(transform_output="pandas"):
        frame = early[0].fit_transform(table, labels)
        assert list(frame.columns) == list(early[0].get_feature_names_out())
        assert early.fit(table, labels).score(table, labels) > 0.85
        again = clone(late).set_params(title="drop").fit(table, labels)
        assert again.predict_proba(table).shape == expected.shape


def test_logistic_regression_takes_any_early_block(table, labels, describers):
    for method in ("concatenate", "sum", "product"):
        fusion = EarlyFusion(describers, method=method, missing="indicator")
        model = make_pipeline(fusion, LogisticRegression())
        assert model.fit(table, labels).score(table, labels) > 0.7


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_any_joblib_backend_gives_the_same(table, labels, backend):
    parts = [("size", SVC(), ["height", "width"]), ("height", SVC(), ["height"])]
    X = table.fillna({"height": 0.0, "width": 0.0})
    expected = LateFusionClassifier(parts, cv=2).fit(X, labels).predict_proba(X)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        fusion = LateFusionClassifier(parts, cv=2).fit(X, labels)
        np.testing.assert_array_equal(fusion.predict_proba(X), expected)
