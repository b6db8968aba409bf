"""hog equals scikit-image's, whatever the size, dtype and parameters."""

import cv2
import numpy as np
import pytest
from skimage.feature import hog as reference_hog

from mmclassic._kernels.hog import hog

DTYPES = (np.uint8, np.int16, np.uint16, np.float16, np.float32, np.float64, bool)
PARAMETERS = (
    {},
    {"orientations": 8, "pixels_per_cell": (5, 7), "cells_per_block": (2, 2)},
    {"orientations": 12, "pixels_per_cell": (6, 4), "cells_per_block": (1, 3)},
    {"orientations": 4, "pixels_per_cell": (1, 1), "cells_per_block": (2, 2)},
    {"orientations": 1, "cells_per_block": (1, 1)},
)


def smooth_noise(shape, seed=0):
    noise = np.random.default_rng(seed).random(shape)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.5), None, 0, 1, 32)


def as_dtype(picture, dtype):
    if dtype is bool:
        return picture > 0.5
    scale = 1 if np.issubdtype(dtype, np.floating) else 255
    return (picture * scale).astype(dtype)


def assert_equals_reference(image, **parameters):
    expected = reference_hog(image, **parameters)
    actual = hog(image, **parameters)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_hog_equals_scikit_image_for_every_dtype(dtype, parameters):
    assert_equals_reference(as_dtype(smooth_noise((37, 51)), dtype), **parameters)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channel_axis", [-1, 0])
def test_hog_equals_scikit_image_in_colour(dtype, channel_axis):
    coloured = np.moveaxis(smooth_noise((33, 40, 3)), -1, channel_axis)
    assert_equals_reference(as_dtype(coloured, dtype), channel_axis=channel_axis)


@pytest.mark.parametrize("block_norm", ["L1", "L1-sqrt", "L2", "L2-Hys"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_hog_equals_scikit_image_for_every_block_norm(block_norm, dtype):
    image = as_dtype(smooth_noise((40, 40)), dtype)
    assert_equals_reference(
        image, block_norm=block_norm, transform_sqrt=True, feature_vector=False
    )
    assert_equals_reference(image, block_norm=block_norm)


@pytest.mark.parametrize("shape", [(24, 24), (25, 31), (300, 301), (8, 5000)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_hog_equals_scikit_image_for_every_size(shape, dtype):
    image = as_dtype(smooth_noise(shape), dtype)
    assert_equals_reference(image, cells_per_block=(1, 2))


@pytest.mark.parametrize("orientations", [2, 4, 8, 9, 12])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_hog_equals_scikit_image_where_gradients_lie_on_bin_edges(orientations, dtype):
    # Few levels: most gradients point at exactly 0, 45, 90 or 135 degrees.
    levels = np.random.default_rng(0).integers(0, 3, (48, 48)).astype(dtype)
    assert_equals_reference(levels, orientations=orientations)
    assert_equals_reference(
        np.stack([levels, levels[::-1], levels.T], axis=-1),
        orientations=orientations,
        channel_axis=-1,
    )


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1e8, 1e30])
def test_hog_equals_scikit_image_at_any_scale(scale):
    image = smooth_noise((32, 32)).astype(np.float64) * scale
    assert_equals_reference(image)
    assert_equals_reference(image, block_norm="L1-sqrt")


def test_hog_drops_the_vote_of_a_gradient_just_below_180_degrees():
    # Its angle is a tiny negative one, whose remainder rounds to 180 itself.
    image = np.tile(np.arange(24.0), (24, 1))
    image[12:] -= 1e-16
    image[13] -= 1e-15
    assert_equals_reference(image)


def test_hog_of_one_pixel_wide_pictures_has_no_gradient_across():
    assert_equals_reference(
        np.arange(0, 160, 10, dtype=np.uint8)[:, None],
        pixels_per_cell=(2, 1),
        cells_per_block=(2, 1),
    )


def test_hog_of_a_vertical_edge_votes_for_the_first_bin_only():
    image = np.zeros((24, 24), dtype=np.uint8)
    image[:, 12:] = 200
    histogram = hog(image, feature_vector=False).sum(axis=(0, 1, 2, 3))
    assert histogram[0] > 0
    assert not histogram[1:].any()


def test_hog_of_a_blank_image_is_zero():
    assert not hog(np.full((32, 32), 7, dtype=np.uint8)).any()
    assert not hog(np.full((32, 32), 0.7)).any()


def test_hog_leaves_its_input_and_its_tables_alone():
    image = as_dtype(smooth_noise((64, 64)), np.uint8)
    copy, first = image.copy(), hog(image)
    np.testing.assert_array_equal(hog(image), first)
    np.testing.assert_array_equal(image, copy)


def test_hog_takes_views_that_are_not_contiguous():
    image = as_dtype(smooth_noise((64, 90)), np.uint8)
    view = image[::-1, ::2]
    np.testing.assert_array_equal(hog(view), hog(view.copy()))


@pytest.mark.parametrize("shape", [(1, 1), (0, 0), (23, 100), (100, 23)])
def test_hog_of_too_small_an_image_names_the_size_it_needs(shape):
    with pytest.raises(ValueError, match="24 rows and 24 columns.*enlarge"):
        hog(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize(
    ("image", "parameters", "message"),
    [
        (np.zeros((32, 32, 3)), {}, "channel_axis=-1"),
        (np.zeros((32, 32)), {"channel_axis": -1}, "3 dimensions"),
        (np.full((32, 32), np.nan), {}, "NaN or infinity"),
        (np.full((32, 32), -1.0), {"transform_sqrt": True}, "negative"),
        (np.zeros((32, 32)), {"orientations": 0}, "'orientations' parameter"),
        (np.zeros((32, 32)), {"orientations": 2.5}, "'orientations' parameter"),
        (np.zeros((32, 32)), {"pixels_per_cell": (0, 8)}, "'pixels_per_cell'"),
        (np.zeros((32, 32)), {"cells_per_block": (2, 2, 2)}, "'cells_per_block'"),
        (np.zeros((32, 32)), {"block_norm": "L3"}, "'block_norm' parameter"),
    ],
)
def test_hog_names_the_bad_input_and_the_remedy(image, parameters, message):
    with pytest.raises(ValueError, match=message):
        hog(image, **parameters)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("block_norm", ["L1", "L2", "L2-Hys"])
def test_a_blank_half_beside_a_strong_one_is_as_scikit_image_has_it(dtype, block_norm):
    top = 255 if dtype == np.uint8 else 65535
    image = np.zeros((160, 160), dtype)
    image[:80] = np.random.default_rng(0).integers(0, top, (80, 160))
    ours = hog(image, block_norm=block_norm)
    theirs = reference_hog(image, block_norm=block_norm)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
