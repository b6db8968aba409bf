"""Charts of a report: bars of a page's own boxes, and lines as SVG."""

from html import escape

import numpy as np
from numpy.typing import NDArray

from mmclassic.inspection._report_data import Curve

__all__ = ["bars", "lines", "scatter"]

WIDTH, HEIGHT = 400, 230
LEFT, RIGHT, TOP, BOTTOM = 38, 14, 10, 34
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
            f"<span class='name{strong}'>{escape(name)}</span>"
            f"<span class='track'><i class='{style}' style='left:{left:.2f}%;"
            f"width:{width:.2f}%'></i>{axis}{whisker}</span>"
            f"<span class='number{strong}'>{value:.3f}"
            + (f" <i>± {spread:.3f}</i>" if spread > 0 else "")
            + "</span>"
        )
    return f"<div class='bars'>{''.join(cells)}</div>"


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
    low, high, ticks = _scale(low, high)
    drawn = [_grid(ticks, low, high)]
    for share in shares:
        x = _x(share, 0, shares[-1])
        drawn.append(
            f"<text x='{x:.1f}' y='{HEIGHT - BOTTOM + 15}' text-anchor='middle'>"
            f"{share:.0%}</text>"
        )
    drawn.append(
        f"<text x='{(LEFT + WIDTH - RIGHT) / 2}' y='{HEIGHT - 4}' "
        "text-anchor='middle'>cells removed</text>"
    )
    for i, curve in reversed(list(enumerate(curves))):
        points = [
            (_x(share, 0, shares[-1]), _y(mean, low, high))
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
        for (x, y), std in zip(points, curve.stds, strict=True):
            reach = std / (high - low) * (HEIGHT - TOP - BOTTOM)
            drawn.append(
                f"<path d='M{x:.1f} {y - reach:.1f}V{y + reach:.1f}' stroke='{color}' "
                f"stroke-width='1.2'/><circle cx='{x:.1f}' cy='{y:.1f}' "
                f"r='{width + 0.6}' fill='{color}'/>"
            )
    legend = "".join(
        f"<span style='--k:var(--c{i % N_COLORS})'>{escape(curve.name)}</span>"
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
    low, high, ticks = _scale(float(both.min()), float(both.max()))
    drawn = [_grid(ticks, low, high)]
    for tick in ticks:
        drawn.append(
            f"<text x='{_x(tick, low, high):.1f}' y='{HEIGHT - BOTTOM + 15}' "
            f"text-anchor='middle'>{tick:g}</text>"
        )
    drawn.append(
        f"<path d='M{_x(low, low, high):.1f} {_y(low, low, high):.1f}L"
        f"{_x(high, low, high):.1f} {_y(high, low, high):.1f}' class='grid'/>"
        f"<text x='{(LEFT + WIDTH - RIGHT) / 2}' y='{HEIGHT - 4}' "
        "text-anchor='middle'>truth</text>"
    )
    for x, y in zip(truth, answers, strict=True):
        drawn.append(
            f"<circle class='dots' cx='{_x(x, low, high):.1f}' "
            f"cy='{_y(y, low, high):.1f}' r='2.2' opacity='.6'/>"
        )
    return _svg(drawn, "answers over the truth")


def _svg(drawn: list[str], label: str) -> str:
    return (
        f"<svg class='chart' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"aria-label='{escape(label)}'>{''.join(drawn)}</svg>"
    )


def _grid(ticks: list[float], low: float, high: float) -> str:
    return "".join(
        f"<path class='grid' d='M{LEFT} {_y(tick, low, high):.1f}H{WIDTH - RIGHT}'/>"
        f"<text x='{LEFT - 6}' y='{_y(tick, low, high) + 4:.1f}' text-anchor='end'>"
        f"{tick:g}</text>"
        for tick in ticks
    )


def _x(value: float, low: float, high: float) -> float:
    return LEFT + 8 + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT - 16)


def _y(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _scale(low: float, high: float) -> tuple[float, float, list[float]]:
    """Return round ends around values, and a few round numbers between them."""
    span = (high - low) or abs(high) or 1.0
    step = 10.0 ** np.floor(np.log10(span / 4))
    step *= next(m for m in (1, 2, 2.5, 5, 10) if span / (m * step) <= 5)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    ticks = [float(round(i * step, 10)) for i in np.arange(first, last + 1)]
    return ticks[0], ticks[-1], ticks


def _percent(value: float, low: float, high: float) -> float:
    return float(np.clip(100 * (value - low) / ((high - low) or 1.0), 0, 100))
