"""VLAD against brute force."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from mmclassic.encoding import VLAD

from .toys import make_items


def _residual_sums(item, codebook):
    words = pairwise_distances(item, codebook).argmin(axis=1)
    return np.array(
        [(item[words == k] - codebook[k]).sum(axis=0) for k in range(len(codebook))]
    )


@pytest.mark.parametrize("power", [1, 0.5])
@pytest.mark.parametrize("intra_norm", [True, False])
def test_vlad_is_that_of_brute_force(power, intra_norm):
    items = make_items(10)
    vlad = VLAD(
        "precomputed", n_words=4, power=power, intra_norm=intra_norm, random_state=0
    )
    rows = vlad.fit_transform(items)
    for item, row in zip(items, rows, strict=True):
        sums = _residual_sums(item.astype(float), vlad.codebook_)
        sums = np.sign(sums) * np.abs(sums) ** power
        if intra_norm:
            norms = np.linalg.norm(sums, axis=1, keepdims=True)
            sums = np.where(norms > 0, sums / np.where(norms > 0, norms, 1), 0)
        np.testing.assert_allclose(
            row, (sums / np.linalg.norm(sums)).ravel(), 1e-3, 1e-4
        )


def test_descriptors_of_bytes_have_signed_differences():
    items = [np.array([[10], [20]], np.uint8), np.array([[30], [40]], np.uint8)]
    vlad = VLAD("precomputed", n_words=1, power=1).fit(items)  # the word is 25
    assert vlad.transform(items).tolist() == [[-1], [1]]
