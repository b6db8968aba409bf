"""Pictures and sounds as data: URIs, small enough for a page."""

import os
from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmclassic.media import Waveform, is_missing, load_audio

__all__ = ["MAX_SECONDS", "SOUND_RATE", "picture_uri", "samples_of", "sound_uri"]

SOUND_RATE = 22050  # Hz; that of an MP3
MAX_SECONDS = 20.0


def picture_uri(pixels: NDArray[np.uint8], max_side: int = 320) -> str:
    """Return a picture as a data: URI, a PNG or a JPEG, whichever is smaller.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3) or (height, width), uint8
    max_side : int, default=320
        Pixels of the longer side; larger pictures are scaled down.

    Returns
    -------
    str
    """
    shown: NDArray[Any] = pixels
    scale = max_side / max(pixels.shape[:2])
    if scale < 1:
        size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
        shown = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
    if shown.ndim == 3:
        shown = cv2.cvtColor(shown, cv2.COLOR_RGB2BGR)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 80]
    encoded = {
        "image/png": cv2.imencode(".png", shown)[1].tobytes(),
        "image/jpeg": cv2.imencode(".jpg", shown, quality)[1].tobytes(),
    }
    kind = min(encoded, key=lambda kind: len(encoded[kind]))
    return _uri(kind, encoded[kind])


def samples_of(cell: Any, sample_rate: float) -> NDArray[np.float32]:
    """Return a cell's sound at SOUND_RATE.

    Parameters
    ----------
    cell : cell of sound
    sample_rate : float
        In Hz, of an array that states none: that at which its part hears it.
    """
    stated = isinstance(cell, Waveform | str | os.PathLike | bytes)
    if isinstance(cell, Mapping):
        is_array = not is_missing(cell.get("array"))
        stated = not (is_array and is_missing(cell.get("sampling_rate")))
    if not stated:
        cell = Waveform(load_audio(cell, sample_rate=sample_rate), sample_rate)
    return load_audio(cell, sample_rate=SOUND_RATE)


def sound_uri(samples: NDArray[np.float32]) -> str:
    """Return a clip as a data: URI, an MP3 where it can be written, else a WAV.

    Parameters
    ----------
    samples : ndarray of shape (n,), float32
        At SOUND_RATE; what is beyond twenty seconds is left out.

    Returns
    -------
    str
    """
    import soundfile

    kept = np.clip(samples[: int(MAX_SECONDS * SOUND_RATE)], -1, 1)
    buffer = BytesIO()
    if "MP3" in soundfile.available_formats():
        soundfile.write(buffer, kept, SOUND_RATE, format="MP3")
        return _uri("audio/mpeg", buffer.getvalue())
    soundfile.write(buffer, kept, SOUND_RATE, format="WAV", subtype="PCM_16")
    return _uri("audio/wav", buffer.getvalue())


def _uri(kind: str, data: Any) -> str:
    return f"data:{kind};base64,{b64encode(data).decode('ascii')}"
