"""Toy descriptors and items that the encoders' tests share."""

import numpy as np
from numpy.typing import NDArray

from mmclassic._base import ItemTransformer
from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError


class Dots(ItemTransformer):
    """Describe an (n, d) array by its rows, placed on a diagonal of the unit square."""

    calls: list[float] = []  # shared by clones and threads: first number of each item

    _parameter_constraints = {}

    def __init__(self, *, scale=1.0, invalid="error", n_jobs=None):
        self.scale = scale
        self.invalid = invalid
        self.n_jobs = n_jobs

    def _load(self, cell):
        return np.asarray(cell, dtype=np.float32)

    @property
    def _n_descriptor_features(self):
        return 6

    def _describe(self, item):
        if item.ndim != 2:
            raise MediaError("is no array (n, d). Give one.")
        Dots.calls.append(float(item.flat[0]) if item.size else -1.0)
        along = (np.arange(len(item), dtype=np.float32) + 0.5) / max(len(item), 1)
        positions = np.stack([along, along], axis=1)
        return LocalFeatures(item * np.float32(self.scale), positions)


class MeanShift(ItemTransformer):
    """A fitted descriptor: rows less the mean over what it was fitted on."""

    _parameter_constraints = {}

    def __init__(self, *, invalid="error", n_jobs=None):
        self.invalid = invalid
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        self.mean_ = np.concatenate([cell for cell in X if cell is not None]).mean(0)
        return self

    def _load(self, cell):
        return cell

    def _describe(self, item):
        along = np.linspace(0, 1, len(item), dtype=np.float32)[:, np.newaxis]
        return LocalFeatures(item - self.mean_, along)


def make_items(
    n_items: int = 60, d: int = 6, n_max: int = 40, seed: int = 0
) -> list[NDArray[np.float32]]:
    """Return float32 arrays (n, d) of various lengths, of three clusters."""
    rng = np.random.default_rng(seed)
    centres = 4 * rng.normal(size=(3, d))
    items = []
    for length in rng.integers(3, n_max, size=n_items):
        rows = centres[rng.integers(0, 3, length)] + rng.normal(size=(length, d))
        items.append(rows.astype(np.float32))
    return items
