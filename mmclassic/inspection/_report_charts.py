"""Charts of a report: bars of a page's own boxes, and lines as SVG."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmclassic.inspection._escaped import apart, digits_of, fixed, safe
from mmclassic.inspection._report_data import Curve

__all__ = ["bars", "lines", "scatter"]

WIDTH, HEIGHT = 400, 230
RIGHT, TOP, BOTTOM = 14, 10, 38
CHARACTER = 7.4  # of a label, in the larger type of a phone
N_COLORS = 7
MOST_POINTS = 600


def bars(rows: list[tuple[str, float, float, str]], *, low: float, high: float) -> str:
    """Return bars from the low end of a scale, with their spread.

    Parameters
    ----------
    rows : list of (str, float, float, str)
        Name, value, spread, and classes of the bar's style.
    low, high : float
        Ends of the scale.
    """
    digits = digits_of(max(abs(low), abs(high)), 3)
    cells = []
    for name, value, spread, style in rows:
        zero = _percent(0 if low < 0 else low, low, high)
        at = _percent(value, low, high)
        left, width = min(zero, at), abs(at - zero)
        whisker = ""
        if spread > 0:
            start = _percent(value - spread, low, high)
            stop = _percent(value + spread, low, high)
            whisker = f"<u style='left:{start:.2f}%;width:{stop - start:.2f}%'></u>"
        axis = f"<s style='left:{zero:.2f}%'></s>" if low < 0 else ""
        strong = " strong" if "pale" not in style else ""
        cells.append(
            f"<span class='name{strong}'>{apart(name)}</span>"
            f"<span class='track'><i class='{style}' style='left:{left:.2f}%;"
            f"width:{width:.2f}%'></i>{axis}{whisker}</span>"
            f"<span class='number{strong}'>{fixed(value, digits)}"
            + (f" <i>± {fixed(spread, digits)}</i>" if spread > 0 else "")
            + "</span>"
        )
    return f"<div class='bars'>{''.join(cells)}</div>"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values are in a chart.

    Parameters
    ----------
    left, right : float
        Values at the ends of the level axis.
    ticks : list of float
        Of the upright axis, from end to end.
    """

    left: float
    right: float
    ticks: list[float]

    @property
    def margin(self) -> float:
        """The room of the upright axis's labels."""
        return 12 + CHARACTER * max(map(len, _labels(self.ticks)))

    def x(self, value: float) -> float:
        """Return the place of a value on the level axis."""
        share = (value - self.left) / (self.right - self.left)
        return self.margin + 8 + share * (WIDTH - self.margin - RIGHT - 16)

    def y(self, value: float) -> float:
        """Return the place of a value on the upright axis."""
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def axes(self, marks: list[tuple[float, str]], title: str) -> list[str]:
        """Return the grid, and labels of both axes.

        Parameters
        ----------
        marks : list of (float, str)
            Labels of the level axis.
        title : str
            What the level axis shows.
        """
        drawn = [
            f"<path class='grid' d='M{self.margin:.1f} {self.y(tick):.1f}"
            f"H{WIDTH - RIGHT}'/><text x='{self.margin - 6:.1f}' "
            f"y='{self.y(tick) + 4:.1f}' text-anchor='end'>{text}</text>"
            for tick, text in zip(self.ticks, _labels(self.ticks), strict=True)
        ]
        for value, text in marks:
            at = min(self.x(value), WIDTH - CHARACTER * len(text) / 2)
            drawn.append(_middle(at, HEIGHT - BOTTOM + 16, text))
        center = (self.margin + WIDTH - RIGHT) / 2
        return [*drawn, _middle(center, HEIGHT - 5, safe(title))]


