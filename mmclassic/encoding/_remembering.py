"""What an encoder learned, remembered for others that learn the same again."""

from copy import deepcopy
from numbers import Integral
from typing import Any

from mmclassic._base import ItemTransformer
from mmclassic._execution import Column, Remembered

__all__ = ["recall_fit", "remember_fit"]


def recall_fit(encoder: Any, column: Column) -> bool:
    """Set what an encoder of equal parameters learned from the same cells, if known.

    Parameters
    ----------
    encoder : LocalEncoder
    column : Column

    Returns
    -------
    bool
        Whether it is known.
    """
    fits = _fits_of(encoder)
    learned = fits and fits.get(tuple(column.cells))
    if learned is None:
        return False
    vars(encoder).update(deepcopy(learned))
    encoder.descriptor_.n_jobs = encoder.descriptor.n_jobs  # it is no part of the key
    return True


def remember_fit(encoder: Any, column: Column) -> None:
    """Keep what a fitted encoder learned from a column's cells.

    Parameters
    ----------
    encoder : LocalEncoder
    column : Column
    """
    fits = _fits_of(encoder)
    if fits is not None:
        parameters = encoder.get_params(deep=False)
        learned = {k: v for k, v in vars(encoder).items() if k not in parameters}
        fits.put(tuple(column.cells), deepcopy(learned))


def _fits_of(encoder: Any) -> Remembered | None:
    """Return the memory of fits by such an encoder, None without one or a seed."""
    repeats = isinstance(encoder.random_state, Integral)
    if not repeats or not isinstance(encoder.descriptor, ItemTransformer):
        return None
    parameters = encoder.get_params(deep=False)
    parameters["descriptor"] = encoder.descriptor._identity()
    del parameters["n_jobs"]
    fits = Remembered(_never, ("fit", type(encoder), parameters))
    return None if fits.memory is None else fits


def _never(cells: Any) -> Any:
    raise NotImplementedError
