"""Measured ratios to a bar chart on a logarithmic axis, beside what was asked."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.common import Row, three_digits
from benchmarks.results import Measured, name_setting

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's, which the colour-blind tell apart.
FAST, BOUNDED, MISSED = "#0072B2", "#56B4E9", "#D55E00"
INK, GREY = "#222222", "#666666"
BAR, GAP = 0.62, 0.3  # lines: the height of a bar, the distance of groups
LINE, WIDTH = 0.27, 8.6  # inches
TICKS = 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000
SUFFIXES = ".png", ".svg"
# Groups whose peers are runs of ours.
NOT_DRAWN = {"scale", "cache", "callbacks", "distributed", "parallel"}


def check_plot(path: Path) -> None:
    """Refuse before the work what could not be drawn after it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ValueError
        If the file is of no kind that is drawn, or in no folder.
    ImportError
        If matplotlib is not there.
    """
    if path.suffix.lower() not in SUFFIXES or not path.parent.is_dir():
        raise ValueError(
            "The plot must be a file .png or .svg in a folder that is there. Got "
            f"{str(path)!r} instead."
        )
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError("--plot needs matplotlib: pip install matplotlib") from error


def plot_ratios(measured: Iterable[Measured], path: Path) -> "Figure":
    """Draw a bar a ratio of speed or time, and write it as PNG or SVG.

    Parameters
    ----------
    measured : iterable of Measured
        Rows without such a ratio are left out, and those beside runs of ours.
    path : Path

    Returns
    -------
    Figure
        Its one Axes has a bar a row. A ratio of times is drawn as one of speeds.

    Raises
    ------
    ValueError
        If no row has such a ratio.
    """
    check_plot(path)
    import matplotlib
    from matplotlib.figure import Figure

    measured = list(measured)
    groups = _rows_by_group(measured)
    if not groups:
        raise ValueError("None of these figures is a ratio of speed or time to draw.")
    n_lines = sum(map(len, groups.values())) + len(groups) * (1 + GAP) - GAP
    # Above the bars the title, below them the axis, the legend and the machine.
    height = n_lines * LINE + 1.3
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    axes = figure.add_axes((0, 0.95 / height, 1, 1 - 1.3 / height))
    _draw_groups(axes, groups)
    _fit_names(figure, axes)
    _finish(axes, n_lines)
    rows = [row for several in groups.values() for row in several]
    _add_legend(figure, rows, name_setting(measured))
    with matplotlib.rc_context({"svg.hashsalt": "mmclassic"}):
        kind = path.suffix.lower()[1:]
        metadata = {"Date": None} if kind == "svg" else None  # the same file again
        figure.savefig(path, format=kind, dpi=200, metadata=metadata)
    return figure


def _rows_by_group(measured: Iterable[Measured]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for each in measured:
        rows = [row for row in each.rows if row.ratio and row.ratio_of != "memory"]
        if rows and each.group not in NOT_DRAWN:
            groups.setdefault(each.group, []).extend(rows)
    return groups


def _draw_groups(axes: "Axes", groups: dict[str, list[Row]]) -> None:
    y = 0.0
    places, names = [], []
    for group, rows in groups.items():
        axes.annotate(
            group,
            (0, y),
            xycoords=axes.get_yaxis_transform(),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=9,
            fontweight="bold",
            color=GREY,
        )
        for row in rows:
            y += 1
            places.append(y)
            names.append(row.name)
            _draw_bar(axes, row, y)
        y += 1 + GAP
    axes.set_yticks(places, names, fontsize=8.5, color=INK)


def _draw_bar(axes: "Axes", row: Row, y: float) -> None:
    middle, low, high = _as_speed(row)
    color = MISSED if row.misses_ratio else FAST if row.ratio_of == "speed" else BOUNDED
    axes.barh(
        y,
        middle - 1,
        left=1,
        height=BAR,
        color=color,
        edgecolor="white",
        linewidth=0,
        hatch="////" if row.misses_ratio else None,
    )
    axes.plot([low, high], [y, y], color=INK, linewidth=1, zorder=3)
    for end in (low, high):
        axes.plot([end, end], [y - 0.12, y + 0.12], color=INK, linewidth=1, zorder=3)
    asked = row.at_least or (row.at_most and 1 / row.at_most)
    if asked:
        axes.plot(
            [asked, asked], [y - 0.4, y + 0.4], color=INK, linewidth=2.2, zorder=4
        )
    axes.annotate(
        _label(row),
        (max(high, asked or 1, 1), y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=INK,
    )


def _as_speed(row: Row) -> Sequence[float]:
    """Return median and quartiles as times as fast."""
    assert row.ratio is not None
    if row.ratio_of == "speed":
        return row.ratio
    middle, low, high = row.ratio
    return 1 / middle, 1 / high, 1 / low


def _label(row: Row) -> str:
    assert row.ratio is not None
    of = "" if row.ratio_of == "speed" else f" the {row.ratio_of} of"
    missed = " (missed)" if row.misses_ratio else ""
    return f"{three_digits(row.ratio[0])}×{of} {', '.join(row.peers)}{missed}"


def _finish(axes: "Axes", n_lines: float) -> None:
    axes.set_xscale("log")
    low, high = axes.dataLim.intervalx
    low = min(low * 0.9, 0.8)
    high = _fit_labels(axes, low, high)
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks], fontsize=8.5, color=INK)
    axes.set_xticks([], minor=True)
    axes.set_ylim(n_lines - 0.4, -0.6)
    axes.grid(axis="x", color="#e4e4e4", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.axvline(1, color=INK, linewidth=1)
    axes.tick_params(length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#bbbbbb")
    axes.set_title(
        "Times as fast as the peer, medians, one thread each",
        loc="left",
        fontsize=10,
        color=INK,
    )


def _fit_names(figure: "Figure", axes: "Axes") -> None:
    """Leave as much room on the left as the longest name takes."""
    names = axes.get_yticklabels()
    widest = max(name.get_window_extent().width for name in names) / figure.dpi
    left = (widest + 0.2) / WIDTH
    _, bottom, _, height = axes.get_position().bounds
    axes.set_position((left, bottom, 0.98 - left, height))


def _fit_labels(axes: "Axes", low: float, high: float) -> float:
    """Set the limits so that the labels fit; return the higher."""
    edge = axes.get_window_extent().x1
    for _ in range(40):
        axes.set_xlim(low, high)
        if max(text.get_window_extent().x1 for text in axes.texts) <= edge:
            break
        high *= 1.15
    return high


def _add_legend(figure: "Figure", rows: Sequence[Row], setting: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    same, part = (
        any(row.ratio_of == of and not row.misses_ratio for row in rows)
        for of in ("speed", "time")
    )
    missed = Patch(facecolor=MISSED, hatch="////", edgecolor="white", linewidth=0)
    mark = {"color": INK, "marker": "|", "linestyle": ""}
    wanted = {
        "the peer does the same": same and Patch(color=FAST),
        "the peer does a part of it": part and Patch(color=BOUNDED),
        "less than asked": any(row.misses_ratio for row in rows) and missed,
        "quartiles": Line2D([], [], color=INK, linewidth=1),
        "asked": Line2D([], [], markersize=11, markeredgewidth=2.2, **mark),
    }
    handles = {label: handle for label, handle in wanted.items() if handle}
    height = figure.get_figheight()
    figure.legend(
        handles=list(handles.values()),
        labels=list(handles),
        loc="lower left",
        bbox_to_anchor=(0, 0.36 / height),
        ncols=5,
        frameon=False,
        fontsize=8,
    )
    lines = textwrap.wrap(setting, 150)
    figure.text(0.012, 0.08 / height, "\n".join(lines), fontsize=6.3, color=GREY)
