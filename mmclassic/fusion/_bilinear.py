"""Multiply the features of blocks with each other, or sketch these products."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
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


def bilinear(blocks: list[NDArray[Any]], hashes: Hashes | None) -> NDArray[Any]:
    """Return the products of the features of any of the blocks, a feature of each.

    The inner product of two rows is the product over the blocks of (1 + theirs by the
    block), less 1: of features alone, of their products by twos, threes and so on. A
    block of zeros leaves those of the others.

    Parameters
    ----------
    blocks : list of ndarrays of shape (n_rows, n_features)
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
    n_rows = len(blocks[0])
    extended = [np.hstack([np.ones((n_rows, 1)), block]) for block in blocks]
    size = np.sqrt(2.0 ** len(blocks) - 1)
    if hashes is None:
        products = extended[0]
        for block in extended[1:]:
            products = (products[:, :, None] * block[:, None, :]).reshape(n_rows, -1)
        return products[:, 1:] / size
    products = np.empty((n_rows, MOST_PRODUCTS))
    for start in range(0, n_rows, ROWS):
        some = slice(start, start + ROWS)
        products[some] = _sketch([block[some] for block in extended], hashes)
    return products / size


def _sketch(blocks: list[NDArray[Any]], hashes: Hashes) -> NDArray[np.float64]:
    """Return sketches of the products, without that of the ones, 1 of every row."""
    spectrum: Any = 1.0
    for block, (places, signs) in zip(blocks, hashes, strict=True):
        sketch = np.zeros((MOST_PRODUCTS, len(block)))
        np.add.at(sketch, places, (block * signs).T)
        spectrum = spectrum * np.fft.rfft(sketch, axis=0)
    products = np.fft.irfft(spectrum, n=MOST_PRODUCTS, axis=0).T
    place = sum(int(places[0]) for places, _ in hashes) % MOST_PRODUCTS
    products[:, place] -= np.prod([signs[0] for _, signs in hashes])
    return np.asarray(products)
