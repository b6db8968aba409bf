import functools

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.metrics import log_loss
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.fusion import KernelFusionClassifier
from mmclassic.fusion._row_kernel import RowKernel, compare
from tests.fusion.conftest import FittedLetters, Letters

WEIGHTS = ["alignment", "easymkl", "uniform"]
every_weighting = pytest.mark.parametrize("weights", WEIGHTS)


def numbers(n_classes=3, n=120, n_modalities=3, seed=0, size=1.5):
    """Return a table of numbers, three columns a modality, and labels."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % n_classes
    X = rng.normal(size=(n, 3 * n_modalities))
    for m in range(n_modalities):
        X[:, 3 * m] += size * y
    return X, y


def columns(n_modalities=3):
    return [
        (f"m{m}", StandardScaler(), [3 * m, 3 * m + 1, 3 * m + 2])
        for m in range(n_modalities)
    ]


def removed(X, rows, modality):
    X = X.copy()
    X[rows, 3 * modality : 3 * modality + 3] = np.nan
    return X


@every_weighting
def test_every_weighting_learns(table, labels, describers, weights):
    fusion = KernelFusionClassifier(describers, weights=weights).fit(table, labels)
    assert fusion.score(table, labels) > 0.9
    assert fusion.weights_.shape == (3,)
    assert fusion.weights_.sum() == pytest.approx(1)
    probabilities = fusion.predict_proba(table)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    predicted = fusion.classes_[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(fusion.predict(table), predicted)
    above = (fusion.decision_function(table) > 0).astype(int)
    np.testing.assert_array_equal(fusion.predict(table), fusion.classes_[above])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_it_is_one_support_vector_machine_a_class_on_the_mean_of_kernels(n_classes):
    X, y = numbers(n_classes, size=0.7)
    fusion = KernelFusionClassifier(columns(), weights="uniform", C=0.5).fit(X, y)
    matrix = np.zeros((120, 120))
    for _, part, at in columns():
        Z = part.fit_transform(X[:, at])
        matrix += RowKernel("rbf").fit_matrix(compare(Z, Z, "rbf"), np.ones(120)) / 3
    expected = OneVsRestClassifier(SVC(kernel="precomputed", C=0.5)).fit(matrix, y)
    np.testing.assert_allclose(
        fusion.decision_function(X), expected.decision_function(matrix), atol=1e-6
    )


@every_weighting
def test_modalities_that_tell_more_weigh_more(weights):
    X, y = numbers(2, seed=1)
    X[:, 0] += 3 * y
    X[:, 6:] = np.random.RandomState(5).normal(size=(120, 3))
    learned = KernelFusionClassifier(columns(), weights=weights, cv=None).fit(X, y)
    if weights == "uniform":
        np.testing.assert_allclose(learned.weights_, 1 / 3)
    else:
        assert learned.weights_[0] > 2 * learned.weights_[1:].max()


def test_every_kind_of_table_gives_the_same(table, labels, describers):
    fusion = KernelFusionClassifier(describers)
    expected = fusion.fit(table, labels).predict_proba(table)
    polars = pl.from_pandas(table)
    from_polars = clone(fusion).fit(polars, labels).predict_proba(polars)
    np.testing.assert_allclose(from_polars, expected, atol=1e-12)
    by_position = [
        (name, part, [2, 3] if name == "size" else list(table).index(column))
        for name, part, column in describers
    ]
    cells = table.to_numpy()
    arrays = clone(fusion).set_params(parts=by_position)
    np.testing.assert_allclose(
        arrays.fit(cells, labels).predict_proba(cells), expected, atol=1e-12
    )


def test_parts_learn_from_the_rows_that_have_them(table, labels, describers):
    fusion = KernelFusionClassifier(describers).fit(table, labels)
    assert fusion.modality_counts_ == {"title": 58, "code": 57, "size": 58}
    np.testing.assert_array_equal(
        fusion.modality_presence(table)[:4],
        [[True, False, True], [False, True, True], [True, True, False], [False] * 3],
    )


@every_weighting
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_row_with_nothing_gets_the_class_priors(weights, n_classes):
    X, y = numbers(n_classes)
    y[:20] = 1
    X[5] = np.nan
    fusion = KernelFusionClassifier(columns(), weights=weights).fit(X, y)
    shares = np.bincount(y) / len(y)
    np.testing.assert_allclose(fusion.predict_proba(X)[5], shares)
    assert fusion.predict(X)[5] == 1
    decision = fusion.decision_function(X)[5]
    expected = np.log(shares[1] / shares[0]) if n_classes == 2 else np.log(shares)
    np.testing.assert_allclose(decision, expected)
    nothing = np.full((3, 9), np.nan)
    np.testing.assert_allclose(fusion.predict_proba(nothing), [shares] * 3)


@every_weighting
def test_a_modality_left_alone_still_decides(weights):
    X, y = numbers(2, size=3)
    X[:, 6:] = np.random.RandomState(5).normal(size=(120, 3))
    X[:, 6] += 0.8 * y  # tells little
    fusion = KernelFusionClassifier(columns(), weights=weights).fit(X, y)
    weak = removed(removed(X, slice(None), 0), slice(None), 1)
    assert fusion.score(weak, y) > 0.6
    strong = removed(removed(X, slice(None), 1), slice(None), 2)
    assert fusion.score(strong, y) > 0.9


def test_a_row_is_decided_by_machines_of_what_it_has():
    X, y = numbers()
    fusion = KernelFusionClassifier(columns(), weights=[2, 1, 1]).fit(X, y)
    without = KernelFusionClassifier(columns()[1:], weights=[1, 1]).fit(X, y)
    np.testing.assert_allclose(
        fusion.decision_function(removed(X, slice(None), 0)),
        without.decision_function(X),
        atol=1e-6,
    )


def test_of_many_modalities_scores_of_some_are_scaled_to_those_of_all():
    X, y = numbers(n_modalities=6)
    fusion = KernelFusionClassifier(columns(6), weights="uniform").fit(X, y)
    whole = fusion.decision_function(X) - fusion.intercept_[0]
    halves = []
    for gone in ((0, 1, 2), (3, 4, 5)):
        rows = X
        for m in gone:
            rows = removed(rows, slice(None), m)
        halves.append(fusion.decision_function(rows) - fusion.intercept_[0])
    np.testing.assert_allclose(np.mean(halves, axis=0), whole, atol=1e-9)
    assert len(fusion.intercept_) == 1 + 6 + 6


def test_a_row_is_less_sure_the_more_it_lacks():
    X, y = numbers(3, 300, size=1.0)
    fusion = KernelFusionClassifier(columns()).fit(X[:150], y[:150])
    gaps = removed(X[150:], slice(None), 2)
    gone = removed(gaps, slice(None), 1)
    sure = []
    for rows in (X[150:], gaps, gone):
        sure.append(fusion.predict_proba(rows).max(axis=1).mean())
        assert sure[-1] < fusion.score(rows, y[150:]) + 0.05
    assert sure[0] > sure[1] > sure[2]
    expected = np.sqrt(fusion.weights_[0]) * fusion.scale_
    scores = fusion.decision_function(gone)
    logs = np.log(fusion.predict_proba(gone))
    np.testing.assert_allclose(
        np.diff(logs, axis=1), expected * np.diff(scores, axis=1), atol=1e-9
    )


@pytest.mark.parametrize("n_classes", [2, 4])
def test_probabilities_are_calibrated_on_rows_held_out(n_classes):
    X, y = numbers(n_classes, 600, size=0.6)
    fusion = KernelFusionClassifier(columns(), C=0.5).fit(X[:300], y[:300])
    p = fusion.predict_proba(X[300:])
    right = fusion.score(X[300:], y[300:])
    assert abs(p.max(axis=1).mean() - right) < 0.08
    assert log_loss(y[300:], p) < log_loss(y[300:], np.full_like(p, 1 / n_classes))


def test_without_inner_folds_there_are_no_probabilities(table, labels, describers):
    fusion = KernelFusionClassifier(describers, cv=None).fit(table, labels)
    expected = KernelFusionClassifier(describers).fit(table, labels)
    assert not hasattr(fusion, "predict_proba")
    assert not hasattr(fusion, "scale_")
    np.testing.assert_array_equal(
        fusion.decision_function(table), expected.decision_function(table)
    )


class Folds(GroupKFold):
    """Keep the groups that split received."""

    received: list = []

    def split(self, X, y=None, groups=None):
        self.received.append(groups)
        return super().split(X, y, groups)


def test_groups_reach_the_inner_folds(table, labels, describers):
    groups = np.arange(60) // 2
    Folds.received.clear()
    KernelFusionClassifier(describers, cv=Folds(3)).fit(table, labels, groups=groups)
    assert len(Folds.received) == 1
    np.testing.assert_array_equal(Folds.received[0], groups)


@pytest.mark.parametrize("kernels", ["linear", "rbf"])
@pytest.mark.parametrize("weights", ["uniform", "easymkl"])
def test_sample_weight_is_repetition(kernels, weights):
    X, y = numbers(2, 60, size=0.7)
    counts = np.arange(60) % 3
    parts = [(name, FunctionTransformer(), at) for name, _, at in columns()]
    one = KernelFusionClassifier(parts, kernels=kernels, weights=weights, cv=None)
    one.fit(X[counts > 0], y[counts > 0], sample_weight=counts[counts > 0])
    two = clone(one).fit(X.repeat(counts, axis=0), y.repeat(counts))
    # The mean distance of two rows counts a row and its copy.
    exact = kernels == "linear"
    np.testing.assert_allclose(
        one.decision_function(X),
        two.decision_function(X),
        atol=1e-2 if exact else 0.1,
    )
    np.testing.assert_allclose(one.class_prior_, two.class_prior_)


@every_weighting
def test_rows_of_no_weight_are_as_if_left_out(weights):
    X, y = numbers(3, 90)
    X = removed(X, np.arange(90) < 60, 2)
    kept = np.arange(90) < 75
    y[~kept] = 3  # a class of no weight
    parts = [(name, FunctionTransformer(), at) for name, _, at in columns()]
    one = KernelFusionClassifier(parts, weights=weights, cv=None)
    one.fit(X, y, sample_weight=kept * 1.0)
    two = clone(one).fit(X[kept], y[kept])
    np.testing.assert_allclose(one.weights_, two.weights_, atol=2e-3)
    np.testing.assert_allclose(
        one.decision_function(X)[:, :3], two.decision_function(X), atol=0.05
    )
    assert set(one.predict(X)) == {0, 1, 2}
    nothing = one.fit(X, y, sample_weight=(np.arange(90) < 60) * 1.0)
    assert nothing.score(X[:60], y[:60]) > 0.8  # no row of weight has the third


def test_sample_weight_reaches_the_calibration():
    X, y = numbers(2, 200, size=0.7)
    doubtful = np.arange(200) >= 100
    y = np.where(doubtful, (y + np.arange(200) // 2) % 2, y)
    fusion = KernelFusionClassifier(columns())
    sure = fusion.fit(X, y, sample_weight=np.where(doubtful, 1e-3, 1.0))
    sure = sure.predict_proba(X[:100]).max(axis=1).mean()
    unsure = fusion.fit(X, y, sample_weight=np.where(doubtful, 1.0, 1e-3))
    unsure = unsure.predict_proba(X[:100]).max(axis=1).mean()
    assert sure > unsure + 0.05


def test_weights_of_every_form(table, labels, describers):
    fusion = KernelFusionClassifier(describers, weights={"title": 2.0})
    np.testing.assert_allclose(fusion.fit(table, labels).weights_, [0.5, 0.25, 0.25])
    fusion.set_params(weights__size=0.0)
    np.testing.assert_allclose(fusion.fit(table, labels).weights_, [2 / 3, 1 / 3, 0])
    fusion.set_params(weights=[3, 2, 1], code="drop")
    np.testing.assert_allclose(fusion.fit(table, labels).weights_, [0.75, 0.25])
    for equal in (None, "uniform", {"title": 0, "size": 0}):
        fusion.set_params(weights=equal)
        np.testing.assert_allclose(fusion.fit(table, labels).weights_, [0.5, 0.5])
    with pytest.raises(ValueError, match="for each of 3 parts"):
        fusion.set_params(weights=[1, 2]).fit(table, labels)
    with pytest.raises(ValueError, match="needs weights=None or a dict"):
        fusion.set_params(weights="alignment").set_params(weights__size=1.0)
    with pytest.raises(ValueError, match="'weights' parameter .* must be"):
        fusion.set_params(weights="cv").fit(table, labels)


def test_a_row_with_only_what_weighs_nothing_gets_the_class_priors():
    X, y = numbers(2)
    fusion = KernelFusionClassifier(columns(), weights=[1, 0, 0]).fit(X, y)
    alone = removed(X, slice(None), 0)
    np.testing.assert_allclose(fusion.predict_proba(alone), 0.5)


@pytest.mark.parametrize("kernel", ["linear", "rbf", "laplacian", "chi2"])
def test_every_kernel_learns(table, labels, kernel):
    positive = make_pipeline(StandardScaler(), FunctionTransformer(np.exp))
    parts = [
        ("title", TfidfVectorizer(), "title"),
        ("size", positive, ["height", "width"]),
    ]
    fusion = KernelFusionClassifier(parts, kernels=kernel).fit(table, labels)
    assert fusion.score(table, labels) > 0.9


def test_kernels_by_the_part_s_name(table, labels, describers):
    gaussian = functools.partial(rbf_kernel, gamma=0.5)
    kernels = {"title": polynomial_kernel, "size": gaussian}
    fusion = KernelFusionClassifier(describers, kernels=kernels).fit(table, labels)
    assert fusion.scorers_["title"].kernel is polynomial_kernel
    assert fusion.scorers_["code"].kernel == "rbf"
    assert fusion.score(table, labels) > 0.9
    with pytest.raises(ValueError, match="names 'none', which is no part"):
        fusion.set_params(kernels={"none": "rbf"}).fit(table, labels)


class CountedFits(TfidfVectorizer):
    """Count fits."""

    fits: list = []

    def fit_transform(self, X, y=None):
        CountedFits.fits.append(len(list(X)))
        return super().fit_transform(X, y)


@pytest.mark.parametrize("refit", [True, False])
def test_features_are_fitted_once_unless_refit(table, labels, refit):
    parts = [
        ("title", CountedFits(), "title"),
        ("size", StandardScaler(), ["height", "width"]),
    ]
    fusion = KernelFusionClassifier(parts, cv=3, refit_features=refit)
    CountedFits.fits.clear()
    fusion.fit(table, labels)
    assert len(CountedFits.fits) == (4 if refit else 1)
    assert CountedFits.fits[0] == 58
    assert fusion.score(table, labels) > 0.9


class CountedLetters(Letters):
    """Count the cells described."""

    seen: list = []

    def _describe(self, item):
        CountedLetters.seen.append(item)
        return super()._describe(item)


@pytest.mark.parametrize("scaled", [False, True])
def test_an_item_that_nothing_is_learned_of_is_described_once(table, labels, scaled):
    part = CountedLetters()
    part = make_pipeline(part, StandardScaler()) if scaled else part
    CountedLetters.seen.clear()
    KernelFusionClassifier([("code", part, "code")], cv=3).fit(table, labels)
    assert len(CountedLetters.seen) == 57


def test_what_learns_labels_by_heart_does_not_make_it_sure():
    rng = np.random.RandomState(0)
    words = [f"w{i} v{rng.randint(400)}" for i in range(150)]
    X, y = pd.DataFrame({"words": words}), rng.randint(2, size=150)
    by_heart = make_pipeline(TfidfVectorizer(), SelectKBest(chi2, k=60))
    honest = KernelFusionClassifier([("words", by_heart, "words")]).fit(X, y)
    once = clone(honest).set_params(refit_features=False).fit(X, y)
    assert (
        once.scale_ == honest.scale_
    )  # what learns from y is fitted anew all the same
    frozen = FrozenEstimator(clone(by_heart).fit(X["words"], y))
    fooled = KernelFusionClassifier([("words", frozen, "words")]).fit(X, y)
    assert honest.scale_ < fooled.scale_


@pytest.mark.parametrize("letters", [Letters, FittedLetters])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_an_invalid_item_is_named_by_its_row_in_x(
    table, labels, describers, letters, n_jobs
):
    good = table.copy()
    table.loc["r5", "code"] = "bad"
    describers[1] = ("code", make_pipeline(letters(), StandardScaler()), "code")
    fusion = KernelFusionClassifier(describers, n_jobs=n_jobs)
    with pytest.raises(MediaError, match=r"Row 5 \('bad', index 'r5'\)") as caught:
        fusion.fit(table, labels)
    assert "part 'code'" in caught.value.__notes__[0]
    fusion.fit(good, labels)
    with pytest.raises(MediaError, match="Row 5"):
        fusion.predict(table)


@pytest.mark.parametrize("letters", [Letters, FittedLetters])
@pytest.mark.parametrize("scaled", [False, True])
def test_an_invalid_item_can_count_as_missing(table, labels, letters, scaled):
    part = letters("missing")
    part = make_pipeline(part, StandardScaler()) if scaled else part
    parts = [("code", part, "code"), ("title", TfidfVectorizer(), "title")]
    without = table.copy()
    without.loc[["r5", "r20"], "code"] = None
    expected = KernelFusionClassifier(parts).fit(without, labels)
    table.loc[["r5", "r20"], "code"] = "bad"
    fusion = clone(expected)
    with pytest.warns(InvalidItemWarning, match="rows 5, 20") as caught:
        fusion.fit(table, labels)
    assert len(caught) == 1
    assert fusion.modality_counts_ == {"code": 55, "title": 58}
    with pytest.warns(InvalidItemWarning, match="rows 5, 20"):
        predicted = fusion.predict_proba(table)
    np.testing.assert_allclose(predicted, expected.predict_proba(without), atol=1e-9)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_row_of_which_no_kernel_can_be_computed_is_named(labels, table, n_jobs):
    X = table.copy()
    X.loc["r2", ["height", "width"]] = 0.0
    X.loc["r3", ["height", "width"]] = 0.0
    parts = [
        ("title", TfidfVectorizer(), "title"),
        ("size", FunctionTransformer(), ["height", "width"]),
    ]
    fusion = KernelFusionClassifier(parts, n_jobs=n_jobs).fit(X, labels)
    X.loc["r7", "width"] = np.nan
    with pytest.raises(ValueError, match="Row 7: .* NaN") as caught:
        fusion.predict(X)
    assert "part 'size'" in caught.value.__notes__[0]
    with pytest.raises(ValueError, match="Row 7: .* NaN"):
        fusion.fit(X, labels)


def test_a_modality_that_no_row_has_is_named(table, labels, describers):
    with pytest.raises(ValueError, match="No row of X has the modality 'title'"):
        KernelFusionClassifier(describers).fit(table.assign(title=None), labels)
    with pytest.warns(InvalidItemWarning):
        with pytest.raises(ValueError, match="No row of X has the modality 'code'"):
            KernelFusionClassifier([("code", FittedLetters("missing"), "code")]).fit(
                table.assign(code="bad"), labels
            )


def test_labels_that_cannot_be_learned_are_refused(table, describers):
    fusion = KernelFusionClassifier(describers)
    y = np.arange(60) % 2 * 1.0
    with pytest.raises(ValueError, match="at least two classes. Got only 'cup'"):
        fusion.fit(table, ["cup"] * 60)
    with pytest.raises(ValueError, match="requires y"):
        fusion.fit(table, None)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fusion.fit(table, y[:-1])
    with pytest.raises(ValueError, match="Unknown label type"):
        fusion.fit(table, y + 0.5 * np.arange(60))
    y[7] = np.nan
    with pytest.raises(ValueError, match="y contains NaN"):
        fusion.fit(table, y)


def test_what_is_no_transformer_is_refused(table, labels):
    with pytest.raises(TypeError, match="part 'a' .* must be a transformer"):
        KernelFusionClassifier([("a", Ridge(), ["height"])]).fit(table, labels)


def test_rows_that_cannot_be_split_need_no_inner_folds():
    X, y = numbers(2, 2)
    fusion = KernelFusionClassifier(columns())
    with pytest.raises(ValueError, match="do without probabilities: cv=None"):
        fusion.fit(X, y)
    fusion.set_params(cv=None).fit(X, y)
    np.testing.assert_array_equal(fusion.predict(X), y)


@every_weighting
def test_a_class_of_one_row_is_no_obstacle(table, labels, describers, weights):
    labels = labels.astype(object)
    labels[7] = "hat"
    fusion = KernelFusionClassifier(describers, weights=weights).fit(table, labels)
    assert list(fusion.classes_) == ["cup", "hat", "kettle"]
    assert fusion.score(table, labels) > 0.8


@every_weighting
def test_a_modality_that_one_class_has_tells_nothing(table, labels, weights):
    table.loc[labels == "cup", "code"] = None
    parts = [("code", Letters(), "code"), ("title", TfidfVectorizer(), "title")]
    fusion = KernelFusionClassifier(parts, weights=weights).fit(table, labels)
    assert fusion.score(table, labels) > 0.9


@every_weighting
@pytest.mark.parametrize("n_rows", [1, 3])
def test_a_modality_of_few_rows_is_no_obstacle(table, labels, weights, n_rows):
    table.loc[f"r{3 + n_rows}" :, "code"] = None
    table["code"] = table["code"].where(table.index != "r3", "aab")
    table.loc[["r0", "r1", "r2"], "code"] = None
    parts = [
        ("code", Letters(), "code"),
        ("size", StandardScaler(), ["height", "width"]),
    ]
    fusion = KernelFusionClassifier(parts, weights=weights).fit(table, labels)
    assert fusion.modality_counts_["code"] == n_rows
    assert np.isfinite(fusion.predict_proba(table)).all()
    assert fusion.score(table, labels) > 0.6


@every_weighting
def test_no_row_need_have_every_modality(weights):
    X, y = numbers(2, size=3)
    for m in range(3):
        X = removed(X, np.arange(120) % 3 == m, m)
        X = removed(X, (np.arange(120) + 1) % 3 == m, m)
    fusion = KernelFusionClassifier(columns(), weights=weights).fit(X, y)
    assert fusion.score(X, y) > 0.9


def test_any_n_jobs_gives_the_same(table, labels, describers):
    expected = KernelFusionClassifier(describers).fit(table, labels)
    several = KernelFusionClassifier(describers, n_jobs=2).fit(table, labels)
    np.testing.assert_array_equal(
        several.predict_proba(table), expected.predict_proba(table)
    )


def test_absent_columns_are_named_and_no_row_gives_no_prediction(
    table, labels, describers
):
    fusion = KernelFusionClassifier(describers).fit(table, labels)
    with pytest.raises(ValueError, match="columns are missing: 'code'"):
        fusion.predict(table.drop(columns="code"))
    assert len(fusion.predict_proba(table[:0])) == 0


def test_grid_search_reaches_parts_weights_and_kernels(table, labels, describers):
    grid = {
        "title__ngram_range": [(1, 1), (1, 2)],
        "weights__code": [0.1, 1.0],
        "kernels": ["auto", {"size": "laplacian"}],
    }
    fusion = KernelFusionClassifier(describers, weights=None, cv=None)
    search = GridSearchCV(fusion, grid, cv=3).fit(table, labels)
    assert search.best_score_ > 0.85


def test_fusing_beats_each_modality_on_rows_held_out():
    X, y = numbers(3, 240, size=1.2)
    fused = cross_val_score(KernelFusionClassifier(columns(), cv=None), X, y, cv=5)
    for part in columns():
        alone = cross_val_score(KernelFusionClassifier([part], cv=None), X, y, cv=5)
        assert fused.mean() > alone.mean() + 0.05
