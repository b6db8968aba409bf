"""dense_sift equals a direct loop, and OpenCV's SIFT on the same upright points."""

import cv2
import numpy as np
import pytest

from mmclassic._kernels.dense_sift import dense_sift
from mmclassic._kernels.root_sift import root_sift

ALL = {"contrast_threshold": 0, "low_contrast": "zero"}


def smooth_noise(shape, seed=0, blur=1.5):
    noise = np.random.default_rng(seed).random(shape)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), blur), None, 0, 255, 32)


def direct_descriptor(image, y, x, bin_size, window="flat"):
    """Sum every pixel's gradient into the bins around (y, x), one at a time."""
    padded = np.pad(image.astype(float), 1, mode="reflect")
    across = padded[1:-1, 2:] - padded[1:-1, :-2]
    up = padded[:-2, 1:-1] - padded[2:, 1:-1]
    bins = np.zeros((4, 4, 8))
    for row, column in np.ndindex(image.shape):
        turn = np.arctan2(up[row, column], across[row, column]) * 4 / np.pi % 8
        magnitude = np.hypot(up[row, column], across[row, column])
        for i, j in np.ndindex(4, 4):
            down = abs(row - (y + (i - 1.5) * bin_size)) / bin_size
            along = abs(column - (x + (j - 1.5) * bin_size)) / bin_size
            weight = max(0, 1 - down) * max(0, 1 - along) * magnitude
            lower = int(turn)
            bins[i, j, lower % 8] += weight * (1 - (turn - lower))
            bins[i, j, (lower + 1) % 8] += weight * (turn - lower)
    if window == "gaussian":
        fall = np.exp(-0.5 * ((np.arange(4) - 1.5) / 2) ** 2)
        bins *= np.outer(fall, fall)[..., None]
    values = bins.ravel()
    values = np.minimum(values, 0.2 * np.linalg.norm(values))
    return np.minimum(values * 512 / np.linalg.norm(values), 255)


# Steps that share no divisor with the bins, their own size, and one of several.
@pytest.mark.parametrize(
    ("bin_size", "step"),
    [(1, (5, 4)), (2, (5, 4)), (3, (5, 4)), (5, (5, 4)), (4, 2), (4, (6, 8)), (6, 9)],
)
@pytest.mark.parametrize("window", ["flat", "gaussian"])
def test_dense_sift_equals_a_direct_loop_within_one_unit(bin_size, step, window):
    image = smooth_noise((19, 22) if bin_size < 6 else (29, 31))
    features = dense_sift(
        image, step=step, bin_sizes=(bin_size,), sigma=0, window=window, **ALL
    )
    centres = features.positions * image.shape - 0.5
    assert len(features) > 1
    for descriptor, (y, x) in zip(features.descriptors, centres, strict=True):
        expected = direct_descriptor(image, y, x, bin_size, window)
        assert np.abs(descriptor - expected).max() <= 1


@pytest.mark.parametrize("bin_size", [4, 8])
def test_dense_sift_agrees_with_opencv_on_the_same_upright_points(bin_size):
    image = smooth_noise((120, 140), blur=3).astype(np.uint8)
    # OpenCV blurs a picture, taken to have a blur of 0.5, to 1.6 first.
    features = dense_sift(
        image,
        step=6,
        bin_sizes=(bin_size,),
        sigma=np.sqrt(1.6**2 - 0.5**2),
        window="gaussian",
        **ALL,
    )
    centres = features.positions * image.shape - 0.5
    points = [cv2.KeyPoint(float(x), float(y), bin_size * 2 / 3, 0) for y, x in centres]
    kept, expected = cv2.SIFT_create().compute(image, points)
    assert len(kept) == len(points)
    actual = features.descriptors.astype(float)
    inner = (np.abs(centres / image.shape - 0.5) < 0.5 - 4 * bin_size / 120).all(axis=1)
    cosines = np.einsum("ij,ij->i", actual, expected) / (
        np.linalg.norm(actual, axis=1) * np.linalg.norm(expected, axis=1)
    )
    assert inner.sum() > 50
    assert cosines[inner].min() > 0.9
    assert cosines[inner].mean() > 0.98


def test_dense_sift_moves_with_the_picture():
    image = smooth_noise((60, 60))
    options = {"step": 1, "bin_sizes": (3,), **ALL}
    whole = dense_sift(image, **options).descriptors.reshape(51, 51, 128)
    moved = dense_sift(image[5:, 7:], **options).descriptors.reshape(46, 44, 128)
    inner = np.s_[6:-6, 6:-6]
    difference = np.abs(moved[inner].astype(int) - whole[5:, 7:][inner])
    # Sums of other rows at a time round otherwise, once in a while.
    assert difference.max() <= 1
    assert difference.mean() < 1e-4


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_dense_sift_blurs_as_opencv_does(dtype):
    image = smooth_noise((120, 140), blur=0.8).astype(dtype)
    blurred = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.3)
    actual = dense_sift(image, sigma=1.3, bin_sizes=(3, 8), **ALL).descriptors
    expected = dense_sift(blurred, sigma=0, bin_sizes=(3, 8), **ALL).descriptors
    np.testing.assert_array_equal(actual, expected)


