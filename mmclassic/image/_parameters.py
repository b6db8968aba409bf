"""Checks of parameters that scikit-learn's constraints can't state."""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["check_ints"]


def check_ints(estimator: Any, name: str, n: int | None = None) -> None:
    """Check that a parameter is a sequence of ints of at least 1.

    Parameters
    ----------
    estimator : object
        Its class and the parameter's value make the message.
    name : str
        The parameter.
    n : int or None, default=None
        How many; None for one or more.

    Raises
    ------
    ValueError
        If it is not.
    """
    values = getattr(estimator, name)
    if (
        isinstance(values, Sequence)
        and not isinstance(values, str)
        and len(values) >= 1
        and len(values) == (n or len(values))
        and all(isinstance(value, (int, np.integer)) and value >= 1 for value in values)
    ):
        return
    wanted = {2: "two ints", 3: "three ints", None: "one or more ints"}[n]
    raise ValueError(
        f"The {name!r} parameter of {type(estimator).__name__} must be {wanted} in "
        f"the range [1, inf). Got {values!r} instead."
    )
