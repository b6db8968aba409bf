"""ColorHistogram: shares of colours, of what is opaque, part by part."""

import numpy as np
import pytest

from mmclassic.image import ColorHistogram
from mmclassic.image._picture import load_picture


@pytest.mark.parametrize(
    ("parameters", "n_features"),
    [
        ({}, 48),
        ({"n_bins": (2, 3, 5)}, 10),
        ({"n_bins": (2, 3, 5), "joint": True}, 30),
        ({"n_bins": 4, "joint": True, "grid": [2, 3]}, 384),
        ({"color_space": "ycrcb"}, 48),
    ],
)
def test_rows_are_of_one_length_and_have_a_name_each(rgb, parameters, n_features):
    transformer = ColorHistogram(**parameters)
    rows = transformer.fit_transform([rgb, rgb[:10, :7], rgb[:1, :1]])
    assert rows.shape == (3, n_features)
    assert rows.dtype == np.float32
    assert len(set(transformer.get_feature_names_out())) == n_features


def test_rows_sum_to_the_number_of_parts(rgb):
    rows = ColorHistogram(grid=(3, 2), color_space="lab").fit_transform([rgb])
    np.testing.assert_allclose(rows.sum(), 6, rtol=1e-6)


def test_root_shares_are_unit_vectors_of_square_roots(rgb):
    shares = ColorHistogram().fit_transform([rgb])
    roots = ColorHistogram(root=True).fit_transform([rgb])
    np.testing.assert_allclose(roots**2, shares, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(roots), 1, rtol=1e-6)


def test_only_what_is_opaque_counts(stamp):
    box = stamp[20:80, 50:110, :3]
    np.testing.assert_array_equal(
        ColorHistogram().fit_transform([stamp]), ColorHistogram().fit_transform([box])
    )


def test_crop_lays_the_grid_over_the_opaque_box(stamp):
    box = stamp[20:80, 50:110, :3]
    np.testing.assert_array_equal(
        ColorHistogram(grid=(2, 2), crop=True).fit_transform([stamp]),
        ColorHistogram(grid=(2, 2)).fit_transform([box]),
    )


def test_a_transparent_picture_gives_zeros_and_no_descriptor():
    nothing = np.zeros((9, 9, 4), np.uint8)
    assert not ColorHistogram().fit_transform([nothing]).any()
    assert ColorHistogram().describe(nothing).descriptors.shape == (0, 48)


def test_grey_pictures_count_as_their_colour(grey):
    as_rgb = np.stack([grey] * 3, axis=-1)
    np.testing.assert_array_equal(
        ColorHistogram().fit_transform([grey]), ColorHistogram().fit_transform([as_rgb])
    )


def test_describe_gives_a_descriptor_for_each_part(rgb):
    transformer = ColorHistogram(grid=(2, 3))
    features = transformer.describe(rgb)
    assert features.descriptors.shape == (6, 48)
    np.testing.assert_allclose(features.positions[0], [1 / 4, 1 / 6])
    np.testing.assert_allclose(features.positions[-1], [3 / 4, 5 / 6])
    np.testing.assert_array_equal(
        features.descriptors.ravel(), transformer.fit_transform([rgb])[0]
    )


def test_describe_leaves_out_parts_that_are_transparent(stamp):
    features = ColorHistogram(grid=(1, 4)).describe(stamp)
    np.testing.assert_allclose(features.positions[:, 1], [3 / 8, 5 / 8, 7 / 8])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_bins": 0}, "'n_bins' parameter of ColorHistogram"),
        ({"n_bins": (4, 4)}, "'n_bins' parameter of ColorHistogram must be three"),
        ({"n_bins": (4, 4, 257)}, "range .1, 256."),
        ({"color_space": "xyz"}, "'color_space' parameter of ColorHistogram"),
        ({"grid": (0, 2)}, "'grid' parameter of ColorHistogram must be two ints"),
    ],
)
def test_bad_parameters_are_named(rgb, parameters, message):
    with pytest.raises(ValueError, match=message):
        ColorHistogram(**parameters).fit([rgb])


def test_pictures_keep_their_pixels_and_mask(stamp, mask):
    picture = load_picture(stamp, "rgb")
    np.testing.assert_array_equal(picture.mask, mask)
    assert (picture.pixels[~mask] == 255).all()
