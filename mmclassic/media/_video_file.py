"""A cell of a video to an open container, its streams and its errors as MediaError."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mmclassic.exceptions import MediaError
from mmclassic.media._cells import open_source
from mmclassic.media._sniff import HEAD_BYTES, sniff
from mmclassic.media._video_end import video_is_cut_short

__all__ = ["Opened", "decoded_from", "opened"]

WANTED = (
    "a video. A cell may hold a path, encoded bytes (mp4, webm, mkv, mov, avi, ...), "
    "or a dict with 'bytes' or 'path'"
)
BUFFER_BYTES = 1 << 17
BEFORE_START = -10.0  # seconds
FIRST_STEP = 1.0  # seconds; how far before a time to look for a frame if none is found


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An open video.

    Parameters
    ----------
    container : av.container.InputContainer
    pictures : av.video.stream.VideoStream or None
    sound : av.audio.stream.AudioStream or None
    start : float
        What the container's clock shows at the time 0, seconds.
    """

    container: Any
    pictures: Any
    sound: Any
    start: float

    def time_of(self, item: Any) -> float | None:
        """Return when a frame or packet is presented, in seconds from the start."""
        stamp = item.dts if item.pts is None else item.pts
        return None if stamp is None else float(stamp * item.time_base) - self.start

    def seek(self, stream: Any, time: float) -> None:
        """Go to the last key frame of a stream that is not after a time."""
        stamp = int(Fraction(time + self.start) / stream.time_base)
        self.container.seek(stamp, stream=stream)

    def rewind(self, stream: Any) -> None:
        """Go to the first frame of a stream."""
        import av

        try:  # in MPEG-TS, which has no index, 0 may lead to a later frame
            self.seek(stream, BEFORE_START)
        except av.error.FFmpegError:  # AVI has no time before 0
            self.seek(stream, 0.0)


@contextmanager
def opened(
    source: Any, *, check_end: bool = False, sound_only: bool = False
) -> Iterator[Opened]:
    """Open a path or encoded bytes, and close it at the end.

    Decoding runs in one thread: workers describe several videos at once.

    Parameters
    ----------
    source : str, PathLike or bytes-like
    check_end : bool, default=False
        Whether to refuse a file that ends before its container says.
    sound_only : bool, default=False
        Whether a file without moving pictures will do.

    Yields
    ------
    Opened

    Raises
    ------
    MediaError
        If there is no such file, or it holds no moving pictures that can be decoded;
        and inside, in place of what FFmpeg raises.
    """
    av = _import_av()
    with open_source(source, WANTED) as stream:
        head = stream.read(HEAD_BYTES)
        if check_end and video_is_cut_short(stream):
            raise MediaError(
                "is cut short: it ends before the end that its container states. "
                "Replace the file or drop the row."
            )
        stream.seek(0)
        try:
            with av.open(
                stream, mode="r", buffer_size=BUFFER_BYTES, io_open=_refuse
            ) as container:
                yield _streams_of(container, head, sound_only)
        except (av.error.FFmpegError, PermissionError) as error:
            raise MediaError(_why_undecodable(head)) from error


def _import_av() -> Any:
    try:
        import av
    except ImportError as error:
        raise ImportError(
            'Videos are read by PyAV, which is not installed: pip install "mmclassic'
            '[video]".'
        ) from error
    return av


def _refuse(url: str, *_: Any) -> Any:
    """Open no other file, nor a connection, whatever a playlist names."""
    raise PermissionError(f"names another file, {url!r}")


def _streams_of(container: Any, head: bytes, sound_only: bool) -> Opened:
    name = container.format.name
    pictures = [
        stream
        for stream in container.streams.video
        if "attached_pic" not in str(stream.disposition)
    ]
    is_picture = name == "image2" or name.endswith("_pipe")
    if (not pictures or is_picture) and not sound_only:
        kind = "sound only" if container.streams.audio else sniff(head)
        raise MediaError(
            f"holds no moving pictures ({kind}). Correct the path, or give it in a "
            "column of sound or pictures."
        )
    best = container.streams.best("video")
    chosen = best if best in pictures else next(iter(pictures), None)
    sound = container.streams.best("audio")
    for stream in (chosen, sound):
        if stream is not None:
            stream.codec_context.thread_count = 1
    start = container.start_time
    return Opened(container, chosen, sound, 0.0 if start is None else start / 1e6)


def _why_undecodable(head: bytes) -> str:
    kind = sniff(head)
    if kind in ("text", "unknown data") or "picture" in kind:
        return (
            f"holds {kind}, not a video in a known format (mp4, webm, mkv, mov, avi). "
            "Correct the path, or convert the file to mp4."
        )
    return (
        f"begins as {kind} does but can't be decoded: it is damaged, cut short, or of "
        "a variant that FFmpeg lacks. Replace the file, or convert it to mp4."
    )


def decoded_from(
    video: Opened, stream: Any, time: float
) -> Iterator[tuple[float, Any]]:
    """Decode from a time on, and what is needed before it.

    Parameters
    ----------
    video : Opened
    stream : av stream
    time : float
        Seconds.

    Yields
    ------
    time : float
        When the frame is presented; the first one not after ``time`` where the
        stream has any so early.
    frame : av frame
    """
    step, target = FIRST_STEP, time
    while True:
        if target > 0:
            video.seek(stream, target)
        else:
            video.rewind(stream)
        frames = _timed(video, stream)
        first = next(frames, None)
        if target <= 0 or (first is not None and first[0] <= time):
            break
        # Some containers' indexes lead to a later frame than asked for.
        target, step = target - step, 2 * step
    if first is not None:
        yield first
        yield from frames


def _timed(video: Opened, stream: Any) -> Iterator[tuple[float, Any]]:
    """Yield frames with their times, in order; those without one follow the last."""
    rate = float(getattr(stream, "average_rate", None) or 25)
    last: float | None = None
    for frame in video.container.decode(stream):
        time = video.time_of(frame)
        if time is None:
            time = 0.0 if last is None else last + 1 / rate
        if last is None or time > last or stream.type == "audio":
            last = time
            yield time, frame
