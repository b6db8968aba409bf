"""A cell of a video to its frames and its sound, by time and never all at once."""

from collections.abc import Iterator
from contextlib import closing
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.exceptions import MediaError
from mmclassic.media._audio import MAX_SECONDS as MAX_SOUND
from mmclassic.media._cells import describe_cell, naming, unwrap
from mmclassic.media._image import MAX_PIXELS
from mmclassic.media._video_file import Opened, decoded_from, opened
from mmclassic.media._video_frames import each, n_turns, pixels, sampled, shown_at
from mmclassic.media._video_sound import sound_blocks
from mmclassic.media._video_span import stop_within
from mmclassic.media._waveform import Waveform

__all__ = ["Video", "open_video"]

MAX_SECONDS = 86_400.0
BLOCK = 10.0  # seconds of sound at a time


def open_video(
    cell: Any,
    *,
    max_pixels: int | None = MAX_PIXELS,
    max_seconds: float | None = MAX_SECONDS,
) -> "Video":
    """Open a video, of which frames and sound are then read by time.

    Parameters
    ----------
    cell : str, PathLike, bytes, dict or Video
        A path or the bytes of an mp4, webm, mkv, mov, avi or another file that FFmpeg
        knows; a dict with "bytes" or "path"; or an open Video, returned as it is.
    max_pixels : int or None, default=178_956_970
        Most pixels of a frame accepted, checked before decoding. None for any number.
    max_seconds : float or None, default=86_400
        Longest video accepted, in seconds. None for any.

    Returns
    -------
    Video
        It holds no file open but while it is read.

    Raises
    ------
    MediaError
        If the cell is no video, can't be read, is cut short, has no frames, or more
        pixels or seconds than accepted.
    ImportError
        Without PyAV: ``pip install "mmclassic[video]"``.

    Examples
    --------
    >>> from mmclassic.media import open_video
    >>> open_video(b"once upon a time")
    Traceback (most recent call last):
        ...
    mmclassic.exceptions.MediaError: 16 bytes holds text, not a video in a known format
    (mp4, webm, mkv, mov, avi). Correct the path, or convert the file to mp4.
    """
    if isinstance(cell, Video):
        return cell
    for name, value in (("max_pixels", max_pixels), ("max_seconds", max_seconds)):
        kinds = (int, np.integer) if name == "max_pixels" else (int, float, np.number)
        if value is not None and not (isinstance(value, kinds) and 0 < value < inf):
            wanted = "an int" if name == "max_pixels" else "a float"
            raise ValueError(
                f"The {name!r} parameter of open_video must be {wanted} in the range "
                f"(0, inf) or None. Got {value!r} instead."
            )
    return Video(cell, max_pixels, max_seconds)


