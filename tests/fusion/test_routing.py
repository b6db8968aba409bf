"""Groups and sample weights reach the parts and inner folds by every way there is."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import make_multimodal_pipeline
from mmclassic.datasets import make_multimodal
from mmclassic.fusion import (
    KernelFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
)

MADE = {"return_X_y": True, "random_state": 0}
COLUMNS = {"one": [0, 1], "two": [2, 3]}
N = 60
GROUPS = np.arange(N) // 4
# All rows but the first thirty weigh next to nothing.
WEIGHTS = np.where(np.arange(N) < 30, 1.0, 1e-9)


class Folds(GroupKFold):
    """Keep what the inner folds received as groups."""

    received: list = []

    def split(self, X, y=None, groups=None):
        self.received.append(None if groups is None else len(groups))
        for train, test in super().split(X, y, groups):
            assert not set(np.take(groups, train)) & set(np.take(groups, test))
            yield train, test


def parts(estimator):
    return [(name, clone(estimator), at) for name, at in COLUMNS.items()]


FUSIONS = {
    "late": lambda: LateFusionClassifier(parts(LogisticRegression()), cv=Folds(3)),
    "stacking": lambda: LateFusionClassifier(
        parts(LogisticRegression()), method="stacking", cv=Folds(3)
    ),
    "outputs": lambda: LateFusionClassifier(
        parts(MultiOutputClassifier(LogisticRegression())), cv=Folds(3)
    ),
    "regressor": lambda: LateFusionRegressor(parts(LinearRegression()), cv=Folds(3)),
    "kernel": lambda: KernelFusionClassifier(parts(StandardScaler()), cv=Folds(3)),
    "kernel outputs": lambda: KernelFusionClassifier(
        parts(StandardScaler()), cv=Folds(3)
    ),
}
every_fusion = pytest.mark.parametrize("name", FUSIONS)


@pytest.fixture
def data(name):
    rng = np.random.RandomState(0)
    y = np.arange(N) % 2
    X = rng.normal(size=(N, 4)) + 3 * y[:, None] - 1.5
    X[30:] *= -1  # the rows of no weight say the contrary
    if "outputs" in name:
        return X, np.column_stack([y, 1 - y, np.arange(N) // 2 % 2])
    return X, y


@pytest.fixture
def model(name):
    Folds.received.clear()
    return Pipeline([("rows", "passthrough"), ("fusion", FUSIONS[name]())])


def learned_from_the_heavy(model, X, y):
    """Tell whether the first rows are told well, and the others the wrong way."""
    predicted = np.asarray(model.predict(X)).reshape(N, -1)[:, 0] > 0.5
    right = predicted == np.asarray(y).reshape(N, -1)[:, 0]
    return right[:30].mean() > 0.7 and right[30:].mean() < 0.3


@every_fusion
def test_parameters_of_fit_are_named_by_the_step(model, data, name):
    model.fit(*data, fusion__groups=GROUPS, fusion__sample_weight=WEIGHTS)
    assert Folds.received == [N]
    assert learned_from_the_heavy(model, *data)


@every_fusion
def test_cross_validation_and_searches_cut_what_is_named_by_the_step(model, data, name):
    params = {"fusion__groups": GROUPS, "fusion__sample_weight": np.ones(N)}
    cross_validate(
        model,
        *data,
        groups=GROUPS,
        params=params,
        cv=GroupKFold(3),
        error_score="raise",
    )
    assert Folds.received == [40] * 3
    Folds.received.clear()
    grid = {"fusion__two": ["drop"], "fusion__cv": [Folds(2)]}
    if name != "outputs":
        grid["fusion__weights"] = [[2, 1]]
    search = GridSearchCV(model, grid, cv=GroupKFold(2), error_score="raise")
    search.fit(*data, groups=GROUPS, **params)
    needs_folds = name in ("stacking", "kernel", "kernel outputs")
    assert len(Folds.received) == (3 if needs_folds else 0)


@every_fusion
def test_requested_metadata_are_routed_everywhere(model, data, name):
    with sklearn.config_context(enable_metadata_routing=True):
        fusion = model[-1].set_fit_request(groups=True, sample_weight=True)
        fusion.set_score_request(sample_weight=True)
        if name == "outputs":  # which route by themselves
            for _, part, _ in fusion.parts:
                part.estimator.set_fit_request(sample_weight=True)
        params = {"groups": GROUPS, "sample_weight": WEIGHTS}
        model.fit(*data, **params)
        assert Folds.received == [N]
        assert learned_from_the_heavy(model, *data)
        Folds.received.clear()
        params["sample_weight"] = np.ones(N)
        cross_validate(
            model, *data, params=params, cv=GroupKFold(3), error_score="raise"
        )
        assert Folds.received == [40] * 3
        Folds.received.clear()
        search = GridSearchCV(
            model, {"fusion__n_jobs": [None]}, cv=GroupKFold(3), error_score="raise"
        )
        search.fit(*data, **params)
        assert Folds.received == [40] * 3 + [N]


@every_fusion
def test_what_is_not_requested_is_refused_under_routing(model, data, name):
    with sklearn.config_context(enable_metadata_routing=True):
        with pytest.raises(ValueError, match="groups.* passed but are not explicitly"):
            model.fit(*data, groups=GROUPS)


@pytest.mark.parametrize("fusion", ["late", "kernel"])
@pytest.mark.parametrize("routing", [False, True])
def test_a_whole_pipeline_takes_groups_and_weights(fusion, routing):
    X, y = make_multimodal(48, **MADE)
    groups, weights = np.arange(48) // 2, np.where(y.isin(y[:2]), 1.0, 1e-9)
    model = make_multimodal_pipeline(text="text", audio="audio", fusion=fusion)
    model.set_params(fusion__cv=Folds(2))
    Folds.received.clear()
    with sklearn.config_context(enable_metadata_routing=routing):
        if routing:
            model[-1].set_fit_request(groups=True, sample_weight=True)
            model.fit(X, y, groups=groups, sample_weight=weights)
        else:
            model.fit(X, y, fusion__groups=groups, fusion__sample_weight=weights)
    assert Folds.received == [48]
    assert set(model.predict(X)) <= set(y[:2])


@pytest.mark.parametrize("routing", [False, True])
def test_early_fusion_leaves_weights_to_the_classifier(routing):
    X, y = make_multimodal(48, **MADE)
    weights = np.where(y.isin(y[:2]), 1.0, 1e-9)
    model = make_multimodal_pipeline(text="text", audio="audio", fusion="early")
    with sklearn.config_context(enable_metadata_routing=routing):
        if routing:
            model[-1].set_fit_request(sample_weight=True)
            model.fit(X, y, sample_weight=weights)
        else:
            model.fit(X, y, classifier__sample_weight=weights)
    assert set(model.predict(X)) <= set(y[:2])
