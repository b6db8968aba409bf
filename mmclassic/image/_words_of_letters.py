"""Letters found in a picture to lines of them, and these to words."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.letters import Region, find_regions, letter_features
from mmclassic.image._picture import load_picture

__all__ = ["ReadPicture", "nearest_word"]

FEWEST = 3  # letters of a word


@dataclass(frozen=True, slots=True, eq=False)
class ReadPicture:
    """A picture to the words in it.

    Parameters
    ----------
    letters : ndarray of shape (n_letters,), str
    weights : ndarray of shape (n_features, n_letters)
    intercepts : ndarray of shape (n_letters,)
    words : frozenset of str, or None
        The words there may be, in lower case; None for any.
    """

    letters: NDArray[Any]
    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    words: frozenset[str] | None

    def __call__(self, cell: Any) -> str:
        """Return the words of the picture that a cell holds, from the top."""
        regions = find_regions(load_picture(cell, "grey").pixels)
        if len(regions) < FEWEST:
            return ""
        features = np.array([letter_features(each.shape) for each in regions])
        scores = features @ self.weights + self.intercepts
        names, margins = self.letters[scores.argmax(axis=1)], scores.max(axis=1)
        read = []
        for line in lines_of(regions):
            word = "".join(names[line]).lower()
            if self.words is not None:
                word = nearest_word(word, self.words)
            if word:
                boxes = [regions[i] for i in line]
                top = min(each.top for each in boxes)
                right = boxes[-1].left + boxes[-1].width
                place = (top, boxes[0].left, right, boxes[0].height)
                read.append((float(margins[line].mean()), place, word))
        return " ".join(word for _, word in sorted(_surest(read)))


def _surest(read: list[Any]) -> list[tuple[Any, str]]:
    """Return of words at one place, as several layers have, the surest."""
    kept: list[tuple[Any, str]] = []
    for _, place, word in sorted(read, key=lambda each: -each[0]):
        top, left, right, height = place
        if not any(
            abs(top - other[0]) < (height + other[3]) / 4
            and min(right, other[2]) > max(left, other[1])
            for other, _ in kept
        ):
            kept.append((place, word))
    return kept


def lines_of(regions: list[Region]) -> list[list[int]]:
    """Return regions that stand side by side, of like height, from left to right.

    Parameters
    ----------
    regions : list of Region

    Returns
    -------
    list of lists of int
        Positions in `regions`; three at least.
    """
    order = sorted(range(len(regions)), key=lambda i: regions[i].left)
    used: set[int] = set()
    lines = []
    for at, first in enumerate(order):
        if first in used:
            continue
        line = [first]
        for i in order[at + 1 :]:
            if i not in used and _follows(regions[line[-1]], regions[i]):
                line.append(i)
        if len(line) >= FEWEST:
            used.update(line)
            lines.append(line)
    return lines


def _follows(last: Region, region: Region) -> bool:
    height = last.height
    gap = region.left - last.left - last.width
    lower = region.top + region.height - last.top - height
    return (
        region.layer == last.layer
        and region.left > last.left + last.width / 2
        and -0.2 * height < gap < 0.6 * height
        and 0.65 * height < region.height < 1.5 * height
        and abs(lower) < 0.3 * height
    )


def nearest_word(word: str, words: Collection[str]) -> str:
    """Return the word that letters stand for, "" if they are too far from any.

    Parameters
    ----------
    word : str
    words : collection of str
        A quarter of the letters may differ, be missing or be too many.

    Returns
    -------
    str
    """
    if word in words:
        return word
    most = len(word) // 4
    near = [each for each in words if abs(len(each) - len(word)) <= most]
    if most == 0 or not near:
        return ""
    distance, found = min((_edits(word, each), each) for each in near)
    return found if distance <= most else ""


def _edits(a: str, b: str) -> int:
    """Return how many letters to change, add and remove (Levenshtein's distance)."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            changed = before + (letter != other)
            before = row[j]
            row[j] = min(row[j] + 1, row[j - 1] + 1, changed)
    return row[-1]
