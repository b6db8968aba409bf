"""Multiply the features of blocks with each other, or sketch these products."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import check_random_state

__all__ = ["bilinear", "draw_hashes"]

# Products of features, beyond which they are sketched to as many.
MOST_PRODUCTS = 8192
ROWS = 256  # sketched at once

Hashes = list[tuple[NDArray[np.intp], NDArray[np.float64]]]


def draw_hashes(widths: list[int], random_state: Any) -> tuple[int, Hashes | None]:
    """Return how many features the products of blocks have, and how to sketch them.

    Parameters
    ----------
    widths : list of int
        The blocks' numbers of features.
    random_state : int, RandomState instance or None

    Returns
    -------
    width : int
    hashes : list of (places, signs), or None where all products are kept
        For a 1 and each feature of each block, its place in the sketch and its sign.
    """
    width = int(np.prod([1.0 + w for w in widths])) - 1
    if width <= MOST_PRODUCTS:
        return width, None
    rng = check_random_state(random_state)
    hashes = [
        (
            rng.randint(MOST_PRODUCTS, size=1 + w),
            rng.choice([-1.0, 1.0], size=1 + w),
        )
        for w in widths
    ]
    return MOST_PRODUCTS, hashes


def bilinear(blocks: list[Any], hashes: Hashes | None) -> NDArray[np.float64]:
    """Return the products of the features of any of the blocks, a feature of each.

    The inner product of two rows is the product over the blocks of (1 + theirs by the
    block), less 1: of features alone, of their products by twos, threes and so on. A
    block of zeros leaves those of the others.

    Parameters
    ----------
    blocks : list of {ndarray, sparse matrix} of shape (n_rows, n_features)
        Of a mean squared length of 1.
    hashes : list of (places, signs), or None
        As ``draw_hashes`` returns.

    Returns
    -------
    ndarray of shape (n_rows, width)
        Of a mean squared length of about 1.

    References
    ----------
    Pham & Pagh, "Fast and scalable polynomial kernels via explicit feature maps"
    (2013), doi:10.1145/2487575.2487591: the sketch.
    """
    size = np.sqrt(2.0 ** len(blocks) - 1)
    n_rows = blocks[0].shape[0]
    if hashes is None:
        products: Any = np.ones((n_rows, 1))
        for block in blocks:
            dense = block.toarray() if sparse.issparse(block) else block
            factors = np.hstack([np.ones((n_rows, 1)), dense])
            products = (products[:, :, None] * factors[:, None, :]).reshape(n_rows, -1)
        return np.asarray(products[:, 1:] / size)
    sketchers = [_sketcher(*each) for each in hashes]
    products = np.empty((n_rows, MOST_PRODUCTS))
    for start in range(0, n_rows, ROWS):
        some = slice(start, start + ROWS)
        products[some] = _sketch([block[some] for block in blocks], sketchers)
    return np.asarray(products / size)


def _sketcher(
    places: NDArray[np.intp], signs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], Any]:
    """Return the sketch of the 1, and the matrix that sketches the features."""
    of_one = np.zeros(MOST_PRODUCTS)
    of_one[places[0]] = signs[0]
    features = np.arange(len(places) - 1)
    shape = len(features), MOST_PRODUCTS
    return of_one, sparse.csr_matrix((signs[1:], (features, places[1:])), shape=shape)


def _sketch(blocks: list[Any], sketchers: list[tuple[Any, Any]]) -> NDArray[np.float64]:
    """Return sketches of the products, less that of the ones, which every row has."""
    spectrum: Any = 1.0
    ones: Any = 1.0
    for block, (of_one, features) in zip(blocks, sketchers, strict=True):
        sketch = block @ features
        dense = sketch.toarray() if sparse.issparse(sketch) else np.asarray(sketch)
        spectrum = spectrum * np.fft.rfft(dense + of_one, axis=1)
        ones = ones * np.fft.rfft(of_one)
    return np.asarray(np.fft.irfft(spectrum - ones, n=MOST_PRODUCTS, axis=1))
