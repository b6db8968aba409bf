"""SIFT and DenseSIFT: sets of descriptors, only where there is something."""

import copy
import pickle

import cv2
import numpy as np
import pytest
from joblib import Parallel, delayed

from mmclassic.image import SIFT, DenseSIFT, dense_sift

BOTH = pytest.mark.parametrize("make", [SIFT, DenseSIFT])


def test_sift_equals_opencvs(grey):
    features = SIFT().describe(grey)
    keypoints, expected = cv2.SIFT.create().detectAndCompute(grey, None)
    assert len(keypoints) > 20
    np.testing.assert_array_equal(features.descriptors, expected)
    np.testing.assert_allclose(
        features.positions[:, ::-1] * [120, 96] - 0.5,
        cv2.KeyPoint.convert(keypoints),
        atol=1e-4,
    )


def test_sift_passes_its_parameters_on(grey):
    transformer = SIFT(
        25, n_octave_layers=4, contrast_threshold=0.05, edge_threshold=8.0, sigma=1.4
    )
    actual = transformer.describe(grey).descriptors
    _, expected = cv2.SIFT.create(25, 4, 0.05, 8.0, 1.4).detectAndCompute(grey, None)
    np.testing.assert_array_equal(actual, expected)
    assert len(actual) == 25


def test_dense_sift_equals_the_function(grey):
    options = {
        "step": (5, 7),
        "bin_sizes": [3, 6],
        "sigma": 1.0,
        "window": "gaussian",
        "contrast_threshold": 20.0,
        "low_contrast": "zero",
        "root": True,
    }
    features, expected = (
        DenseSIFT(**options).describe(grey),
        dense_sift(grey, **options),
    )
    np.testing.assert_array_equal(features.descriptors, expected.descriptors)
    np.testing.assert_array_equal(features.positions, expected.positions)


@BOTH
def test_descriptors_are_bytes_and_positions_within_the_picture(make, grey):
    features = make().describe(grey)
    assert features.descriptors.dtype == np.uint8
    assert features.descriptors.shape == (len(features), 128)
    assert features.positions.min() >= 0
    assert features.positions.max() <= 1


@BOTH
def test_root_descriptors_have_unit_norm(make, grey):
    plain, root = make().describe(grey), make(root=True).describe(grey)
    assert root.descriptors.dtype == np.float32
    expected = np.sqrt(plain.descriptors / plain.descriptors.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(root.descriptors, expected, atol=1e-6)


@BOTH
@pytest.mark.parametrize("root", [False, True])
@pytest.mark.parametrize("shape", [(64, 64), (1, 1), (1, 80), (3, 3)])
def test_a_blank_or_tiny_picture_is_empty_and_its_row_zero(make, root, shape):
    blank = np.full(shape, 200, np.uint8)
    features = make(root=root).describe(blank)
    assert features.descriptors.shape == (0, 128)
    assert features.descriptors.dtype == (np.float32 if root else np.uint8)
    assert features.positions.shape == (0, 2)
    row = make(root=root).fit_transform([blank])
    assert row.shape == (1, 256)
    assert not row.any()


@BOTH
def test_transform_is_mean_and_std(make, grey):
    descriptors = make().describe(grey).descriptors
    row = make().fit_transform([grey])[0]
    assert row.dtype == np.float32
    np.testing.assert_allclose(row[:128], descriptors.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(row[128:], descriptors.std(axis=0), rtol=1e-5)
    names = make().get_feature_names_out()
    assert names[0] == f"{make.__name__.lower()}_mean0"
    assert len(names) == 256


@BOTH
def test_descriptors_come_from_what_is_opaque(make, stamp, mask):
    inside = make().describe(stamp)
    everywhere = make().describe(stamp[..., :3])
    assert 0 < len(inside) < len(everywhere)
    y, x = (inside.positions * mask.shape - 0.5).round().astype(int).T
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3)))
    assert grown[y, x].all()
    transparent = stamp.copy()
    transparent[..., 3] = 0
    assert len(make().describe(transparent)) == 0


@BOTH
def test_large_pictures_are_scaled_down_and_small_ones_kept(make, grey, stamp):
    large = cv2.resize(grey, None, fx=3, fy=3)
    shrunk = cv2.resize(large, (60, 48), interpolation=cv2.INTER_AREA)
    expected = make().describe(shrunk)
    np.testing.assert_array_equal(
        make(max_size=60).describe(large).descriptors, expected.descriptors
    )
    np.testing.assert_array_equal(
        make(max_size=120).describe(grey).descriptors,
        make(max_size=None).describe(grey).descriptors,
    )
    assert len(make(max_size=None).describe(large)) > len(expected)
    assert 0 < len(make(max_size=60).describe(stamp)) < len(make().describe(stamp))


@BOTH
def test_results_are_equal_for_any_number_of_threads(make, grey):
    pictures = [grey, grey[:, ::-1], grey[::-1], grey[:60], grey[:, :70]] * 2
    one = make().fit_transform(pictures)
    np.testing.assert_array_equal(make(n_jobs=3).fit_transform(pictures), one)
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(4)
        four = Parallel(n_jobs=3, prefer="threads")(
            delayed(make().describe)(picture) for picture in pictures
        )
    finally:
        cv2.setNumThreads(before)
    for picture, features in zip(pictures, four, strict=True):
        expected = make().describe(picture)
        np.testing.assert_array_equal(features.descriptors, expected.descriptors)
        np.testing.assert_array_equal(features.positions, expected.positions)


@BOTH
def test_estimators_pickle_and_copy_after_use(make, grey):
    transformer = make(root=True)
    row = transformer.fit_transform([grey])
    for other in (copy.deepcopy(transformer), pickle.loads(pickle.dumps(transformer))):
        np.testing.assert_array_equal(other.transform([grey]), row)


@BOTH
def test_a_missing_picture_is_nan(make, grey):
    rows = make().fit_transform([None, grey])
    assert np.isnan(rows[0]).all()
    assert np.isfinite(rows[1]).all()


@pytest.mark.parametrize(
    ("transformer", "message"),
    [
        (SIFT(n_features=0), "'n_features' parameter of SIFT"),
        (SIFT(sigma=0), "'sigma' parameter of SIFT"),
        (SIFT(max_size=0), "'max_size' parameter of SIFT"),
        (DenseSIFT(step=0), "'step' parameter of DenseSIFT"),
        (DenseSIFT(step=(4, 0)), "'step' parameter of DenseSIFT must be two ints"),
        (DenseSIFT(bin_sizes=()), "'bin_sizes' parameter of DenseSIFT must be one or"),
        (DenseSIFT(bin_sizes=(2.5,)), "'bin_sizes' parameter of DenseSIFT"),
        (DenseSIFT(window="round"), "'window' parameter of DenseSIFT"),
    ],
)
def test_bad_parameters_are_named(grey, transformer, message):
    with pytest.raises(ValueError, match=message):
        transformer.fit([grey])
    with pytest.raises(ValueError, match=message):
        transformer.describe(grey)
