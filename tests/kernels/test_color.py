"""color_histogram counts what is there, once."""

import numpy as np
import pytest

from mmclassic._kernels.color import COLOR_SPACES, color_histogram


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (13, 17, 3), dtype=np.uint8)


def test_joint_histogram_equals_numpys(picture):
    expected, _ = np.histogramdd(
        picture.reshape(-1, 3).astype(float), bins=(4, 2, 8), range=[(0, 256)] * 3
    )
    actual = color_histogram(picture, n_bins=(4, 2, 8), joint=True)
    np.testing.assert_allclose(actual, expected.ravel() / (13 * 17), rtol=1e-6)


def test_separate_histograms_equal_numpys(picture):
    expected = [
        np.histogram(picture[..., channel], bins=5, range=(0, 256))[0]
        for channel in range(3)
    ]
    actual = color_histogram(picture, n_bins=5)
    np.testing.assert_allclose(actual, np.concatenate(expected) / (3 * 13 * 17))


@pytest.mark.parametrize("color_space", COLOR_SPACES)
@pytest.mark.parametrize("joint", [True, False])
def test_each_part_of_the_grid_sums_to_one(picture, color_space, joint):
    histogram = color_histogram(
        picture, n_bins=4, color_space=color_space, joint=joint, grid=(2, 3)
    )
    assert histogram.dtype == np.float32
    assert histogram.shape == (6 * (64 if joint else 12),)
    np.testing.assert_allclose(histogram.reshape(6, -1).sum(axis=1), 1, rtol=1e-6)


def test_parts_of_the_grid_are_counted_apart(picture):
    parts = color_histogram(picture, grid=(1, 2)).reshape(2, -1)
    np.testing.assert_array_equal(parts[0], color_histogram(picture[:, :9]))
    np.testing.assert_array_equal(parts[1], color_histogram(picture[:, 9:]))


def test_only_what_the_mask_shows_is_counted(picture):
    mask = np.zeros((13, 17), dtype=bool)
    mask[2:7, 3:11] = True
    np.testing.assert_array_equal(
        color_histogram(picture, mask=mask), color_histogram(picture[2:7, 3:11])
    )


def test_an_empty_mask_gives_zeros(picture):
    assert not color_histogram(picture, mask=np.zeros((13, 17), dtype=bool)).any()


def test_hue_spans_all_bins():
    hues = np.zeros((1, 3, 3), dtype=np.uint8)
    hues[0, 0], hues[0, 1], hues[0, 2] = (255, 0, 0), (0, 255, 0), (255, 0, 255)
    histogram = color_histogram(hues, n_bins=(5, 1, 1), color_space="hsv", joint=True)
    np.testing.assert_allclose(histogram, np.array([1, 1, 0, 0, 1]) / 3, rtol=1e-6)


@pytest.mark.parametrize(
    ("image", "parameters", "message"),
    [
        (np.zeros((4, 4), np.uint8), {}, "RGB image"),
        (np.zeros((4, 4, 3)), {}, "uint8"),
        (np.zeros((4, 4, 3), np.uint8), {"n_bins": 0}, "'n_bins' parameter"),
        (np.zeros((4, 4, 3), np.uint8), {"n_bins": (4, 4)}, "'n_bins' parameter"),
        (np.zeros((4, 4, 3), np.uint8), {"color_space": "xyz"}, "'color_space'"),
        (np.zeros((4, 4, 3), np.uint8), {"grid": (0, 1)}, "'grid' parameter"),
        (np.zeros((4, 4, 3), np.uint8), {"mask": np.ones((2, 2), bool)}, "mask"),
    ],
)
def test_color_histogram_names_the_bad_input(image, parameters, message):
    with pytest.raises(ValueError, match=message):
        color_histogram(image, **parameters)
