"""Draw on a picture, or a clip's waveform, what speaks for an answer and against it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["AGAINST", "FOR", "draw_clip", "draw_picture", "draw_words"]

FOR = (214, 40, 40)
AGAINST = (38, 99, 196)
NEUTRAL = (150, 150, 150)
LEAST_SIDE = 320  # pixels; smaller pictures are drawn larger
STRIP = (96, 640)  # height and width of a clip's drawing


def draw_picture(
    pixels: NDArray[np.uint8], heat: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return a picture in pale grey, with its heat in red and blue.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 4), uint8
        Red, green, blue and opacity.
    heat : ndarray of shape (height, width)
        Its greatest absolute value gets the full colour.

    Returns
    -------
    ndarray of shape (larger_height, larger_width, 3), uint8
    """
    pale, opaque = _pale(pixels)
    size = pale.shape[1::-1]
    shares = cv2.resize(_shares(heat), size, interpolation=cv2.INTER_CUBIC)
    shares = cv2.GaussianBlur(shares, (0, 0), max(size) / 48).clip(-1, 1)
    strength = (abs(shares) ** 0.8 * 0.85)[..., None]
    inked = pale * (1 - strength) + _ink(shares) * strength * (0.4 + 0.6 * pale / 255)
    _outline(inked, shares)
    shown = 255 + (inked - 255) * opaque[..., None]
    return np.rint(np.clip(shown, 0, 255)).astype(np.uint8)


def draw_words(
    pixels: NDArray[np.uint8],
    positions: list[NDArray[np.float32]],
    effects: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Return a picture in pale grey, with discs where words are.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 4), uint8
    positions : list of ndarray of shape (n_descriptors, 2)
        Of each word, (y, x) in [0, 1].
    effects : ndarray of shape (n_words,)
        Red discs for what is above zero, blue ones for what is below.

    Returns
    -------
    ndarray of shape (larger_height, larger_width, 3), uint8
    """
    pale, opaque = _pale(pixels)
    shown = 255 + (pale - 255) * opaque[..., None]
    height, width = shown.shape[:2]
    radius = max(2, round(max(height, width) / 90))
    shares = _shares(effects)
    for i in np.argsort(abs(shares), kind="stable"):  # the strongest on top
        inked = shown.copy()
        color = FOR if shares[i] > 0 else AGAINST
        for y, x in positions[i]:
            at = round(float(x) * (width - 1)), round(float(y) * (height - 1))
            cv2.circle(inked, at, radius, color, -1, cv2.LINE_AA)
        strength = 0.25 + 0.65 * abs(float(shares[i]))
        shown += (inked - shown) * strength
    return np.rint(np.clip(shown, 0, 255)).astype(np.uint8)


def _pale(pixels: NDArray[np.uint8]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a picture in pale grey, large enough to be seen, and its opacity."""
    height, width = pixels.shape[:2]
    scale = max(1.0, LEAST_SIDE / max(height, width))
    size = round(width * scale), round(height * scale)
    rgb = cv2.resize(
        np.ascontiguousarray(pixels[..., :3]), size, interpolation=cv2.INTER_CUBIC
    )
    opaque = cv2.resize(pixels[..., 3], size, interpolation=cv2.INTER_LINEAR) / 255.0
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.repeat((110 + grey * 0.57)[..., None], 3, axis=2), opaque


def _outline(inked: NDArray[Any], shares: NDArray[Any]) -> None:
    """Draw a line around what speaks strongest, in place."""
    for sign, color in ((1, FOR), (-1, AGAINST)):
        strong = (sign * shares > 0.6).astype(np.uint8)
        edges, _ = cv2.findContours(strong, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(inked, edges, -1, color, 2, cv2.LINE_AA)


def draw_clip(
    samples: NDArray[np.float32], heat: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return a clip's waveform, its moments in grey, red and blue.

    Parameters
    ----------
    samples : ndarray of shape (n,)
    heat : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
    """
    height, width = STRIP
    bars = width // 4
    edges = np.linspace(0, len(samples), bars + 1).astype(int)
    shares = _shares(heat)
    shown = np.full((height, width, 3), 255, dtype=np.uint8)
    loudest = float(abs(samples).max(initial=0)) or 1.0
    middle = height // 2
    for i, (start, stop) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        part = np.s_[start : max(stop, start + 1)]
        reach = abs(samples[part]).max(initial=0) / loudest * (middle - 4)
        share = shares[part].mean() if len(shares[part]) else 0.0
        strength = min(1.0, abs(share) ** 0.7)
        ink = np.array(FOR if share > 0 else AGAINST)
        color = np.array(NEUTRAL) * (1 - strength) + ink * strength
        top, bottom = round(middle - reach - 1), round(middle + reach + 1)
        shown[top:bottom, i * 4 : i * 4 + 3] = color.astype(np.uint8)
    return shown


def _shares(heat: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the heat in [-1, 1]."""
    greatest = abs(heat).max(initial=0)
    return (heat / (greatest or 1.0)).astype(np.float32)


def _ink(shares: NDArray[Any]) -> NDArray[np.float32]:
    ink = np.where((shares > 0)[..., None], np.array(FOR), np.array(AGAINST))
    return ink.astype(np.float32)
