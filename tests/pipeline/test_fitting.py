"""What fit takes beside the table, regressions, fusions, and rows that lack things."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import is_regressor
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.fusion import EarlyFusion, LateFusionClassifier, LateFusionRegressor

TWO = {"text": "text", "audio": "audio"}
BOOSTING = HistGradientBoostingClassifier(max_iter=3, random_state=0)


@pytest.mark.parametrize(
    "fusion",
    [
        EarlyFusion([], method="sum", n_components=8),
        EarlyFusion([], method="product", n_components=8),
        EarlyFusion([], missing="indicator", weights={"audio": 0.5}),
        LateFusionClassifier([], method="stacking", cv=2),
        LateFusionClassifier([], method="vote", cv=2, refit_features=False),
        LateFusionClassifier([], weights=[1.0, 2.0]),
    ],
    ids=str,
)
def test_a_fusion_estimator_gets_the_parts(made, build, fusion):
    X, y = made
    model = build(**TWO, fusion=fusion).fit(X, y)
    assert model.score(X, y) > 0.5  # chance is 0.25
    assert type(model[0]) is type(fusion)
    assert fusion.parts == []


@pytest.mark.parametrize("fusion", ["early", "late", LateFusionRegressor([], cv=2)])
def test_a_regressor_makes_a_regression(made, build, fusion):
    X, y = made
    numbers = pd.factorize(y)[0].astype(float)
    model = build(**TWO, fusion=fusion, classifier=Ridge()).fit(X, numbers)
    assert is_regressor(model)
    assert model.score(X, numbers) > 0.5


@pytest.mark.parametrize(
    ("fusion", "classifier", "message"),
    [
        (LateFusionClassifier([]), Ridge(), "needs a classifier. Got .*Ridge"),
        (LateFusionRegressor([]), "svm", "needs a regressor. Got classifier='svm'"),
    ],
)
def test_a_fusion_of_the_other_kind_is_an_error(build, fusion, classifier, message):
    with pytest.raises(ValueError, match=message):
        build(**TWO, fusion=fusion, classifier=classifier)


def test_groups_keep_look_alikes_on_one_side_of_inner_folds(made, build):
    X, y = made
    fusion = LateFusionClassifier([], cv=GroupKFold(2))
    model = build(**TWO, fusion=fusion)
    with pytest.raises(ValueError, match="groups"):
        model.fit(X, y)
    pairs = np.arange(len(y)) // 2
    assert model.fit(X, y, fusion__groups=pairs).score(X, y) > 0.7


def test_sample_weights_reach_the_parts(made, build):
    X, y = made
    only = np.where(y.isin(["forest", "harbour"]), 1.0, 1e-9)
    late = build(**TWO, classifier=LogisticRegression())
    heavy = late.fit(X, y, fusion__sample_weight=only).predict(X)
    assert set(heavy) == {"forest", "harbour"}
    early = build(**TWO, fusion="early")
    heavy = early.fit(X, y, classifier__sample_weight=only).predict(X)
    assert set(heavy) == {"forest", "harbour"}


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_random_state_repeats_the_fit(made, build, fusion):
    X, y = made
    first, second = (build(fusion=fusion).fit(X, y) for _ in range(2))
    decide = "predict_proba" if fusion == "late" else "decision_function"
    np.testing.assert_array_equal(getattr(first, decide)(X), getattr(second, decide)(X))


@pytest.mark.parametrize("missing", ["zero", "mean", "indicator", "nan"])
def test_early_fusion_fills_what_a_row_lacks(made, build, missing):
    X, y = made
    model = build(**TWO, fusion="early", missing=missing, classifier=BOOSTING)
    block = np.asarray(model.fit(X, y)[0].transform(X))
    lacking = X["audio"].isna().to_numpy()
    assert lacking.any()
    assert np.isnan(block[lacking]).any() == (missing == "nan")
    assert np.isfinite(block[~lacking & X["text"].notna()]).all()
    assert model.predict(X).shape == y.shape


def test_missing_error_names_the_row_and_the_modality(made, build):
    X, y = made
    row = np.flatnonzero(X["text"].isna())[0]
    model = build(text="text", fusion="early", missing="error")
    with pytest.raises(ValueError, match=f"Row {row} lacks the modality 'text'"):
        model.fit(X, y)


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_row_with_nothing_is_fitted_and_predicted(made, build, fusion):
    X, y = made
    bare = X.copy()
    bare.loc[7, ["text", "image", "audio"]] = None
    model = build(**TWO, fusion=fusion).fit(bare, y)
    assert model.predict(bare).shape == y.shape
    if fusion == "late":
        prior = y.value_counts(normalize=True).sort_index()
        np.testing.assert_allclose(model.predict_proba(bare)[7], prior)


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_column_that_no_row_fills_is_an_error_in_fit_alone(made, build, fusion):
    X, y = made
    model = build(**TWO, fusion=fusion)
    message = r"No row of X has the modality 'audio' .*set_params\(audio='drop'\)"
    with pytest.raises(ValueError, match=message):
        model.fit(X.assign(audio=None), y)
    model.fit(X, y)
    assert model.predict(X.assign(audio=None)).shape == y.shape


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_columns_at_predict_are_found_by_name(made, build, fusion):
    X, y = made
    model = build(**TWO, fusion=fusion).fit(X, y)
    expected = model.predict(X)
    moved = X.assign(extra=1)[["extra", "audio", "text"]]
    np.testing.assert_array_equal(model.predict(moved), expected)
    with pytest.raises(ValueError, match="columns are missing: 'audio'"):
        model.predict(X[["text"]])


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_one_class_is_an_error(made, build, fusion):
    X, y = made
    with pytest.raises(ValueError, match=r"(two|2) classes"):
        build(text="text", fusion=fusion).fit(X, ["cup"] * len(y))


@pytest.fixture
def broken(made):
    """The made table, and the row whose picture is cut short."""
    import cv2

    X, y = made
    row = int(np.flatnonzero(X["image"].notna())[3])
    whole = cv2.imencode(".png", X["image"][row])[1].tobytes()
    X = X.copy()
    X.at[row, "image"] = whole[:300]
    return X, y, row


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_broken_picture_stops_with_its_row(made, broken, build, fusion):
    X, y, row = broken
    model = build(text="text", image="image", fusion=fusion)
    with pytest.raises(MediaError, match=f"Row {row} .*cut short"):
        model.fit(X, y)
    model.fit(*made)
    with pytest.raises(MediaError, match=f"Row {row} .*cut short"):
        model.predict(X)


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_broken_picture_counts_as_missing_on_request(made, broken, build, fusion):
    X, y, row = broken
    gap = X.copy()
    gap.at[row, "image"] = None
    model = build(text="text", image="image", fusion=fusion, invalid="missing")
    with pytest.warns(InvalidItemWarning, match=f"rows {row}"):
        model.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = build(text="text", image="image", fusion=fusion).fit(gap, y)
    with pytest.warns(InvalidItemWarning, match=f"Row {row}") as caught:
        predicted = model.predict(X)
    assert len(caught) == 1  # though three descriptors met it
    np.testing.assert_array_equal(predicted, expected.predict(gap))
    assert model[0].modality_counts_ == expected[0].modality_counts_


def test_a_classifier_may_be_a_pipeline(made, build):
    X, y = made
    model = build(text="text", classifier=make_pipeline(LogisticRegression()))
    assert model.fit(X, y).score(X, y) > 0.7
