"""Draws a pair of place classes as one cluttered RGB picture."""

import cv2
import numpy as np

__all__ = ["SIZE", "draw_picture"]

SIZE = 96  # pixels, height and width
# One hue (degrees) and one outline a class, in the order of the classes.
_HUES = (210, 110, 25, 285, 55, 335, 160, 0)
_SIDES = (3, 16, 4, 5, 6, 3, 8, 4)
_DEPTHS = (1.0, 1.0, 1.0, 0.45, 0.6, 0.3, 0.75, 0.4)  # below 1: a star's inner radius


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
    ndarray of shape (96, 96, 3), uint8
        The picture, RGB.
    """
    picture = _draw_ground(rng)
    for _ in range(rng.integers(2, 6)):
        _draw_clutter(picture, rng)
    for place, label in enumerate(rng.permutation(classes)):
        centre = np.array([24 + 48 * place, SIZE / 2]) + rng.uniform(-5, 5, size=2)
        centre[1] += rng.uniform(-10, 10)
        _draw_object(picture, int(label), centre, rng)
    noise = rng.normal(0, rng.uniform(3, 10), size=picture.shape)
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
    radii = rng.uniform(16, 21) * np.where(np.arange(n_points) % 2, depth, 1.0)
    angles = 2 * np.pi * np.arange(n_points) / n_points + rng.uniform(-0.25, 0.25)
    outline = centre + radii[:, None] * np.column_stack(
        (np.sin(angles), -np.cos(angles))
    )
    points = np.rint(outline * 16).astype(np.int32)
    hue = _HUES[label] + rng.normal(0, 6)
    colour = _rgb(hue, rng.uniform(0.6, 0.95), rng.uniform(0.55, 0.95))
    # With 4 fractional bits an outline does not snap to whole pixels.
    cv2.fillPoly(picture, [points], colour, lineType=cv2.LINE_8, shift=4)
    cv2.polylines(picture, [points], True, (30, 30, 30), 1, cv2.LINE_8, shift=4)


def _rgb(hue: float, saturation: float, value: float) -> tuple[float, ...]:
    sector = (hue / 60 + np.array([5, 3, 1])) % 6  # the usual closed form of HSV to RGB
    share = np.clip(np.minimum(sector, 4 - sector), 0, 1)
    return tuple((255 * value * (1 - saturation * share)).tolist())
