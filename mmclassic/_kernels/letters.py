"""Grey picture to regions that may be letters, and letters of fonts to learn from."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.hog import hog

__all__ = ["LETTERS", "Region", "draw_letters", "find_regions", "letter_features"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SIDE = 400  # pixels of the longer side that smaller pictures are brought to
LONGEST = 800
NEIGHBOURHOODS = (31, 101)  # pixels across, whose mean a letter differs from
CONTRAST = 15
CELL, INNER, OUTER = 6, 28, 36  # pixels of a letter's picture
FACES = ("sans", "italic", "uni")
STROKES = (300, 400, 600, 800)
HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A region that is darker, or brighter, than what is around it.

    Parameters
    ----------
    layer : int
        Regions of one layer are of one threshold, so that a word's letters are of one.
    left, top : int, pixels
    shape : ndarray of shape (height, width), bool
    """

    layer: int
    left: int
    top: int
    shape: NDArray[np.bool_]

    @property
    def width(self) -> int:
        """Return how many pixels wide it is."""
        return int(self.shape.shape[1])

    @property
    def height(self) -> int:
        """Return how many pixels high it is."""
        return int(self.shape.shape[0])


def find_regions(grey: NDArray[np.uint8]) -> list[Region]:
    """Return the connected regions of a picture that are shaped as letters may be.

    Parameters
    ----------
    grey : ndarray of shape (height, width), uint8

    Returns
    -------
    list of Region
        Of the picture enlarged to 400 pixels, or shrunk to 800.
    """
    longer = max(grey.shape)
    scale = SIDE / longer if longer < SIDE else min(1.0, LONGEST / longer)
    if scale != 1:
        kind = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        size = [max(1, round(side * scale)) for side in grey.shape[::-1]]
        grey = np.asarray(cv2.resize(grey, size, interpolation=kind), np.uint8)
    found: list[Region] = []
    layer = 0
    for across in NEIGHBOURHOODS:
        for kind, offset in ((0, -CONTRAST), (1, CONTRAST)):  # brighter, darker
            mean = cv2.ADAPTIVE_THRESH_MEAN_C
            binary = cv2.adaptiveThreshold(grey, 1, mean, kind, across, offset)
            found += _regions_of(binary.astype(np.uint8), layer)
            layer += 1
    return found


def _regions_of(binary: NDArray[np.uint8], layer: int) -> Iterator[Region]:
    n, labels, boxes, _ = cv2.connectedComponentsWithStats(binary, connectivity=4)
    for k in range(1, n):
        left, top, width, height, area = boxes[k].tolist()
        if height < 12 or width < 3 or area < 30 or height > len(binary) / 2:
            continue
        if width > 1.8 * height or height > 8 * width:
            continue
        share = area / (width * height)
        if share < 0.15 or (share > 0.95 and width > 0.4 * height):  # lines, squares
            continue
        shape = labels[top : top + height, left : left + width] == k
        yield Region(layer, left, top, shape)


def letter_features(shape: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return histograms of the gradients of a shape, brought to one size.

    Parameters
    ----------
    shape : ndarray of shape (height, width), bool
        Its box touches it on each side.

    Returns
    -------
    ndarray of shape (900,)

    References
    ----------
    Dalal & Triggs, "Histograms of oriented gradients for human detection" (2005),
    doi:10.1109/CVPR.2005.177.
    """
    scale = INNER / max(shape.shape)
    size = [max(2, round(side * scale)) for side in shape.shape[::-1]]
    inner = cv2.resize(shape.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    picture = np.zeros((OUTER, OUTER), dtype=np.uint8)
    height, width = inner.shape
    top, left = (OUTER - height) // 2, (OUTER - width) // 2
    picture[top : top + height, left : left + width] = np.round(255 * inner)
    cells = (CELL, CELL)
    return np.asarray(hog(picture, pixels_per_cell=cells, cells_per_block=(2, 2)))


def draw_letters(n_each: int, seed: int) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Return letters of the fonts of OpenCV, slanted, stretched and blurred at random.

    Parameters
    ----------
    n_each : int
        Of each letter, face and stroke.
    seed : int

    Returns
    -------
    iterator of (letter, ndarray of bool)
        The shape's box touches it on each side.
    """
    rng = np.random.default_rng(seed)
    for style in _styles():
        for letter in LETTERS:
            drawn = _drawn(letter, style)
            for _ in range(n_each):
                stretch = np.eye(2, 3, dtype=np.float32)
                stretch[:, :2] += rng.normal(0, [[0.08, 0.12], [0.06, 0.08]])
                bent = cv2.warpAffine(drawn, stretch, (170, 170))
                bent = cv2.GaussianBlur(bent, (0, 0), rng.uniform(0.3, 2.0))
                rows, columns = np.nonzero(bent > 110)
                if len(rows):
                    box = bent[
                        rows.min() : rows.max() + 1, columns.min() : columns.max() + 1
                    ]
                    yield letter, box > 110


def _styles() -> list[tuple[str | int, int]]:
    if hasattr(cv2, "FontFace"):  # outlines, since OpenCV 5
        return [(face, stroke) for face in FACES for stroke in STROKES]
    return [(face, stroke) for face in HERSHEY for stroke in (2, 4, 7)]


def _drawn(letter: str, style: tuple[str | int, int]) -> NDArray[np.uint8]:
    face, stroke = style
    picture = np.zeros((130, 130), dtype=np.uint8)
    if isinstance(face, str):
        font = cv2.FontFace(face)
        cv2.putText(picture, letter, (35, 85), (255,), font, 40, stroke)
    else:
        cv2.putText(picture, letter, (35, 85), face, 1.8, (255,), stroke, cv2.LINE_AA)
    return picture
