"""The bytes of a picture to its header: format, size, alpha and completeness."""

import struct
from dataclasses import dataclass

__all__ = ["ImageHeader", "read_header"]

JPEG_END = b"\xff\xd9"
ORIENTATION_TAG = 274


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the first bytes of a picture say of it.

    Parameters
    ----------
    format : str
        "png", "jpeg", "gif", "bmp", "webp" or "tiff".
    width, height : int
        Size in pixels, before any rotation.
    has_alpha : bool, default=False
        Whether pixels may be transparent.
    orientation : int, default=1
        EXIF's, 1 to 8; read only where OpenCV doesn't apply it by itself, which is
        where alpha is decoded.
    is_whole : bool, default=True
        Whether the end is where the header says, or is marked as such.
    transparent_grey : int or None, default=None
        The grey level that a PNG without an alpha channel declares transparent.
    premultiplied : bool, default=False
        Whether colours come multiplied by alpha.
    is_float : bool, default=False
        Whether samples are floating point.
    """

    format: str
    width: int
    height: int
    has_alpha: bool = False
    orientation: int = 1
    is_whole: bool = True
    transparent_grey: int | None = None
    premultiplied: bool = False
    is_float: bool = False


def read_header(data: bytes) -> ImageHeader | None:
    """Read the header of an encoded picture, without decoding.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    ImageHeader or None
        None where the first bytes are those of no known format.

    Raises
    ------
    ValueError
        If a header of a known format is damaged or ends early.
    """
    for magic, read in READERS:
        if data.startswith(magic):
            try:
                return read(data)
            except (struct.error, IndexError, KeyError) as error:
                raise ValueError("the header is damaged or ends early") from error
    return None


def _read_jpeg(data: bytes) -> ImageHeader:
    position = 2
    size: tuple[int, int] | None = None
    while True:
        if data[position] != 0xFF:
            raise ValueError("a marker of the JPEG header is missing")
        marker = data[position + 1]
        if marker == 0xFF:  # fill bytes may precede a marker
            position += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers that stand alone
            position += 2
            continue
        if marker == 0xDA:
            break
        if marker == 0xD9:
            raise ValueError("the JPEG holds no picture")
        # Frames: C0 to CF but for the tables DHT, JPG and DAC.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, position + 5)
            size = width, height
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    if size is None:
        raise ValueError("the JPEG holds no frame")
    # Searched after the scan's start: a thumbnail in the header has an end as well.
    whole = data.rfind(JPEG_END, position) >= 0
    return ImageHeader("jpeg", *size, is_whole=whole)


def _read_png(data: bytes) -> ImageHeader:
    width, height, depth, color = struct.unpack_from(">IIBB", data, 16)
    if data[12:16] != b"IHDR":
        raise ValueError("the PNG doesn't begin with IHDR")
    alpha, grey, orientation, whole = color in (4, 6), None, 1, False
    position = 8
    # To the end: OpenCV allocates whatever length a damaged chunk states.
    while position + 12 <= len(data) and not whole:
        length, kind = struct.unpack_from(">I4s", data, position)
        body = position + 8
        if kind == b"tRNS":
            alpha = True
            if color == 0:
                grey = struct.unpack_from(">H", data, body)[0]
                # OpenCV expands 1, 2 and 4 bits to the range of 8.
                grey = grey if depth >= 8 else grey * 255 // (2**depth - 1)
        elif kind == b"eXIf":
            orientation = _exif_orientation(data[body : body + length])
        whole = kind == b"IEND"
        position = body + length + 4
    return ImageHeader("png", width, height, alpha, orientation, whole, grey)


def _read_gif(data: bytes) -> ImageHeader:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = 13 + _color_table_bytes(flags)
    alpha = False
    while data[position] == 0x21:  # extensions before the first frame
        if data[position + 1] == 0xF9:
            alpha = bool(data[position + 3] & 1)
        position = _after_sub_blocks(data, position + 2)
    if data[position] != 0x2C:
        raise ValueError("the GIF holds no picture")
    frame = struct.unpack_from("<HHHH", data, position + 1)
    # What the first frame leaves uncovered is transparent as well.
    alpha = alpha or frame != (0, 0, width, height)
    return ImageHeader(
        "gif", width, height, alpha, is_whole=_gif_is_whole(data, position)
    )


def _gif_is_whole(data: bytes, position: int) -> bool:
    """Tell whether the blocks from a position on lead to the trailer."""
    try:
        while data[position] != 0x3B:
            position += 2
            if data[position - 2] == 0x2C:
                position += 9 + _color_table_bytes(data[position + 7])
            position = _after_sub_blocks(data, position)
    except IndexError:
        return False
    return True


def _after_sub_blocks(data: bytes, position: int) -> int:
    while data[position]:
        position += 1 + data[position]
    return position + 1


def _color_table_bytes(flags: int) -> int:
    return 3 * 2 ** (1 + (flags & 7)) if flags & 0x80 else 0


def _read_bmp(data: bytes) -> ImageHeader:
    offset, header_bytes = struct.unpack_from("<II", data, 10)
    if header_bytes == 12:
        width, height, bits = struct.unpack_from("<HH2xH", data, 18)
        compression = 0
    else:
        width, height, bits, compression = struct.unpack_from("<ii2xHI", data, 18)
    height = abs(height)  # negative: rows from the top
    row_bytes = (width * bits + 31) // 32 * 4
    whole = compression not in (0, 3) or len(data) >= offset + row_bytes * height
    return ImageHeader("bmp", width, height, is_whole=whole)


def _read_webp(data: bytes) -> ImageHeader:
    if data[8:12] != b"WEBP":
        raise ValueError("the RIFF container holds no WebP picture")
    if len(data) < 30:
        raise ValueError("the header ends early")
    riff_bytes = struct.unpack_from("<I", data, 4)[0]
    whole = len(data) >= riff_bytes + 8
    kind = data[12:16]
    if kind == b"VP8X":
        flags = data[20]
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
        orientation = _webp_orientation(data) if flags & 0x08 else 1
        return ImageHeader(
            "webp", width, height, bool(flags & 0x10), orientation, whole
        )
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        return ImageHeader("webp", width, height, bool(bits >> 28 & 1), 1, whole)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return ImageHeader("webp", width & 0x3FFF, height & 0x3FFF, is_whole=whole)
    raise ValueError("the WebP begins with an unknown chunk")


def _webp_orientation(data: bytes) -> int:
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind == b"EXIF":
            return _exif_orientation(data[position + 8 : position + 8 + length])
        position += 8 + length + length % 2
    return 1


def _exif_orientation(exif: bytes) -> int:
    """Return the orientation in a block of EXIF, 1 where it says nothing valid."""
    exif = exif.removeprefix(b"Exif\0\0")
    try:
        tags = _tiff_tags(exif)
    except (ValueError, struct.error, KeyError):
        return 1
    orientation = tags.get(ORIENTATION_TAG, (1,))[0]
    return orientation if 1 <= orientation <= 8 else 1


def _read_tiff(data: bytes) -> ImageHeader:
    tags = _tiff_tags(data)
    width, height = tags[256][0], tags[257][0]
    bits, photometric = max(tags.get(258, (1,)), default=1), tags.get(262, (2,))[0]
    # A fourth channel that nothing is said of is straight alpha, as OpenCV writes it.
    n_channels = tags.get(277, (1,))[0]
    extra = tags.get(338, (3,) if n_channels == 4 else (0,))[0]
    alpha = photometric in (1, 2) and extra != 0
    # OpenCV reads 8 bits through libtiff's RGBA, which multiplies straight alpha in;
    # more bits come as they are stored.
    premultiplied = alpha and (extra == 1 or (extra == 2 and bits <= 8))
    offsets, counts = tags.get(273, tags.get(324, ())), tags.get(279, tags.get(325, ()))
    whole = all(
        start + count <= len(data)
        for start, count in zip(offsets, counts, strict=False)
    )
    return ImageHeader(
        "tiff",
        width,
        height,
        alpha,
        is_whole=whole,
        premultiplied=premultiplied,
        is_float=3 in tags.get(339, (1,)),
    )


def _tiff_tags(data: bytes) -> dict[int, tuple[int, ...]]:
    """Return the integer tags of a TIFF's first directory."""
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    version = struct.unpack_from(order + "H", data, 2)[0]
    # BigTIFF: 8-byte counts and offsets.
    head, first, entry = ("Q", 8, "HHQ") if version == 43 else ("H", 4, "HHI")
    pointer = "Q" if version == 43 else "I"
    start = struct.unpack_from(order + pointer, data, first)[0]
    n_tags = struct.unpack_from(order + head, data, start)[0]
    start += struct.calcsize(order + head)
    size = struct.calcsize(order + entry + pointer)
    tags = {}
    for i in range(n_tags):
        tag, kind, count = struct.unpack_from(order + entry, data, start + i * size)
        code = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
        if code is None or count * struct.calcsize(order + code) > len(data):
            continue
        at = start + i * size + struct.calcsize(order + entry)
        if count * struct.calcsize(order + code) > struct.calcsize(order + pointer):
            at = struct.unpack_from(order + pointer, data, at)[0]
        tags[tag] = struct.unpack_from(f"{order}{count}{code}", data, at)
    return tags


READERS = (
    (b"\xff\xd8\xff", _read_jpeg),
    (b"\x89PNG\r\n\x1a\n", _read_png),
    (b"GIF87a", _read_gif),
    (b"GIF89a", _read_gif),
    (b"BM", _read_bmp),
    (b"II*\0", _read_tiff),
    (b"MM\0*", _read_tiff),
    (b"II+\0", _read_tiff),
    (b"MM\0+", _read_tiff),
    (b"RIFF", _read_webp),
)
