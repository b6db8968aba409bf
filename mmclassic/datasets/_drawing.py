"""Draws a pair of place classes as one cluttered RGB picture."""

from collections.abc import Callable

import cv2
import numpy as np

__all__ = ["SIZE", "draw_picture"]

SIZE = 128  # pixels, height and width
# One hue (degrees), outline and texture a class, in the order of the classes.
_HUES = (210, 110, 25, 285, 55, 335, 160, 0)
_SIDES = (3, 16, 4, 5, 6, 3, 8, 4)
_DEPTHS = (1.0, 1.0, 1.0, 0.45, 0.6, 0.3, 0.75, 0.4)  # below 1: a star's inner radius

# Which points of an object are darker, by their pixels from its centre.
_TEXTURES: tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], ...] = (
    lambda x, y: x % 7 < 3.5,  # bars
    lambda x, y: np.hypot(x % 9 - 4.5, y % 9 - 4.5) < 2.6,  # dots
    lambda x, y: (x % 9 < 4.5) ^ (y % 9 < 4.5),  # a chessboard
    lambda x, y: np.hypot(x, y) % 8 < 4,  # rings
    lambda x, y: np.hypot(x, y) < 7,  # an eye
    lambda x, y: (x % 8 < 2) | (y % 8 < 2),  # a grid
    lambda x, y: (x + np.abs(y % 10 - 5)) % 8 < 4,  # zigzags
    lambda x, y: np.abs(x) < 3,  # one bar
)


def draw_picture(classes: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Draw one object a class over a noisy, cluttered ground.

    Parameters
    ----------
    classes : tuple of two ints
        The classes of the two objects; which stands left is drawn at random.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    ndarray of shape (128, 128, 3), uint8
        The picture, RGB.
    """
    picture = _draw_ground(rng)
    for _ in range(rng.integers(2, 6)):
        _draw_clutter(picture, rng)
    for place, label in enumerate(rng.permutation(classes)):
        centre = np.array([32 + 64 * place, SIZE / 2]) + rng.uniform(-6, 6, size=2)
        centre[1] += rng.uniform(-14, 14)
        _draw_object(picture, int(label), centre, rng)
    noise = rng.standard_normal(picture.shape, dtype=np.float32) * rng.uniform(3, 10)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def _draw_ground(rng: np.random.Generator) -> np.ndarray:
    corners = rng.uniform(90, 220, size=(2, 2, 1)) + rng.uniform(-12, 12, (2, 2, 3))
    return np.ascontiguousarray(
        cv2.resize(corners, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    )


def _draw_clutter(picture: np.ndarray, rng: np.random.Generator) -> None:
    colour = _rgb(rng.uniform(0, 360), rng.uniform(0.0, 0.5), rng.uniform(0.3, 0.9))
    start, end = rng.integers(0, SIZE, size=(2, 2)).tolist()
    if rng.random() < 0.5:
        cv2.line(picture, start, end, colour, int(rng.integers(1, 3)))
    else:
        cv2.circle(picture, start, int(rng.integers(2, 6)), colour, -1)


def _draw_object(
    picture: np.ndarray, label: int, centre: np.ndarray, rng: np.random.Generator
) -> None:
    n_sides, depth = _SIDES[label], _DEPTHS[label]
    n_points = n_sides if depth == 1 else 2 * n_sides
    radii = rng.uniform(22, 28) * np.where(np.arange(n_points) % 2, depth, 1.0)
    turn = rng.uniform(-0.25, 0.25)
    angles = 2 * np.pi * np.arange(n_points) / n_points + turn
    spokes = np.column_stack((np.sin(angles), -np.cos(angles)))
    points = np.rint(16 * (centre + radii[:, None] * spokes)).astype(np.int32)
    # With 4 fractional bits an outline does not snap to whole pixels.
    mask = np.zeros((SIZE, SIZE), dtype=np.uint8)
    cv2.fillPoly(mask, [points], 1, lineType=cv2.LINE_8, shift=4)
    rows, columns = np.nonzero(mask)
    x, y = columns - centre[0], rows - centre[1]
    along, across = (
        x * np.cos(turn) + y * np.sin(turn),
        y * np.cos(turn) - x * np.sin(turn),
    )
    shade = 1 - 0.4 * _TEXTURES[label](along, across)
    hue = _HUES[label] + rng.normal(0, 6)
    colour = _rgb(hue, rng.uniform(0.6, 0.95), rng.uniform(0.65, 0.95))
    picture[rows, columns] = shade[:, None] * colour
    cv2.polylines(picture, [points], True, (30, 30, 30), 1, cv2.LINE_8, shift=4)


def _rgb(hue: float, saturation: float, value: float) -> tuple[float, ...]:
    sector = (hue / 60 + np.array([5, 3, 1])) % 6  # the usual closed form of HSV to RGB
    share = np.clip(np.minimum(sector, 4 - sector), 0, 1)
    return tuple((255 * value * (1 - saturation * share)).tolist())
