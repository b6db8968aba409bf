"""A mistake as a card of a report: its picture, sound and text, and what mattered."""

import os
from html import escape
from typing import Any

import numpy as np

from mmclassic._execution import original_row
from mmclassic.exceptions import MediaError
from mmclassic.fusion._tables import as_table, select
from mmclassic.inspection._html import contribution_bars, marked_text, unit
from mmclassic.inspection._kinds import kind_of_part
from mmclassic.inspection._media_uris import SOUND_RATE, picture_uri, sound_uri
from mmclassic.inspection._report_data import Mistake
from mmclassic.inspection._row_explanation import PartExplanation, RowExplanation
from mmclassic.inspection._take_apart import Model
from mmclassic.media import is_missing, load_audio, load_image, load_text

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
                what += f" of {explained.target}"
            shown.append(
                f"<div class='small'><span class='of'>{escape(what)} "
                f"{explained.answer:.2f}, with nothing {explained.baseline:.2f}</span>"
                f"{contribution_bars(explained.contributions)}</div>"
            )
        return f"<article>{''.join(shown)}</article>\n"

    def _verdict(self, mistake: Mistake) -> str:
        lines = []
        for which, label in (("answer", mistake.answer), ("truth", mistake.truth)):
            text = escape(_label(label))
            if which in mistake.chances:
                text += f" <span>{mistake.chances[which]:.0%}</span>"
            lines.append(f"<span>{which}</span><b>{text}</b>")
        return (
            f"<header><span class='of'>row {original_row(mistake.row)}</span>"
            f"<div class='verdict'>{''.join(lines)}</div></header>"
        )

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
            body = {
                "text": self._text,
                "image": self._picture,
                "audio": self._sound,
                "values": self._value,
            }[kind](cell, part, shown)
        except MediaError as error:
            body = f"<p class='soft'>{escape(str(error))}</p>"
        return _labelled(name, beside, body)

    def _text(self, cell: Any, part: PartExplanation | None, shown: bool) -> str:
        if part is not None and part.content is not None:
            return f"<p class='said'>{marked_text(part, MOST_CHARACTERS)}</p>"
        text = load_text(cell)
        more = " …" if len(text) > MOST_CHARACTERS else ""
        return f"<p class='said'>{escape(text[:MOST_CHARACTERS])}{more}</p>"

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

    def _sound(self, cell: Any, part: PartExplanation | None, shown: bool) -> str:
        kept = []
        if not shown:
            uri = sound_uri(load_audio(cell, sample_rate=SOUND_RATE))
            if not self._takes(uri):
                return _left_out()
            kept.append(f"<audio controls preload='metadata' src='{uri}'></audio>")
        if part is not None and part.pieces:
            uri = picture_uri(part.draw(), 640)
            if self._takes(uri):
                kept.append(
                    f"<img class='strip' alt='what mattered in it' src='{uri}'>"
                )
        return "".join(kept)

    def _values(self, cells: Any, part: PartExplanation | None) -> str:
        row = [*np.asarray(cells).ravel()]
        columns = getattr(cells, "columns", None)
        names = [str(c) for c in (range(len(row)) if columns is None else columns)]
        effects = {}
        if part is not None:
            effects = dict(zip(part.labels, part.effects, strict=True))
        items = "".join(
            f"<tr><th scope='row'>{escape(name)}</th><td>{escape(_label(value))}</td>"
            + (f"<td class='soft'>{effects[name]:+.2f}</td>" if name in effects else "")
            + "</tr>"
            for name, value in list(zip(names, row, strict=True))[:MOST_VALUES]
        )
        return f"<div class='scroll'><table class='numbers'>{items}</table></div>"

    def _value(self, cell: Any, part: PartExplanation | None, shown: bool) -> str:
        return f"<p class='said'>{escape(_label(cell)[:MOST_CHARACTERS])}</p>"

    def _takes(self, uri: str) -> bool:
        """Tell whether there is room for a medium, and take it."""
        if len(uri) > self.left:
            return False
        self.left -= len(uri)
        return True


def _labelled(name: str, beside: str, body: str) -> str:
    return (
        f"<div><span class='of'><b>{escape(name)}</b><i>{escape(beside)}</i></span>"
        f"{body}</div>"
    )


def _label(value: Any) -> str:
    if is_missing(value):
        return "missing"
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}"
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    return str(value)


def _left_out() -> str:
    return "<p class='soft'>Left out: the page has reached its limit of media.</p>"
