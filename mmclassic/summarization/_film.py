"""Spans of a video to a film of them, its sound in step with its pictures."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._files import written_whole
from mmclassic.media import Video
from mmclassic.summarization._seconds import Seconds

__all__ = ["write_film"]

CLOCK = Fraction(1, 90_000)  # seconds
PICTURES = {"preset": "veryfast", "crf": "20"}
# Of AAC, Hz; sound at others is resampled to the last.
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
BLOCK = 1.0  # seconds of sound written at a time


def write_film(video: Video, spans: NDArray[np.float64], path: Path) -> None:
    """Write parts of a video, one after another, as H.264 and AAC.

    Frames keep their distances, so that a varying rate stays as it is; sound is cut at
    the same times, to the sample. Who listens is told of each second written.

    Parameters
    ----------
    video : Video
    spans : ndarray of shape (n_spans, 2)
        Starts and ends, seconds.
    path : Path
        Its suffix says the container.

    Raises
    ------
    ValueError
        If there is no span.
    FileNotFoundError
        If the folder does not exist.
    """
    import av

    if not len(spans):
        raise ValueError("The summary holds no segment, so there is no film to write.")
    with written_whole(path) as beside, av.open(beside, "w") as file:
        pictures, sound = _streams(file, video)
        offset, seconds = 0.0, Seconds()
        for start, stop in spans.tolist():
            for time in _write_span(
                file, video, (pictures, sound), start, stop, offset
            ):
                seconds.until(time)
            offset += stop - start
        seconds.until(offset)
        for stream in (pictures, sound):
            if stream is not None:
                file.mux(stream.encode())


def _streams(file: Any, video: Video) -> tuple[Any, Any]:
    import av

    height, width = video.size
    name = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    rate = Fraction(video.frame_rate).limit_denominator(1001)
    pictures = file.add_stream(name, rate=rate)
    pictures.height, pictures.width = height - height % 2, width - width % 2
    pictures.pix_fmt = "yuv420p"  # of which both sides are even
    pictures.codec_context.time_base = CLOCK
    pictures.codec_context.thread_count = 1
    if name == "libx264":
        pictures.options = PICTURES
    if video.sample_rate is None:
        return pictures, None
    hertz = video.sample_rate if video.sample_rate in RATES else RATES[-1]
    return pictures, file.add_stream("aac", rate=hertz, layout="stereo")


def _write_span(
    file: Any,
    video: Video,
    streams: tuple[Any, Any],
    start: float,
    stop: float,
    offset: float,
) -> Iterator[float]:
    """Write one span, sound ahead of the pictures by a block at most.

    Yields
    ------
    float
        What the film's clock shows.
    """
    import av

    pictures, sound = streams
    blocks = _blocks(video, start, stop, offset) if sound is not None else iter(())
    heard = 0.0
    for time, pixels in _shown(video, start, stop):
        while heard <= time and (block := next(blocks, None)) is not None:
            file.mux(sound.encode(block))
            heard = min(heard + BLOCK, stop - start)
        cut = np.ascontiguousarray(pixels[: pictures.height, : pictures.width])
        frame = av.VideoFrame.from_ndarray(cut)
        frame.time_base, frame.pts = CLOCK, round((offset + time) / CLOCK)
        file.mux(pictures.encode(frame))
        yield offset + time
    for block in blocks:
        file.mux(sound.encode(block))


def _shown(
    video: Video, start: float, stop: float
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yield the frames of a span by their times in it, the first of them at 0.

    A frame that is shown at its start, or for long until its end, began elsewhere.
    """
    lasts = 1 / video.frame_rate
    time, pixels = 0.0, None
    for at, shown in video.frames(start, stop):
        if pixels is None and at - start > lasts / 2:
            yield 0.0, video.frame_at(start)
        time, pixels = (at - start if at - start > lasts / 2 else 0.0), shown
        yield time, pixels
    if pixels is None:
        pixels = video.frame_at(start)
        yield 0.0, pixels
    if stop - start - time > 1.5 * lasts:
        yield stop - start - lasts, pixels


def _blocks(video: Video, start: float, stop: float, offset: float) -> Iterator[Any]:
    """Yield a span's sound as frames, as many samples as its place in the film has."""
    import av

    rate = video.sample_rate
    assert rate is not None
    place, end = round(offset * rate), round((offset + stop - start) * rate)
    for _, block in video.audio_blocks(start, stop, seconds=BLOCK):
        samples = block.samples
        if samples.ndim == 1:
            samples = np.column_stack([samples, samples])
        elif samples.shape[1] > 2:
            samples = np.repeat(samples.mean(axis=1, keepdims=True), 2, axis=1)
        kept = np.ascontiguousarray(samples[: end - place].T, dtype=np.float32)
        if not kept.size:
            return
        frame = av.AudioFrame.from_ndarray(kept, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = place
        place += kept.shape[1]
        yield frame
