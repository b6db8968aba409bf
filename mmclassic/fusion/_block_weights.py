"""Learn what to multiply each block of features by from the rows' targets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import check_array
from sklearn.utils.multiclass import type_of_target

from mmclassic._execution import single_threaded
from mmclassic.fusion._cross_fitted import HeldOut
from mmclassic.fusion._kernel_sums import placed
from mmclassic.fusion._kernel_weights import LEAST, align_to, of_classes

__all__ = ["align_blocks", "are_numbers", "check_weights", "drawn_rows"]

# Rows to learn from, whose pairs the kernels hold; of more, as many are drawn.
MOST_ROWS = 2000
COLUMNS = 4096  # centred at once

Floats = NDArray[np.float64]


def check_weights(fusion: Any, y: Any) -> None:
    """Raise a ValueError if weights are to be learned without a y."""
    if fusion.weights == "alignment" and y is None:
        raise ValueError(
            "EarlyFusion with weights='alignment' learns them from y. Got y=None "
            "instead. Call fit(X, y), or choose weights=None or a dict."
        )


def align_blocks(
    blocks: list[Any],
    present: NDArray[np.bool_],
    y: Any,
    held_out: HeldOut | None = None,
) -> Floats:
    """Return what to multiply blocks by, so that rows of like targets are alike.

    A block multiplied by f adds f ** 2 times its kernel to that of the joined blocks:
    the weights are those of the sum of kernels that is most like that of the targets.

    Parameters
    ----------
    blocks : list of {ndarray, sparse matrix} of shape (n_present, n_features)
        Of the rows that have each modality.
    present : ndarray of bool, shape (n_samples, n_modalities)
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Classes; an indicator matrix of labels; floats are numbers to predict.
    held_out : HeldOut or None
        The kernels, of ``drawn_rows``, of parts that learn from y: by those of the rows
        they were fitted on they would know y by heart.

    Returns
    -------
    ndarray of shape (n_modalities,)
        Their mean square is 1.
    """
    n_blocks = len(blocks)
    targets = np.asarray(y)
    rows = drawn_rows(len(present))
    kernels = []
    with single_threaded():
        for block, has in zip(blocks, present.T, strict=True):
            places = np.cumsum(has) - 1
            of_block = has[rows]
            kernel = _centred_kernel(block[places[rows[of_block]]])
            kernels.append(placed(kernel, of_block))
        shares = np.full(len(rows), 1 / len(rows))
        coordinates = _coordinates(targets[rows], shares)
        known = kernels, present[rows], coordinates, shares
        weights = align_to(*known, held_out=held_out)
    weights = np.maximum(weights, LEAST / n_blocks)
    return np.asarray(np.sqrt(weights * n_blocks / weights.sum()))


def drawn_rows(n_rows: int) -> NDArray[np.intp]:
    """Return all rows, or of many the same draw each time, in order."""
    if n_rows <= MOST_ROWS:
        return np.arange(n_rows)
    # Not every k-th: the order of the classes may have a period.
    drawn = np.random.RandomState(0).choice(n_rows, MOST_ROWS, replace=False)
    return np.sort(drawn)


def _centred_kernel(block: Any) -> Floats:
    """Return the inner products of rows about their mean; NaN count as a mean."""
    n_rows, n_features = block.shape
    if sparse.issparse(block):
        block = block.astype(np.float64)
        block.data[np.isnan(block.data)] = 0.0
        products = (block @ block.T).toarray()
        products -= products.mean(axis=0)
        return np.asarray(products - products.mean(axis=1, keepdims=True))
    kernel = np.zeros((n_rows, n_rows))
    for start in range(0, n_features if n_rows else 0, COLUMNS):
        some = block[:, start : start + COLUMNS].astype(np.float64)
        lost = np.isnan(some)
        n_values = np.maximum(n_rows - lost.sum(axis=0), 1)
        some -= np.where(lost, 0.0, some).sum(axis=0) / n_values
        some[lost] = 0.0
        kernel += some @ some.T
    return kernel


def _coordinates(y: NDArray[Any], shares: Floats) -> Floats:
    """Return centred coordinates by which rows of like targets are alike."""
    columns = y.reshape(len(y), -1)
    if are_numbers(y):
        numbers = check_array(columns, dtype=np.float64, input_name="y")
        numbers = numbers - numbers.mean(axis=0)
        sizes = np.sqrt((numbers**2).mean(axis=0))
        return np.asarray(numbers / np.where(sizes > 0, sizes, 1.0))
    if columns.shape[1] > 1 and type_of_target(columns) == "multilabel-indicator":
        return of_classes(columns.astype(np.float64), shares)
    each = [
        of_classes(np.eye(codes.max() + 1)[codes], shares)
        for codes in (np.unique(c, return_inverse=True)[1] for c in columns.T)
    ]
    return np.hstack(each)


def are_numbers(y: NDArray[Any]) -> bool:
    """Tell whether targets are floats, or integers of which few come twice."""
    columns = y.reshape(len(y), -1)
    if columns.dtype.kind == "f":
        return True
    if columns.dtype.kind not in "iu":
        return False
    n_values = [len(np.unique(column)) for column in columns.T]
    return max(n_values) > len(columns) / 2 and len(columns) > 2
