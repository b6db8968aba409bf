"""Pieces of a cell, and the cell without each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmclassic.media import Waveform, load_audio, load_image, load_text

__all__ = ["Clip", "Picture", "Text", "read_content"]

# A word with what joins it, or one character of a script that is written unspaced.
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
    r"|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+(?:['’.-][^\W_]+)*"
)
MAX_SIDE = 512  # pixels; what is larger is looked at in this size
FADE = 0.01  # seconds
OVERLAP = 2.0  # how many steps a window is wide


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its words.

    Parameters
    ----------
    text : str
    pieces : list of (int, int)
        Where each word begins and ends.
    """

    text: str
    pieces: list[tuple[int, int]]

    @classmethod
    def read(cls, cell: Any, n_pieces: int) -> "Text":
        """Return a cell's text, in so many runs of words at most."""
        text = load_text(cell)
        words = [match.span() for match in WORD.finditer(text)]
        runs = np.array_split(np.arange(len(words)), min(n_pieces, len(words)) or 1)
        spans = [(words[r[0]][0], words[r[-1]][1]) for r in runs if len(r)]
        return cls(text, spans)

    @property
    def whole(self) -> Any:
        """The cell with every piece."""
        return self.text

    def without(self) -> Iterator[Any]:
        """Yield the cell without each piece."""
        for start, stop in self.pieces:
            yield f"{self.text[:start].rstrip()} {self.text[stop:].lstrip()}".strip()

    def labels(self) -> list[str]:
        """Return a name of each piece: its words."""
        return [self.text[start:stop] for start, stop in self.pieces]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and windows of it, which are blurred away.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 4), uint8
        Red, green, blue and opacity, over white.
    pieces : list of (int, int, int, int)
        Top, left, bottom and right of each window.
    """

    pixels: NDArray[np.uint8]
    pieces: list[tuple[int, int, int, int]]

    @classmethod
    def read(cls, cell: Any, n_pieces: int) -> "Picture":
        """Return a cell's picture, with about so many windows that overlap."""
        rgb, mask = load_image(cell, with_mask=True)
        opacity = np.full(rgb.shape[:2], 255, dtype=np.uint8)
        if mask is not None:
            opacity = mask.astype(np.uint8) * 255
        pixels = _shrunk(np.dstack([rgb, opacity]))
        pieces = [
            box
            for box in _windows(pixels.shape[:2], n_pieces)
            if pixels[box[0] : box[2], box[1] : box[3], 3].any()
        ]
        return cls(pixels, pieces)

    @property
    def whole(self) -> Any:
        """The cell with every piece."""
        return self.pixels

    def without(self) -> Iterator[Any]:
        """Yield the cell with each window blurred away, softly at its border."""
        pixels = self.pixels.astype(np.float32)
        blurred = self._blurred()
        for soft in self.windows():
            shown = pixels.copy()
            shown[..., :3] += soft[..., None] * (blurred - pixels[..., :3])
            yield np.rint(shown).astype(np.uint8)

    def windows(self) -> Iterator[NDArray[np.float32]]:
        """Yield how much of each pixel each piece takes, in [0, 1]."""
        height, width = self.pixels.shape[:2]
        for top, left, bottom, right in self.pieces:
            yield np.outer(_bump(top, bottom, height), _bump(left, right, width))

    def _blurred(self) -> NDArray[Any]:
        # By what is opaque only, or the ground would show through.
        opaque = (self.pixels[..., 3] > 0).astype(np.float32)
        sigma = max(self.pixels.shape[:2]) / 12
        colors = self.pixels[..., :3] * opaque[..., None]
        sums = cv2.GaussianBlur(colors, (0, 0), sigma)
        weights = cv2.GaussianBlur(opaque, (0, 0), sigma)
        return sums / np.maximum(weights, 1e-6)[..., None]

    def labels(self) -> list[str]:
        """Return a name of each piece: its rows and columns of pixels."""
        return [
            f"rows {top}-{bottom}, columns {left}-{right}"
            for top, left, bottom, right in self.pieces
        ]


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of sound and moments of it, which are cut out.

    Parameters
    ----------
    samples : ndarray of shape (n,), float32
    sample_rate : float
        In Hz.
    pieces : list of (float, float)
        Where each moment begins and ends, in seconds.
    """

    samples: NDArray[np.float32]
    sample_rate: float
    pieces: list[tuple[float, float]]

    @classmethod
    def read(cls, cell: Any, n_pieces: int, sample_rate: float) -> "Clip":
        """Return a cell's clip, with about so many moments that overlap."""
        samples = load_audio(cell, sample_rate=sample_rate)
        # Of 20 ms at the least: a frame of sound is not much shorter.
        n_steps = max(1, min(n_pieces, int(len(samples) / sample_rate / 0.02)))
        starts, stops = _steps(len(samples), n_steps)
        pieces = [
            (start / sample_rate, stop / sample_rate)
            for start, stop in zip(starts, stops, strict=True)
        ]
        return cls(samples, sample_rate, pieces)

    @property
    def whole(self) -> Any:
        """The cell with every piece."""
        return Waveform(self.samples, self.sample_rate)

    def without(self) -> Iterator[Any]:
        """Yield the cell without each moment; silent instead where little is left."""
        for piece in self.pieces:
            start, stop = (round(at * self.sample_rate) for at in piece)
            rest = self.samples.copy()
            if 2 * (stop - start) > len(rest):
                rest[start:stop] = 0
            else:
                rest = _joined(rest[:start], rest[stop:], self.sample_rate)
            yield Waveform(rest, self.sample_rate)

    def windows(self) -> Iterator[NDArray[np.float32]]:
        """Yield how much of each sample each piece takes, 0 or 1."""
        times = np.arange(len(self.samples)) / self.sample_rate
        for start, stop in self.pieces:
            yield ((times >= start) & (times < stop)).astype(np.float32)

    def labels(self) -> list[str]:
        """Return a name of each piece: its seconds."""
        return [f"{start:.2f}-{stop:.2f} s" for start, stop in self.pieces]


