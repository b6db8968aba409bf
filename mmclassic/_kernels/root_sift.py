"""SIFT descriptors to RootSIFT."""

import cv2
import numpy as np

__all__ = ["root_sift"]

_ROOTS = np.sqrt(np.arange(256, dtype=np.float32))


def root_sift(descriptors: np.ndarray) -> np.ndarray:
    """Return the square root of each descriptor after L1 normalisation.

    Euclidean distance between the results is the Hellinger distance.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
        Values of at least 0.

    Returns
    -------
    ndarray of shape (n, d), float32
        Of unit norm, or zero where a descriptor is.
    """
    if descriptors.dtype != np.uint8 or not len(descriptors):
        values = descriptors.astype(np.float32)
        values /= np.maximum(values.sum(axis=1, keepdims=True), np.float32(1e-12))
        return np.sqrt(values, out=values)
    # Of bytes there are few roots, and the norm of the roots is that of the sums.
    roots = cv2.LUT(np.ascontiguousarray(descriptors), _ROOTS)
    norms = np.sqrt(np.vecdot(roots, roots))
    roots *= (1 / np.maximum(norms, 1e-6))[:, np.newaxis]
    return roots
