"""An encoder to what its workers run: functions of a cell that hold no estimator."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._base import ItemTransformer
from mmclassic._execution import as_cache, without_callbacks
from mmclassic._kernels.pyramid import parse_pyramid
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding._cells import encode_cell
from mmclassic.encoding._precomputed import describe_precomputed

__all__ = ["cell_encoder", "describer", "execution"]


def describer(encoder: Any) -> Callable[[Any], LocalFeatures]:
    """Return the function of a cell to its local descriptors.

    Parameters
    ----------
    encoder : LocalEncoder
        Its ``descriptor_`` fitted.

    Returns
    -------
    callable
    """
    if isinstance(encoder.descriptor_, str):
        return describe_precomputed
    descriptor = without_callbacks(encoder.descriptor_)
    # Of an ItemTransformer: describe without checking its parameters every time.
    if isinstance(descriptor, ItemTransformer):
        return descriptor._describer(as_cache(encoder.cache))
    return descriptor.describe


def cell_encoder(
    encoder: Any, describe: Callable[[Any], LocalFeatures] | None
) -> Callable[[Any], NDArray[np.float32]]:
    """Return the function of a cell to its row.

    Parameters
    ----------
    encoder : fitted LocalEncoder
    describe : callable or None
        Of one cell; None where a cell is its descriptors.

    Returns
    -------
    callable
    """
    grids = parse_pyramid(encoder.pyramid)
    weights = np.ones(len(grids), dtype=np.float32)
    if encoder.pyramid_weights is not None:
        weights = np.asarray(encoder.pyramid_weights, dtype=np.float32)
    return partial(
        encode_cell,
        describe=describe,
        encode=encoder._encoding(),
        grids=grids,
        weights=np.repeat(weights, [rows * columns for rows, columns in grids]),
        n_features=encoder._n_features_out,
        shape=(encoder.n_descriptor_features_, encoder.n_position_axes_),
    )


def execution(encoder: Any) -> dict[str, Any]:
    """Return how an encoder's items are mapped: ``n_jobs`` and ``invalid``.

    Parameters
    ----------
    encoder : LocalEncoder
        Its ``descriptor_`` fitted.

    Returns
    -------
    dict
    """
    own = getattr(encoder.descriptor_, "n_jobs", None)
    n_jobs = own if encoder.n_jobs is None else encoder.n_jobs
    invalid = getattr(encoder.descriptor_, "invalid", "error")
    return {"n_jobs": n_jobs, "invalid": invalid}
