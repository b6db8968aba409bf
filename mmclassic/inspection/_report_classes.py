"""Sections of a report on its answers: confusions, classes, chances and values."""

from typing import Any

import numpy as np

from mmclassic.inspection._escaped import apart, safe
from mmclassic.inspection._report_charts import scatter
from mmclassic.inspection._report_data import ReportData
from mmclassic.inspection._report_measures import ByClass

__all__ = ["answers_sections", "section"]

MOST_CLASSES = 30
MOST_ROWS = 100
MOST_CONFUSIONS = 10
ABOUT_VALUES = "Each point is a row; on the line it is met."
ABOUT_CONFUSIONS = (
    "A row each true class, a column each answer; the shade is the share of the true "
    "class."
)
ABOUT_CLASSES = (
    "Precision is the share of a class's answers that are right, recall that of its "
    "rows that are found."
)


def section(title: str, about: str, body: str) -> str:
    """Return a section of a page.

    Parameters
    ----------
    title, about : str
        Texts.
    body : str
        HTML.

    Returns
    -------
    str
    """
    return (
        f"<section><h2>{safe(title)}</h2><p class='soft'>{safe(about)}</p>"
        f"{body}</section>\n"
    )


def answers_sections(data: ReportData) -> list[str]:
    """Return what is told of the answers: of each class, or of each value.

    Parameters
    ----------
    data : ReportData

    Returns
    -------
    list of str
    """
    if data.classes is None or data.confusion is None or data.by_class is None:
        chart = scatter(data.y.astype(float), data.answers.astype(float))
        return [section("Answers", ABOUT_VALUES, chart)]
    matrix = _matrix(data.classes, data.confusion) + _confusions(data)
    sections = [
        section("Confusions", ABOUT_CONFUSIONS, matrix),
        section(
            "Class by class", ABOUT_CLASSES, _by_class(data.classes, data.by_class)
        ),
    ]
    if data.sureness:
        sections.append(section("How sure it is", _about_chances(data), _sure(data)))
    return sections


def _by_class(classes: list[Any], figures: ByClass) -> str:
    """Return precision and recall of each class, the largest first."""
    heads = ("rows", "precision", "recall", "F1")
    order = np.argsort(-figures.rows, kind="stable")
    body = []
    for k in order[:MOST_ROWS]:
        values = (figures.precision[k], figures.recall[k], figures.f1[k])
        cells = "".join(f"<td>{_share(value)}</td>" for value in values)
        body.append(
            f"<tr><th scope='row'><div class='clamp'>{apart(classes[k])}</div></th>"
            f"<td>{figures.rows[k]}</td>{cells}</tr>"
        )
    more = ""
    if len(classes) > MOST_ROWS:
        more = f"<p class='soft'>and {len(classes) - MOST_ROWS} smaller classes</p>"
    return _table("class", heads, body) + more


def _about_chances(data: ReportData) -> str:
    rows = sum(group.rows for group in data.sureness)
    told = sum(group.rows * group.chance for group in data.sureness) / rows
    right = sum(group.rows * group.right for group in data.sureness) / rows
    return (
        f"The model gives its answers a chance of {told:.0%} in the mean, and "
        f"{right:.0%} of them are right. Where chances can be trusted, the two agree "
        "in every line."
    )


def _sure(data: ReportData) -> str:
    body = [
        f"<tr><th scope='row'>{group.low:.0%} to {group.high:.0%}</th>"
        f"<td>{group.rows}</td><td>{group.chance:.0%}</td><td>{group.right:.0%}</td></tr>"
        for group in data.sureness
    ]
    return _table("chance of its answer", ("rows", "mean chance", "right"), body)


def _table(first: str, heads: tuple[str, ...], body: list[str]) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
    return (
        "<div class='scroll'><table class='numbers'><thead><tr>"
        f"<th scope='col' class='left'>{first}</th>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _matrix(classes: list[Any], confusion: Any) -> str:
    if len(classes) > MOST_CLASSES:
        return f"<p>{len(classes)} classes are too many to show all.</p>"
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    head = "".join(
        f"<th scope='col'><span>{apart(label)}</span></th>" for label in classes
    )
    rows = []
    for i, label in enumerate(classes):
        cells = "".join(
            f"<td{' class=own' if i == j else ''} style='background:rgba(var(--heat),"
            f"{shares[i, j] * 0.75:.2f})'>{count or ''}</td>"
            for j, count in enumerate(confusion[i].tolist())
        )
        rows.append(f"<tr><th scope='row'>{apart(label)}</th>{cells}</tr>")
    return (
        "<div class='scroll'><table class='confusion'><thead><tr><td></td>"
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _confusions(data: ReportData) -> str:
    """Return the most frequent confusions as a list."""
    classes, off = data.classes or [], np.array(data.confusion)
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:MOST_CONFUSIONS]
    pairs = [divmod(int(at), len(classes)) for at in order]
    items = "".join(
        f"<tr><td>{off[i, j]}</td><th scope='row'><div class='clamp'>"
        f"{apart(classes[i])} → {apart(classes[j])}</div></th></tr>"
        for i, j in pairs
        if off[i, j]
    )
    if not items:
        return ""
    opened = " open" if len(classes) > MOST_CLASSES else ""
    return (
        f"<details{opened}><summary>The most frequent</summary>"
        f"<table class='numbers'><tbody>{items}</tbody></table></details>"
    )
