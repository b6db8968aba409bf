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

__all__ = ["inner_folds", "mask_of", "strata"]

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
        Rows of several outputs are stratified as ``strata`` tells.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
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
    if classifier and y.ndim == 2:
        y = strata(y, int(cv))
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


def mask_of(rows: NDArray[Any], n_samples: int) -> NDArray[np.bool_]:
    """Return True at some positions of n_samples, else False."""
    mask = np.zeros(n_samples, dtype=bool)
    mask[rows] = True
    return mask


def _why_not(groups: NDArray[Any] | None, classifier: bool) -> str:
    if groups is not None and len(np.unique(groups)) < 2:
        problem = "Inner folds need rows of at least two groups; 'groups' has one"
    elif classifier:
        problem = "Inner folds need a class of two rows; no class has two rows"
    else:
        problem = "Inner folds need at least two rows; y has one"
    return problem


def strata(y: NDArray[Any], n_folds: int) -> NDArray[np.intp]:
    """Return what to stratify rows of several outputs by.

    Rows of the same combination of classes are a stratum, unless they are fewer than
    the folds. Such rows belong to that of the class, of any output, that the fewest
    rows have: what is rare is spread over the folds first. Where even these are few,
    all rows are alike.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_outputs)
    n_folds : int

    Returns
    -------
    ndarray of int, shape (n_samples,)

    References
    ----------
    Sechidis, Tsoumakas & Vlahavas, "On the stratification of multi-label data" (2011),
    doi:10.1007/978-3-642-23808-6_10.
    """
    columns = [np.unique(column, return_inverse=True)[1] for column in y.T]
    codes = np.column_stack(columns)
    _, found, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    found = found.reshape(-1)
    # Each class of each output by a number of its own, and how many rows have it.
    offsets = np.cumsum([0, *codes.max(axis=0)[:-1] + 1])
    values = codes + offsets
    sizes = np.bincount(values.ravel())
    rarest = values[np.arange(len(y)), sizes[values].argmin(axis=1)]
    found = np.where(counts[found] < n_folds, len(counts) + rarest, found)
    enough = np.bincount(found).max() >= min(n_folds, len(y))
    return found if enough else np.zeros(len(y), dtype=np.intp)
