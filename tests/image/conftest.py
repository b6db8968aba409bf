"""Pictures that the image tests share."""

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def grey():
    """Blurred noise: keypoints and gradients everywhere."""
    noise = np.random.default_rng(0).random((96, 120))
    blurred = cv2.GaussianBlur(noise, (0, 0), 2)
    return cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


@pytest.fixture(scope="session")
def rgb(grey):
    return np.stack([grey, grey[::-1], grey[:, ::-1]], axis=-1)


@pytest.fixture(scope="session")
def mask(grey):
    """Opaque in a box that is off the middle."""
    mask = np.zeros(grey.shape, dtype=bool)
    mask[20:80, 50:110] = True
    return mask


@pytest.fixture(scope="session")
def stamp(rgb, mask):
    """RGBA: the noise inside the box, nothing outside."""
    return np.dstack([rgb, mask.astype(np.uint8) * 255])
