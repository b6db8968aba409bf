"""modality_contributions: what each modality brings to a row's answer."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from mmclassic.inspection import make_report, modality_contributions
from tests.inspection.conftest import COLUMNS, KINDS, early, regressor
from tests.inspection.reference import shapley, without


def log_odds(model, X, target):
    chances = model.predict_proba(X)[0]
    own = chances[list(model.classes_).index(target)]
    return np.log(own / (1 - own))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("output", ["auto", "probability", "decision"])
def test_contributions_sum_to_the_answer_less_that_to_nothing(
    models, test, kind, output
):
    X, _ = test
    model = models[kind]
    lacks = kind == "regressor" or (
        output == "decision" and not hasattr(model, "decision_function")
    )
    if lacks and output != "auto":
        with pytest.raises(ValueError, match=f"output='{output}' is not what"):
            modality_contributions(model, X, output=output)
        return
    result = modality_contributions(model, X, output=output)
    np.testing.assert_allclose(
        result.baseline + result.contributions.sum(axis=1), result.answer, atol=1e-9
    )
    assert result.contributions.shape == (len(X), 3)
    missing = X[list(COLUMNS)].isna().to_numpy()
    assert (result.contributions[missing] == 0).all()
    assert (result.contributions[~missing] != 0).mean() > 0.5


def test_each_row_is_split_by_the_definition(models, test):
    X, _ = test
    model = models["late"]
    result = modality_contributions(model, X)
    assert result.output == "log_odds"
    np.testing.assert_array_equal(result.target, model.predict(X))
    for row in (0, 1, 7, 55):
        one = X.iloc[[row]]
        target = result.target[row]

        def value(members, one=one, target=target):
            return log_odds(model, without(one, set(COLUMNS) - members), target)

        np.testing.assert_allclose(
            result.contributions[row], shapley(value, COLUMNS), atol=1e-9
        )


def test_evidence_in_favour_is_of_the_strong_modality(models, test):
    X, y = test
    for kind in ("late", "early"):
        result = modality_contributions(models[kind], X, target=y)
        strong, weak, noise = result.contributions.mean(axis=0)
        assert strong > weak > abs(noise)


def test_one_target_for_all_rows(models, test):
    X, _ = test
    result = modality_contributions(
        models["late"], X, target="bee", output="probability"
    )
    np.testing.assert_allclose(result.answer, models["late"].predict_proba(X)[:, 1])
    np.testing.assert_allclose(result.baseline, models["late"].class_prior_[1])
    assert set(result.target) == {"bee"}


def test_a_decision_of_two_classes_is_for_either(train, test):
    X, y = train
    two = y != "cat"
    model = early().fit(X[two], y[two])
    T = test[0]
    scores = model.decision_function(T)
    bee = modality_contributions(model, T, target="bee", output="decision")
    ant = modality_contributions(model, T, target="ant", output="decision")
    np.testing.assert_allclose(bee.answer, scores)
    np.testing.assert_allclose(ant.contributions, -bee.contributions, atol=1e-12)


def test_a_regressors_value_is_split(models, test):
    X, _ = test
    result = modality_contributions(models["regressor"], X)
    assert result.output == "value"
    assert result.target is None
    np.testing.assert_allclose(result.answer, models["regressor"].predict(X))
    np.testing.assert_allclose(result.baseline, models["regressor"].mean_)
    with pytest.raises(ValueError, match="a regressor's answer has none"):
        modality_contributions(models["regressor"], X, target=1.0)


def test_a_sure_answer_has_finite_odds(models, test):
    result = modality_contributions(models["early"], test[0], target="ant")
    assert np.isfinite(result.contributions).all()


def test_several_answers_a_row_are_not_split(train, test, tmp_path):
    X, y = train
    codes = np.unique(y, return_inverse=True)[1].astype(float)
    several = np.column_stack([codes, codes**2])
    model = regressor().fit(X, several)
    with pytest.raises(ValueError, match="several values a row.*Fit a model a value"):
        modality_contributions(model, test[0])
    model = make_pipeline(early()[0], RandomForestClassifier(5, random_state=0))
    model.fit(X, several.astype(int))
    with pytest.raises(ValueError, match="several targets a row.*Fit a model a target"):
        modality_contributions(model, test[0])
    with pytest.raises(ValueError, match="one target a row.*modality_importance takes"):
        make_report(model, X, several.astype(int), tmp_path / "r.html")


def test_a_target_that_is_no_class(models, test):
    with pytest.raises(ValueError, match="target='dog' is no class"):
        modality_contributions(models["late"], test[0], target="dog")
    with pytest.raises(ValueError, match="'output' parameter"):
        modality_contributions(models["late"], test[0], output="logit")


@pytest.mark.parametrize("kind", ["late", "early", "kernels", "regressor"])
def test_coalitions_are_answered_many_at_once_alike(models, test, kind, monkeypatch):
    X, target = test[0][:7], None if kind == "regressor" else test[1][:7]
    results = []
    for batch in (1, 20, 4096):
        monkeypatch.setattr("mmclassic.inspection._contributions.BATCH", batch)
        results.append(modality_contributions(models[kind], X, target=target))
    for result in results[1:]:
        for key in ("contributions", "baseline", "answer"):
            np.testing.assert_allclose(result[key], results[0][key], atol=1e-6)


def test_one_row_is_as_among_all(models, test):
    X, _ = test
    for kind in ("late", "early"):
        every = modality_contributions(models[kind], X).contributions
        one = modality_contributions(models[kind], X.iloc[[3]]).contributions
        np.testing.assert_allclose(one[0], every[3], atol=1e-12)
