"""What a late fusion knows of each row besides X: its target, weight and group."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from mmclassic.fusion._part_models import takes_weights

__all__ = ["Targets"]


@dataclass(frozen=True, slots=True)
class Targets:
    """What is known of each row besides X.

    Parameters
    ----------
    y : ndarray of shape (n_samples,), or (n_samples, n_outputs) of several outputs
    sample_weight : ndarray of shape (n_samples,) or None
    groups : ndarray of shape (n_samples,) or None
    classifier : bool
    """

    y: NDArray[Any]
    sample_weight: NDArray[Any] | None
    groups: NDArray[Any] | None
    classifier: bool

    @classmethod
    def read(
        cls,
        fusion: Any,
        table: Any,
        y: Any,
        sample_weight: Any,
        groups: Any,
        *,
        classifier: bool,
        of_parts: bool = True,
    ) -> "Targets":
        """Return what fit received, checked.

        ``of_parts`` tells whether the parts are to take the weights.

        Raises
        ------
        ValueError
            If it is of another length than X, or a part takes no sample_weight.
        """
        if y is None:
            raise ValueError(
                f"{type(fusion).__name__} requires y to be passed, but the target y "
                "is None."
            )
        y = _one_or_several(y)
        assert_all_finite(y, input_name="y", estimator_name=type(fusion).__name__)
        check_consistent_length(np.empty(table.shape[0]), y, sample_weight, groups)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(
                sample_weight, np.empty((len(y), 1)), ensure_non_negative=True
            )
            for name, part, _ in fusion._active() if of_parts else []:
                if not takes_weights(part):
                    raise ValueError(
                        f"The part {name!r} of {type(fusion).__name__} ends in an "
                        "estimator whose fit takes no sample_weight. Choose another "
                        "estimator, or pass no sample_weight."
                    )
        groups = None if groups is None else column_or_1d(groups)
        if not classifier:
            y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        return cls(y, sample_weight, groups, classifier)

    def columns(self) -> list[NDArray[Any]]:
        """Return the targets of each output."""
        return [self.y] if self.y.ndim == 1 else list(self.y.T)

    def of(self, rows: NDArray[np.bool_]) -> tuple[Any, ...]:
        """Return y, sample_weight and groups of some rows, and the kind."""
        weights, groups = self.sample_weight, self.groups
        return (
            self.y[rows],
            None if weights is None else weights[rows],
            None if groups is None else groups[rows],
            self.classifier,
        )


def _one_or_several(y: Any) -> NDArray[Any]:
    """Return y as an array of one dimension, or of two of several outputs."""
    if sparse.issparse(y):
        y = y.toarray()
    try:
        several = np.ndim(y) == 2 and np.shape(y)[1] > 1
    except ValueError as error:
        raise ValueError(
            "y holds lists of unlike lengths. Turn lists of labels into columns of 0 "
            "and 1 with sklearn.preprocessing.MultiLabelBinarizer."
        ) from error
    if several:
        return np.asarray(y)
    return column_or_1d(y, warn=True)
