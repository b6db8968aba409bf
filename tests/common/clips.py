"""Videos made in memory, of which every frame and sample is known."""

from fractions import Fraction
from io import BytesIO

import av
import numpy as np

RATE = 8000


def frame_of(i, size=(48, 64)):
    """Return a frame that tells its number, mod 64: a block of grey for each bit."""
    bits = np.array(
        [[i >> (3 * row + column) & 1 for column in range(3)] for row in (0, 1)]
    )
    height, width = -(-size[0] // 2), -(-size[1] // 3)
    blocks = np.repeat(np.repeat(40 + 170 * bits, height, axis=0), width, axis=1)
    grey = blocks[: size[0], : size[1], np.newaxis]
    return np.broadcast_to(grey, (*size, 3)).astype(np.uint8)


def number_of(frame):
    """Return the number, mod 64, that a frame of `frame_of` tells."""
    height, width = frame.shape[0] // 2, frame.shape[1] // 3
    blocks = [
        frame[row * height :, column * width :][4 : height - 4, 4 : width - 4].mean()
        for row in (0, 1)
        for column in range(3)
    ]
    return sum(int(block > 125) << bit for bit, block in enumerate(blocks))


def tone(seconds, hz=440.0, rate=RATE):
    """Return a tone, float32."""
    return (
        0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)
    ).astype(np.float32)


def encode(
    frames,
    *,
    fps=10,
    times=None,
    sound=None,
    container="mp4",
    codec="libx264",
    options=None,
):
    """Return the bytes of a video.

    Parameters
    ----------
    frames : sequence of ndarray (h, w, 3), uint8
    fps : int
    times : sequence of float or None
        When each is shown, seconds; None for an even rate.
    sound : ndarray of float32 or None
        At `RATE`, mono.
    container, codec : str
    options : dict or None
        Of the container.
    """
    buffer = BytesIO()
    with av.open(buffer, "w", format=container, options=options or {}) as file:
        pictures = None
        if len(frames):
            pictures = file.add_stream(codec, rate=fps)
            pictures.height, pictures.width = frames[0].shape[:2]
            pictures.pix_fmt = "yuv420p"
            pictures.codec_context.gop_size = 12
            if times is not None:
                pictures.codec_context.time_base = Fraction(1, 1000)
        track = None
        if sound is not None:
            name = "libopus" if container in ("webm", "ogg") else "aac"
            track = file.add_stream(name, rate=RATE, layout="mono")
        for i, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels)
            frame.pts = i if times is None else round(times[i] * 1000)
            if times is not None:
                frame.time_base = Fraction(1, 1000)
            file.mux(pictures.encode(frame))
        if pictures is not None:
            file.mux(pictures.encode())
        if track is not None:
            for at in range(0, len(sound), 1024):
                frame = av.AudioFrame.from_ndarray(
                    sound[np.newaxis, at : at + 1024], format="fltp", layout="mono"
                )
                frame.sample_rate, frame.pts = RATE, at
                file.mux(track.encode(frame))
            file.mux(track.encode())
    return buffer.getvalue()
