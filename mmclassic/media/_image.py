"""A cell of a picture to uint8 RGB or grey over white, and to the mask of its alpha."""

from numbers import Integral
from typing import Any, Literal, overload

import cv2
import numpy as np

from mmclassic.exceptions import MediaError
from mmclassic.media._cells import (
    as_array,
    is_pil_image,
    naming,
    open_source,
    read_all,
    unwrap,
)
from mmclassic.media._image_header import ImageHeader, read_header
from mmclassic.media._pixels import Picture, from_array, orient, to_uint8
from mmclassic.media._sniff import HEAD_BYTES, sniff

__all__ = ["load_image"]

# Pillow's limit: a quarter of a GiB of RGB.
MAX_PIXELS = 178_956_970
ORIENTATION_TAG = 274
PIL_ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")

WANTED = (
    "a picture. A cell may hold a path, encoded bytes (png, jpeg, gif, bmp, webp, "
    "tiff), an array of shape (h, w), (h, w, 3) or (h, w, 4), a PIL image, or a dict "
    "with 'bytes' or 'path'"
)


@overload
def load_image(
    cell: Any,
    *,
    mode: Literal["rgb", "grey"] = "rgb",
    max_pixels: int | None = MAX_PIXELS,
    with_mask: Literal[False] = False,
) -> np.ndarray: ...
@overload
def load_image(
    cell: Any,
    *,
    mode: Literal["rgb", "grey"] = "rgb",
    max_pixels: int | None = MAX_PIXELS,
    with_mask: Literal[True],
) -> tuple[np.ndarray, np.ndarray | None]: ...
def load_image(
    cell: Any,
    *,
    mode: Literal["rgb", "grey"] = "rgb",
    max_pixels: int | None = MAX_PIXELS,
    with_mask: bool = False,
) -> np.ndarray | tuple[np.ndarray, np.ndarray | None]:
    """Load one picture as 8-bit pixels, upright and over white.

    The orientation that EXIF states is applied, transparency is composed over
    white, 16 bits are reduced to 8, and CMYK and palettes become RGB. Of an
    animation the first frame is taken.

    Parameters
    ----------
    cell : str, PathLike, bytes, array, PIL image or dict
        A path or the bytes of a png, jpeg, gif, bmp, webp or tiff file; an array
        of shape (h, w), (h, w, 1), (h, w, 3) RGB or (h, w, 4) RGBA, of bool,
        integers in [0, 255], uint16 over its whole range, or floats in [0, 1]; a
        PIL image; or the dict that Hugging Face datasets put in a table.
    mode : {"rgb", "grey"}, default="rgb"
        Whether to return colours, or their luminance. A file's is as OpenCV's
        ``IMREAD_GRAYSCALE`` decodes it.
    max_pixels : int or None, default=178_956_970
        Most pixels accepted, checked before decoding. None for any number.
    with_mask : bool, default=False
        Whether to return the mask of what is opaque as well.

    Returns
    -------
    image : ndarray of shape (h, w, 3) or (h, w), uint8
        RGB or grey. It may share memory with an array given as the cell.
    mask : ndarray of shape (h, w), bool, or None
        True where alpha is at least a half; None where the picture has no alpha.
        Only returned if `with_mask`.

    Raises
    ------
    MediaError
        If the cell is not a picture, can't be read or decoded, is cut short, has
        no pixels or more than `max_pixels`.
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.media import load_image
    >>> rgba = np.zeros((2, 2, 4), dtype=np.uint8)
    >>> rgba[0, 0] = 10, 20, 30, 255
    >>> image, mask = load_image(rgba, with_mask=True)
    >>> image[0].tolist()
    [[10, 20, 30], [255, 255, 255]]
    >>> mask.tolist()
    [[True, False], [False, False]]
    """
    _check_parameters(mode, max_pixels)
    with naming(cell):
        picture = _picture_of(cell, mode == "grey", max_pixels)
        image, mask = to_uint8(picture, mode == "grey")
    return (image, mask) if with_mask else image


def _check_parameters(mode: str, max_pixels: int | None) -> None:
    if mode not in ("rgb", "grey"):
        raise ValueError(
            "The 'mode' parameter of load_image must be a str among {'rgb', 'grey'}. "
            f"Got {mode!r} instead."
        )
    if max_pixels is not None and not (
        isinstance(max_pixels, Integral) and max_pixels > 0
    ):
        raise ValueError(
            "The 'max_pixels' parameter of load_image must be an int in the range "
            f"[1, inf) or None. Got {max_pixels!r} instead."
        )


