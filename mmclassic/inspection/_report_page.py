"""The numbers of a report to one HTML page, everything escaped."""

import numpy as np

from mmclassic._page import POLICY, STYLE
from mmclassic.inspection._escaped import apart, digits_of, fixed, safe
from mmclassic.inspection._report_charts import bars, lines
from mmclassic.inspection._report_classes import answers_sections, section
from mmclassic.inspection._report_data import ReportData

__all__ = ["page"]

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
    " Pictures are shown at 320 pixels at most, and sounds for 20 seconds."
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
        section("Scores", ABOUT_SCORES, _scores(data)),
        section("What each modality brings", ABOUT_IMPORTANCE, _importance(data)),
        section(
            "With cells missing",
            ABOUT_REMOVAL,
            lines(data.curves, data.removed, data.score) + _removal_table(data),
        ),
        *answers_sections(data),
    ]
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{safe(title)}</title>\n<style>{STYLE}</style></head>\n<body><main>"
        f"<header><h1>{safe(title)}</h1>{_facts(data)}</header>\n"
        f"<div class='two'>{''.join(sections)}</div>\n{_mistakes(data, cards)}"
        "<p class='note'>Scores of rows that the model was fitted on flatter it: make "
        "the report of rows that it has not seen.</p></main></body></html>\n"
    )


def _facts(data: ReportData) -> str:
    facts = [(data.score, _figure(data.importance.score)), ("rows", str(data.n_rows))]
    if data.classes is not None:
        facts.append(("mistakes", str(data.n_wrong)))
        facts.append(("classes", str(len(data.classes))))
    facts += [(f"rows with {name}", str(n)) for name, n in data.counts.items()]
    items = "".join(
        f"<div><b>{safe(value)}</b><span class='soft'>{apart(name)}</span></div>"
        for name, value in facts
    )
    return f"<div class='facts'>{items}</div>"


def _scores(data: ReportData) -> str:
    importance = data.importance
    whole = tuple(importance.names)
    rows = [("no modality", importance.baseline_score, 0.0, "b pale")]
    if data.alike is not None:
        alike = "the mean" if data.classes is None else "the commonest class"
        rows.insert(0, (f"always {alike}", data.alike, 0.0, "b pale"))
    if len(data.singles) > 1:
        rows += [(name, *score, "b pale") for name, score in data.singles.items()]
    spread = importance.coalition_scores_std[whole]
    rows.append(("all together", importance.score, spread, "b"))
    lows = [value - std for _, value, std, _ in rows]
    highs = [value + std for _, value, std, _ in rows]
    high = max(1.0, *highs) if min(lows) >= 0 else max(0.0, *highs)
    chart = bars(rows, low=min(0.0, *lows), high=high)
    return f"<h3>{safe(data.score)}</h3>{chart}{_others(data)}"


def _others(data: ReportData) -> str:
    """Return the other scores of all modalities together, in a sentence."""
    told = [
        f"{name} {_figure(value)}"
        for name, value in data.others.items()
        if name != data.score
    ]
    return f"<p class='soft'>All together also: {safe(', '.join(told))}.</p>"


def _figure(value: float) -> str:
    return fixed(value, digits_of(abs(value), 3))


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
        f"<tr><th scope='row'>{apart(curve.name)}</th>"
        + "".join(f"<td>{_figure(mean)}</td>" for mean in curve.means)
        + "</tr>"
        for curve in data.curves
    )
    return (
        "<details><summary>The figures</summary><div class='scroll'><table "
        f"class='numbers'><thead><tr><th class='left'>removed</th>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></details>"
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
        f"<section><h2>{title}</h2><p class='soft'>{safe(ABOUT_MISTAKES)}</p>"
        f"<div class='cards'>{''.join(cards)}</div></section>\n"
    )
