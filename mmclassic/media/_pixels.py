"""Pixels of any depth, with or without alpha, to 8 bits over white."""

from dataclasses import dataclass

import cv2
import numpy as np

from mmclassic.exceptions import MediaError

__all__ = ["Picture", "from_array", "orient", "to_uint8"]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Decoded pixels, RGB or grey, with the alpha that may belong to them.

    Parameters
    ----------
    pixels : ndarray of shape (h, w) or (h, w, 3), uint8 or uint16
        Colours or grey.
    alpha : ndarray of shape (h, w) or None, of the same dtype
        Opacity from 0 to the dtype's greatest.
    premultiplied : bool, default=False
        Whether the pixels are already multiplied by alpha.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    premultiplied: bool = False


def from_array(array: np.ndarray) -> Picture:
    """Return the picture that an array holds, its shape and values checked.

    Parameters
    ----------
    array : ndarray of shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4)
        bool, integers in [0, 255], uint16, or floats in [0, 1].

    Returns
    -------
    Picture
        uint8, or uint16 where the array is.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        remedy = ""
        if array.ndim == 3 and array.shape[0] in (1, 3, 4):
            remedy = " Move the channels last, e.g. with numpy.moveaxis(x, 0, -1)."
        raise MediaError(
            f"is an array of shape {array.shape}; a picture is of shape (h, w), "
            f"(h, w, 1), (h, w, 3) or (h, w, 4).{remedy}"
        )
    if not array.size:
        raise MediaError("has no pixels. Replace it or drop the row.")
    array = _to_integers(array)
    if array.ndim == 3 and array.shape[2] == 4:
        return Picture(np.ascontiguousarray(array[:, :, :3]), array[:, :, 3])
    return Picture(np.ascontiguousarray(array))


def _to_integers(array: np.ndarray) -> np.ndarray:
    """Return uint8, or uint16 as it is."""
    kind = array.dtype.kind
    if kind == "u" and array.dtype.itemsize <= 2:
        return array.astype(array.dtype.newbyteorder("="), copy=False)
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if kind == "f":
        finite = np.isfinite(array)
        if not finite.all():
            n_bad = array.size - int(np.count_nonzero(finite))
            raise MediaError(
                f"holds {n_bad} of {array.size} values that are NaN or infinite. "
                "Repair them, e.g. with numpy.nan_to_num, or drop the row."
            )
        _check_range(array, 0, 1, "Scale them to [0, 1], or convert them to uint8.")
        return np.rint(array * 255).astype(np.uint8)
    if kind in "iu":
        _check_range(array, 0, 255, "Scale them, or convert 16-bit ones to uint16.")
        return array.astype(np.uint8)
    raise MediaError(
        f"is an array of {array.dtype}; a picture is of bool, integers or floats."
    )


def _check_range(array: np.ndarray, low: int, high: int, remedy: str) -> None:
    least, greatest = array.min(), array.max()
    if least < low or greatest > high:
        raise MediaError(
            f"is an array of {array.dtype} from {least:g} to {greatest:g}; values of "
            f"that type are to lie in [{low}, {high}]. {remedy}"
        )


def orient(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn pixels upright.

    Parameters
    ----------
    pixels : ndarray of shape (h, w) or (h, w, n_channels)
        As they are stored.
    orientation : int
        EXIF's, 1 to 8; anything else counts as 1.

    Returns
    -------
    ndarray
        A view, of shape (w, h[, n_channels]) for orientations 5 to 8.
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def to_uint8(picture: Picture, grey: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Return 8-bit RGB or grey over white, and the mask of what is opaque.

    Parameters
    ----------
    picture : Picture
        Pixels and alpha.
    grey : bool
        Whether to return grey.

    Returns
    -------
    image : ndarray of shape (h, w, 3) or (h, w), uint8
        Contiguous.
    mask : ndarray of shape (h, w), bool, or None
        True where alpha is at least a half.
    """
    pixels, mask = picture.pixels, None
    if picture.alpha is not None:
        mask = picture.alpha > np.iinfo(picture.alpha.dtype).max // 2
        pixels = _over_white(pixels, picture.alpha, picture.premultiplied)
    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    pixels = np.ascontiguousarray(pixels)
    if grey and pixels.ndim == 3:
        return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), mask
    if not grey and pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), mask
    return pixels, mask


def _over_white(
    pixels: np.ndarray, alpha: np.ndarray, premultiplied: bool
) -> np.ndarray:
    """Compose over white: c a + 1 (1 - a) of Porter & Duff (1984), rounded."""
    if pixels.dtype == np.uint8 and not premultiplied:
        # 1 - (1 - c) a, the same; no product is half way between two bytes.
        shape = pixels.shape
        if pixels.ndim == 3:
            alpha = cv2.merge([np.ascontiguousarray(alpha)] * shape[2])
        shade = cv2.multiply(cv2.bitwise_not(pixels), alpha, scale=1 / 255)
        return cv2.bitwise_not(shade).reshape(shape)
    dtype = pixels.dtype
    full = int(np.iinfo(dtype).max)
    # The greatest value, full * full + full // 2, just fits the doubled width.
    wide = np.uint16 if dtype == np.uint8 else np.uint32
    color, alpha = pixels.astype(wide), alpha.astype(wide)
    if color.ndim == 3:
        alpha = alpha[:, :, np.newaxis]
    if premultiplied:
        return np.minimum(color + (full - alpha), full).astype(dtype)
    return ((color * alpha + full * (full - alpha) + full // 2) // full).astype(dtype)
