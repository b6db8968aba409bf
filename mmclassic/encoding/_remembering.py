"""What an encoder learned and encodes, kept for others that would do the same again."""

from collections.abc import Callable
from copy import deepcopy
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmclassic._base import Describer, ItemTransformer
from mmclassic._execution import (
    Column,
    Libraries,
    Remembered,
    as_cache,
    digest_of,
    gathered,
    map_items,
    original_row,
    read_column,
    rows_within,
    treat_as_missing,
)
from mmclassic._execution._cache._content import Text

__all__ = [
    "digests_of",
    "fit_descriptor",
    "keep_rows",
    "learn_once",
    "read_cells",
    "remembered_encoder",
]

T = TypeVar("T")

LIBRARIES = Libraries(("numpy", "scipy", "scikit-learn", "cv2"))
# Parameters that matter to what is learned only; a row follows from that.
INVALID = "invalid rows"
OF_LEARNING = ("max_bytes", "max_descriptors", "random_state")


def read_cells(encoder: Any, X: Any) -> Column:
    """Return X as a column, in which texts can't be taken for the paths of files.

    Parameters
    ----------
    encoder : LocalEncoder
    X : column of n_samples cells
    """
    column = read_column(X)
    if encoder.cache is None or not _describes_texts(encoder):
        return column
    cells = [Text(cell) if isinstance(cell, str) else cell for cell in column.cells]
    return Column(cells, column.labels)


def fit_descriptor(encoder: Any, descriptor: Any, X: Any) -> Any:
    """Fit a descriptor, which the encoder's cache serves if it has none of its own.

    Parameters
    ----------
    encoder : LocalEncoder
    descriptor : estimator
    X : column of n_samples cells

    Returns
    -------
    estimator
        The descriptor.
    """
    if not _describes_texts(encoder) or descriptor.cache is not None:
        return descriptor.fit(X)
    descriptor.set_params(cache=encoder.cache).fit(X)
    return descriptor.set_params(cache=None)


def learn_once(encoder: Any, column: Column, learn: Callable[[], T]) -> T | None:
    """Fit an encoder, or set what an equal one learned from equal items.

    Parameters
    ----------
    encoder : LocalEncoder
    column : Column
    learn : callable
        Fits the encoder to the column.

    Returns
    -------
    object or None
        What ``learn`` returned, if it was called.
    """
    # Without an int as random state each fit is its own.
    if not isinstance(encoder.random_state, Integral) or not _is_known(encoder):
        return learn()
    returned: list[T] = []

    def learned(cells: tuple[Any, ...]) -> dict[str, Any]:
        with gathered() as errors:
            returned.append(learn())
        treat_as_missing(errors)
        rows = {original_row(row): row for row in range(len(column))}
        invalid = sorted({rows[error.row] for error in errors if error.row in rows})
        state = deepcopy(_learned_by(encoder))
        return state | {INVALID: np.array(invalid, dtype=np.intp)}

    invalid = getattr(encoder.descriptor, "invalid", None)
    parameters = _parameters_of(encoder) | {"invalid": invalid}
    identity = ("fit", type(encoder), parameters, LIBRARIES)
    remembered = Remembered(learned, identity, cache=as_cache(encoder.cache))
    state = remembered(tuple(column.cells))
    if returned:
        return returned[0]
    state = deepcopy(state)
    _warn_of(state.pop(INVALID), encoder, column)
    vars(encoder).update(state)
    return None


def remembered_encoder(
    encoder: Any, encode: Callable[[Any], Any], describe: Callable[[Any], Any]
) -> Remembered:
    """Return a fitted encoder's function of a cell, called once an equal cell.

    Parameters
    ----------
    encoder : LocalEncoder
    encode : callable
        Of a cell.
    describe : callable
        Of a cell, which ``encode`` calls.

    Returns
    -------
    Remembered
    """
    if not _is_known(encoder):
        return Remembered(encode, None)
    parameters = _parameters_of(encoder)
    for name in OF_LEARNING:
        parameters.pop(name, None)
    # The parameter may be another by now.
    parameters["descriptor"] = encoder.descriptor_
    if _describes_texts(encoder):
        parameters["descriptor"] = encoder.descriptor_._fitted_identity()
    identity = ("encode", type(encoder), parameters, _learned_by(encoder), LIBRARIES)
    cache = as_cache(encoder.cache)
    inner = describe.describe if isinstance(describe, Describer) else None
    return Remembered(encode, identity, cache=cache, inner=inner)


def digests_of(encoder: Any, column: Column) -> list[bytes | None]:
    """Return what ``keep_rows`` needs to know of the cells before they are read."""
    if encoder.cache is None:
        return [None] * len(column)
    return [digest_of(cell) for cell in column.cells]


def keep_rows(
    encode: Remembered,
    column: Column,
    digests: list[bytes | None],
    places: NDArray[np.intp],
    rows: NDArray[np.float32],
) -> None:
    """Keep rows that were encoded with the sample, for whom ``encode`` is called.

    Parameters
    ----------
    encode : Remembered
    column : Column
    digests : list of bytes or None, of length n_samples
    places : ndarray of row positions, intp
    rows : ndarray of shape (n_samples, n_features), float32
    """
    if not encode.key:  # there is no place
        return
    with encode.writing_together():
        for row in places.tolist():
            encode.put(column.cells[row], digests[row], rows[row].copy())


def _warn_of(rows: NDArray[np.intp], encoder: Any, column: Column) -> None:
    """Treat as missing again what was when an equal encoder learned."""
    if len(rows):
        describe = encoder.descriptor._describer(as_cache(encoder.cache))
        with rows_within(rows):
            map_items(describe, column.take(rows), invalid="missing")


def _is_known(encoder: Any) -> bool:
    """Tell whether the cells and the parameters say what the descriptors are.

    Where another's descriptor learns, too much would have to be compared. Descriptors
    that are precomputed are known by content, as on disk; the memory goes by the cell,
    and the rows of an array are other cells every time.
    """
    if isinstance(encoder.descriptor, str):
        return encoder.cache is not None
    return isinstance(encoder.descriptor, ItemTransformer) or _describes_texts(encoder)


def _describes_texts(encoder: Any) -> bool:
    return getattr(encoder.descriptor, "describes_texts", False)


def _parameters_of(encoder: Any) -> dict[str, Any]:
    parameters = dict(encoder.get_params(deep=False))
    for name in ("cache", "n_jobs"):
        parameters.pop(name, None)
    return parameters


def _learned_by(encoder: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(encoder).items()
        if name.endswith("_") and not name.startswith("_") and name != "descriptor_"
    }
