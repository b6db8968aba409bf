import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor, VotingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVR

from mmclassic.exceptions import MediaError
from mmclassic.fusion import LateFusionRegressor
from tests.fusion.conftest import Letters

METHODS = ["mean", "median", "stacking"]


@pytest.fixture
def numbers():
    """A target that three columns tell with more and more noise; some gaps."""
    rng = np.random.RandomState(0)
    y = rng.normal(5, 1, size=200)
    X = pd.DataFrame({f"x{s}": y + s * rng.normal(size=200) for s in (0.2, 1, 4)})
    X = X.mask(rng.rand(*X.shape) < 0.1)
    X.iloc[7] = np.nan
    return X, y


def parts(X):
    return [(name.replace(".", ""), LinearRegression(), [name]) for name in X]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("weights", ["cv", None])
def test_every_method_learns(numbers, method, weights):
    X, y = numbers
    fusion = LateFusionRegressor(parts(X), method=method, weights=weights).fit(X, y)
    assert fusion.predict(X).shape == (200,)
    assert fusion.score(X, y) > 0.5


def test_learned_weights_and_stacking_beat_the_equal_mean(numbers):
    X, y = numbers
    equal = LateFusionRegressor(parts(X), weights=None).fit(X, y).score(X, y)
    learned = LateFusionRegressor(parts(X)).fit(X, y)
    stacked = LateFusionRegressor(parts(X), method="stacking").fit(X, y)
    assert learned.score(X, y) > equal + 0.05
    assert stacked.score(X, y) > equal + 0.05
    assert learned.weights_[0] > learned.weights_[1] > learned.weights_[2]


def test_equal_mean_is_scikit_learns_voting(numbers):
    X, y = numbers
    X = X.fillna(0)
    one, two = LinearRegression(), KNeighborsRegressor()
    columns = list(X)
    ours = LateFusionRegressor(
        [("a", one, columns), ("b", two, columns)], weights=[1, 3]
    ).fit(X, y)
    theirs = VotingRegressor([("a", one), ("b", two)], weights=[1, 3]).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X))


def test_median_is_that_of_what_is_there(numbers):
    X, y = numbers
    fusion = LateFusionRegressor(parts(X), method="median").fit(X, y)
    each = [part.predict(X[column].fillna(0)) for _, part, column in fusion.parts_]
    held = np.where(X.notna().T, np.stack(each), np.nan)
    rows = X.notna().any(axis=1)
    expected = np.nanmedian(held[:, rows], axis=0)
    np.testing.assert_allclose(fusion.predict(X)[rows], expected)


@pytest.mark.parametrize("method", METHODS)
def test_a_row_with_nothing_gets_the_mean(numbers, method):
    X, y = numbers
    fusion = LateFusionRegressor(parts(X), method=method).fit(X, y)
    assert fusion.predict(X)[7] == pytest.approx(y.mean())


def test_groups_and_sample_weight_are_taken(numbers):
    X, y = numbers
    for method in METHODS:
        fusion = LateFusionRegressor(parts(X), method=method)
        fusion.fit(X, y, groups=np.arange(200) // 4, sample_weight=np.ones(200))
        plain = LateFusionRegressor(parts(X), method=method).fit(X, y)
        np.testing.assert_allclose(fusion.predict(X), plain.predict(X), rtol=0.1)


def test_an_invalid_item_is_named_by_its_row_in_x(table):
    table.loc["r5", "code"] = "bad"
    part = make_pipeline(Letters(), Ridge())
    with pytest.raises(MediaError, match="Row 5 "):
        LateFusionRegressor([("code", part, "code")]).fit(table, np.arange(60))


@pytest.mark.parametrize(
    "final", [SVR(), RandomForestRegressor(10, random_state=0)], ids=["svr", "forest"]
)
def test_any_final_estimator_stacks(numbers, final):
    X, y = numbers
    fusion = LateFusionRegressor(parts(X), method="stacking", final_estimator=final)
    assert fusion.fit(X, y).score(X, y) > 0.7


def test_what_is_no_regressor_is_refused(numbers):
    X, y = numbers
    with pytest.raises(TypeError, match="part 'a' .* must be a regressor"):
        LateFusionRegressor([("a", LogisticRegression(), list(X))]).fit(X, y)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        LateFusionRegressor(parts(X)).fit(X, np.where(y > 5, np.nan, y))


def test_two_rows_are_enough():
    X = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 1.0]})
    part = KNeighborsRegressor(1)
    fusion = LateFusionRegressor([("a", part, ["a"]), ("b", part, ["b"])])
    np.testing.assert_allclose(fusion.fit(X, [0.0, 1.0]).predict(X), [0.0, 1.0])
