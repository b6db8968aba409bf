"""Bring an EarlyFusion's blocks to their sizes and join them into one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._set_output import _get_output_config

from mmclassic._execution import original_row
from mmclassic.fusion._bilinear import bilinear, draw_hashes
from mmclassic.fusion._blocks import combine, join, pad, place

__all__ = ["join_blocks", "scale_blocks"]


def scale_blocks(fusion: Any, blocks: list[Any], *, fit: bool = False) -> list[Any]:
    """Return blocks scaled, at their final width and weight.

    Parameters
    ----------
    fusion : EarlyFusion
        With its ``scalers_`` fitted.
    blocks : list of {ndarray, sparse matrix} of shape (n_present, n_features)
    fit : bool, default=False
        Whether to keep the common width, and what stands for a missing block.

    Returns
    -------
    list of {ndarray, sparse matrix}
    """
    names = list(fusion._positions)
    scaled = [
        fusion.scalers_[name].transform(block) if block.shape[0] else block
        for name, block in zip(names, blocks, strict=True)
    ]
    if fit:
        fusion._widths = [block.shape[1] for block in scaled]
        fusion._width, fusion._hashes = max(fusion._widths), None
        if fusion.method == "bilinear":
            fusion._width, fusion._hashes = draw_hashes(
                fusion._widths, fusion.random_state
            )
    if fusion.method in ("sum", "product"):
        scaled = [_to_common_size(fusion, block) for block in scaled]
    else:  # a block of no rows is as wide as it would be of some
        scaled = [
            block if block.shape[0] else np.empty((0, width))
            for block, width in zip(scaled, fusion._widths, strict=True)
        ]
    weights = [(fusion.weights or {}).get(name, 1.0) for name in names]
    scaled = [
        block if weight == 1 else block * weight
        for block, weight in zip(scaled, weights, strict=True)
    ]
    if fit:
        fills = [_fill(fusion, block) for block in scaled]
        fusion._fills = dict(zip(names, fills, strict=True))
    return scaled


def _to_common_size(fusion: Any, block: Any) -> NDArray[Any]:
    width = fusion._width
    if block.shape[0] == 0:
        return np.empty((0, width))
    if fusion.method == "product":
        block = block * np.sqrt(width)  # a value's mean square is now 1
    return pad(block, width, _neutral(fusion))


def _fill(fusion: Any, block: Any) -> Any:
    """Return what stands for a block in the rows that lack it."""
    if fusion.missing == "mean":
        return np.asarray(block.mean(axis=0)).ravel()
    return np.nan if fusion.missing == "nan" else _neutral(fusion)


def _neutral(fusion: Any) -> float:
    """Return the value that changes nothing where it stands for a missing one."""
    return 1.0 if fusion.method == "product" else 0.0


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
    placed = [
        place(block, rows, fusion._fills[name])
        for name, block, rows in zip(names, blocks, present.T, strict=True)
    ]
    if fusion.method == "bilinear":
        placed = [bilinear(placed, fusion._hashes)]
    elif fusion.method != "concatenate":
        placed = [combine(placed, present, fusion.method)]
    if fusion.missing == "indicator":
        placed.append((~present).astype(np.float64))
    # A frame, asked for by set_output, holds no sparse matrix.
    as_array = _get_output_config("transform", fusion)["dense"] == "default"
    return join(placed, as_sparse=fusion.sparse_output_ and as_array)
