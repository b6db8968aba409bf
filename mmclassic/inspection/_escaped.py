"""Values of any kind as text of a page: escaped, of one direction, of a few digits."""

import re
from html import escape
from typing import Any

import numpy as np

from mmclassic.media import is_missing

__all__ = ["apart", "as_text", "digits_of", "fixed", "safe", "short"]

MOST_DIGITS = 6
# What HTML may not hold: control characters but tab and line ends, half surrogates.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def safe(text: str) -> str:
    """Return a text as HTML shows it, a sign in the place of what HTML may not hold."""
    return escape(FORBIDDEN.sub("\ufffd", text))


def apart(value: Any) -> str:
    """Return a label as HTML, whose direction leaves what is around it alone."""
    return f"<bdi>{safe(str(value))}</bdi>"


def as_text(value: Any) -> str:
    """Return a cell or a target as a short text."""
    if is_missing(value):
        return "missing"
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}"
    if isinstance(value, float | np.floating):
        return short(float(value))
    return str(value)


def short(value: float) -> str:
    """Return a number with the digits that tell: 1234568, 12.35, 0.001235, 1.2e-07."""
    if value == 0 or not np.isfinite(value):
        return f"{value + 0.0:g}"
    if 1000 <= abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.4g}"


def digits_of(greatest: float, least: int) -> int:
    """Return how many digits after the point tell values up to one apart."""
    if not 0 < greatest < np.inf:
        return least
    power = int(np.floor(np.log10(greatest)))
    return 0 if power >= 3 else min(max(least, least - 1 - power), MOST_DIGITS)


def fixed(value: float, digits: int = 3, sign: str = "") -> str:
    """Return a number with so many digits after the point, and no minus before 0."""
    if abs(value) >= 1e7:
        return f"{value:{sign}.3g}"
    return f"{round(float(value), digits) + 0.0:{sign}.{digits}f}"
