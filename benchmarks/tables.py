"""Rows to a table: for a screen, and for Markdown."""

import textwrap
from collections.abc import Iterable

from benchmarks.common import Row

LINE = 88
HEADINGS = {"figure": "work", "+-": "±", "peers": "peer", "error": "parity"}


def format_table(rows: Iterable[Row]) -> str:
    """Lay rows out under each other, then what each was measured on.

    Parameters
    ----------
    rows : iterable of Row

    Returns
    -------
    str
        Columns that no row fills are left out.
    """
    rows = list(rows)
    lines = _filled(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    text = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
    width = max(len(row.name) for row in rows)
    text.append("")
    for row in filter(lambda row: row.protocol, rows):
        first, *rest = textwrap.wrap(row.protocol, LINE - width - 2)
        text += [f"{row.name:<{width}}  {first}"]
        text += [" " * (width + 2) + line for line in rest]
    return "\n".join(line.rstrip() for line in text)


def format_markdown(rows: Iterable[Row]) -> str:
    """Lay rows out as a table of Markdown, then what each was measured on, folded.

    Parameters
    ----------
    rows : iterable of Row

    Returns
    -------
    str
        Columns that no row fills are left out.
    """
    rows = list(rows)
    head, *body = _filled(rows)
    lines = [[HEADINGS.get(name, name) for name in head], ["---"] * len(head), *body]
    text = [f"| {' | '.join(map(_escape, line))} |" for line in lines]
    text += ["", "<details><summary>What each was measured on</summary>", ""]
    text += [
        f"- {_escape(row.name)}: {_escape(row.protocol)}"
        for row in rows
        if row.protocol
    ]
    return "\n".join([*text, "", "</details>"])


def _escape(cell: str) -> str:
    for mark in "|*":
        cell = cell.replace(mark, f"\\{mark}")
    return cell


def _filled(rows: Iterable[Row]) -> list[list[str]]:
    """Return the columns' names, then the rows' cells, without empty columns."""
    cells = [row.cells() for row in rows]
    used = [name for name in cells[0] if any(row[name] for row in cells)]
    return [used, *([row[name] for name in used] for row in cells)]
