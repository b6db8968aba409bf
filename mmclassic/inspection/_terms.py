"""What each feature adds to the score of a linear model: its weight times its value."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.pipeline import Pipeline

from mmclassic.inspection._take_apart import Model

__all__ = ["linear_terms"]


def linear_terms(
    parted: Model, row: Any, name: str, cells: Any, target: int | None
) -> dict[str, float] | None:
    """Return the terms of one row that a modality adds, None without a linear model.

    With the other modalities' and the intercept they sum to the score that the linear
    model gives: that of the part in a late fusion, that of the whole in an early one.

    Parameters
    ----------
    parted : Model
    row : table of one row, as the fusion takes
    name : str
        The modality.
    cells : column of one cell, or table of one row
        The modality's own.
    target : int or None
        Position of the explained class; None of a regressor.

    Returns
    -------
    dict of str to float or None
        By the feature's name, the greatest in absolute value first; zeros left out.
    """
    if parted.is_late:
        part = {name: part for name, part, _ in parted.fusion.parts_}[name]
        if not isinstance(part, Pipeline) or len(part.steps) < 2:
            return None
        linear, describe = part.steps[-1][1], part[:-1]
        classes = getattr(linear, "classes_", None)
        if target is not None and classes is not None:
            wanted = parted.fusion.classes_[target]
            if wanted not in classes:
                return None
            target = int(np.searchsorted(classes, wanted))
        weights = _weights(linear, target)
        if weights is None:
            return None
        return _named(describe.transform(cells), weights, _names(describe))
    fusion, linear = parted.fusion, parted.after
    weights = _weights(linear, target)
    if weights is None or getattr(fusion, "method", None) != "concatenate":
        return None
    if getattr(fusion, "projection", None) is not None:
        return None
    sizes = fusion._n_block_features
    at = sum(size for n, size in list(sizes.items())[: parted.names.index(name)])
    block = np.s_[at : at + sizes[name]]
    features = fusion.transform(row)
    expected = sum(sizes.values())
    if fusion.missing == "indicator":
        expected += len(sizes)
    if features.shape[1] != expected:  # blocks are brought to another size
        return None
    names = _names(fusion)
    return _named(
        features[:, block], weights[block], None if names is None else names[block]
    )


def _weights(linear: Any, target: int | None) -> Any:
    """Return the weights of a class's score, or of a value."""
    weights = getattr(linear, "coef_", None)
    if weights is None:
        return None
    if sparse.issparse(weights):
        weights = weights.toarray()
    weights = np.asarray(weights)
    if target is None:
        return weights if weights.ndim == 1 else None
    if weights.ndim != 2:
        return None
    if len(weights) == 1:  # of two classes: the second's score
        return weights[0] if target == 1 else -weights[0]
    if len(weights) != len(getattr(linear, "classes_", [])):
        return None  # one class against one, as of SVC
    return weights[target]


def _names(transformer: Any) -> Any:
    try:
        return transformer.get_feature_names_out()
    except (AttributeError, ValueError, TypeError):  # a step may have no names
        return None


def _named(features: Any, weights: Any, names: Any) -> dict[str, float] | None:
    values = features.toarray() if sparse.issparse(features) else np.asarray(features)
    if values.shape != (1, len(weights)):
        return None
    terms = values[0].astype(np.float64) * weights
    order = np.argsort(-abs(terms), kind="stable")
    if names is None or len(names) != len(terms):
        names = [f"feature {i}" for i in range(len(terms))]
    return {str(names[i]): float(terms[i]) for i in order if terms[i] != 0}
