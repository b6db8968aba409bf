"""Rows of an encoding to rows of signed powers and unit norm."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["normalize_rows"]


def normalize_rows(
    rows: NDArray[Any], power: float, norm: Literal["l1", "l2"] | None
) -> NDArray[np.float32]:
    """Return ``sign(x) * |x| ** power``, then each row divided by its norm.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
    power : float
        1 leaves the values, 0.5 takes their signed root.
    norm : {"l1", "l2"} or None
        A row of zeros stays zeros.

    Returns
    -------
    ndarray of shape (n_rows, n_features), float32
    """
    rows = np.asarray(rows, dtype=np.float64)
    if power == 0.5:
        rows = np.copysign(np.sqrt(np.abs(rows)), rows)
    elif power != 1:
        rows = np.copysign(np.abs(rows) ** power, rows)
    if norm is not None:
        order = 1 if norm == "l1" else 2
        norms = np.linalg.norm(rows, ord=order, axis=1, keepdims=True)
        rows = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return rows.astype(np.float32)