def test_dense_sift_of_bytes_is_that_of_the_same_floats():
    image = smooth_noise((60, 60)).astype(np.uint8)
    for sigma in (0, 0.6):
        np.testing.assert_array_equal(
            dense_sift(image, sigma=sigma).descriptors,
            dense_sift(image.astype(np.float32), sigma=sigma).descriptors,
        )


def test_dense_sift_of_a_turned_picture_is_a_permutation():
    image = smooth_noise((41, 41))
    options = {"step": 2, "bin_sizes": (4,), **ALL}
    upright = dense_sift(image, **options).descriptors.reshape(15, 15, 4, 4, 8)
    turned = dense_sift(np.rot90(image), **options).descriptors
    # Anticlockwise by 90 degrees: the grid and the bins turn, angles gain two bins.
    expected = np.roll(np.rot90(np.rot90(upright), axes=(2, 3)), 2, axis=4)
    difference = turned.reshape(expected.shape).astype(int) - expected
    assert np.abs(difference).max() <= 1


def test_dense_sift_of_a_mirrored_picture_is_a_permutation():
    image = smooth_noise((41, 41))
    options = {"step": 2, "bin_sizes": (4,), **ALL}
    upright = dense_sift(image, **options).descriptors.reshape(15, 15, 4, 4, 8)
    mirrored = dense_sift(image[:, ::-1], **options).descriptors
    expected = upright[:, ::-1, :, ::-1][..., (4 - np.arange(8)) % 8]
    difference = mirrored.reshape(expected.shape).astype(int) - expected
    assert np.abs(difference).max() <= 1


def test_dense_sift_looks_along_a_ramp():
    features = dense_sift(np.tile(np.arange(40.0), (40, 1)), bin_sizes=(4,))
    bins = features.descriptors.reshape(-1, 16, 8)
    assert (bins[:, 5, 0] > 0).all()
    assert not bins[:, :, 1:].any()


def test_dense_sift_ignores_brightness_and_contrast():
    image = smooth_noise((50, 50))
    options = {"bin_sizes": (4,), **ALL}
    first = dense_sift(image, **options).descriptors.astype(int)
    second = dense_sift(0.25 * image + 90, **options).descriptors
    assert np.abs(first - second).max() <= 1


def test_dense_sift_of_several_scales_is_each_in_turn():
    image = smooth_noise((64, 48))
    both = dense_sift(image, step=5, bin_sizes=(6, 3), **ALL)
    alone = [dense_sift(image, step=5, bin_sizes=(b,), **ALL) for b in (6, 3)]
    np.testing.assert_array_equal(
        both.descriptors, np.concatenate([part.descriptors for part in alone])
    )
    np.testing.assert_array_equal(
        both.positions, np.concatenate([part.positions for part in alone])
    )


def test_dense_sift_does_not_depend_on_where_strips_end():
    image = smooth_noise((120, 900))  # several strips
    tall = dense_sift(image, bin_sizes=(4,), **ALL).descriptors
    narrow = dense_sift(image[:, :200], bin_sizes=(4,), **ALL).descriptors
    tall, narrow = tall.reshape(27, -1, 128), narrow.reshape(27, -1, 128)
    difference = tall[:, :40].astype(int) - narrow[:, :40]
    assert np.abs(difference).max() <= 1


def test_descriptors_may_lie_farther_apart_than_strips_are_high():
    image = smooth_noise((300, 400))
    sparse = dense_sift(image, step=(131, 150), bin_sizes=(3,), **ALL)
    assert len(sparse) == 3 * 3
    y, x = (sparse.positions[4] * image.shape - 0.5).astype(int)
    around = image[y - 50 : y + 52, x - 50 : x + 52]
    alone = dense_sift(around, step=131, bin_sizes=(3,), **ALL)
    assert len(alone) == 1
    difference = sparse.descriptors[4].astype(int) - alone.descriptors[0]
    assert np.abs(difference).max() <= 1


def test_positions_are_centred_in_the_picture():
    features = dense_sift(smooth_noise((31, 43)), step=4, bin_sizes=(2,), **ALL)
    assert features.positions.dtype == np.float32
    np.testing.assert_allclose(features.positions.mean(axis=0), 0.5, atol=0.05)
    rows = np.unique(features.positions[:, 0]) * 31 - 0.5
    np.testing.assert_allclose(np.diff(rows), 4, atol=1e-4)


