"""Which words of a codebook mattered in a picture, and where they are in it."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.pipeline import FeatureUnion, Pipeline

from mmclassic._kernels.codebook import nearest_words
from mmclassic._kernels.gaussian_mixture import DiagonalMixture
from mmclassic._kernels.principal_axes import project
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding import VLAD, BagOfWords, FisherVector
from mmclassic.fusion._blocks import as_block
from mmclassic.inspection._kinds import walk

__all__ = ["Vocabulary", "WordEffects", "vocabulary_of"]


@dataclass(frozen=True, slots=True, eq=False)
class WordEffects:
    """What the words of a codebook effect in one picture.

    Attributes
    ----------
    words : list of int
        Those that are looked at: the most frequent ones in the picture.
    effects : ndarray of shape (n_words,)
        The model's answer less its answer without the word's descriptors.
    positions : list of ndarray of shape (n_descriptors, 2)
        Where each word is, (y, x) in [0, 1].
    """

    words: list[int]
    effects: NDArray[np.float64]
    positions: list[NDArray[np.float32]] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The words of one picture, by a part's encoder.

    Parameters
    ----------
    part : fitted estimator
        What gives the block of features: a part of an early fusion, or a late one's
        steps before the last.
    encoder : fitted BagOfWords, VLAD or FisherVector
        Inside the part.
    features : LocalFeatures
        Of the picture.
    words : ndarray of shape (n,)
        Of each descriptor.
    frequent : list of int
        The words to look at.
    """

    part: Any
    encoder: Any
    features: LocalFeatures
    words: NDArray[np.intp]
    frequent: list[int]

    def block(self, cells: Any) -> Any:
        """Return the part's rows of the picture whole, then without each word.

        Parameters
        ----------
        cells : column of the picture's cell
        """
        encoder = copy(self.encoder)  # which takes descriptors as they are
        encoder.descriptor = encoder.descriptor_ = "precomputed"
        rows = np.asarray(encoder.transform(list(self._variants())))
        return as_block(_through(self.part, self.encoder, rows, cells))

    def _variants(self) -> Iterator[LocalFeatures]:
        yield self.features
        for word in self.frequent:
            kept = self.words != word
            yield LocalFeatures(
                self.features.descriptors[kept], self.features.positions[kept]
            )

    def with_effects(self, effects: NDArray[np.float64]) -> WordEffects:
        """Return the words with what each effects."""
        places = [self.features.positions[self.words == w] for w in self.frequent]
        return WordEffects(self.frequent, effects, places)


def vocabulary_of(part: Any, cell: Any, n_words: int) -> Vocabulary | None:
    """Return the words of a picture, None of a part without an encoder of words.

    Parameters
    ----------
    part : fitted estimator
    cell : cell of a picture
    n_words : int
        The most to look at.

    Returns
    -------
    Vocabulary or None
    """
    coders = [s for s in walk(part) if isinstance(s, BagOfWords | VLAD | FisherVector)]
    if not coders or not _reaches(part, coders[0]):
        return None
    encoder = coders[0]
    if encoder.n_position_axes_ != 2 or isinstance(encoder.descriptor_, str):
        return None
    features = encoder.descriptor_.describe(cell)
    if not len(features):
        return None
    words = _words(encoder, features)
    present, counts = np.unique(words, return_counts=True)
    frequent = present[np.argsort(-counts, kind="stable")][:n_words].tolist()
    return Vocabulary(part, encoder, features, words, frequent)


def _words(encoder: Any, features: LocalFeatures) -> NDArray[np.intp]:
    """Return the word, or the likeliest component, of each descriptor."""
    if not isinstance(encoder, FisherVector):
        return nearest_words(features.descriptors, encoder.codebook_)
    mixture = DiagonalMixture(encoder.weights_, encoder.means_, encoder.variances_)
    projection, offset = mixture.linear_form()
    points = project(features.descriptors, encoder.mean_, encoder.axes_)
    if encoder.append_positions:
        centred = features.positions.astype(np.float32) - np.float32(0.5)
        points = np.concatenate([points, centred], axis=1)
    likelihoods = np.concatenate([points * points, points], axis=1) @ projection
    return np.asarray((likelihoods + offset).argmax(axis=1))


def _reaches(part: Any, encoder: Any) -> bool:
    """Tell whether an encoder is where its rows can be put in place of its own."""
    if part is encoder:
        return True
    if isinstance(part, Pipeline):
        return bool(part.steps) and _reaches(part.steps[0][1], encoder)
    if isinstance(part, FeatureUnion):
        return any(_reaches(inner, encoder) for _, inner in part.transformer_list)
    return False


def _through(part: Any, encoder: Any, rows: NDArray[Any], cells: Any) -> Any:
    """Return what a part makes of a cell as its encoder gives each of several rows."""
    if part is encoder:
        return rows
    if isinstance(part, Pipeline) and _reaches(part, encoder):
        block = _through(part.steps[0][1], encoder, rows, cells)
        for _, step in part.steps[1:]:
            if step is not None and not isinstance(step, str):
                block = step.transform(block)
        return block
    if isinstance(part, FeatureUnion) and _reaches(part, encoder):
        weights = part.transformer_weights or {}
        blocks = [
            _through(inner, encoder, rows, cells) * weights.get(name, 1)
            for name, inner in part.transformer_list
            if not (isinstance(inner, str) and inner == "drop")
        ]
        if any(sparse.issparse(block) for block in blocks):
            return sparse.hstack(blocks, format="csr")
        return np.hstack(blocks)
    block = cells if isinstance(part, str) else part.transform(cells)
    return as_block(block)[np.zeros(len(rows), dtype=np.intp)]