def read_content(
    kind: str, cell: Any, n_pieces: int, sample_rate: float
) -> Text | Picture | Clip | None:
    """Return a cell and its pieces, None of a cell that has none.

    Parameters
    ----------
    kind : {"text", "image", "audio", "values"}
    cell : cell
    n_pieces : int
    sample_rate : float
        At which a clip is heard, in Hz.
    """
    if kind == "text":
        return Text.read(cell, n_pieces)
    if kind == "image":
        return Picture.read(cell, n_pieces)
    if kind == "audio":
        return Clip.read(cell, n_pieces, sample_rate)
    return None


def _joined(
    before: NDArray[np.float32], after: NDArray[np.float32], sample_rate: float
) -> NDArray[np.float32]:
    """Return two stretches of sound as one, faded into each other: a click is loud."""
    n = min(round(FADE * sample_rate), len(before), len(after))
    rise = np.linspace(0, 1, n, dtype=np.float32)
    faded = before[len(before) - n :] * (1 - rise) + after[:n] * rise
    return np.concatenate([before[: len(before) - n], faded, after[n:]])


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[Any]:
    scale = MAX_SIDE / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _windows(
    shape: tuple[int, ...], n_pieces: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield about so many windows, about square, over a height and width."""
    height, width = shape
    side = (height * width / n_pieces) ** 0.5
    rows = _steps(height, max(1, round(height / side)))
    columns = _steps(width, max(1, round(width / side)))
    for top, bottom in zip(*rows, strict=True):
        for left, right in zip(*columns, strict=True):
            yield top, left, bottom, right


def _steps(length: int, n_steps: int) -> tuple[list[int], list[int]]:
    """Return starts and stops of intervals that overlap, over the whole length."""
    step = length / n_steps
    margin = step * (OVERLAP - 1) / 2
    starts = np.maximum(np.arange(n_steps) * step - margin, 0)
    stops = np.minimum(np.arange(1, n_steps + 1) * step + margin, length)
    return starts.round().astype(int).tolist(), stops.round().astype(int).tolist()


def _bump(start: int, stop: int, length: int) -> NDArray[np.float32]:
    """Return 1 in the middle of an interval, falling softly to 0 at its ends.

    At an end of the whole it stays 1, so that the rim is blurred away too.
    """
    at = (np.arange(length, dtype=np.float32) + 0.5 - start) / max(stop - start, 1)
    inside = np.minimum(at, 1 - at)
    if start == 0:
        inside = np.maximum(inside, np.where(at < 0.5, 1 - at, 0))
    if stop == length:
        inside = np.maximum(inside, np.where(at > 0.5, at, 0))
    inside[(at < 0) | (at > 1)] = 0
    rise = np.clip(inside * 4, 0, 1)
    return (rise * rise * (3 - 2 * rise)).astype(np.float32)  # smoothstep
