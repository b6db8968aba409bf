"""An open video file to whether it ends before its container says it does."""

import os
from typing import BinaryIO

__all__ = ["video_is_cut_short"]

EBML, SEGMENT = b"\x1aE\xdf\xa3", b"\x18\x53\x80\x67"
MP4_FIRST = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
# AVI writers that can't seek back leave the length as 0 or near 2**32.
UNKNOWN_LENGTH = 0x7FFFF000


def video_is_cut_short(stream: BinaryIO) -> bool:
    """Tell whether an mp4, QuickTime, Matroska, WebM or AVI file lacks its end.

    Parameters
    ----------
    stream : file object
        Opened in binary mode; its position is not kept.

    Returns
    -------
    bool
        False for any other format, of which some may be cut anywhere.
    """
    n_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(12)
    if head[4:8] in MP4_FIRST:
        return _boxes_are_cut(stream, n_bytes)
    if head[:4] == b"RIFF" and head[8:] == b"AVI ":
        return _riff_is_cut(stream, n_bytes)
    if head[:4] == EBML:
        return _matroska_is_cut(stream, n_bytes)
    return False


def _boxes_are_cut(stream: BinaryIO, n_bytes: int) -> bool:
    """Walk the outermost boxes of ISO/IEC 14496-12."""
    position, has_index = 0, False
    while position < n_bytes:
        stream.seek(position)
        head = stream.read(16)
        if len(head) < 8:
            return True
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        has_index = has_index or kind == b"moov"
        if size == 0:  # to the end of the file
            break
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size < 8 or position + size > n_bytes:
            return True
        position += size
    return not has_index


def _riff_is_cut(stream: BinaryIO, n_bytes: int) -> bool:
    position = 0
    while position + 8 <= n_bytes:  # OpenDML has one RIFF after another
        stream.seek(position)
        head = stream.read(8)
        size = int.from_bytes(head[4:], "little")
        if head[:4] != b"RIFF" or not 0 < size < UNKNOWN_LENGTH:
            return False
        position += 8 + size + size % 2
    return position > n_bytes + 1  # the last byte of padding may be left out


def _matroska_is_cut(stream: BinaryIO, n_bytes: int) -> bool:
    """Compare the length that the segment states, where it does, with the file's."""
    stream.seek(4)
    header, at = _ebml_length(stream.read(8))
    position = 4 + at + (header or 0)
    stream.seek(position)
    if stream.read(4) != SEGMENT:
        return False
    length, at = _ebml_length(stream.read(8))
    return length is not None and position + 4 + at + length > n_bytes


def _ebml_length(data: bytes) -> tuple[int | None, int]:
    """Return a length of RFC 8794, None where it is unknown, and how long it is."""
    if not data or not data[0]:
        return None, 1
    n = 9 - data[0].bit_length()
    value = int.from_bytes(data[:n], "big") & ((1 << 7 * n) - 1)
    return (None if value == (1 << 7 * n) - 1 else value), n
