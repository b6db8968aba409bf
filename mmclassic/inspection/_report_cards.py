"""A mistake as a card of a report: its picture, sound and text, and what mattered."""

import os
from typing import Any

import numpy as np

from mmclassic._execution import original_row
from mmclassic._media_uris import (
    MAX_SECONDS,
    SOUND_RATE,
    picture_uri,
    samples_of,
    sound_uri,
)
from mmclassic.exceptions import MediaError
from mmclassic.fusion._tables import as_table, select
from mmclassic.inspection._escaped import apart, as_text, digits_of, fixed, safe
from mmclassic.inspection._html import contribution_bars, marked_text, unit
from mmclassic.inspection._kinds import kind_of_part, rate_of_part
from mmclassic.inspection._report_mistakes import Mistake
from mmclassic.inspection._row_explanation import PartExplanation, RowExplanation
from mmclassic.inspection._take_apart import Model
from mmclassic.media import is_missing, load_image, load_text

__all__ = ["Cards"]

MOST_CHARACTERS = 900
MOST_VALUES = 12


class Cards:
    """Makes cards of mistakes, with media up to a number of bytes.

    Parameters
    ----------
    parted : Model
    X : DataFrame, 2-D array or list of rows
        As the fusion takes it.
    max_bytes : int
        Of encoded pictures and sounds on all cards.
    """

    def __init__(self, parted: Model, X: Any, max_bytes: int) -> None:
        self.parted = parted
        self.table = as_table(X)
        self.positions = parted.positions(self.table)
        self.left = max_bytes

    def card(self, mistake: Mistake, explained: RowExplanation | None) -> str:
        """Return a mistake's HTML.

        Parameters
        ----------
        mistake : Mistake
        explained : RowExplanation or None
        """
        shown = [self._verdict(mistake)]
        seen: set[Any] = set()
        for name in self.parted.names:
            part = None if explained is None else explained.parts.get(name)
            positions = self.positions[name]
            key = tuple(positions) if isinstance(positions, list) else positions
            shown.append(self._modality(mistake.row, name, part, key in seen))
            seen.add(key)
        if explained is not None:
            what = unit(explained.output)
            if explained.target is not None:
                what += " of the answer"
            shown.append(
                f"<div class='small'><span class='of'>{what} "
                f"{explained.answer:.2f}, with nothing {explained.baseline:.2f}</span>"
                f"{contribution_bars(explained.contributions)}</div>"
            )
        return f"<article>{''.join(shown)}</article>\n"

    def _verdict(self, mistake: Mistake) -> str:
        lines = []
        for which, label in (("answer", mistake.answer), ("truth", mistake.truth)):
            chance = mistake.chances.get(which)
            told = "" if chance is None else f"{chance:.0%}"
            lines.append(
                f"<span>{which}</span><b>{apart(as_text(label))}</b><i>{told}</i>"
            )
        return (
            f"<header><span class='of'><span>row {original_row(mistake.row)}"
            f"{self._index(mistake.row)}</span></span>"
            f"<div class='verdict'>{''.join(lines)}</div></header>"
        )

    def _index(self, row: int) -> str:
        """Return the label of a row in a frame's index, where it isn't its position."""
        index = getattr(self.table, "index", None)
        if index is None or index[row] == row:
            return ""
        return f", index {apart(index[row])}"

    def _modality(
        self, row: int, name: str, part: PartExplanation | None, shown: bool
    ) -> str:
        """Return what a row holds of a modality; only what mattered if it is shown."""
        rows = np.zeros(self.table.shape[0], dtype=bool)
        rows[row] = True
        cells = select(self.table, self.positions[name], rows)
        fitted = {name: part for name, part, _ in self.parted.fusion.parts_}[name]
        kind = kind_of_part(fitted)
        if isinstance(self.positions[name], list):
            body = self._values(cells, part)
            return _labelled(name, "", body)
        (cell,) = list(cells)
        if is_missing(cell):
            return _labelled(name, "missing", "")
        is_path = isinstance(cell, str | os.PathLike) and kind in ("image", "audio")
        beside = os.path.basename(os.fspath(cell)) if is_path else ""
        try:
            if kind == "audio":
                body = self._sound(cell, part, shown, rate_of_part(fitted))
            else:
                show = {"text": self._text, "image": self._picture}
                body = show.get(kind, self._value)(cell, part, shown)
        except MediaError as error:
            body = f"<p class='soft'>{safe(str(error))}</p>"
        return _labelled(name, beside, body)

    def _text(self, cell: Any, part: PartExplanation | None, shown: bool) -> str:
        if part is not None and part.content is not None:
            return (
                f"<p class='said' dir='auto'>{marked_text(part, MOST_CHARACTERS)}</p>"
            )
        text = load_text(cell)
        more = " …" if len(text) > MOST_CHARACTERS else ""
        text = safe(text[:MOST_CHARACTERS])
        return f"<p class='said' dir='auto'>{text}{more}</p>"

    def _picture(self, cell: Any, part: PartExplanation | None, shown: bool) -> str:
        uris = []
        if not shown:
            uris.append(("the picture", picture_uri(load_image(cell))))
        if part is not None and part.pieces:
            uris.append(("what mattered in it", picture_uri(part.draw())))
        kept = [
            f"<figure><img alt='{label}' src='{uri}'></figure>"
            for label, uri in uris
            if self._takes(uri)
        ]
        return f"<div class='pictures'>{''.join(kept)}</div>" if kept else _left_out()

    def _sound(
        self, cell: Any, part: PartExplanation | None, shown: bool, rate: float
    ) -> str:
        kept = []
        if not shown:
            samples = samples_of(cell, rate)
            uri = sound_uri(samples)
            if not self._takes(uri):
                return _left_out()
            kept.append(f"<audio controls preload='metadata' src='{uri}'></audio>")
            seconds = len(samples) / SOUND_RATE
            if seconds > MAX_SECONDS:
                kept.append(
                    f"<p class='soft'>The first {MAX_SECONDS:.0f} of {seconds:.0f} "
                    "seconds.</p>"
                )
        if part is not None and part.pieces:
            uri = picture_uri(part.draw(), 640)
            if self._takes(uri):
                kept.append(
                    f"<img class='strip' alt='what mattered in it' src='{uri}'>"
                )
        return "".join(kept)

    def _values(self, cells: Any, part: PartExplanation | None) -> str:
        row = [*np.asarray(cells, dtype=object).ravel()]
        columns = getattr(cells, "columns", None)
        names = [str(c) for c in (range(len(row)) if columns is None else columns)]
        effects = None
        if part is not None and len(part.effects) == len(row):
            effects = part.effects
        digits = digits_of(float(abs(part.effects).max(initial=0)), 2) if part else 2
        order = np.arange(len(row))
        if effects is not None and len(row) > MOST_VALUES:
            order = np.argsort(-abs(effects), kind="stable")
        items = "".join(
            f"<tr><th scope='row'>{apart(names[k])}</th>"
            f"<td>{apart(as_text(row[k])[:MOST_CHARACTERS])}</td>"
            + ("" if effects is None else f"<td>{fixed(effects[k], digits, '+')}</td>")
            + "</tr>"
            for k in order[:MOST_VALUES]
        )
        more = ""
        if len(row) > MOST_VALUES:
            more = f"<p class='soft'>and {len(row) - MOST_VALUES} more columns</p>"
        table = f"<table class='numbers'>{items}</table>"
        return f"<div class='scroll'>{table}</div>{more}"

    def _value(self, cell: Any, part: PartExplanation | None, shown: bool) -> str:
        return f"<p class='said'>{safe(as_text(cell)[:MOST_CHARACTERS])}</p>"

    def _takes(self, uri: str) -> bool:
        """Tell whether there is room for a medium, and take it."""
        if len(uri) > self.left:
            return False
        self.left -= len(uri)
        return True


def _labelled(name: str, beside: str, body: str) -> str:
    return (
        f"<div><span class='of'><b>{apart(name)}</b><i>{apart(beside)}</i></span>"
        f"{body}</div>"
    )


def _left_out() -> str:
    return "<p class='soft'>Left out: the page has reached its limit of media.</p>"
