"""LocalFeatures: the set of local descriptors that every modality becomes."""

from dataclasses import dataclass

import numpy as np

__all__ = ["LocalFeatures"]


@dataclass(frozen=True, slots=True, eq=False)
class LocalFeatures:
    """The local descriptors of one item, each with its place in the item.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
        One descriptor a row: a SIFT vector, an MFCC frame, a word's vector.
        ``n`` may be 0 (a blank picture). uint8 where the descriptor is uint8-valued.
    positions : ndarray of shape (n, 1) or (n, 2), float32
        Where each lies, in [0, 1]: ``(y, x)`` in a picture, time in a clip or text.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.encoding import LocalFeatures
    >>> features = LocalFeatures(np.zeros((3, 13)), np.array([[0.0], [0.5], [1.0]]))
    >>> len(features)
    3
    """

    descriptors: np.ndarray
    positions: np.ndarray

    def __post_init__(self) -> None:
        if self.descriptors.ndim != 2:
            raise ValueError(
                "descriptors must be of shape (n, d). Got an array of shape "
                f"{self.descriptors.shape} instead."
            )
        if self.positions.ndim != 2 or self.positions.shape[1] not in (1, 2):
            raise ValueError(
                "positions must be of shape (n, 1) or (n, 2). Got an array of shape "
                f"{self.positions.shape} instead."
            )
        if len(self.positions) != len(self.descriptors):
            raise ValueError(
                f"{len(self.descriptors)} descriptors have {len(self.positions)} "
                "positions; each needs one."
            )

    def __len__(self) -> int:
        return len(self.descriptors)

    @property
    def nbytes(self) -> int:
        """Bytes held by the descriptors and positions."""
        return self.descriptors.nbytes + self.positions.nbytes
