"""A cell to the pixels and the mask that the picture descriptors work on."""

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Remembered
from mmclassic.media import load_image

__all__ = ["Picture", "cropped", "load_picture", "resized", "shrunk"]

# Of what a comparison remembers: pixels are many bytes, and quick to have again.
PICTURES_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels over white, and where the picture is opaque.

    Parameters
    ----------
    pixels : ndarray of shape (height, width) or (height, width, 3), uint8
    mask : ndarray of shape (height, width), bool, or None
        None where the picture has no alpha.
    """

    pixels: NDArray[np.uint8]
    mask: NDArray[np.bool_] | None


def load_picture(cell: Any, mode: str) -> Picture:
    """Load a cell as "grey" or "rgb" pixels and the mask of its alpha."""
    if not isinstance(cell, str | os.PathLike):  # it may share its memory with us
        return _load_picture(cell, mode)
    load = Remembered(partial(_load_picture, mode="rgb"), "picture", PICTURES_SHARE)
    if mode == "rgb":
        return load(cell)
    picture = load(cell) if load.has_room else load.get(cell)
    if picture is None or picture.mask is None:  # a file's grey is read as its own
        return _load_picture(cell, mode)
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
    return replace(picture, pixels=grey)


def _load_picture(cell: Any, mode: str) -> Picture:
    pixels, mask = load_image(cell, mode=mode, with_mask=True)  # type: ignore[call-overload]
    return Picture(pixels, mask)


def cropped(picture: Picture) -> Picture:
    """Cut the picture to the box around what is opaque; all of it if nothing is."""
    mask = picture.mask
    if mask is None or not mask.any():
        return picture
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Picture(picture.pixels[box], mask[box])


def shrunk(picture: Picture, max_size: int | None) -> Picture:
    """Scale the picture down until its longer side is ``max_size`` pixels."""
    height, width = picture.pixels.shape[:2]
    longer = max(height, width)
    if max_size is None or longer <= max_size:
        return picture
    return resized(
        picture,
        (
            max(1, round(height * max_size / longer)),
            max(1, round(width * max_size / longer)),
        ),
    )


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """Scale the picture to a height and width, whatever its proportions."""
    if picture.pixels.shape[:2] == tuple(size):
        return picture
    resized = replace(picture, pixels=_resize(picture.pixels, size))
    if picture.mask is None:
        return resized
    opacity = _resize(picture.mask.astype(np.uint8) * 255, size)
    return replace(resized, mask=opacity >= 128)


def _resize(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[Any]:
    height, width = size
    shrinks = max(pixels.shape[0] / height, pixels.shape[1] / width)
    return cv2.resize(
        np.ascontiguousarray(pixels),
        (int(width), int(height)),
        # Down to half, linear interpolation leaves no pixel out. Areas take three times
        # as long there, and tell scenes and drawings apart no better.
        interpolation=cv2.INTER_AREA if shrinks >= 2 else cv2.INTER_LINEAR_EXACT,
    )