class Video:
    """A video that is read by time; made by `open_video`.

    Times are seconds from the start of the file, as a player shows them. A frame is
    shown from its time to the next one's, however far that is: rates may vary.

    Attributes
    ----------
    cell : object
        What was opened.
    duration : float
        When the last frame ends, seconds.
    frame_rate : float
        Frames a second, on average.
    size : (int, int)
        Height and width of the frames, pixels, upright.
    sample_rate : int or None
        Of the sound, Hz; None without a track.
    """

    def __init__(
        self, cell: Any, max_pixels: int | None, max_seconds: float | None
    ) -> None:
        self.cell = cell
        with naming(cell):
            self._source = unwrap(cell)
            with opened(self._source, check_end=True) as video:
                self._read_header(video, max_pixels, max_seconds)

    def _read_header(
        self, video: Opened, max_pixels: int | None, max_seconds: float | None
    ) -> None:
        width, height = video.pictures.width, video.pictures.height
        if max_pixels is not None and width * height > max_pixels:
            raise MediaError(
                f"has frames of {width}x{height} = {width * height} pixels, more than "
                f"max_pixels={max_pixels}. Raise max_pixels, or reduce the video."
            )
        self.sample_rate = None if video.sound is None else int(video.sound.rate)
        rate = video.pictures.average_rate or video.pictures.guessed_rate or 25
        self.frame_rate = float(rate)
        first = next(decoded_from(video, video.pictures, 0.0), None)
        if first is None:
            raise MediaError(
                "holds no frames: it is of length zero, or damaged from its start. "
                "Replace the file or drop the row."
            )
        self._n_turns = n_turns(first[1])
        self.size = (width, height) if self._n_turns % 2 else (height, width)
        self.duration = self._find_end(video)
        if max_seconds is not None and self.duration > max_seconds:
            raise MediaError(
                f"lasts {self.duration:.6g} s, more than max_seconds={max_seconds:g}. "
                "Raise max_seconds, or cut the clip."
            )

    def _find_end(self, video: Opened) -> float:
        """Return when the last frame ends, by reading what follows the last key frame.

        What a container states is of its longest stream, or missing.
        """
        stated = video.container.duration
        video.seek(video.pictures, 1e6 if stated is None else stated / 1e6)
        end = 0.0
        for packet in video.container.demux(video.pictures):
            time = video.time_of(packet)
            if time is not None:
                lasts = float((packet.duration or 0) * packet.time_base)
                end = max(end, time + (lasts or 1 / self.frame_rate))
        return end

    @property
    def has_audio(self) -> bool:
        """Whether there is a track of sound."""
        return self.sample_rate is not None

    def frames(
        self,
        start: float = 0.0,
        stop: float | None = None,
        *,
        every: float | None = None,
        size: tuple[int, int] | None = None,
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield frames in order, each with its time.

        Parameters
        ----------
        start, stop : float, default=0.0 and None
            Seconds; from the first, until before the second. None for the end.
        every : float or None, default=None
            Seconds between samples: what is shown at ``start``, ``start + every``, ...
            None yields each frame once, at its own time.
        size : (int, int) or None, default=None
            Height and width to scale to while decoding; None for the frames' own.

        Yields
        ------
        time : float
            Seconds.
        frame : ndarray of shape (height, width, 3), uint8
            RGB, upright.

        Raises
        ------
        MediaError
            If the video is damaged where it is read.
        """
        _check_seconds("every", every)
        stop = stop_within(self.duration, start, stop)
        with naming(self.cell), opened(self._source) as video:
            if every is None:
                chosen = each(video, start, stop)
            else:
                chosen = sampled(video, start, stop, every)
            with closing(chosen):
                for time, frame in chosen:
                    yield time, pixels(frame, size or self.size, self._n_turns)

    def frame_at(
        self, time: float, *, size: tuple[int, int] | None = None
    ) -> NDArray[np.uint8]:
        """Return the frame that is shown at a time.

        Parameters
        ----------
        time : float
            Seconds, in [0, duration).
        size : (int, int) or None, default=None
            Height and width to scale to; None for the frame's own.

        Returns
        -------
        ndarray of shape (height, width, 3), uint8
            RGB, upright; the first frame where none is shown as yet.
        """
        if not 0 <= time < self.duration:
            raise ValueError(
                f"{describe_cell(self.cell)} has no frame at {time:g} s. Give a time "
                f"in [0, {self.duration:.6g})."
            )
        with naming(self.cell), opened(self._source) as video:
            frame = shown_at(video, time)
            return pixels(frame, size or self.size, self._n_turns)

    def audio(self, start: float = 0.0, stop: float | None = None) -> Waveform:
        """Return the sound from a time to another.

        Parameters
        ----------
        start, stop : float, default=0.0 and None
            Seconds. None for the end of the frames.

        Returns
        -------
        Waveform
            Float32, as long as asked for: silence where the track has none. Its place
            is as exact as the container's clock, a millisecond in WebM.

        Raises
        ------
        MediaError
            If there is no track, it is damaged, or longer than an hour: take
            ``audio_blocks`` then.
        """
        end = stop_within(self.duration, start, stop)
        if end - start > MAX_SOUND:
            raise MediaError(
                f"has {end - start:.6g} s of sound there, more than {MAX_SOUND:g} at "
                "once. Read it by audio_blocks.",
                describe_cell(self.cell),
            )
        blocks = [block.samples for _, block in self.audio_blocks(start, stop)]
        samples = np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
        return Waveform(samples, self.sample_rate or 1)

    def audio_blocks(
        self, start: float = 0.0, stop: float | None = None, *, seconds: float = BLOCK
    ) -> Iterator[tuple[float, Waveform]]:
        """Yield the sound in blocks, one after another, each with its time.

        Parameters
        ----------
        start, stop : float, default=0.0 and None
            Seconds. None for the end of the frames.
        seconds : float, default=10.0
            Length of a block; the last may be shorter.

        Yields
        ------
        time : float
            Seconds.
        block : Waveform

        Raises
        ------
        MediaError
            If there is no track, or it is damaged.
        """
        _check_seconds("seconds", seconds)
        if self.sample_rate is None:
            raise MediaError(
                "has no track of sound. Ask has_audio first.", describe_cell(self.cell)
            )
        stop = stop_within(self.duration, start, stop)
        n_block, at = max(1, round(seconds * self.sample_rate)), start
        with naming(self.cell), opened(self._source) as video:
            for block in sound_blocks(video, start, stop, n_block):
                samples = block[:, 0] if block.shape[1] == 1 else block
                yield at, Waveform(samples, self.sample_rate)
                at += len(block) / self.sample_rate


def _check_seconds(name: str, value: float | None) -> None:
    if value is not None and not 0 < value < inf:
        raise ValueError(
            f"The {name!r} parameter must be a float in the range (0, inf) of seconds. "
            f"Got {value!r} instead."
        )
