"""HOG: fixed length at a size, a set of blocks otherwise."""

import numpy as np
import pytest
from sklearn.base import clone

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.image import HOG, hog


def test_transform_at_the_pictures_own_size_is_the_functions_vector(grey):
    actual = HOG(size=grey.shape).fit_transform([grey])
    assert actual.dtype == np.float32
    np.testing.assert_array_equal(actual[0], hog(grey).astype(np.float32))


def test_transform_in_colour_is_the_functions_vector(rgb):
    actual = HOG(size=rgb.shape[:2], mode="rgb").fit_transform([rgb])
    np.testing.assert_array_equal(
        actual[0], hog(rgb, channel_axis=-1).astype(np.float32)
    )


def test_transform_passes_its_parameters_on(grey):
    options = {
        "orientations": 6,
        "pixels_per_cell": (12, 10),
        "cells_per_block": (2, 1),
        "block_norm": "L1",
        "transform_sqrt": True,
    }
    transformer = HOG(size=grey.shape, **options)
    expected = hog(grey, **options)
    np.testing.assert_allclose(transformer.fit_transform([grey])[0], expected, 1e-6)
    assert len(transformer.get_feature_names_out()) == len(expected)


def test_pictures_of_any_size_give_rows_of_one_length(grey, rgb):
    pictures = [grey, rgb[:31, :17], np.full((1, 1), 9, np.uint8)]
    transformer = HOG(size=(64, 48))
    rows = transformer.fit_transform(pictures)
    assert rows.shape == (3, 6 * 4 * 81)
    names = transformer.get_feature_names_out()
    assert len(set(names)) == rows.shape[1]
    assert names[-1] == "hog_5_3_2_2_8"


def test_transform_of_a_blank_picture_is_zero():
    assert not HOG().fit_transform([np.full((50, 50), 255, np.uint8)]).any()


def test_describe_gives_the_blocks_and_their_centres(grey):
    features = HOG(size=(64, 48)).describe(grey)
    assert features.descriptors.shape == (24, 81)
    np.testing.assert_allclose(features.positions[0], [12 / 64, 12 / 48])
    np.testing.assert_allclose(features.positions[-1], [52 / 64, 36 / 48])
    np.testing.assert_array_equal(
        features.descriptors.ravel(), HOG(size=(64, 48)).fit_transform([grey])[0]
    )


def test_without_a_size_transform_is_mean_and_std_over_the_blocks(grey):
    transformer = HOG(size=None)
    features = transformer.describe(grey)
    row = transformer.fit_transform([grey])[0]
    np.testing.assert_allclose(row[:81], features.descriptors.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(row[81:], features.descriptors.std(axis=0), atol=1e-6)
    assert len(transformer.get_feature_names_out()) == 162


def test_transparent_pictures_lie_over_white(stamp, mask):
    opaque = stamp[..., :3].copy()
    opaque[~mask] = 255
    np.testing.assert_array_equal(
        HOG().fit_transform([stamp]), HOG().fit_transform([opaque])
    )


def test_describe_keeps_the_blocks_whose_centre_is_opaque(stamp, mask):
    features = HOG(size=None).describe(stamp)
    y, x = (features.positions * mask.shape).round().astype(int).T
    assert 0 < len(features) < len(HOG(size=None).describe(stamp[..., :3]))
    assert mask[y, x].all()


def test_crop_cuts_to_the_opaque_box(stamp):
    box = stamp[20:80, 50:110, :3]
    np.testing.assert_array_equal(
        HOG(crop=True).fit_transform([stamp]), HOG().fit_transform([box])
    )


def test_crop_of_a_wholly_transparent_picture_changes_nothing():
    nothing = np.zeros((40, 40, 4), np.uint8)
    assert not HOG(crop=True).fit_transform([nothing]).any()
    assert len(HOG(crop=True).describe(nothing)) == 0


def test_too_small_a_picture_without_a_size_names_its_row(grey):
    pictures = [grey, grey[:20]]
    with pytest.raises(MediaError, match=r"Row 1 .*20 x 120 pixels.*24 x 24.*set size"):
        HOG(size=None).fit_transform(pictures)
    with pytest.warns(InvalidItemWarning, match="rows 1"):
        rows = HOG(size=None, invalid="missing").fit_transform(pictures)
    assert np.isnan(rows[1]).all()
    assert np.isfinite(rows[0]).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": (20, 100)}, "at least .24, 24., one block"),
        ({"size": (20,)}, "'size' parameter of HOG must be two ints"),
        ({"pixels_per_cell": (0, 8)}, "'pixels_per_cell' parameter of HOG"),
        ({"cells_per_block": (2, 2, 2)}, "'cells_per_block' parameter of HOG"),
        ({"orientations": 0}, "'orientations' parameter of HOG"),
        ({"mode": "bgr"}, "'mode' parameter of HOG"),
    ],
)
def test_bad_parameters_are_named(grey, parameters, message):
    with pytest.raises(ValueError, match=message):
        HOG(**parameters).fit([grey])


def test_sizes_may_be_lists_and_survive_clone(grey):
    transformer = clone(HOG(size=[64, 64], pixels_per_cell=[8, 8]))
    np.testing.assert_array_equal(
        transformer.fit_transform([grey]), HOG(size=(64, 64)).fit_transform([grey])
    )
