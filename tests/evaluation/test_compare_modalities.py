"""compare_modalities: a table of each modality alone, then the fusions."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from mmclassic import make_multimodal_pipeline
from mmclassic.audio import MFCC
from mmclassic.datasets import make_multimodal
from mmclassic.evaluation import _compare, compare_modalities
from mmclassic.exceptions import MediaError
from mmclassic.fusion import EarlyFusion, LateFusionClassifier

TWO = {"text": "text", "audio": "audio"}


@pytest.fixture(scope="module")
def made():
    return make_multimodal(40, missing=0.05, return_X_y=True, random_state=0)


@pytest.fixture
def folds(monkeypatch):
    """The rows of every model's training and test parts."""
    seen = []
    original = _compare._cross_validate

    def spy(model, X, y, folds, *rest):
        seen.append(folds)
        return original(model, X, y, folds, *rest)

    monkeypatch.setattr(_compare, "_cross_validate", spy)
    return seen


def test_the_table_has_a_row_a_modality_and_a_fusion(made):
    table = compare_modalities(*made, **TWO, cv=2)
    assert list(table.index) == ["text", "audio", "early", "late"]
    assert table.index.name == "model"
    assert list(table.columns) == ["mean", "std", "seconds", "fold_0", "fold_1"]
    assert {str(dtype) for dtype in table.dtypes} == {"float64"}
    folds = table[["fold_0", "fold_1"]]
    np.testing.assert_allclose(table["mean"], folds.mean(axis=1))
    np.testing.assert_allclose(table["std"], folds.std(axis=1))
    assert (table["seconds"] > 0).all()
    assert table.loc["late", "mean"] > 0.4


def test_x_and_y_are_left_unchanged(made):
    X, y = made
    X_before, y_before = X.copy(), y.copy()
    compare_modalities(X, y, **TWO, cv=2, fusions=[])
    assert X.columns.tolist() == X_before.columns.tolist()
    assert all(X[name].tolist() == X_before[name].tolist() for name in TWO)
    pd.testing.assert_series_equal(y, y_before)


def test_scores_are_those_of_scikit_learns_cross_validation(made):
    X, y = made
    cv = StratifiedKFold(3)
    table = compare_modalities(X, y, text="text", cv=cv)
    vote = LateFusionClassifier([], method="vote", weights=None)
    model = make_multimodal_pipeline(text="text", fusion=vote, random_state=0)
    np.testing.assert_allclose(
        table.loc["text", ["fold_0", "fold_1", "fold_2"]].astype(float),
        cross_val_score(model, X, y, cv=cv),
    )


def test_all_models_see_the_same_folds_and_each_row_is_tested_once(made, folds):
    compare_modalities(*made, **TWO, cv=2, fusions=["early"])
    assert len(folds) == 3
    assert folds[0] is folds[1] is folds[2]
    tested = np.concatenate([test for _, test in folds[0]])
    np.testing.assert_array_equal(np.sort(tested), np.arange(40))


@pytest.mark.parametrize("classifier", [LogisticRegression(), Ridge()], ids=str)
def test_no_group_straddles_a_fold(made, folds, classifier):
    X, y = made
    y = pd.factorize(y)[0]
    groups = np.arange(40) // 4
    settings = {"cv": 2, "groups": groups.tolist(), "classifier": classifier}
    compare_modalities(X, y, text="text", **settings)
    for train, test in folds[0]:
        assert not set(groups[train]) & set(groups[test])


