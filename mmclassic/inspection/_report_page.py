"""The numbers of a report to one HTML page, everything escaped."""

from html import escape
from typing import Any

import numpy as np

from mmclassic.inspection._report_charts import bars, lines, scatter
from mmclassic.inspection._report_data import ReportData
from mmclassic.inspection._report_style import STYLE

__all__ = ["page"]

# Nothing is fetched and nothing runs, whatever a cell holds.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
MOST_CLASSES = 30
MOST_CONFUSIONS = 10
ABOUT_SCORES = (
    "The same model with one modality at a time, then with all of them; what it lacks "
    "it treats as missing. The lines show the spread over rows drawn anew."
)
ABOUT_IMPORTANCE = (
    "Shapley values: the mean gain of score as a modality joins the others, over all "
    "orders. They sum to the score less what is reached with no modality."
)
ABOUT_REMOVAL = (
    "Cells are emptied at random, on top of what is missing anyway; the mean of five "
    "draws, each modality alone under the same removal."
)
ABOUT_MISTAKES = (
    "Red speaks for the model's answer, blue against it. The bars split the answer "
    "among the modalities; words, regions and moments were weighed by taking them away."
)


def page(title: str, data: ReportData, cards: list[str]) -> str:
    """Return a report as a page of HTML.

    Parameters
    ----------
    title : str
    data : ReportData
    cards : list of str
        HTML of the mistakes.

    Returns
    -------
    str
    """
    sections = [
        _section("Scores", ABOUT_SCORES, _scores(data)),
        _section("What each modality brings", ABOUT_IMPORTANCE, _importance(data)),
        _section(
            "With cells missing",
            ABOUT_REMOVAL,
            lines(data.curves, data.removed, data.score) + _removal_table(data),
        ),
        _answers(data),
    ]
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style></head>\n<body><main>"
        f"<header><h1>{escape(title)}</h1>{_facts(data)}</header>\n"
        f"<div class='two'>{''.join(sections)}</div>\n{_mistakes(data, cards)}"
        "<p class='note'>Scores of rows that the model was fitted on flatter it: make "
        "the report of rows that it has not seen.</p></main></body></html>\n"
    )


def _section(title: str, about: str, body: str) -> str:
    return (
        f"<section><h2>{escape(title)}</h2><p class='soft'>{escape(about)}</p>"
        f"{body}</section>\n"
    )


def _facts(data: ReportData) -> str:
    facts = [(data.score, f"{data.importance.score:.3f}"), ("rows", str(data.n_rows))]
    if data.classes is not None:
        facts.append(("mistakes", str(data.n_wrong)))
        facts.append(("classes", str(len(data.classes))))
    facts += [(f"rows with {name}", str(n)) for name, n in data.counts.items()]
    items = "".join(
        f"<div><b>{escape(value)}</b><span class='soft'>{escape(name)}</span></div>"
        for name, value in facts
    )
    return f"<div class='facts'>{items}</div>"


def _scores(data: ReportData) -> str:
    importance = data.importance
    whole = tuple(importance.names)
    rows = [
        ("no modality", importance.baseline_score, 0.0, "b pale"),
        *((name, score, std, "b pale") for name, (score, std) in data.singles.items()),
        (
            "all together",
            importance.score,
            importance.coalition_scores_std[whole],
            "b",
        ),
    ]
    if len(data.singles) == 1:
        del rows[1]
    values = [value for _, value, _, _ in rows]
    high = max(1.0, *values) if min(values) >= 0 else max(0.0, *values)
    return f"<h3>{escape(data.score)}</h3>" + bars(
        rows, low=min(0.0, *values), high=high
    )


def _importance(data: ReportData) -> str:
    importance = data.importance
    means, stds = importance.importances_mean, importance.importances_std
    order = np.argsort(-means, kind="stable")
    low = min(0.0, float((means - stds).min()))
    high = max(0.0, float((means + stds).max()))
    rows = [(importance.names[k], float(means[k]), float(stds[k]), "b") for k in order]
    note = "" if importance.exact else "<p class='soft'>Of some orders, drawn.</p>"
    return bars(rows, low=low, high=high) + note


def _removal_table(data: ReportData) -> str:
    head = "".join(f"<th>{share:.0%}</th>" for share in data.removed)
    rows = "".join(
        f"<tr><th scope='row'>{escape(curve.name)}</th>"
        + "".join(f"<td>{mean:.3f}</td>" for mean in curve.means)
        + "</tr>"
        for curve in data.curves
    )
    return (
        "<details><summary>The figures</summary><div class='scroll'><table "
        f"class='numbers'><thead><tr><th class='left'>removed</th>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _answers(data: ReportData) -> str:
    if data.classes is None or data.confusion is None:
        chart = scatter(data.y.astype(float), data.answers.astype(float))
        return _section("Answers", "Each point is a row; on the line it is met.", chart)
    return _section(
        "Confusions",
        "A row each true class, a column each answer; the shade is the share of the "
        "true class.",
        _matrix(data.classes, data.confusion) + _confusions(data),
    )


def _matrix(classes: list[Any], confusion: Any) -> str:
    if len(classes) > MOST_CLASSES:
        return f"<p>{len(classes)} classes are too many to show all.</p>"
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    head = "".join(
        f"<th scope='col'><span>{escape(str(label))}</span></th>" for label in classes
    )
    rows = []
    for i, label in enumerate(classes):
        cells = "".join(
            f"<td{' class=own' if i == j else ''} style='background:rgba(var(--heat),"
            f"{shares[i, j] * 0.75:.2f})'>{count or ''}</td>"
            for j, count in enumerate(confusion[i].tolist())
        )
        rows.append(f"<tr><th scope='row'>{escape(str(label))}</th>{cells}</tr>")
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
        f"<tr><td>{off[i, j]}</td><th scope='row'>{escape(str(classes[i]))} → "
        f"{escape(str(classes[j]))}</th></tr>"
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


def _mistakes(data: ReportData, cards: list[str]) -> str:
    if not cards:
        shown = "" if data.n_wrong else "<p>There are none in these rows.</p>"
        if data.n_wrong:
            return ""
        return f"<section><h2>Mistakes</h2>{shown}</section>"
    title = "The worst mistakes"
    if data.classes is not None:
        title = f"The worst {len(cards)} of {data.n_wrong} mistakes"
    return (
        f"<section><h2>{title}</h2><p class='soft'>{escape(ABOUT_MISTAKES)}</p>"
        f"<div class='cards'>{''.join(cards)}</div></section>\n"
    )
