"""An open sound file to whether it ends before its container says it does."""

import os
from typing import BinaryIO, Literal

__all__ = ["is_cut_short"]

OGG_PAGE_BYTES = 65307
OGG_HEADER_BYTES = 27
# Writers that can't seek back leave the length of the data as 0 or near 2**32.
UNKNOWN_LENGTH = 0x7FFFF000


def is_cut_short(stream: BinaryIO) -> bool:
    """Tell whether a wav, aiff or ogg file lacks its end.

    libsndfile reads what is there and says nothing. It notices by itself that
    flac and mp3 are cut.

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
    return False


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
