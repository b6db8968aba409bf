"""An explanation as HTML: words marked, the picture and the clip drawn on."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic._media_uris import picture_uri
from mmclassic.inspection._draw import AGAINST, FOR
from mmclassic.inspection._escaped import apart, digits_of, fixed, safe

if TYPE_CHECKING:
    from mmclassic.inspection._row_explanation import PartExplanation, RowExplanation

__all__ = ["contribution_bars", "explanation_html", "marked_text", "part_html", "unit"]

UNITS = {
    "log_odds": "log-odds",
    "probability": "probability",
    "decision": "decision score",
    "value": "value",
}
MOST_TERMS = 12


def unit(output: str) -> str:
    """Return the name of what an explanation is counted in."""
    return UNITS[output]


def explanation_html(explained: "RowExplanation") -> str:
    """Return an explanation as HTML that needs no style around it."""
    of_class = "" if explained.target is None else f" for {apart(explained.target)}"
    lines = [
        "<div style='font-family:sans-serif;max-width:44rem'>",
        f"<p>Row {explained.row}: {unit(explained.output)}{of_class} "
        f"{explained.answer:.3g}, "
        f"with no modality {explained.baseline:.3g}</p>",
        contribution_bars(explained.contributions),
    ]
    for part in explained.parts.values():
        lines.append(f"<p><b>{safe(part.name)}</b></p>{part_html(part)}")
    return "\n".join([*lines, "</div>"])


def contribution_bars(contributions: dict[str, float]) -> str:
    """Return bars to the right for what speaks for an answer, to the left against."""
    greatest = max((abs(value) for value in contributions.values()), default=0) or 1.0
    digits = digits_of(greatest, 2)
    rows = []
    for name, value in contributions.items():
        width = 50 * abs(value) / greatest
        left = 50 if value >= 0 else 50 - width
        color = _css(FOR if value >= 0 else AGAINST)
        rows.append(
            "<div style='display:flex;gap:.5rem;align-items:center;margin:.15rem 0'>"
            f"<span style='width:6rem;overflow-wrap:anywhere'>{apart(name)}</span>"
            "<span style='flex:1;position:relative;height:.8rem'><span "
            "style='position:absolute;left:50%;top:-.2rem;bottom:-.2rem;width:1px;"
            "background:rgba(128,128,128,.7)'></span>"
            f"<span style='position:absolute;height:100%;left:{left:.1f}%;"
            f"width:{width:.1f}%;background:{color}'></span></span>"
            "<span style='min-width:4rem;text-align:right'>"
            f"{fixed(value, digits, '+')}</span></div>"
        )
    return "<div>" + "".join(rows) + "</div>"


def part_html(part: "PartExplanation") -> str:
    """Return what mattered in one modality as HTML."""
    if part.kind == "text" and part.content is not None:
        return f"<p dir='auto'>{marked_text(part)}</p>{_terms(part)}"
    if part.content is not None:
        drawn = [part.draw()]
        if part.words is not None:
            drawn.append(part.draw_words())
        return "".join(
            f"<img alt='what mattered in {safe(part.name)}' "
            f"style='max-width:100%' src='{picture_uri(picture, 640)}'>"
            for picture in drawn
        )
    effects: dict[str, float] = dict(
        zip(part.labels, part.effects.tolist(), strict=True)
    )
    return contribution_bars(effects) if effects else _terms(part)


def marked_text(part: "PartExplanation", most: int = 2000) -> str:
    """Return a text's HTML, its words on a ground of red or blue by their effect.

    Parameters
    ----------
    part : PartExplanation
        Of a text.
    most : int, default=2000
        Characters that are shown.
    """
    text = part.content.text
    greatest = float(np.abs(part.effects).max(initial=0)) or 1.0
    shown, at = [], 0
    for (start, stop), effect in zip(part.pieces, part.effects, strict=True):
        if stop > most:
            break
        share = effect / greatest
        color = _css(FOR if share > 0 else AGAINST, round(abs(share) * 0.6, 2))
        word = safe(text[start:stop])
        shown.append(safe(text[at:start]))
        shown.append(
            f"<span title='{effect:+.2g}' style='background:{color};"
            f"border-radius:.2em;padding:0 .1em'>{word}</span>"
            if abs(share) >= 0.05
            else word
        )
        at = stop
    rest = text[at:most]
    return "".join(shown) + safe(rest) + (" …" if len(text) > most else "")


def _terms(part: "PartExplanation") -> str:
    if not part.terms:
        return ""
    kept: list[tuple[str, Any]] = list(part.terms.items())[:MOST_TERMS]
    items = ", ".join(
        f"<code>{apart(name)}</code> {fixed(value, 2, '+')}" for name, value in kept
    )
    return f"<p style='overflow-wrap:anywhere'>Terms: {items}</p>"


def _css(color: tuple[int, int, int], opacity: float = 1.0) -> str:
    return f"rgba({color[0]},{color[1]},{color[2]},{opacity})"
