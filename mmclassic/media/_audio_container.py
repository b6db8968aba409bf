"""An open sound file to whether it ends before its container says it does."""

import os
from typing import BinaryIO, Literal

__all__ = ["is_cut_short"]

OGG_PAGE_BYTES = 65307
OGG_HEADER_BYTES = 27
XING_SEARCHED_BYTES = 64
# Writers that can't seek back leave the length of the data as 0 or near 2**32.
UNKNOWN_LENGTH = 0x7FFFF000


def is_cut_short(stream: BinaryIO) -> bool:
    """Tell whether a wav, aiff, ogg or mp3 file lacks its end.

    libsndfile reads what is there and says nothing; that flac is cut it notices. An
    mp3 states its length only where its first frame is a Xing or Info header.

    Parameters
    ----------
    stream : file object
        Opened in binary mode; its position is not kept.

    Returns
    -------
    bool
        False for any other format.
    """
    n_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return _iff_is_cut(stream, n_bytes, b"data", "little")
    if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
        return _iff_is_cut(stream, n_bytes, b"SSND", "big")
    if head[:4] == b"OggS":
        return _ogg_is_cut(stream, n_bytes)
    return _mp3_is_cut(stream, n_bytes)


def _iff_is_cut(
    stream: BinaryIO,
    n_bytes: int,
    wanted: bytes,
    order: Literal["little", "big"],
) -> bool:
    position = 12
    while position + 8 <= n_bytes:
        stream.seek(position)
        chunk = stream.read(8)
        size = int.from_bytes(chunk[4:], order)
        position += 8
        if chunk[:4] == wanted:
            return 0 < size < UNKNOWN_LENGTH and position + size > n_bytes
        position += size + size % 2
    return True


def _ogg_is_cut(stream: BinaryIO, n_bytes: int) -> bool:
    """Tell whether the last page is incomplete or not marked as the last."""
    stream.seek(max(0, n_bytes - 2 * OGG_PAGE_BYTES))
    tail = stream.read()
    start = tail.rfind(b"OggS")
    header = tail[start : start + OGG_HEADER_BYTES]
    if start < 0 or len(header) < OGG_HEADER_BYTES:
        return True
    end_of_stream, n_segments = header[5] & 4, header[26]
    lacing = tail[start + OGG_HEADER_BYTES :][:n_segments]
    body_end = start + OGG_HEADER_BYTES + n_segments + sum(lacing)
    return not end_of_stream or len(lacing) < n_segments or body_end > len(tail)


def _mp3_is_cut(stream: BinaryIO, n_bytes: int) -> bool:
    """Compare the bytes that a Xing or Info header counts with those there are."""
    stream.seek(0)
    head = stream.read(10)
    start = 0
    if head[:3] == b"ID3" and len(head) == 10:
        # The length of an ID3 tag is stored in 7 bits a byte.
        start = 10 + sum(byte << 7 * (3 - i) for i, byte in enumerate(head[6:]))
    stream.seek(start)
    frame = stream.read(XING_SEARCHED_BYTES)
    if len(frame) < 2 or frame[0] != 0xFF or frame[1] < 0xE0:
        return False
    if len(frame) < XING_SEARCHED_BYTES:
        return True
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if at < 0 or not flags & 2:
        return False
    at += 8 + 4 * (flags & 1)
    return start + int.from_bytes(frame[at : at + 4], "big") > n_bytes
