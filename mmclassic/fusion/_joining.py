"""Learn to scale, weigh and join an EarlyFusion's blocks into one, and do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils._set_output import _get_output_config

from mmclassic._execution import original_row
from mmclassic.fusion._bilinear import bilinear, draw_hashes
from mmclassic.fusion._block_weights import align_blocks, are_numbers, drawn_rows
from mmclassic.fusion._blocks import combine, join, pad, place, stack_sparse
from mmclassic.fusion._common_size import fit_scalers
from mmclassic.fusion._cross_fitted import hold_out

__all__ = ["fit_join", "join_blocks", "scale_blocks"]

# Times those of a row, of the values that stand for a sparse block: on the stamps, nine
# tenths of the mean's squared length serve as well as all.
MOST_VALUES = 8


def fit_join(
    fusion: Any, table: Any, blocks: list[Any], present: NDArray[np.bool_], y: Any
) -> Any:
    """Learn how to scale, weigh and join the blocks of the training rows, and do.

    Parameters
    ----------
    fusion : EarlyFusion
        Gets ``scalers_``, ``weights_``, ``sparse_output_``, the common width and what
        stands for a missing block.
    table : DataFrame or ndarray of shape (n_samples, n_columns)
        What the blocks describe.
    blocks : list of {ndarray, sparse matrix} of shape (n_present, n_features)
    present : ndarray of bool, shape (n_samples, n_modalities)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs), or None

    Returns
    -------
    {ndarray, sparse matrix} of shape (n_samples, n_features)
    """
    names = list(fusion._positions)
    n_features = [block.shape[1] for block in blocks]
    fusion._n_block_features = dict(zip(names, n_features, strict=True))
    fusion.scalers_ = fit_scalers(fusion, blocks, present)
    scaled = _to_sizes(fusion, blocks)
    fusion._widths = [block.shape[1] for block in scaled]
    fusion._width, fusion._hashes = max(fusion._widths), None
    if fusion.method == "bilinear":
        fusion._width, fusion._hashes = draw_hashes(fusion._widths, fusion.random_state)
    if fusion.weights == "alignment":
        held_out = hold_out(
            fusion,
            table,
            present,
            y,
            kept=drawn_rows(len(present)),
            classifier=not are_numbers(y),
        )
        weights = align_blocks(scaled, present, y, held_out).tolist()
    else:
        weights = [float((fusion.weights or {}).get(name, 1.0)) for name in names]
    fusion.weights_ = dict(zip(names, weights, strict=True))
    scaled = _weighted(fusion, scaled)
    fills = [_fill(fusion, block) for block in scaled]
    fusion._fills = dict(zip(names, fills, strict=True))
    fusion.sparse_output_ = (
        fusion.method == "concatenate"
        and fusion.missing != "nan"
        and stack_sparse(scaled, fusion.sparse_threshold)
    )
    return join_blocks(fusion, scaled, present)


def scale_blocks(fusion: Any, blocks: list[Any]) -> list[Any]:
    """Return blocks scaled, at their final width and weight.

    Parameters
    ----------
    fusion : fitted EarlyFusion
    blocks : list of {ndarray, sparse matrix} of shape (n_present, n_features)

    Returns
    -------
    list of {ndarray, sparse matrix}
    """
    return _weighted(fusion, _to_sizes(fusion, blocks))


def _to_sizes(fusion: Any, blocks: list[Any]) -> list[Any]:
    return [
        fusion.scalers_[name].transform(block) if block.shape[0] else block
        for name, block in zip(fusion._positions, blocks, strict=True)
    ]


def _weighted(fusion: Any, blocks: list[Any]) -> list[Any]:
    if fusion.method in ("sum", "product"):
        blocks = [_to_common_size(fusion, block) for block in blocks]
    else:  # a block of no rows is as wide as it would be of some
        blocks = [
            block if block.shape[0] else np.empty((0, width))
            for block, width in zip(blocks, fusion._widths, strict=True)
        ]
    return [
        block if weight == 1 else block * weight
        for block, weight in zip(blocks, fusion.weights_.values(), strict=True)
    ]


def _to_common_size(fusion: Any, block: Any) -> NDArray[Any]:
    width = fusion._width
    return pad(block, width) if block.shape[0] else np.empty((0, width))


def _fill(fusion: Any, block: Any) -> Any:
    """Return what stands for a block in the rows that lack it."""
    if fusion.missing in ("mean", "indicator"):
        return _mean(block)
    return np.nan if fusion.missing == "nan" else 0.0


def _mean(block: Any) -> NDArray[Any]:
    """Return the mean of a block's rows, of a sparse one its largest values."""
    mean = np.asarray(block.mean(axis=0)).ravel()
    lost = np.isnan(mean)
    if lost.any():
        mean[lost] = _means_of_values(block[:, np.flatnonzero(lost)])
    if sparse.issparse(block):
        # All of them would make a row as long as all rows together.
        most = MOST_VALUES * -(-block.nnz // block.shape[0])
        if np.count_nonzero(mean) > most:
            mean[np.argsort(-np.abs(mean), kind="stable")[most:]] = 0.0
    return mean


def _means_of_values(block: Any) -> NDArray[Any]:
    """Return the mean of each feature without its NaN, 0 where there is no other."""
    dense = block.toarray() if sparse.issparse(block) else block
    nan = np.isnan(dense)
    totals = np.where(nan, 0.0, dense).sum(axis=0)
    return np.asarray(totals / np.maximum((~nan).sum(axis=0), 1))


def join_blocks(fusion: Any, blocks: list[Any], present: NDArray[np.bool_]) -> Any:
    """Return blocks of the rows that have them as one block of all rows.

    Parameters
    ----------
    fusion : fitted EarlyFusion
    blocks : list of {ndarray, sparse matrix} of shape (n_present, n_features)
        Scaled.
    present : ndarray of bool, shape (n_samples, n_modalities)

    Returns
    -------
    {ndarray, sparse matrix} of shape (n_samples, n_features)

    Raises
    ------
    ValueError
        If something is missing and ``missing="error"``.
    """
    names = list(fusion._positions)
    if fusion.missing == "error" and not present.all():
        row, modality = np.argwhere(~present)[0]
        raise ValueError(
            f"Row {original_row(row)} lacks the modality {names[modality]!r}. Drop "
            "the row, or choose missing='zero', 'mean' or 'indicator'."
        )
    if fusion.sparse_output_:  # an array of no rows would be placed as one of all
        blocks = [b if b.shape[0] else sparse.csr_matrix(b) for b in blocks]
    placed = [
        place(block, rows, fusion._fills[name])
        for name, block, rows in zip(names, blocks, present.T, strict=True)
    ]
    if fusion.method == "bilinear":
        placed = [bilinear(placed, fusion._hashes)]
    elif fusion.method != "concatenate":
        placed = [combine(placed, fusion.method)]
    if fusion.missing == "indicator":
        placed.append((~present).astype(np.float64))
    # A frame, asked for by set_output, holds no sparse matrix.
    as_array = _get_output_config("transform", fusion)["dense"] == "default"
    return join(placed, as_sparse=fusion.sparse_output_ and as_array)
