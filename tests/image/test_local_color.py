"""LocalColor: its numbers by hand, and pictures without a point."""

import cv2
import numpy as np
import pytest

from mmclassic._kernels.local_color import local_color
from mmclassic.image import LocalColor


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (40, 53, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [1, 3, 4, 8])
def test_each_cell_has_the_mean_and_deviation_of_its_pixels(picture, size):
    values, centers = local_color(picture, 5, [size])
    colors = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(float)
    expected = []
    for top in range(0, 40 - 4 * size + 1, 5):
        for left in range(0, 53 - 4 * size + 1, 5):
            patch = colors[top : top + 4 * size, left : left + 4 * size]
            cells = patch.reshape(4, size, 4, size, 3).swapaxes(1, 2)
            means, deviations = cells.mean(axis=(2, 3)), cells.std(axis=(2, 3))
            expected.append(np.concatenate([means, deviations], axis=2).ravel())
    np.testing.assert_allclose(values, expected, atol=0.05)
    np.testing.assert_allclose(centers[0], [2 * size, 2 * size])


def test_descriptors_of_all_scales_have_their_places(picture):
    features = LocalColor(5, cell_sizes=(3, 4)).describe(picture)
    assert features.descriptors.dtype == np.uint8
    assert features.positions.min() > 0 and features.positions.max() < 1
    np.testing.assert_allclose(features.positions[0], [6 / 40, 6 / 53])
    exact = local_color(picture, 5, (3, 4))[0]
    np.testing.assert_allclose(features.descriptors, exact, atol=0.5001)


def test_a_picture_without_room_for_a_patch_has_no_descriptor():
    small = LocalColor(cell_sizes=(4,)).describe(np.zeros((15, 99, 3), np.uint8))
    assert small.descriptors.shape == (0, 96)
    grey = LocalColor(cell_sizes=(4,)).describe(np.full((16, 16), 9, np.uint8))
    assert grey.descriptors.shape == (1, 96)


def test_what_is_transparent_has_no_descriptor():
    picture = np.full((40, 40, 4), 255, dtype=np.uint8)
    picture[:, 20:, 3] = 0
    features = LocalColor(4, cell_sizes=(2,)).describe(picture)
    assert len(features.descriptors) > 0 and features.positions[:, 1].max() < 0.5