def _picture_of(cell: Any, grey: bool, max_pixels: int | None) -> Picture:
    source = unwrap(cell)
    if is_pil_image(source):
        return _from_pil(source, max_pixels)
    array = as_array(source)
    if array is not None:
        if array.ndim >= 2:
            _check_size(array.shape[1], array.shape[0], max_pixels)
        return from_array(array)
    with open_source(source, WANTED) as stream:
        data = read_all(stream)
    return _decode(data, grey, max_pixels)


def _check_size(width: int, height: int, max_pixels: int | None) -> None:
    if width <= 0 or height <= 0:
        raise MediaError(
            f"has no pixels ({width}x{height}). Replace it or drop the row."
        )
    if max_pixels is not None and width * height > max_pixels:
        raise MediaError(
            f"has {width}x{height} = {width * height} pixels, more than "
            f"max_pixels={max_pixels}. Raise max_pixels, or reduce the picture."
        )


def _decode(data: bytes, grey: bool, max_pixels: int | None) -> Picture:
    header = _header_of(data)
    _check_size(header.width, header.height, max_pixels)
    if not header.is_whole:
        raise MediaError(
            f"is cut short: the end of the {header.format} data is missing. "
            "Replace the file or drop the row."
        )
    if header.has_alpha or header.is_float:
        flags = cv2.IMREAD_UNCHANGED
    else:
        flags = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        problem = None
    except (cv2.error, MemoryError) as error:
        pixels, problem = None, error
    if pixels is None:
        raise MediaError(
            f"begins as {header.format} but can't be decoded: it is damaged, or of a "
            "variant that OpenCV lacks. Replace the file, or convert it to png.",
        ) from problem
    if flags != cv2.IMREAD_UNCHANGED:
        return Picture(pixels)
    return _from_unchanged(pixels, header)


def _header_of(data: bytes) -> ImageHeader:
    problem = None
    kind = sniff(data[:HEAD_BYTES])
    try:
        header = read_header(data)
        if header is not None:
            return header
    except ValueError as error:
        problem = error
    if "picture" in kind and problem is not None:
        raise MediaError(
            f"begins as {kind} does, but {problem}. Replace the file or drop the row."
        ) from problem
    raise MediaError(
        f"holds {kind}, not a picture in a known format (png, jpeg, gif, bmp, webp, "
        "tiff). Correct the path, or convert the file to one of them."
    ) from problem


def _from_unchanged(pixels: np.ndarray, header: ImageHeader) -> Picture:
    """Return a picture from what OpenCV leaves in BGR(A) and unrotated."""
    if pixels.dtype not in (np.uint8, np.uint16):
        # cvtColor knows neither float64 nor the wider integers.
        return from_array(pixels if pixels.ndim == 2 else _swap_red_and_blue(pixels))
    alpha = None
    if header.transparent_grey is not None and pixels.ndim == 2:
        opaque = pixels != header.transparent_grey
        alpha = np.where(opaque, np.iinfo(pixels.dtype).max, 0).astype(pixels.dtype)
    elif header.format == "tiff" and pixels.ndim == 2:
        raise MediaError(
            "is a grey TIFF with alpha, which OpenCV reads without its alpha. "
            "Convert it to png."
        )
    elif pixels.ndim == 3 and pixels.shape[2] == 4:
        alpha = pixels[:, :, 3]
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB)
    elif pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    # The header states no orientation of a TIFF: OpenCV turns those in any case.
    return Picture(
        orient(pixels, header.orientation),
        None if alpha is None else orient(alpha, header.orientation),
        header.premultiplied,
    )


def _swap_red_and_blue(pixels: np.ndarray) -> np.ndarray:
    return pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]]


def _pil_has_alpha(image: Any) -> bool:
    if image.mode == "P" and image.palette is not None:
        return "transparency" in image.info or image.palette.mode.endswith("A")
    return image.mode in PIL_ALPHA_MODES or "transparency" in image.info


def _from_pil(image: Any, max_pixels: int | None) -> Picture:
    width, height = image.size
    _check_size(width, height, max_pixels)
    try:
        if _pil_has_alpha(image):
            readable = image.convert("RGBA")
        elif image.mode in ("1", "L", "RGB", "F") or image.mode.startswith("I"):
            readable = image
        else:
            readable = image.convert("RGB")
        orientation = image.getexif().get(ORIENTATION_TAG, 1)
        pixels = np.asarray(readable)
    except (OSError, ValueError, SyntaxError) as error:
        raise MediaError(
            f"can't be read by Pillow: {error}. Replace the picture or drop the row."
        ) from error
    # Pillow before 11 opens 16-bit files in the 32-bit mode "I".
    if readable.mode == "I" and 0 <= pixels.min() and pixels.max() <= 65535:
        pixels = pixels.astype(np.uint16)
    return from_array(orient(pixels, orientation))