def test_groups_reach_the_inner_folds_of_late_fusion(made):
    X, y = made
    fusion = LateFusionClassifier([], cv=GroupKFold(2))
    settings = {"cv": 2, "fusions": {"grouped": fusion}, **TWO}
    with pytest.raises(ValueError, match="groups"):
        compare_modalities(X, y, **settings)
    table = compare_modalities(X, y, **settings, groups=np.arange(40) // 2)
    assert list(table.index) == ["text", "audio", "grouped"]


@pytest.mark.parametrize("cv", ["iterable", "generator"])
def test_folds_given_as_rows_are_used(made, folds, cv):
    given = [(np.arange(0, 30), np.arange(30, 40))]
    cv = given if cv == "iterable" else iter(given)
    table = compare_modalities(*made, **TWO, cv=cv, fusions=["early"])
    assert np.isnan(table["std"]).all()
    assert "fold_1" not in table
    np.testing.assert_array_equal(folds[-1][0][1], given[0][1])


def test_fusions_of_one_class_have_rows_of_their_own(made):
    fusions = [
        EarlyFusion([], method=method, n_components=4) for method in ("sum", "product")
    ]
    table = compare_modalities(*made, **TWO, cv=2, fusions=fusions)
    assert list(table.index) == ["text", "audio", "EarlyFusion", "EarlyFusion 2"]
    assert all(fusion.parts == [] for fusion in fusions)


def test_a_part_named_as_a_fusion_keeps_its_row(made):
    columns = {"text": {"early": "text"}, "audio": "audio"}
    table = compare_modalities(*made, **columns, cv=2, fusions=["early"])
    assert list(table.index) == ["early", "audio", "early 2"]


def test_one_modality_has_no_fusion(made):
    assert list(compare_modalities(*made, text="text", cv=2).index) == ["text"]


def test_a_metric_is_named(made):
    X, y = made
    settings = {"text": "text", "cv": 2, "scoring": "neg_log_loss"}
    assert (compare_modalities(X, y, **settings)["mean"] < 0).all()


def test_regressors_are_compared_by_r2_over_shuffled_folds(made, folds):
    X, y = made
    target = pd.factorize(y)[0] + np.linspace(0, 0.1, 40)
    order = np.argsort(target)
    table = compare_modalities(
        X.iloc[order], target[order], **TWO, cv=3, classifier=Ridge()
    )
    assert list(table.index) == ["text", "audio", "early", "late"]
    assert (table["mean"] < 1).all()
    assert table.loc["early", "mean"] > -1
    assert (np.diff(folds[0][0][1]) > 1).any()


def test_equal_calls_give_equal_scores(made):
    first, second = (
        compare_modalities(*made, text="text", cv=2).drop(columns="seconds")
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("position", [5, 31])
def test_an_invalid_item_is_named_by_its_row_in_x(made, position):
    X, y = made
    X = X.set_axis([f"item {i}" for i in range(40)])
    X.iloc[position, 2] = "gone.wav"
    with pytest.raises(MediaError, match=rf"Row {position} \('gone.wav', index 'item"):
        compare_modalities(X, y, **TWO, cv=3)


def test_calls_that_make_no_comparison_say_why(made):
    with pytest.raises(ValueError, match="at least one modality"):
        compare_modalities(*made)
    with pytest.raises(TypeError, match=r"fusions=\[...\] instead of fusion="):
        compare_modalities(*made, **TWO, fusion="early")
    with pytest.raises(ValueError, match="fusions must be a list. Got 'early'"):
        compare_modalities(*made, **TWO, fusions="early")
    with pytest.raises(ValueError, match="n_splits=30"):
        compare_modalities(*made, **TWO, cv=30)


def test_an_item_is_described_once_in_all_models_and_folds(made, monkeypatch):
    described = []
    original = MFCC._describe

    def spy(self, item):
        described.append(len(item))
        return original(self, item)

    monkeypatch.setattr(MFCC, "_describe", spy)
    X, y = made
    table = compare_modalities(X, y, **TWO, cv=2)
    n_sounds = X["audio"].notna().sum()
    assert len(described) == n_sounds
    again = compare_modalities(X, y, **TWO, cv=2, max_bytes=1)
    assert len(described) > 4 * n_sounds
    columns = ["fold_0", "fold_1"]
    pd.testing.assert_frame_equal(table[columns], again[columns])


def test_a_modality_alone_decides_by_its_classifiers_scores(made):
    X, y = made
    folds = list(StratifiedKFold(3).split(y, y))
    table = compare_modalities(X, y, text="text", cv=folds, missing="zero")
    part = make_multimodal_pipeline(text="text", random_state=0).named_steps["fusion"]
    (_, classifier, _) = part.parts[0]
    for fold, (train, test) in enumerate(folds):
        there = X["text"].notna()
        train, test = (rows[there.iloc[rows]] for rows in (train, test))
        fitted = clone(classifier).fit(X["text"].iloc[train], y.iloc[train])
        right = fitted.predict(X["text"].iloc[test]) == y.iloc[test]
        lacking = len(folds[fold][1]) - len(test)  # decided by the classes' shares
        share = table.loc["text", f"fold_{fold}"] * len(folds[fold][1])
        assert right.sum() <= round(share) <= right.sum() + lacking


def test_accuracy_by_name_is_the_accuracy_by_default(made):
    settings = {**TWO, "cv": 2, "fusions": []}
    by_name = compare_modalities(*made, **settings, scoring="accuracy")
    by_default = compare_modalities(*made, **settings)
    np.testing.assert_array_equal(by_name["mean"], by_default["mean"])


def test_a_score_that_needs_probabilities_gets_calibrated_ones(made):
    table = compare_modalities(
        *made, text="text", audio="audio", cv=2, scoring="neg_log_loss", fusions=[]
    )
    assert (table["mean"] > -np.log(4)).all()  # better than even shares


@pytest.mark.parametrize("kind", ["labels", "sparse labels", "classes"])
def test_models_of_several_outputs_are_compared(made, kind):
    X, y = made
    classes = np.unique(y)
    labels = np.column_stack([np.isin(y, classes[:2]), np.isin(y, classes[1:3])])
    Y = {
        "labels": labels.astype(int),
        "sparse labels": csr_matrix(labels.astype(int)),
        "classes": np.column_stack([np.asarray(y), labels[:, 0]]).astype(str),
    }[kind]
    table = compare_modalities(
        X, Y, **TWO, cv=2, classifier=RandomForestClassifier(20, random_state=0)
    )
    assert list(table.index) == ["text", "audio", "early", "late"]
    assert table.loc["late", "mean"] > 0.4


def test_the_folds_of_several_outputs_hold_each_combination(made, folds):
    X, _ = made
    Y = np.column_stack([np.arange(40) % 2, np.arange(40) // 20])
    compare_modalities(X, Y, **TWO, cv=4, classifier=KNeighborsClassifier(), fusions=[])
    for _, test in folds[0]:
        counts = np.unique(Y[test], axis=0, return_counts=True)[1]
        assert len(counts) == 4
        assert counts.max() - counts.min() <= 1


def test_what_takes_one_output_says_so(made):
    X, y = made
    Y = np.column_stack([np.arange(40) % 2, np.arange(40) // 20])
    with pytest.raises(ValueError, match="MultiOutputClassifier"):
        compare_modalities(X, Y, **TWO, cv=2)
