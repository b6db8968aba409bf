"""Learn what maps each part's block to the common space of a retriever."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.fusion._row_kernel import PartScorer, choose_kernel
from mmclassic.retrieval._checks import check_shared, shrinkages
from mmclassic.retrieval._common_space import (
    correlate,
    fit_axes,
    learn_classes,
    posteriors,
)

__all__ = ["learn_maps", "map_block"]


def learn_maps(
    retriever: Any,
    blocks: dict[str, Any],
    present: NDArray[np.bool_],
    codes: NDArray[np.intp] | None,
) -> dict[str, PartScorer]:
    """Return what gives each part's rows their coordinates, or logits of classes.

    Parameters
    ----------
    retriever : CrossModalRetriever
        Gets ``agreements_`` where it looks for what correlates.
    blocks : dict of str to {ndarray, sparse matrix} of shape (n_present, n_features)
    present : ndarray of bool, shape (n_samples, n_modalities)
    codes : ndarray of int, shape (n_samples,), or None
        The rows' classes.

    Returns
    -------
    dict of str to PartScorer
    """
    names = list(blocks)
    if retriever.method != "semantic":
        check_shared(names, present)
    axes = [
        fit_axes(
            block,
            choose_kernel(retriever.kernels, name, block),
            retriever.max_rows,
            retriever.max_axes,
        )
        for name, block in blocks.items()
    ]
    rows = [np.flatnonzero(having) for having in present.T]
    views = [
        own.scorer()(block) for own, block in zip(axes, blocks.values(), strict=True)
    ]
    weights: list[Any] = [None] * len(names)
    constants: list[Any] = [0.0] * len(names)
    if retriever.method != "semantic":
        weights, constants, retriever.agreements_ = correlate(
            views,
            rows,
            retriever.n_components,
            shrinkages(retriever, names),
            retriever.power,
        )
    if codes is not None and retriever.method != "correlation":
        for i, view in enumerate(views):
            if weights[i] is not None:
                view = view @ weights[i] + constants[i]
            of_classes, own = learn_classes(
                view, codes[rows[i]], len(retriever.classes_), retriever.C
            )
            if weights[i] is not None:
                own = own + constants[i] @ of_classes
                of_classes = weights[i] @ of_classes
            weights[i], constants[i] = of_classes, own
    return {
        name: own.scorer(each, constant)
        for name, own, each, constant in zip(
            names, axes, weights, constants, strict=True
        )
    }


def map_block(block: Any, scorer: PartScorer, method: str) -> NDArray[np.float64]:
    """Return a block's coordinates in the common space.

    Parameters
    ----------
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)
    scorer : PartScorer
    method : {"correlation", "semantic", "both"}
        But for "correlation" they are probabilities of the classes.

    Returns
    -------
    ndarray of shape (n_rows, n_coordinates)
    """
    values = scorer(block)
    return values if method == "correlation" else posteriors(values)
