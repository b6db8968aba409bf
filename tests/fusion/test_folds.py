import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, ShuffleSplit

from mmclassic.fusion._folds import inner_folds


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
