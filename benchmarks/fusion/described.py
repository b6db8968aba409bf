"""Modalities described once a fold, as estimators that every fusion may take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone

__all__ = ["Block", "Decide", "Describe", "Fold", "describe"]


class Block:
    """A modality's rows as features, and its classifiers, each fitted once.

    Parameters
    ----------
    rows : ndarray or sparse matrix of shape (n_samples, n_features)
    classifier : classifier
        What decides by the modality alone, and in a late fusion.
    """

    def __init__(self, rows: Any, classifier: Any) -> None:
        self.rows = rows
        self.classifier = classifier
        self._fitted: dict[bytes, Any] = {}

    def __deepcopy__(self, memo: Any) -> "Block":
        return self  # so that clones of an estimator share it

    def fitted(self, samples: NDArray[np.intp], y: NDArray[Any]) -> Any:
        """Return the classifier of these samples, the same for every fusion."""
        key = samples.tobytes()
        if key not in self._fitted:
            self._fitted[key] = clone(self.classifier).fit(self.rows[samples], y)
        return self._fitted[key]


class Describe(TransformerMixin, BaseEstimator):
    """Positions of samples to their rows of a Block.

    Parameters
    ----------
    block : Block
    """

    def __init__(self, block: Block) -> None:
        self.block = block

    def fit(self, X: Any, y: Any = None) -> "Describe":
        """Do nothing: the block was described within the fold."""
        return self

    def transform(self, X: Any) -> Any:
        """Return the rows."""
        return self.block.rows[np.asarray(X, dtype=np.intp)]

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


class Decide(ClassifierMixin, BaseEstimator):
    """Positions of samples to the scores of their classes by a Block's classifier.

    Parameters
    ----------
    block : Block

    Attributes
    ----------
    model_ : fitted classifier
    classes_ : ndarray of shape (n_classes,)
    """

    def __init__(self, block: Block) -> None:
        self.block = block

    def fit(self, X: Any, y: Any) -> "Decide":
        """Fit, or take the classifier fitted on these samples before."""
        self.model_ = self.block.fitted(np.asarray(X, dtype=np.intp), np.asarray(y))
        self.classes_ = self.model_.classes_
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the scores."""
        return self.model_.decision_function(self._rows(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the classes."""
        return self.model_.predict(self._rows(X))

    def _rows(self, X: Any) -> Any:
        return self.block.rows[np.asarray(X, dtype=np.intp)]


@dataclass(frozen=True)
class Fold:
    """Samples to train on and to test on, described by what the former taught.

    Parameters
    ----------
    blocks : dict of str to Block
        By modality.
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,) or None
        Look-alikes, which no inner fold parts.
    train, test : ndarray of int
        Positions of samples.
    """

    blocks: Mapping[str, Block]
    y: NDArray[Any]
    groups: NDArray[Any] | None
    train: NDArray[np.intp]
    test: NDArray[np.intp]

    def only(self, *names: str) -> "Fold":
        """Return the fold of these modalities."""
        return replace(self, blocks={name: self.blocks[name] for name in names})

    def table(self, samples: NDArray[np.intp]) -> pd.DataFrame:
        """Return the samples' positions, one column a modality."""
        return pd.DataFrame(dict.fromkeys(self.blocks, samples))


def describe(
    parts: Mapping[str, tuple[Any, Any, Any]],
    y: NDArray[Any],
    groups: NDArray[Any] | None,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> Fold:
    """Fit each modality's transformer on the training cells, and describe all.

    Parameters
    ----------
    parts : dict of str to (cells, transformer, classifier)
        The cells are a Series of n_samples.
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,) or None
    train, test : ndarray of int

    Returns
    -------
    Fold
        Of the training samples, then the test samples.
    """
    blocks = {}
    for name, (cells, transformer, classifier) in parts.items():
        own = clone(transformer)
        rows = [own.fit_transform(cells.iloc[train]), own.transform(cells.iloc[test])]
        blocks[name] = Block(_stack(rows), classifier)
    order = np.concatenate([train, test])
    n_train = len(train)
    return Fold(
        blocks,
        y[order],
        None if groups is None else groups[order],
        np.arange(n_train),
        np.arange(n_train, len(order)),
    )


def _stack(rows: list[Any]) -> Any:
    from scipy import sparse

    if any(map(sparse.issparse, rows)):
        return sparse.vstack(rows, format="csr")
    return np.concatenate(rows)
