"""Every stamp and some photographs of scenes go through each descriptor of pictures."""

import cv2
import numpy as np
import pandas as pd
import pytest
from skimage.feature import hog as reference_hog

from mmclassic.image import HOG, SIFT, ColorHistogram, DenseSIFT, hog
from mmclassic.media import load_image


@pytest.fixture(scope="module")
def stamps(data_folder):
    items = pd.read_csv(data_folder / "stamps" / "items.csv")
    return [data_folder / "stamps" / path for path in items["image"]]


@pytest.fixture(scope="module")
def scenes(data_folder):
    items = pd.read_csv(data_folder / "scene15" / "items.csv")
    return [data_folder / "scene15" / path for path in items["image"][::90]]


@pytest.mark.parametrize(
    "transformer",
    [
        HOG(),
        HOG(crop=True, mode="rgb", pixels_per_cell=(16, 16)),
        DenseSIFT(step=8),
        ColorHistogram(color_space="lab", grid=(2, 2)),
    ],
)
def test_every_stamp_has_finite_features(stamps, transformer):
    rows = transformer.fit_transform(stamps)
    assert rows.shape[0] == len(stamps)
    assert np.isfinite(rows).all()
    assert rows.any(axis=1).mean() > 0.95


def test_sift_of_stamps_comes_from_what_is_opaque(stamps):
    for path in stamps[::15]:
        _, mask = load_image(path, mode="grey", with_mask=True)
        features = SIFT().describe(path)
        if mask is None or not len(features):
            continue
        grown = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3)))
        y, x = (features.positions * mask.shape - 0.5).round().astype(int).T
        assert grown[y, x].all()


def test_hog_of_scenes_equals_scikit_image(scenes):
    for path in scenes[:10]:
        image = load_image(path, mode="grey")
        np.testing.assert_allclose(hog(image), reference_hog(image), rtol=0, atol=1e-6)


def test_dense_sift_of_scenes_agrees_with_opencv(scenes):
    image = load_image(scenes[3], mode="grey")
    dense = DenseSIFT(
        step=12, bin_sizes=(6,), sigma=np.sqrt(1.6**2 - 0.5**2), window="gaussian"
    )
    features = dense.describe(image)
    centres = features.positions * image.shape - 0.5
    inner = (np.abs(features.positions - 0.5) < 0.4).all(axis=1)
    points = [cv2.KeyPoint(float(x), float(y), 4, 0) for y, x in centres[inner]]
    _, expected = cv2.SIFT.create().compute(image, points)
    actual = features.descriptors[inner].astype(float)
    cosines = np.einsum("ij,ij->i", actual, expected) / (
        np.linalg.norm(actual, axis=1) * np.linalg.norm(expected, axis=1)
    )
    assert len(cosines) > 100
    assert cosines.mean() > 0.98
    assert np.quantile(cosines, 0.01) > 0.9
