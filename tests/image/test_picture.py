"""Pictures that are decoded once in a comparison are those that are decoded anew."""

import cv2
import numpy as np
import pytest

from mmclassic._execution import remembering
from mmclassic.image import _picture
from mmclassic.image._picture import load_picture
from mmclassic.media import load_image


@pytest.fixture
def files(tmp_path):
    """An opaque JPEG, and PNGs of colour and of grey with alpha."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (40, 50, 4), dtype=np.uint8)
    grey = np.dstack([pixels[:, :, :1]] * 3 + [pixels[:, :, 3:]])
    pictures = {"a.jpg": pixels[:, :, :3], "b.png": pixels, "c.png": grey}
    for name, picture in pictures.items():
        cv2.imwrite(str(tmp_path / name), picture)
    return [tmp_path / name for name in pictures]


@pytest.fixture
def decoded(monkeypatch):
    """The modes in which files were decoded."""
    modes = []

    def spy(cell, mode, **settings):
        modes.append(mode)
        return load_image(cell, mode=mode, **settings)

    monkeypatch.setattr(_picture, "load_image", spy)
    return modes


@pytest.mark.parametrize("order", [["grey", "rgb"], ["rgb", "grey"]])
@pytest.mark.parametrize("max_bytes", [2**24, 1])
def test_both_modes_are_what_load_image_gives(files, order, max_bytes):
    with remembering(max_bytes):
        for mode in [*order, *order]:
            for path in files:
                picture = load_picture(path, mode)
                pixels, mask = load_image(path, mode=mode, with_mask=True)
                np.testing.assert_array_equal(picture.pixels, pixels)
                np.testing.assert_array_equal(picture.mask, mask)


def test_a_picture_with_alpha_is_decoded_once_for_all_modes(files, decoded):
    with remembering(2**24):
        for mode in ("grey", "rgb", "rgb", "grey"):
            load_picture(files[1], mode)
    assert decoded == ["rgb"]


def test_without_room_nothing_is_decoded_for_later(files, decoded):
    with remembering(0):
        load_picture(files[1], "grey")
    load_picture(files[1], "grey")
    assert decoded == ["grey", "grey"]