def lines(curves: list[Curve], shares: tuple[float, ...], label: str) -> str:
    """Return lines over the share of what is removed, the first one thick.

    Parameters
    ----------
    curves : list of Curve
    shares : tuple of float
    label : str
        What the upright axis shows.
    """
    low = min(float((c.means - c.stds).min()) for c in curves)
    high = max(float((c.means + c.stds).max()) for c in curves)
    frame = Frame(0, shares[-1], _ticks(low, high))
    drawn = frame.axes([(share, f"{share:.0%}") for share in shares], "cells removed")
    for i, curve in reversed(list(enumerate(curves))):
        points = [
            (frame.x(share), frame.y(mean))
            for share, mean in zip(shares, curve.means, strict=True)
        ]
        color = f"var(--c{i % N_COLORS})"
        width = 3 if i == 0 else 1.6
        dashes = "" if i < N_COLORS else " stroke-dasharray='4 3'"
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(
            f"<polyline points='{path}' fill='none' stroke='{color}' "
            f"stroke-width='{width}' stroke-linejoin='round'{dashes}/>"
        )
        for (x, y), mean, std in zip(points, curve.means, curve.stds, strict=True):
            top, bottom = frame.y(mean + std), frame.y(mean - std)
            drawn.append(
                f"<path d='M{x:.1f} {top:.1f}V{bottom:.1f}' stroke='{color}' "
                f"stroke-width='1.2'/><circle cx='{x:.1f}' cy='{y:.1f}' "
                f"r='{width + 0.6}' fill='{color}'/>"
            )
    legend = "".join(
        f"<span style='--k:var(--c{i % N_COLORS})'>{apart(curve.name)}</span>"
        for i, curve in enumerate(curves)
    )
    return _svg(drawn, f"{label} as cells are removed") + (
        f"<div class='legend'>{legend}</div>"
    )


def scatter(truth: NDArray[np.float64], answers: NDArray[np.float64]) -> str:
    """Return points of truth and answer, with the line on which they are equal.

    Parameters
    ----------
    truth, answers : ndarray of shape (n_samples,)
        At most some hundreds, evenly spaced, are drawn.
    """
    step = -(-len(truth) // MOST_POINTS)
    truth, answers = truth[::step], answers[::step]
    both = np.concatenate([truth, answers])
    ticks = _ticks(float(both.min()), float(both.max()))
    low, high = ticks[0], ticks[-1]
    frame = Frame(low, high, ticks)
    drawn = frame.axes(list(zip(ticks, _labels(ticks), strict=True)), "truth")
    drawn.append(
        f"<path d='M{frame.x(low):.1f} {frame.y(low):.1f}L"
        f"{frame.x(high):.1f} {frame.y(high):.1f}' class='grid'/>"
    )
    for x, y in zip(truth, answers, strict=True):
        drawn.append(
            f"<circle class='dots' cx='{frame.x(x):.1f}' "
            f"cy='{frame.y(y):.1f}' r='2.2' opacity='.6'/>"
        )
    return _svg(drawn, "answers over the truth")


def _svg(drawn: list[str], label: str) -> str:
    return (
        f"<svg class='chart' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"aria-label='{safe(label)}'>{''.join(drawn)}</svg>"
    )


def _middle(x: float, y: float, text: str) -> str:
    return f"<text x='{x:.1f}' y='{y}' text-anchor='middle'>{text}</text>"


def _ticks(low: float, high: float) -> list[float]:
    """Return a few round numbers, from below the values to above them."""
    span = (high - low) or abs(high) or 1.0
    step = 10.0 ** np.floor(np.log10(span / 4))
    step *= next(m for m in (1, 2, 2.5, 5, 10) if span / (m * step) <= 5)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return [float(i * step) for i in np.arange(first, last + 1)]


def _labels(ticks: list[float]) -> list[str]:
    """Return short names of ticks, each another's."""
    greatest, step = max(map(abs, ticks)), ticks[1] - ticks[0]
    units = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
    size, unit = next((u for u in units if greatest >= 10 * u[0]), (1.0, ""))
    if greatest >= 1e13 or greatest < 1e-3:
        return [f"{tick:.2g}" for tick in ticks]
    digits = int(max(0, -np.floor(np.log10(step / size) + 1e-9)))
    if round(step / size * 10**digits, 6) % 1:  # 2.5
        digits += 1
    return [f"{tick / size:.{digits}f}{unit}" if tick else "0" for tick in ticks]


def _percent(value: float, low: float, high: float) -> float:
    return float(np.clip(100 * (value - low) / ((high - low) or 1.0), 0, 100))
