"""Split training rows into inner folds that keep look-alikes together."""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    check_cv,
)

__all__ = ["inner_folds"]

LATE_OTHERWISE = (
    "Give more rows, or learn nothing from inner folds: weights=None, and neither "
    "method='stacking' nor a classifier without predict_proba."
)

Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def inner_folds(
    cv: int | Any | Iterable[Any],
    y: NDArray[Any],
    groups: NDArray[Any] | None,
    *,
    classifier: bool,
    otherwise: str = LATE_OTHERWISE,
) -> Folds:
    """Return the training and the test rows of each inner fold.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
        An int gives that many stratified folds of a classifier's rows, or fewer where
        there are fewer groups, or where no class has that many rows. They aren't
        shuffled: rows that lie together, as look-alikes often do, stay together.
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,) or None
        Rows of one group are never in both.
    classifier : bool
    otherwise : str
        How to do without folds, for the error where the rows can't be split.

    Returns
    -------
    list of (train, test) arrays of row positions

    Raises
    ------
    ValueError
        If the rows can't be split.
    """
    if not isinstance(cv, int | np.integer):
        splitter = check_cv(cv, y, classifier=classifier)
        return [(np.asarray(a), np.asarray(b)) for a, b in splitter.split(y, y, groups)]
    counts = np.unique(y, return_counts=True)[1]
    most = int(counts.max()) if classifier else len(y)
    if groups is not None:
        most = min(most, len(np.unique(groups)))
    if most < 2:
        raise ValueError(f"{_why_not(groups, classifier)}. {otherwise}")
    kinds = {
        (True, False): StratifiedKFold,
        (True, True): StratifiedGroupKFold,
        (False, False): KFold,
        (False, True): GroupKFold,
    }
    splitter = kinds[classifier, groups is not None](n_splits=min(int(cv), most))
    with warnings.catch_warnings():
        # A class of fewer rows than folds is absent from some: that is provided for.
        warnings.filterwarnings("ignore", message="The least populated class")
        return list(splitter.split(y, y, groups))


def _why_not(groups: NDArray[Any] | None, classifier: bool) -> str:
    if groups is not None and len(np.unique(groups)) < 2:
        problem = "Inner folds need rows of at least two groups; 'groups' has one"
    elif classifier:
        problem = "Inner folds need a class of two rows; no class has two rows"
    else:
        problem = "Inner folds need at least two rows; y has one"
    return problem
