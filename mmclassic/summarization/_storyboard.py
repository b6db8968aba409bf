"""A summary to its storyboard: the chosen moments as a page, everything escaped."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmclassic._execution import items_done
from mmclassic._files import written_whole
from mmclassic._media_uris import picture_uri
from mmclassic._page import POLICY, STYLE

if TYPE_CHECKING:
    from mmclassic.summarization._summary import VideoSummary

__all__ = ["storyboard_html", "write_storyboard"]

SIDE = 480  # pixels of a picture's longer side
MOST_SAID = 240  # characters
ABOUT_LINE = (
    "Each bar is a segment of the video, as wide as it is long and as high as it is "
    "important; the dark ones are kept."
)
OWN_STYLE = """
.line { display: flex; align-items: flex-end; height: 6rem; margin: .75rem 0 .25rem; }
.line i { background: var(--accent-soft); min-width: 1px; border-right: 1px solid
  var(--card); } .line i.kept { background: var(--accent); }
.board figure { margin: 0; } .board img { width: 100%; height: auto; display: block;
  border-radius: 6px; } .board b { font-variant-numeric: tabular-nums; }
"""


def write_storyboard(summary: "VideoSummary", path: Path, title: str) -> None:
    """Write a page that needs nothing beside it.

    Parameters
    ----------
    summary : VideoSummary
    path : Path
    title : str
    """
    kept, whole = summary.seconds, summary.video.duration
    facts = [
        ("kept", clock(kept)),
        ("of", clock(whole)),
        ("share", f"{kept / whole:.0%}"),
        ("segments", f"{int(summary.chosen.sum())} of {len(summary.chosen)}"),
    ]
    told = "".join(
        f"<div><b>{escape(value)}</b><span class='soft'>{escape(name)}</span></div>"
        for name, value in facts
    )
    page = (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}{OWN_STYLE}</style></head>\n"
        f"<body><main><header><h1>{escape(title)}</h1><div class='facts'>{told}</div>"
        f"</header>\n<section><h2>The whole</h2><p class='soft'>{ABOUT_LINE}</p>"
        f"{_line(summary)}</section>\n<section><h2>What is kept</h2>"
        f"<div class='cards board'>{''.join(_cards(summary))}</div></section>\n"
        "</main></body></html>\n"
    )
    with written_whole(path) as beside:
        beside.write_text(page, encoding="utf-8")


def storyboard_html(summary: "VideoSummary") -> str:
    """Return a storyboard as HTML that needs no style around it."""
    size = _size(summary, 240)
    figures = "".join(
        "<figure style='margin:0 .5rem .5rem 0;display:inline-block'>"
        f"<img alt='at {clock(time)}' src='{picture_uri(pixels)}'>"
        f"<figcaption>{clock(time)}</figcaption></figure>"
        for time, pixels in summary.keyframes(size=size)
    )
    return f"<div><p>{escape(repr(summary))}</p>{figures}</div>"


def clock(seconds: float) -> str:
    """Return seconds as a player shows them, with tenths."""
    tenths = round(10 * seconds)
    hours, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    shown = f"{minutes:02d}:{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{shown}" if hours else shown.removeprefix("0")


def _size(summary: "VideoSummary", side: int) -> tuple[int, int]:
    height, width = summary.video.size
    scale = min(1.0, side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _line(summary: "VideoSummary") -> str:
    greatest = float(summary.importance.max(initial=0)) or 1.0
    shares = (summary.segments[:, 1] - summary.segments[:, 0]) / summary.video.duration
    bars = "".join(
        f"<i{' class=kept' if kept else ''} style='width:{100 * share:.3f}%;"
        f"height:{max(2.0, 100 * value / greatest):.1f}%' title='{clock(start)}: "
        f"{value:.2f}'></i>"
        for kept, share, value, (start, _) in zip(
            summary.chosen,
            shares,
            summary.importance,
            summary.segments.tolist(),
            strict=True,
        )
    )
    end = clock(summary.video.duration)
    return f"<div class='line'>{bars}</div><p class='soft'>0:00.0 to {end}</p>"


def _cards(summary: "VideoSummary") -> list[str]:
    size = _size(summary, SIDE)
    frames = summary.keyframes(size=size)
    cards = []
    for at, (time, pixels) in zip(np.flatnonzero(summary.chosen), frames, strict=True):
        start, stop = summary.segments[at].tolist()
        scores = ", ".join(
            f"{name} {values[at]:.2f}" for name, values in summary.scores.items()
        )
        said = summary.texts[at] if summary.texts else ""
        shown = said if len(said) <= MOST_SAID else said[:MOST_SAID] + " …"
        cards.append(
            f"<article><figure><img alt='The frame at {clock(time)}' "
            f"src='{picture_uri(pixels, SIDE)}'></figure>"
            f"<b>{clock(start)} to {clock(stop)}</b>"
            f"<span class='small soft'>importance {summary.importance[at]:.2f}"
            f"{': ' + escape(scores) if scores else ''}</span>"
            + (f"<p class='said'>{escape(shown)}</p>" if said else "")
            + "</article>"
        )
        items_done(1)
    return cards
