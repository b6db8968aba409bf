import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, ShuffleSplit

from mmclassic.fusion._folds import inner_folds, strata


def rows_held_out(folds):
    return np.sort(np.concatenate([test for _, test in folds]))


@pytest.mark.parametrize("classifier", [True, False])
def test_each_row_is_tested_once_and_never_trained_on_then(classifier):
    y = np.arange(23) % 3
    folds = inner_folds(4, y, None, classifier=classifier)
    assert len(folds) == 4
    np.testing.assert_array_equal(rows_held_out(folds), np.arange(23))
    assert all(not set(train) & set(test) for train, test in folds)


@pytest.mark.parametrize("classifier", [True, False])
def test_groups_are_never_split(classifier):
    y = np.arange(40) % 2
    groups = np.repeat(np.arange(10), 4)
    for train, test in inner_folds(5, y, groups, classifier=classifier):
        assert not set(groups[train]) & set(groups[test])


def test_there_are_no_more_folds_than_groups_or_rows_of_a_class():
    y = np.array([0] * 3 + [1] * 2)
    assert len(inner_folds(5, y, None, classifier=True)) == 3
    groups = np.array([0, 0, 1, 1, 1])
    assert len(inner_folds(5, y, groups, classifier=True)) == 2


def test_a_class_of_one_row_is_no_obstacle():
    y = np.array([0] * 10 + [1] * 10 + [2])
    np.testing.assert_array_equal(
        rows_held_out(inner_folds(5, y, None, classifier=True)), np.arange(21)
    )


def test_what_cannot_be_split_is_said():
    with pytest.raises(ValueError, match="no class has two rows"):
        inner_folds(5, np.arange(4), None, classifier=True)
    with pytest.raises(ValueError, match="at least two groups"):
        inner_folds(5, np.arange(4) % 2, np.zeros(4), classifier=True)
    with pytest.raises(ValueError, match="at least two rows"):
        inner_folds(5, np.zeros(1), None, classifier=False)


def test_splitters_and_lists_of_folds_are_taken():
    y, groups = np.arange(12) % 2, np.arange(12) // 2
    for train, test in inner_folds(GroupKFold(3), y, groups, classifier=True):
        assert not set(groups[train]) & set(groups[test])
    splits = list(ShuffleSplit(2, random_state=0).split(y))
    folds = inner_folds(splits, y, None, classifier=True)
    np.testing.assert_array_equal(folds[1][0], splits[1][0])


def test_rows_of_several_outputs_are_stratified_by_their_combination():
    y = np.column_stack([np.repeat([0, 1, 2], 20), np.tile([0, 1], 30)])
    for _, test in inner_folds(5, y, None, classifier=True):
        combinations = np.unique(y[test], axis=0, return_counts=True)
        assert len(combinations[0]) == 6
        assert combinations[1].tolist() == [2] * 6


def test_rare_combinations_are_spread_by_what_is_rarest_in_them():
    rng = np.random.RandomState(0)
    y = (rng.rand(200, 12) < 0.4).astype(int)  # nearly each row a combination
    y[:, 0] = 0
    y[:10, 0] = 1  # rare, and at one end of the table
    for train, test in inner_folds(5, y, None, classifier=True):
        assert y[test, 0].sum() == 2
        assert not set(train) & set(test)


def test_rows_that_are_all_unlike_are_split_in_their_order():
    y = np.column_stack([np.arange(6), np.arange(6)])
    np.testing.assert_array_equal(strata(y, 3), np.zeros(6))
    tests = [test.tolist() for _, test in inner_folds(3, y, None, classifier=True)]
    assert tests == [[0, 1], [2, 3], [4, 5]]


def test_groups_of_rows_of_several_outputs_are_never_split():
    y = np.column_stack([np.arange(40) % 2, np.arange(40) // 20])
    groups = np.repeat(np.arange(10), 4)
    for train, test in inner_folds(5, y, groups, classifier=True):
        assert not set(groups[train]) & set(groups[test])