def test_dense_sift_keeps_only_centres_inside_the_mask():
    image = smooth_noise((60, 60))
    mask = np.zeros((60, 60), dtype=bool)
    mask[:, 30:] = True
    everywhere = dense_sift(image, **ALL)
    inside = dense_sift(image, mask=mask, **ALL)
    right = everywhere.positions[:, 1] * 60 - 0.5 >= 30
    assert 0 < right.sum() < len(everywhere)
    np.testing.assert_array_equal(inside.descriptors, everywhere.descriptors[right])
    np.testing.assert_array_equal(inside.positions, everywhere.positions[right])
    assert len(dense_sift(image, mask=~np.ones((60, 60), dtype=bool))) == 0


def test_low_contrast_is_dropped_or_zeroed():
    image = smooth_noise((60, 60))
    image[:, :30] = image[:, :30] * 0.01 + 100
    dropped = dense_sift(image, bin_sizes=(3,), contrast_threshold=4)
    zeroed = dense_sift(
        image, bin_sizes=(3,), contrast_threshold=4, low_contrast="zero"
    )
    weak = ~zeroed.descriptors.any(axis=1)
    assert len(dropped) == len(zeroed) - weak.sum()
    np.testing.assert_array_equal(zeroed.descriptors[~weak], dropped.descriptors)
    assert zeroed.positions[weak, 1].max() < 0.55


@pytest.mark.parametrize("low_contrast", ["drop", "zero"])
def test_dense_sift_of_a_blank_image_is_empty(low_contrast):
    features = dense_sift(np.full((50, 50), 9, np.uint8), low_contrast=low_contrast)
    assert features.descriptors.shape == (0, 128)
    assert features.descriptors.dtype == np.uint8
    assert features.positions.shape == (0, 2)


@pytest.mark.parametrize("value", [1, 100, 255, 0.1, 0.7])
@pytest.mark.parametrize("low_contrast", ["drop", "zero"])
def test_rounding_in_a_blank_image_is_no_contrast(value, low_contrast):
    blank = np.full((61, 67), value)
    features = dense_sift(blank, contrast_threshold=0, low_contrast=low_contrast)
    assert len(features) == 0


@pytest.mark.parametrize("shape", [(1, 1), (0, 0), (12, 100), (100, 12)])
def test_dense_sift_of_an_image_smaller_than_its_bins_is_empty(shape):
    features = dense_sift(np.zeros(shape, np.uint8), bin_sizes=(4,), root=True)
    assert features.descriptors.shape == (0, 128)
    assert features.descriptors.dtype == np.float32


def test_root_descriptors_are_unit_vectors_of_square_roots():
    image = smooth_noise((60, 60))
    plain = dense_sift(image).descriptors.astype(float)
    root = dense_sift(image, root=True).descriptors
    assert root.dtype == np.float32
    np.testing.assert_allclose((root**2).sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(
        root**2, plain / plain.sum(axis=1, keepdims=True), atol=1e-6
    )


def test_root_sift_of_a_zero_descriptor_is_zero():
    assert not root_sift(np.zeros((2, 128), np.uint8)).any()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float64])
def test_dense_sift_takes_any_dtype(dtype):
    image = np.round(smooth_noise((40, 40)))
    expected = dense_sift(image).descriptors
    np.testing.assert_array_equal(dense_sift(image.astype(dtype)).descriptors, expected)


@pytest.mark.parametrize(
    ("image", "parameters", "message"),
    [
        (np.zeros((40, 40, 3)), {}, "Convert colours to grey"),
        (np.full((40, 40), np.nan), {}, "NaN, infinity"),
        (np.zeros((40, 40)), {"step": 0}, "'step' parameter"),
        (np.zeros((40, 40)), {"step": (1, 2, 3)}, "'step' parameter"),
        (np.zeros((40, 40)), {"bin_sizes": ()}, "'bin_sizes' parameter"),
        (np.zeros((40, 40)), {"bin_sizes": (2.5,)}, "'bin_sizes' parameter"),
        (np.zeros((40, 40)), {"sigma": -1}, "'sigma' parameter"),
        (np.zeros((40, 40)), {"window": "round"}, "'window' parameter"),
        (np.zeros((40, 40)), {"contrast_threshold": -1}, "'contrast_threshold'"),
        (np.zeros((40, 40)), {"low_contrast": "keep"}, "'low_contrast' parameter"),
        (np.zeros((40, 40)), {"mask": np.ones((3, 3), bool)}, "The mask must have"),
    ],
)
def test_dense_sift_names_the_bad_input(image, parameters, message):
    with pytest.raises(ValueError, match=message):
        dense_sift(image, **parameters)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_root_sift_of_any_type_is_the_root_of_each_share(dtype):
    descriptors = np.random.default_rng(0).integers(0, 256, (50, 128)).astype(dtype)
    shares = descriptors / descriptors.sum(axis=1, keepdims=True, dtype=np.float64)
    roots = root_sift(descriptors[::2])  # not contiguous
    assert roots.dtype == np.float32
    np.testing.assert_allclose(roots, np.sqrt(shares)[::2], atol=1e-7)
    assert root_sift(descriptors[:0]).shape == (0, 128)
