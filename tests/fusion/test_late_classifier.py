import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.fusion import LateFusionClassifier
from tests.fusion.conftest import FittedLetters, Letters

METHODS = ["product", "mean", "max", "median", "vote", "stacking"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("weights", ["cv", None])
def test_every_method_learns(table, labels, classifiers, method, weights):
    fusion = LateFusionClassifier(classifiers, method=method, weights=weights)
    probabilities = fusion.fit(table, labels).predict_proba(table)
    assert probabilities.shape == (60, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    predicted = fusion.predict(table)
    np.testing.assert_array_equal(predicted, fusion.classes_[probabilities.argmax(1)])
    assert fusion.score(table, labels) > 0.85


def test_equal_mean_is_scikit_learns_soft_voting():
    rng = np.random.RandomState(0)
    y = rng.randint(3, size=80)
    X = rng.normal(size=(80, 4)) + y[:, None]
    one, two = LogisticRegression(), KNeighborsClassifier()
    every = [0, 1, 2, 3]
    ours = LateFusionClassifier(
        [("a", one, every), ("b", two, every)], method="mean", weights=[2, 1]
    ).fit(X, y)
    theirs = VotingClassifier([("a", one), ("b", two)], voting="soft", weights=[2, 1])
    np.testing.assert_allclose(ours.predict_proba(X), theirs.fit(X, y).predict_proba(X))


@pytest.mark.parametrize("method", METHODS)
def test_every_kind_of_table_gives_the_same(table, labels, classifiers, method):
    fusion = LateFusionClassifier(classifiers, method=method)
    expected = fusion.fit(table, labels).predict_proba(table)
    polars = pl.from_pandas(table)
    from_polars = clone(fusion).fit(polars, labels).predict_proba(polars)
    np.testing.assert_allclose(from_polars, expected, atol=1e-12)
    by_position = [
        (name, part, [2, 3] if name == "size" else list(table).index(column))
        for name, part, column in classifiers
    ]
    cells = table.to_numpy()
    arrays = clone(fusion).set_params(parts=by_position)
    np.testing.assert_allclose(
        arrays.fit(cells, labels).predict_proba(cells), expected, atol=1e-12
    )


def test_parts_learn_from_the_rows_that_have_them(table, labels, classifiers):
    fusion = LateFusionClassifier(classifiers, weights=None).fit(table, labels)
    assert fusion.modality_counts_ == {"title": 58, "code": 57, "size": 58}
    rows = table["code"].notna().to_numpy()
    alone = clone(classifiers[1][1]).fit(table["code"][rows], labels[rows])
    np.testing.assert_allclose(fusion.parts_[1][1][-1].coef_, alone[-1].coef_)


@pytest.mark.parametrize("method", METHODS)
def test_a_row_with_nothing_gets_the_class_priors(table, labels, classifiers, method):
    labels[:10] = "cup"
    fusion = LateFusionClassifier(classifiers, method=method).fit(table, labels)
    shares = [(labels == k).mean() for k in fusion.classes_]
    np.testing.assert_allclose(fusion.predict_proba(table)[3], shares, atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_all_rows_missing_at_predict(table, labels, classifiers, method):
    fusion = LateFusionClassifier(classifiers, method=method).fit(table, labels)
    blank = table.assign(title=None, code=None)
    assert fusion.score(blank, labels) > 0.5
    nothing = blank.assign(height=np.nan, width=np.nan)
    np.testing.assert_allclose(fusion.predict_proba(nothing), 0.5, atol=0.01)


def test_one_modality_left_decides_as_it_does_alone(table, labels, classifiers):
    fusion = LateFusionClassifier(classifiers, method="mean").fit(table, labels)
    blank = table.assign(title=None, code=None).drop(index=["r2", "r3"])
    alone = fusion.parts_[2][1].predict_proba(blank[["height", "width"]])
    np.testing.assert_allclose(fusion.predict_proba(blank), alone)


@pytest.mark.parametrize(
    "svm", [LinearSVC(), SVC(), RidgeClassifier()], ids=lambda p: str(p)[:4]
)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("method", ["product", "max"])
def test_scores_are_calibrated_on_rows_held_out(svm, n_classes, method):
    rng = np.random.RandomState(0)
    y = rng.randint(n_classes, size=400)
    X = np.column_stack([(y == k) + rng.normal(size=400) for k in range(n_classes)])
    part = make_pipeline(StandardScaler(), svm)
    fusion = LateFusionClassifier([("a", part, list(range(n_classes)))], method=method)
    fusion.fit(X[:200], y[:200])
    p = fusion.predict_proba(X[200:])
    sure = p.max(axis=1)
    right = fusion.predict(X[200:]) == y[200:]
    assert abs(sure.mean() - right.mean()) < 0.08
    assert list(fusion.calibrators_) == ["a"]


def test_what_has_probabilities_is_not_calibrated(table, labels, classifiers):
    fusion = LateFusionClassifier(classifiers).fit(table, labels)
    assert fusion.calibrators_ == {}


def test_nothing_is_held_out_where_nothing_is_learned(table, labels, classifiers):
    def no_folds(*_):
        raise AssertionError("folds were asked for")
        yield

    folds = type("Folds", (GroupKFold,), {"split": no_folds})()
    fusion = LateFusionClassifier(classifiers, weights=None, cv=folds)
    fusion.fit(table, labels)
    with pytest.raises(AssertionError):
        fusion.set_params(method="stacking").fit(table, labels)


class Folds(GroupKFold):
    """Keep the groups that split received."""

    received: list = []

    def split(self, X, y=None, groups=None):
        self.received.append(groups)
        return super().split(X, y, groups)


@pytest.mark.parametrize("method", ["product", "stacking"])
def test_groups_reach_the_inner_folds(table, labels, classifiers, method):
    groups = np.arange(60) // 2
    Folds.received.clear()
    LateFusionClassifier(classifiers, method=method, cv=Folds(3)).fit(
        table, labels, groups=groups
    )
    assert len(Folds.received) == 1
    np.testing.assert_array_equal(Folds.received[0], groups)


def test_groups_keep_look_alikes_from_flattering_a_modality():
    rng = np.random.RandomState(0)
    groups = np.repeat(np.arange(40), 4)
    y = np.repeat(np.arange(40) % 2, 4)
    twins = np.repeat(rng.normal(size=(40, 5)), 4, axis=0)  # tells the group, not y
    honest = y + rng.normal(size=160)
    X = np.column_stack([twins, honest])
    parts = [
        ("twins", KNeighborsClassifier(1), [0, 1, 2, 3, 4]),
        ("honest", LogisticRegression(), [5]),
    ]
    fusion = LateFusionClassifier(parts).fit(X, y, groups=groups)
    assert fusion.weights_[0] < 0.3 < fusion.weights_[1]
    flattered = LateFusionClassifier(parts, cv=4).fit(*shuffled(X, y))
    assert flattered.weights_[0] > flattered.weights_[1]


def shuffled(*arrays):
    order = np.random.RandomState(1).permutation(len(arrays[0]))
    return [array[order] for array in arrays]


def test_sample_weight_reaches_parts_weights_and_final_estimator(
    table, labels, classifiers
):
    doubled = pd.concat([table, table[:30]])
    y = np.r_[labels, labels[:30]]
    weights = np.r_[np.full(30, 2.0), np.ones(30)]
    for method in ("product", "stacking"):
        split = np.arange(60) % 3
        folds = [
            (np.flatnonzero(split != k), np.flatnonzero(split == k)) for k in range(3)
        ]
        more = np.r_[split, split[:30]]
        double = [
            (np.flatnonzero(more != k), np.flatnonzero(more == k)) for k in range(3)
        ]
        parts = classifiers[1:]
        parts = [
            (n, Pipeline([("f", p[0]), *p.steps[-1:]]), c) for n, p, c in parts[:1]
        ]
        one = LateFusionClassifier(parts, method=method, cv=folds)
        two = LateFusionClassifier(parts, method=method, cv=double)
        one.fit(table, labels, sample_weight=weights)
        two.fit(doubled, y)
        np.testing.assert_allclose(
            one.predict_proba(table), two.predict_proba(table), atol=1e-3
        )


def test_sample_weight_is_refused_by_the_name_of_the_part(table, labels):
    part = make_pipeline(TfidfVectorizer(), KNeighborsClassifier())
    with pytest.raises(ValueError, match="part 'title' .* takes no sample_weight"):
        LateFusionClassifier([("title", part, "title")]).fit(
            table, labels, sample_weight=np.ones(60)
        )


class CountedFits(TfidfVectorizer):
    """Count fits, and whether one of them saw labels."""

    fits: list = []

    def fit_transform(self, X, y=None):
        CountedFits.fits.append(y is not None)
        return super().fit_transform(X, y)


@pytest.mark.parametrize("refit", [True, False])
def test_features_are_fitted_once_without_labels_unless_refit(table, labels, refit):
    part = make_pipeline(CountedFits(), LogisticRegression())
    fusion = LateFusionClassifier(
        [("title", part, "title"), ("size", LogisticRegression(), ["height"])],
        cv=3,
        refit_features=refit,
    )
    CountedFits.fits.clear()
    X = table.fillna({"height": 0.0})
    fusion.fit(X, labels)
    assert CountedFits.fits == ([True] * 4 if refit else [False])
    assert fusion.score(X, labels) > 0.9


def test_weights_of_every_form(table, labels, classifiers):
    fusion = LateFusionClassifier(classifiers, weights={"title": 2.0})
    np.testing.assert_array_equal(fusion.fit(table, labels).weights_, [2, 1, 1])
    fusion.set_params(weights__size=0.0)
    np.testing.assert_array_equal(fusion.fit(table, labels).weights_, [2, 1, 0])
    fusion.set_params(weights=[3, 2, 1], code="drop")
    np.testing.assert_array_equal(fusion.fit(table, labels).weights_, [3, 1])
    with pytest.raises(ValueError, match="for each of 3 parts"):
        fusion.set_params(weights=[1, 2]).fit(table, labels)
    with pytest.raises(ValueError, match="in the range"):
        fusion.set_params(weights={"size": -1}).fit(table, labels)
    with pytest.raises(ValueError, match="needs weights=None or a dict"):
        fusion.set_params(weights="cv").set_params(weights__size=1.0)


@pytest.mark.parametrize("letters", [Letters, FittedLetters])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_an_invalid_item_is_named_by_its_row_in_x(
    table, labels, classifiers, letters, n_jobs
):
    good = table.copy()
    table.loc["r5", "code"] = "bad"
    parts = classifiers.copy()
    parts[1] = ("code", make_pipeline(letters(), LogisticRegression()), "code")
    fusion = LateFusionClassifier(parts, n_jobs=n_jobs)
    with pytest.raises(MediaError, match=r"Row 5 \('bad', index 'r5'\)") as caught:
        fusion.fit(table, labels)
    assert "part 'code'" in caught.value.__notes__[0]
    fusion.fit(good, labels)
    with pytest.raises(MediaError, match="Row 5"):
        fusion.predict(table)


@pytest.mark.parametrize("letters", [Letters, FittedLetters])
@pytest.mark.parametrize("method", METHODS)
def test_an_invalid_item_can_count_as_missing(table, labels, letters, method):
    part = make_pipeline(letters("missing"), StandardScaler(), LogisticRegression())
    words = make_pipeline(TfidfVectorizer(), LogisticRegression())
    parts = [("code", part, "code"), ("title", words, "title")]
    without = table.copy()
    without.loc[["r5", "r20"], "code"] = None
    expected = LateFusionClassifier(parts, method=method).fit(without, labels)
    table.loc[["r5", "r20"], "code"] = "bad"
    fusion = clone(expected)
    with pytest.warns(InvalidItemWarning, match="rows 5, 20") as caught:
        fusion.fit(table, labels)
    assert len(caught) == 1
    assert fusion.modality_counts_ == {"code": 55, "title": 58}
    with pytest.warns(InvalidItemWarning, match="rows 5, 20"):
        predicted = fusion.predict_proba(table)
    np.testing.assert_allclose(predicted, expected.predict_proba(without))
    assert isinstance(fusion.parts_[0][1], Pipeline)
    assert len(fusion.parts_[0][1].steps) == 3


def test_a_modality_that_no_row_has_is_named(table, labels, classifiers):
    with pytest.raises(ValueError, match="No row of X has the modality 'title'"):
        LateFusionClassifier(classifiers).fit(table.assign(title=None), labels)
    part = make_pipeline(FittedLetters("missing"), LogisticRegression())
    with pytest.warns(InvalidItemWarning):
        with pytest.raises(ValueError, match="No row of X has the modality 'code'"):
            LateFusionClassifier([("code", part, "code")]).fit(
                table.assign(code="bad"), labels
            )


def test_a_missing_label_is_refused(table, classifiers):
    y = np.arange(60) % 2 * 1.0
    y[7] = np.nan
    with pytest.raises(ValueError, match="y contains NaN"):
        LateFusionClassifier(classifiers).fit(table, y)


def test_one_class_is_refused(table, classifiers):
    with pytest.raises(ValueError, match="at least two classes. Got only 'cup'"):
        LateFusionClassifier(classifiers).fit(table, ["cup"] * 60)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("svm", [False, True])
def test_a_class_of_one_row_is_no_obstacle(table, labels, classifiers, method, svm):
    labels = labels.astype(object)
    labels[7] = "hat"
    if svm:
        classifiers[2] = ("size", make_pipeline(StandardScaler(), SVC()), ["width"])
    fusion = LateFusionClassifier(classifiers, method=method).fit(table, labels)
    assert list(fusion.classes_) == ["cup", "hat", "kettle"]
    assert fusion.score(table, labels) > 0.8


@pytest.mark.parametrize("method", METHODS)
def test_a_modality_that_one_class_has_tells_nothing(table, labels, method):
    table.loc[labels == "cup", "code"] = None
    part = make_pipeline(Letters(), LogisticRegression())
    words = make_pipeline(TfidfVectorizer(), LogisticRegression())
    parts = [("code", part, "code"), ("title", words, "title")]
    fusion = LateFusionClassifier(parts, method=method).fit(table, labels)
    assert fusion.score(table, labels) > 0.9


@pytest.mark.parametrize("svm", [LogisticRegression(), SVC()])
def test_a_modality_of_few_rows_is_no_obstacle(table, labels, svm):
    table.loc["r3":"r58", "code"] = None
    parts = [
        ("code", make_pipeline(Letters(), svm), "code"),
        ("size", make_pipeline(StandardScaler(), LogisticRegression()), ["height"]),
    ]
    table["height"] = table["height"].fillna(0)
    fusion = LateFusionClassifier(parts).fit(table, labels)
    assert fusion.modality_counts_["code"] == 3
    assert np.isfinite(fusion.predict_proba(table)).all()


def test_classes_that_a_part_never_saw_are_left_open(table, labels, classifiers):
    labels = labels.astype(object)
    hats = np.arange(60) % 5 == 0
    labels[hats] = "hat"
    table.loc[hats, "title"] = "hat"
    table.loc[hats, "code"] = None
    fusion = LateFusionClassifier(classifiers, weights=None).fit(table, labels)
    assert (fusion.predict(table.iloc[10:])[hats[10:]] == "hat").all()


@pytest.mark.parametrize(
    "final",
    [
        None,
        RandomForestClassifier(20, random_state=0),
        make_pipeline(SelectKBest(k=2), LogisticRegression()),
    ],
)
def test_any_final_estimator_stacks(table, labels, classifiers, final):
    fusion = LateFusionClassifier(
        classifiers, method="stacking", final_estimator=final
    ).fit(table, labels)
    assert fusion.score(table, labels) > 0.85
    assert fusion.final_estimator_ is not final


def test_a_part_may_be_tabular_or_one_number(table, labels):
    parts = [
        ("size", make_pipeline(StandardScaler(), LogisticRegression()), ["height"]),
        ("both", RandomForestClassifier(10, random_state=0), ["height", "width"]),
    ]
    assert LateFusionClassifier(parts).fit(table, labels).score(table, labels) > 0.7


def test_any_n_jobs_gives_the_same(table, labels, classifiers):
    expected = LateFusionClassifier(classifiers).fit(table, labels)
    several = LateFusionClassifier(classifiers, n_jobs=2).fit(table, labels)
    np.testing.assert_array_equal(
        several.predict_proba(table), expected.predict_proba(table)
    )


def test_absent_columns_are_named(table, labels, classifiers):
    fusion = LateFusionClassifier(classifiers).fit(table, labels)
    with pytest.raises(ValueError, match="columns are missing: 'code'"):
        fusion.predict(table.drop(columns="code"))


def test_what_is_no_classifier_is_refused(table, labels):
    with pytest.raises(TypeError, match="part 'a' .* must be a classifier"):
        LateFusionClassifier([("a", Ridge(), ["height"])]).fit(table, labels)
    with pytest.raises(ValueError, match="requires y"):
        LateFusionClassifier([("a", LogisticRegression(), ["height"])]).fit(table, None)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        LateFusionClassifier([("a", LogisticRegression(), ["height"])]).fit(
            table, labels[:-1]
        )


def test_the_vote_of_one_part_is_its_highest_score_and_needs_no_inner_folds():
    rng = np.random.RandomState(0)
    y = rng.randint(3, size=60)
    X = pd.DataFrame(rng.normal(size=(60, 4)) + y[:, None])
    svm = LinearSVC(random_state=0)
    fusion = LateFusionClassifier(
        [("a", svm, list(X))], method="vote", weights=None, cv=[]
    ).fit(X, y)
    assert fusion.calibrators_ == {}
    np.testing.assert_array_equal(fusion.predict(X), svm.fit(X, y).predict(X))
