"""Sounds and pictures made of noise and tones, the same in every run."""

import cv2
import numpy as np
from numpy.typing import NDArray


def make_sound(seconds: float, sample_rate: int = 22050) -> NDArray[np.float32]:
    """Return a sound of gliding tones that swell and fade in noise.

    Parameters
    ----------
    seconds : float
    sample_rate : int, default=22050
        Hertz.

    Returns
    -------
    ndarray of shape (n_samples,), float32
    """
    rng = np.random.default_rng(0)
    t = np.arange(int(seconds * sample_rate)) / sample_rate
    tones = sum(
        np.sin(2 * np.pi * pitch * (t + 0.05 * np.sin(3 * t))) for pitch in (220, 1320)
    )
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * 2 * t)
    return (0.2 * tones * swell + 0.01 * rng.normal(size=t.size)).astype(np.float32)


def make_picture(size: int) -> NDArray[np.uint8]:
    """Return a grey picture of soft spots and sharp squares.

    Parameters
    ----------
    size : int
        Height and width, pixels.

    Returns
    -------
    ndarray of shape (size, size), uint8
    """
    rng = np.random.default_rng(0)
    noise = rng.random((size, size)).astype(np.float32)
    picture = sum(width * cv2.GaussianBlur(noise, (0, 0), width) for width in (1, 3, 9))
    for y, x in rng.integers(0, size - 32, size=(20, 2)):
        picture[y : y + 32, x : x + 32] += rng.normal()
    return cv2.normalize(picture, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
