"""Mirrored descriptors equal those of the picture that was really mirrored."""

import cv2
import numpy as np
import pytest

from mmclassic._kernels.dense_sift import dense_sift
from mmclassic._kernels.mirrored_sift import with_mirrored
from mmclassic._local_features import LocalFeatures


@pytest.mark.parametrize("window", ["flat", "gaussian"])
@pytest.mark.parametrize("root", [False, True])
def test_mirrored_descriptors_are_those_of_the_mirrored_picture(window, root):
    noise = np.random.default_rng(0).random((50, 73))
    image = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.5), None, 0, 255, 32)
    settings = {
        "window": window,
        "root": root,
        "contrast_threshold": 0,
        "low_contrast": "zero",
    }
    # 73 pixels: the grids of these scales are their own mirror images.
    for bin_size, n_columns in ((4, 16), (8, 13)):
        features = dense_sift(image, bin_sizes=(bin_size,), **settings)
        expected = dense_sift(image[:, ::-1], bin_sizes=(bin_size,), **settings)
        both = with_mirrored(features)
        n = len(features)
        assert len(both) == 2 * n
        assert np.array_equal(both.descriptors[:n], features.descriptors)
        # The columns of the grid come in the opposite order.
        order = np.arange(n).reshape(-1, n_columns)[:, ::-1].ravel()
        np.testing.assert_allclose(
            both.positions[n:][order], expected.positions, atol=1e-6
        )
        difference = both.descriptors[n:][order].astype(float) - expected.descriptors
        assert np.abs(difference).max() <= (0.02 if root else 1)


def test_a_picture_without_descriptors_has_none_mirrored():
    blank = LocalFeatures(np.empty((0, 128), np.uint8), np.empty((0, 2), np.float32))
    both = with_mirrored(blank)
    assert both.descriptors.shape == (0, 128)
    assert both.descriptors.dtype == np.uint8
    assert both.positions.dtype == np.float32


def test_mirroring_twice_gives_the_descriptor_back():
    once = LocalFeatures(
        np.arange(128, dtype=np.uint8)[np.newaxis], np.float32([[0.3, 0.2]])
    )
    mirrored = with_mirrored(once)
    again = with_mirrored(
        LocalFeatures(mirrored.descriptors[1:], mirrored.positions[1:])
    )
    assert np.array_equal(again.descriptors[1], once.descriptors[0])
    np.testing.assert_allclose(again.positions[1], once.positions[0], atol=1e-7)
    np.testing.assert_allclose(mirrored.positions[1], [0.3, 0.8], atol=1e-7)
