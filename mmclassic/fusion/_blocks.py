"""Blocks of features, one a modality: fit, place among all rows, and join them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.pipeline import Pipeline, make_pipeline

from mmclassic._execution import Task, original_row
from mmclassic.fusion._block_scaler import BlockScaler

__all__ = [
    "check_finite",
    "as_block",
    "check_transformer",
    "combine",
    "describe",
    "fit_describe",
    "fit_scaler",
    "join",
    "lacking_rows",
    "pad",
    "place",
    "stack_sparse",
    "without_lacking",
]

# Of a product's values beside a 1. Without the 1 the features alone would be lost; on
# data that add up, .25 loses nothing against the sum and 1 a fifth.
GAIN = 0.25


def check_transformer(fusion: Any, name: str, part: Any) -> None:
    """Raise a TypeError if a part of a fusion is no transformer."""
    if not hasattr(part, "fit") or not hasattr(part, "transform"):
        raise TypeError(
            f"The part {name!r} of {type(fusion).__name__} must be a transformer or "
            f"'drop'. Got {part!r} instead."
        )


def as_block(Z: Any) -> Any:
    """Return what a part gave as a 2-D float array or CSR matrix.

    Parameters
    ----------
    Z : array-like, DataFrame or sparse matrix of shape (n_rows, n_features)

    Returns
    -------
    ndarray or sparse matrix
        float32 stays, anything else becomes float64.

    Raises
    ------
    ValueError
        If it isn't 2-D.
    """
    if sparse.issparse(Z):
        block = sparse.csr_matrix(Z)
    else:
        block = np.asarray(Z)
        if block.ndim != 2:
            raise ValueError(
                f"A part must give an array of shape (n_samples, n_features). Got "
                f"{block.ndim} dimension(s) instead."
            )
    return block if block.dtype == np.float32 else block.astype(np.float64)


def lacking_rows(block: Any) -> NDArray[np.bool_]:
    """Return which rows are NaN throughout, as those of an invalid item are."""
    if sparse.issparse(block) or block.shape[1] == 0:
        return np.zeros(block.shape[0], dtype=bool)
    lacking = np.isnan(block[:, 0])
    lacking[lacking] = np.isnan(block[lacking]).all(axis=1)
    return np.asarray(lacking)


def check_finite(block: Any) -> None:
    """Raise if a row that isn't NaN throughout holds NaN or infinity.

    Parameters
    ----------
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)
    """
    if sparse.issparse(block):
        finite = np.isfinite(block.data)
        if finite.all():
            return
        bad = np.searchsorted(block.indptr, np.flatnonzero(~finite), side="right") - 1
    elif np.isfinite(block.sum(dtype=np.float64)):
        return
    else:
        wrong = ~np.isfinite(block).all(axis=1) & ~lacking_rows(block)
        bad = np.flatnonzero(wrong)
    if len(bad):
        raise ValueError(
            f"Row {original_row(int(bad[0]))}: the part gave NaN or infinity, of which "
            "no kernel can be computed. End the part in an imputer, as SimpleImputer."
        )


def fit_scaler(
    block: Any, scaling: str | None, n_components: int | None, random_state: Any
) -> Pipeline:
    """Return what brings a block to its size, fitted on it.

    Parameters
    ----------
    block : {ndarray, sparse matrix} of shape (n_rows, n_features)
    scaling : str or None
        As in BlockScaler; None for none.
    n_components : int or None
        The most features it may end with; None for no limit.
    random_state : int, RandomState instance or None

    Returns
    -------
    Pipeline
        A BlockScaler, and for a block that is too wide PCA, or TruncatedSVD of a
        sparse one, and another BlockScaler.
    """
    steps = ["passthrough" if scaling is None else BlockScaler(scaling)]
    n_rows, n_features = block.shape
    if n_components is not None and n_features > n_components:
        reduction = TruncatedSVD if sparse.issparse(block) else PCA
        size = min(n_components, n_rows)
        steps += [reduction(size, random_state=random_state), BlockScaler()]
    # Arrays inside, whatever the output that scikit-learn is set to give outside.
    return make_pipeline(*steps).set_output(transform="default").fit(block)


def pad(block: Any, width: int) -> NDArray[Any]:
    """Return a block as a dense array of a width, filled to it with zeros."""
    dense = block.toarray() if sparse.issparse(block) else block
    return np.pad(dense, ((0, 0), (0, width - dense.shape[1])))


def place(block: Any, rows: NDArray[np.bool_], fill: NDArray[Any] | float) -> Any:
    """Return a block of all rows out of that of the rows that have the modality.

    Parameters
    ----------
    block : {ndarray, sparse matrix} of shape (n_present, n_features)
    rows : ndarray of bool, shape (n_samples,)
        Which rows the block holds.
    fill : ndarray of shape (n_features,) or float
        What every other row gets.

    Returns
    -------
    {ndarray, sparse matrix} of shape (n_samples, n_features)
        Sparse if the block is.
    """
    if rows.all():
        return block
    if not sparse.issparse(block):
        placed = np.empty((len(rows), block.shape[1]), dtype=block.dtype)
        placed[:] = fill
        placed[rows] = block
        return placed
    # One row, repeated: dense rows would hold all of its zeros.
    filled = sparse.csr_matrix(np.full((1, block.shape[1]), fill, dtype=block.dtype))
    lacking = filled[np.zeros((~rows).sum(), dtype=np.intp)]
    order = np.argsort(np.r_[np.flatnonzero(rows), np.flatnonzero(~rows)])
    return sparse.vstack([block, lacking], format="csr")[order]


def combine(blocks: list[Any], method: str) -> NDArray:
    """Return the elementwise sum or product of blocks of one width.

    Parameters
    ----------
    blocks : list of ndarrays of shape (n_samples, n_features)
        Of a mean squared length of 1, or weighted; zeros change nothing.
    method : {"sum", "product"}
        "product" multiplies 1 + GAIN * the values, scaled so that they have a mean
        square of 1, and subtracts 1: beside their sum this gives their products.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        A product is scaled as the sum is, which it nears where the values are small.

    References
    ----------
    Kim et al., "Hadamard product for low-rank bilinear pooling" (2017),
    arXiv:1610.04325, section 3: the elementwise product of projections, each with a
    bias.
    """
    if method == "sum":
        return np.sum(blocks, axis=0)
    gain = GAIN * np.sqrt(blocks[0].shape[1])
    return (np.prod([1 + gain * block for block in blocks], axis=0) - 1) / gain


def stack_sparse(blocks: list[Any], threshold: float) -> bool:
    """Tell whether to stack blocks as sparse: one is, and few values aren't 0."""
    if not any(sparse.issparse(block) for block in blocks):
        return False
    if all(sparse.issparse(block) for block in blocks):
        return True
    sizes = [block.shape[0] * block.shape[1] for block in blocks]
    stored = [b.nnz if sparse.issparse(b) else b.size for b in blocks]
    return bool(sum(stored) < threshold * sum(sizes))


