"""Descriptors and a codebook to words: the nearest one, or weights of the nearest."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.blocks import padded_blocks
from mmclassic._kernels.pyramid import Regions

__all__ = ["nearest_words", "soft_words", "word_histograms"]

TINY = float(np.finfo(np.float32).tiny)


def nearest_words(
    descriptors: NDArray[Any], codebook: NDArray[np.float32]
) -> NDArray[np.intp]:
    """Return the nearest word of each descriptor by Euclidean distance.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
    codebook : ndarray of shape (n_words, d), float32

    Returns
    -------
    ndarray of shape (n,), intp
    """
    words = np.empty(len(descriptors), dtype=np.intp)
    projection, half_squares = _linear_form(codebook)
    for start, n, block in padded_blocks(descriptors):
        # The nearest word minimises ||c||^2 - 2 x.c; ||x||^2 is the same for all.
        scores = block @ projection
        scores -= half_squares
        words[start : start + n] = scores[:n].argmax(axis=1)
    return words


def soft_words(
    descriptors: NDArray[Any],
    codebook: NDArray[np.float32],
    n_nearest: int,
    bandwidth: float,
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the nearest words of each descriptor, and their Gaussian weights.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
    codebook : ndarray of shape (n_words, d), float32
    n_nearest : int
        Words that share a descriptor, at most n_words.
    bandwidth : float
        Standard deviation of the Gaussian, in the descriptors' unit.

    Returns
    -------
    words : ndarray of shape (n, n_nearest), intp
    weights : ndarray of shape (n, n_nearest), float32
        Each row sums to 1.

    References
    ----------
    .. [1] van Gemert, Veenman, Smeulders & Geusebroek, "Visual word ambiguity", IEEE
       TPAMI 32(7), 2010. :doi:`10.1109/TPAMI.2009.132`
    .. [2] Liu, Wang & Liu, "In defense of soft-assignment coding", ICCV 2011 (the
       nearest words only). :doi:`10.1109/ICCV.2011.6126534`
    """
    n_nearest = min(n_nearest, len(codebook))
    words = np.empty((len(descriptors), n_nearest), dtype=np.intp)
    weights = np.empty((len(descriptors), n_nearest), dtype=np.float32)
    projection, half_squares = _linear_form(codebook)
    for start, n, block in padded_blocks(descriptors):
        scores = half_squares - block @ projection
        nearest = np.argpartition(scores[:n], n_nearest - 1, axis=1)[:, :n_nearest]
        words[start : start + n] = nearest
        # Half the squared distance, up to ||x||^2, which the ratio cancels.
        halves = np.take_along_axis(scores[:n], nearest, axis=1)
        halves -= halves.min(axis=1, keepdims=True)
        kernel = np.exp(-halves / np.float32(max(bandwidth**2, TINY)))
        weights[start : start + n] = kernel / kernel.sum(axis=1, keepdims=True)
    return words, weights


def word_histograms(
    words: NDArray[np.intp],
    weights: NDArray[np.float32] | None,
    regions: Regions,
    n_words: int,
) -> NDArray[np.float64]:
    """Return how much of each word each region holds.

    Parameters
    ----------
    words : ndarray of shape (n, n_nearest) or (n,), intp
    weights : ndarray of the shape of words, float32, or None
        1 each if None.
    regions : Regions
    n_words : int

    Returns
    -------
    ndarray of shape (n_regions, n_words), float64
    """
    atoms = regions.atoms.reshape(-1, *[1] * (words.ndim - 1))
    index = (atoms * n_words + words).ravel()
    flat_weights = None if weights is None else weights.ravel()
    sums = np.bincount(index, flat_weights, minlength=regions.n_atoms * n_words)
    return regions.sums(sums.reshape(-1, n_words))


def _linear_form(
    codebook: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    half_squares = 0.5 * np.square(codebook, dtype=np.float64).sum(axis=1)
    return np.ascontiguousarray(codebook.T), half_squares.astype(np.float32)
