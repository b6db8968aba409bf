"""A file of subtitles (srt) to texts and their times."""

import re
import warnings
from itertools import pairwise
from typing import Any, NamedTuple

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.media import describe_cell, is_missing
from mmclassic.media._cells import naming, open_source, read_all, unwrap

__all__ = ["Subtitle", "read_subtitles", "within"]

WANTED = "subtitles. Give the path or the bytes of an srt file"
# Tools that shift subtitles write times before the beginning with a minus.
CLOCK = r"(-?)(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
TIMES = re.compile(rf"^\s*{CLOCK}\s*-->\s*{CLOCK}(\s.*)?$")
TAGS = re.compile(r"</?[A-Za-z][^<>]*>|\{\\[^{}]*\}")


class Subtitle(NamedTuple):
    """A text and when it is shown, seconds."""

    start: float
    stop: float
    text: str


def read_subtitles(source: Any) -> list[Subtitle]:
    """Read subtitles in the order of their starts, without their tags.

    Parameters
    ----------
    source : str, PathLike, bytes, dict or None
        The path or the bytes of an srt file, in UTF-8, or a dict of these; WebVTT's
        cues are read too. None and NaN give none.

    Returns
    -------
    list of Subtitle

    Raises
    ------
    MediaError
        If it can't be read or decoded, holds none, or one that ends before it starts.
    """
    if is_missing(source):
        return []
    with naming(source):
        with open_source(unwrap(source), WANTED) as stream:
            data = read_all(stream)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise MediaError(
                f"is not in UTF-8 (byte {error.start}). Convert it, e.g. with iconv."
            ) from error
        found = _parse(text.splitlines())
        if not found:
            raise MediaError(
                "holds no subtitles: no line is such as '00:00:01,000 --> 00:00:02,500'"
                ". Give an srt file."
            )
    return sorted(found)


def _parse(lines: list[str]) -> list[Subtitle]:
    found = []
    heads = [i for i, line in enumerate(lines) if TIMES.match(line)]
    for head, following in pairwise([*heads, len(lines)]):
        match = TIMES.match(lines[head])
        assert match is not None
        start, stop = _seconds(match.groups()[:5]), _seconds(match.groups()[5:10])
        if stop < start:
            raise MediaError(
                f"has a subtitle on line {head + 1} that ends at {stop:g} s, before it "
                f"starts at {start:g} s. Correct the line."
            )
        shown = []
        for at in range(head + 1, following):
            line = lines[at].strip()
            # Some files leave no blank line before the next number and times.
            if not line or (at + 1 == following < len(lines) and line.isdigit()):
                break
            shown.append(TAGS.sub("", line).strip())
        found.append(Subtitle(start, stop, " ".join(filter(None, shown))))
    return found


def _seconds(clock: tuple[str | None, ...]) -> float:
    sign, hours, minutes, seconds, fraction = clock
    whole = 3600 * int(hours or 0) + 60 * int(minutes or 0) + int(seconds or 0)
    time = whole + float(f"0.{fraction or 0}")
    return -time if sign else time


def within(subtitles: list[Subtitle], duration: float, source: Any) -> list[Subtitle]:
    """Return the subtitles that a video of some length shows, cut at its ends.

    Parameters
    ----------
    subtitles : list of Subtitle
    duration : float
        Of the video, seconds.
    source : cell
        The subtitles', for messages.

    Returns
    -------
    list of Subtitle
        Of those out of range a warning tells.

    Raises
    ------
    MediaError
        If all of them are.
    """
    kept = [
        Subtitle(max(start, 0.0), min(stop, duration), text)
        for start, stop, text in subtitles
        if start < duration and (start >= 0 or stop > 0)
    ]
    n_out = len(subtitles) - len(kept)
    if n_out and not kept:
        raise MediaError(
            f"has no subtitle within the video's {duration:.6g} s. Are they another "
            "video's?",
            describe_cell(source),
        )
    if n_out:
        warnings.warn(
            f"{n_out} of {len(subtitles)} subtitles of {describe_cell(source)} lie "
            f"outside the video's {duration:.6g} s, and are left out.",
            InvalidItemWarning,
            stacklevel=3,
        )
    return kept
