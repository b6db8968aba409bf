"""One cell to its row: what the workers run, and what is checked before they do."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import original_row
from mmclassic._kernels.pyramid import Regions, parse_pyramid, pyramid_regions
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding._sampling import Described
from mmclassic.exceptions import MediaError

__all__ = [
    "Encode",
    "check_descriptor",
    "check_pyramid_weights",
    "check_sample",
    "encode_cell",
]

Encode = Callable[[LocalFeatures, Regions], NDArray[Any]]


def check_descriptor(descriptor: Any, encoder: str) -> None:
    """Raise an error that names the right form if it is missing or a class.

    Parameters
    ----------
    descriptor : object
        The encoder's first parameter.
    encoder : str
        Name of the encoder's class.
    """
    if descriptor is None:
        raise ValueError(
            f"The 'descriptor' parameter of {encoder} is missing. An encoder takes "
            "its descriptor as first parameter instead of after it in a pipeline: "
            f"{encoder}(SIFT()), or {encoder}('precomputed') for cells that hold "
            "descriptors already."
        )
    if isinstance(descriptor, type):
        raise TypeError(
            f"The 'descriptor' parameter of {encoder} must be an instance. Got the "
            f"class {descriptor.__name__} instead; write "
            f"{encoder}({descriptor.__name__}())."
        )


def check_pyramid_weights(encoder: Any) -> None:
    """Raise unless an encoder has a weight for each grid of its pyramid, or none.

    Parameters
    ----------
    encoder : LocalEncoder
    """
    weights, n_grids = encoder.pyramid_weights, len(parse_pyramid(encoder.pyramid))
    if weights is not None and len(weights) != n_grids:
        raise ValueError(
            f"The 'pyramid_weights' parameter of {type(encoder).__name__} must have "
            f"one weight a grid, {n_grids}. Got {len(weights)} instead."
        )


def check_sample(
    described: Described, n_rows: int, encoder: str
) -> list[LocalFeatures]:
    """Return what is not blank, once it is clear that lengths agree.

    Parameters
    ----------
    described : dict of row position to LocalFeatures or None
    n_rows : int
        Rows of X.
    encoder : str
        Name of the encoder's class.

    Returns
    -------
    list of LocalFeatures

    Raises
    ------
    ValueError
        If nothing is left.
    MediaError
        If lengths differ, naming the row.
    """
    kept: list[LocalFeatures] = []
    for row, features in described.items():
        if features is None or not len(features):
            continue
        first = kept[0] if kept else features
        shape = (first.descriptors.shape[1], first.positions.shape[1])
        try:
            _check_shape(features, *shape, "other items")
        except MediaError as error:
            error.row = original_row(row)
            raise
        kept.append(features)
    if not kept:
        raise ValueError(
            f"{encoder} found nothing to learn from: all {n_rows} rows of X are "
            "missing or blank."
        )
    return kept


def encode_cell(
    cell: Any,
    *,
    describe: Callable[[Any], LocalFeatures] | None,
    encode: Encode,
    grids: tuple[tuple[int, int], ...],
    weights: NDArray[np.float32],
    n_features: int,
    shape: tuple[int, int],
) -> NDArray[np.float32]:
    """Return the row of one cell, in a worker.

    Parameters
    ----------
    cell : cell, or LocalFeatures if ``describe`` is None
    describe : callable or None
        Of one cell.
    encode : callable
        Of (features, regions): the regions' rows.
    grids : tuple of (int, int)
        The pyramid's.
    weights : ndarray of shape (n_regions,), float32
    n_features : int
        Length of the row.
    shape : (int, int)
        Length of a descriptor and of a position.

    Returns
    -------
    ndarray of shape (n_features,), float32
        Zeros if the item is blank.

    Raises
    ------
    MediaError
        If the descriptors aren't of ``shape``.
    """
    features = cell if describe is None else describe(cell)
    if not len(features):
        return np.zeros(n_features, dtype=np.float32)
    _check_shape(features, *shape, "those of fit")
    # One memory order: sums over the other one round differently.
    features = LocalFeatures(
        np.ascontiguousarray(features.descriptors), features.positions
    )
    encoded = encode(features, pyramid_regions(features.positions, grids))
    rows = np.asarray(encoded, dtype=np.float32) * weights[:, np.newaxis]
    return rows.reshape(-1)


def _check_shape(
    features: LocalFeatures, n_features: int, n_axes: int, reference: str
) -> None:
    if features.descriptors.shape[1] != n_features:
        raise MediaError(
            f"has descriptors of {features.descriptors.shape[1]} numbers, where "
            f"{reference} have {n_features}. Describe all items alike."
        )
    if features.positions.shape[1] != n_axes:
        raise MediaError(
            f"has positions of {features.positions.shape[1]} dimensions, where "
            f"{reference} have {n_axes}. Describe all items alike."
        )