def join(blocks: list[Any], *, as_sparse: bool) -> Any:
    """Return blocks of the same rows side by side."""
    if as_sparse:
        # No row may have what makes the block sparse: hstack stacks no dense ones.
        return sparse.hstack([sparse.csr_matrix(b) for b in blocks], format="csr")
    return np.hstack([b.toarray() if sparse.issparse(b) else b for b in blocks])


def fit_describe(column: Any, y: Any, part: Any, task: Task) -> tuple[Any, Any]:
    """Return a part fitted on its cells, and their block."""
    with task.fitting(part):
        if hasattr(part, "fit_transform"):
            Z = part.fit_transform(column, y)
            # Partial least squares also return what they make of y.
            return part, as_block(Z[0] if isinstance(Z, tuple) else Z)
        return part.fit(column, y), as_block(part.transform(column))


def describe(column: Any, part: Any, n_features: int) -> Any:
    """Return the block of a fitted part's cells."""
    if len(column) == 0:  # most transformers refuse no rows
        return np.empty((0, n_features))
    return as_block(part.transform(column))


def without_lacking(blocks: list[Any], present: NDArray[np.bool_]) -> list[Any]:
    """Return the blocks without the rows of invalid items, and unmark these."""
    kept = []
    for block, rows in zip(blocks, present.T, strict=True):
        lacking = lacking_rows(block)
        if lacking.any():
            rows[np.flatnonzero(rows)[lacking]] = False
            block = block[~lacking]
        kept.append(block)
    return kept
