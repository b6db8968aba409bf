"""An open file of sound to what soundfile reads of it, and its errors."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from mmclassic.exceptions import MediaError
from mmclassic.media._audio_container import is_cut_short
from mmclassic.media._cells import read_all
from mmclassic.media._sniff import HEAD_BYTES, SOUND_KINDS, sniff

__all__ = ["CUT_SHORT", "WANTED", "n_stated", "opened_sound"]

# Elsewhere libsndfile's numbers of open files need not be Python's.
TAKES_DESCRIPTORS = os.name == "posix"

CUT_SHORT = (
    "is cut short: it ends before the end that its header or its last page states. "
    "Replace the file or drop the row."
)

WANTED = (
    "sound. A cell may hold a path, encoded bytes (wav, flac, ogg, mp3), an array of "
    "shape (n,) or (n, n_channels), a Waveform, or a dict with 'array', 'bytes' or "
    "'path'"
)


@contextmanager
def opened_sound(stream: BinaryIO) -> Iterator[Any]:
    """Open what a stream holds as a ``soundfile.SoundFile``, at its first sample.

    Parameters
    ----------
    stream : file object
        Opened in binary mode, at its start.

    Raises
    ------
    MediaError
        If it is cut short or no sound; and inside, in place of what libsndfile raises.
    """
    import soundfile

    head = stream.read(HEAD_BYTES)
    if is_cut_short(stream):
        raise MediaError(CUT_SHORT)
    try:
        with soundfile.SoundFile(_handle(stream), closefd=False) as sound:
            yield sound
    except (soundfile.SoundFileError, MemoryError) as error:
        raise MediaError(_why_undecodable(head)) from error


def n_stated(sound: Any) -> int:
    """Return how many samples a file must hold at least, as it states."""
    # Without a Xing header libsndfile only estimates the length of an mp3.
    return 0 if sound.format in ("MP3", "MPEG") else int(sound.frames)


def _handle(stream: BinaryIO) -> Any:
    """Return what soundfile reads from the start: a descriptor, or bytes in memory.

    A file object would do, at the cost of a call to Python for every 8 kB; and where
    its name ends in ".raw", soundfile takes it for headerless samples.
    """
    if isinstance(stream, io.BytesIO):
        stream.seek(0)
        return stream
    if TAKES_DESCRIPTORS:
        os.lseek(stream.fileno(), 0, os.SEEK_SET)
        return stream.fileno()
    stream.seek(0)
    return io.BytesIO(read_all(stream))


def _why_undecodable(head: bytes) -> str:
    kind = sniff(head)
    if kind in SOUND_KINDS:
        return (
            f"begins as {kind} does but can't be decoded: it is damaged, cut short or "
            "of a variant that libsndfile lacks. Replace the file, or convert it to "
            "wav or flac."
        )
    return (
        f"holds {kind}, not sound in a known format (wav, flac, ogg, mp3). Correct "
        "the path, or convert the file to one of them."
    )
