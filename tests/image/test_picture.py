"""Pictures are scaled without leaving any of their pixels out."""

import numpy as np
import pytest

from mmclassic.image._picture import Picture, resized, shrunk


@pytest.mark.parametrize("extent", [33, 47, 63, 64, 65, 128, 150, 320])
def test_every_pixel_has_a_part_in_a_smaller_picture(extent):
    for position in range(extent):
        line = np.zeros((extent, extent), np.uint8)
        line[position] = 255
        assert resized(Picture(line, None), (32, 32)).pixels.any(), position
        assert resized(Picture(line.T, None), (32, 32)).pixels.any(), position


@pytest.mark.parametrize("shape", [(40, 50), (75, 90), (100, 130), (300, 200)])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_a_plain_picture_stays_plain_at_any_size(shape, channels):
    plain = np.full(shape + channels, 77, np.uint8)
    pixels = resized(Picture(plain, None), (64, 48)).pixels
    assert pixels.shape == (64, 48, *channels)
    assert (pixels == 77).all()


@pytest.mark.parametrize("shape", [(60, 90), (100, 130), (300, 200)])
def test_a_ramp_stays_a_ramp_at_any_size(shape):
    rows = np.linspace(0, 255, shape[0])
    ramp = np.repeat(rows[:, np.newaxis], shape[1], axis=1).astype(np.uint8)
    pixels = resized(Picture(ramp, None), (64, 48)).pixels.astype(float)
    centres = (np.arange(64) + 0.5) / 64 * shape[0] - 0.5
    expected = centres[:, np.newaxis] / (shape[0] - 1) * 255
    assert np.abs(pixels - expected)[1:-1].max() < 2


def test_the_mask_keeps_its_half_when_scaled():
    mask = np.zeros((150, 150), bool)
    mask[:, 75:] = True
    picture = Picture(np.zeros((150, 150), np.uint8), mask)
    for size in (60, 100, 200):
        scaled = shrunk(picture, size) if size < 150 else resized(picture, (200, 200))
        assert scaled.mask.dtype == bool
        assert scaled.mask.shape == scaled.pixels.shape == (size, size)
        assert abs(scaled.mask.mean() - 0.5) < 0.02
        assert scaled.mask[:, -1].all()
        assert not scaled.mask[:, 0].any()
