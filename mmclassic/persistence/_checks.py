"""Refuse a model whose arrays would make compiled code read out of bounds.

scikit-learn follows the indices inside trees, support vectors and sparse matrices
without checking them, so a crafted file could crash the process at predict.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.ensemble._forest import BaseForest
from sklearn.ensemble._gb import BaseGradientBoosting
from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import (
    BaseHistGradientBoosting,
)
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.svm._base import BaseLibSVM
from sklearn.tree import BaseDecisionTree
from sklearn.tree._tree import Tree

from mmclassic.persistence._walk import walk

__all__ = ["check_model"]


def check_model(model: Any) -> None:
    """Raise if any index in the model points outside its array.

    Parameters
    ----------
    model : object
        A model as it was loaded.

    Raises
    ------
    ValueError
        Naming the part that is damaged.
    """
    owned: set[int] = set()
    found: list[tuple[str, Any]] = []
    for path, value in walk(model):
        try:
            owned |= _check(value)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path} ({type(value).__name__}) is damaged: {error} Load the file "
                "from its origin again; do not use this one."
            ) from error
        if isinstance(value, TreePredictor | Tree):
            found.append((path, value))
    for path, tree in found:
        # Only its owner knows how many features a tree may ask for.
        if id(tree) not in owned:
            raise ValueError(f"{path} is a tree outside any model that it belongs to.")


def _check(value: Any) -> set[int]:
    """Check one object; return the ids of the trees that it answers for."""
    if isinstance(value, BaseHistGradientBoosting):
        return _check_histogram_boosting(value)
    if isinstance(value, BaseDecisionTree) and hasattr(value, "tree_"):
        _check_tree(value.tree_, value.n_features_in_)
        return {id(value.tree_)}
    if isinstance(value, BaseForest | BaseGradientBoosting):
        _check_members(value)
    elif isinstance(value, BaseLibSVM) and hasattr(value, "_dual_coef_"):
        _check_support_vectors(value)
    elif sparse.issparse(value) and value.format in ("csr", "csc", "bsr"):
        value.check_format(full_check=True)
    return set()


def _check_histogram_boosting(model: Any) -> set[int]:
    owned: set[int] = set()
    if not hasattr(model, "_predictors"):
        return owned
    n_features = model.n_features_in_
    categorical = np.asarray(model._bin_mapper.is_categorical_, dtype=bool)
    if len(categorical) != n_features:
        raise ValueError("the bins and the features differ in number.")
    for predictor in (tree for trees in model._predictors for tree in trees):
        nodes = predictor.nodes
        inner = nodes[nodes["is_leaf"] == 0]
        _check_children(nodes["is_leaf"] == 0, nodes["left"], nodes["right"])
        _check_range(inner["feature_idx"], n_features, "feature")
        by_category = inner[inner["is_categorical"] != 0]
        if not categorical[by_category["feature_idx"]].all():
            raise ValueError("a node splits a number by category.")
        for bitsets in (
            predictor.raw_left_cat_bitsets,
            predictor.binned_left_cat_bitsets,
        ):
            if bitsets.shape[1:] != (8,):
                raise ValueError("its category sets have a wrong shape.")
            _check_range(by_category["bitset_idx"], len(bitsets), "category set")
        owned.add(id(predictor))
    return owned


def _check_tree(tree: Any, n_features: int) -> None:
    if tree.n_features != n_features:
        raise ValueError("its tree was grown on another number of features.")
    inner = tree.children_left != -1  # -1 is scikit-learn's TREE_LEAF
    _check_children(inner, tree.children_left, tree.children_right)
    _check_range(tree.feature[inner], n_features, "feature")


def _check_members(ensemble: Any) -> None:
    # The ensemble checks X once, and the members trust it.
    for member in np.ravel(np.asarray(getattr(ensemble, "estimators_", []))):
        if member.n_features_in_ != ensemble.n_features_in_:
            raise ValueError("a member was grown on another number of features.")


def _check_children(
    inner: NDArray[np.bool_], left: NDArray[Any], right: NDArray[Any]
) -> None:
    """Check that every child comes after its parent, which rules out circles too."""
    parents = np.flatnonzero(inner)
    if not len(left):
        raise ValueError("a tree has no node.")
    for child in (left, right):
        indices = child[inner].astype(np.int64)
        if (indices <= parents).any() or (indices >= len(left)).any():
            raise ValueError("a node's child lies outside the tree.")


def _check_range(indices: NDArray[Any], size: int, what: str) -> None:
    if len(indices) and not (0 <= indices.min() and indices.max() < size):
        raise ValueError(f"a node asks for a {what} that does not exist.")


def _check_support_vectors(model: Any) -> None:
    n_vectors = model.support_vectors_.shape[0]
    n_classes = model._dual_coef_.shape[0] + 1
    counts = np.asarray(model._n_support)
    if not isinstance(model, ClassifierMixin):
        # libsvm reads no counts of a regression, and leaves them as they were in
        # memory when X is sparse.
        counts = np.array([n_vectors, 0])
    if (
        model._dual_coef_.shape[1] != n_vectors
        or len(model.support_) != n_vectors
        or counts.sum() != n_vectors
        or (counts < 0).any()
        or len(counts) != n_classes
        or len(model._intercept_) != n_classes * (n_classes - 1) // 2
    ):
        raise ValueError("the support vectors and their coefficients do not match.")
