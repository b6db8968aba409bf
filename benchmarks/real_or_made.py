"""The real data where it is there, and made data in its place where it is not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, NoDataError
from benchmarks.made_data import (
    make_picture,
    make_picture_files,
    make_sound,
    make_sound_files,
    make_texts,
)
from mmclassic.media import load_audio, load_image

if TYPE_CHECKING:
    import pandas as pd

N_MADE, N_QUICK = 120, 16


@dataclass(frozen=True)
class Source:
    """What a figure of time is measured on.

    Parameters
    ----------
    table : DataFrame
        One row an item.
    title : str
        What it is, for the row's protocol: "Scene-15", or "made pictures".
    real : bool
    """

    table: "pd.DataFrame"
    title: str
    real: bool


@contextmanager
def scenes(context: Context) -> Iterator[Source]:
    """Give Scene-15 or made pictures: columns image, label and split.

    Parameters
    ----------
    context : Context
        If quick, two rows of a class and split.

    Yields
    ------
    Source
        Made files are removed afterwards.
    """
    with _files(
        context,
        "scene15/items.csv",
        ("Scene-15", "made pictures"),
        ["label", "split"],
        make_picture_files,
    ) as source:
        yield source


@contextmanager
def environment(context: Context) -> Iterator[Source]:
    """Give ESC-10 or made sounds: columns audio, label and fold.

    Parameters
    ----------
    context : Context
        If quick, two rows of a class.

    Yields
    ------
    Source
        Made files are removed afterwards.
    """
    with _files(
        context,
        "esc10/items.csv",
        ("ESC-10", "made sounds"),
        ["label"],
        make_sound_files,
    ) as source:
        yield source


def news(context: Context, n: int = 10_000) -> Source:
    """Return 20 newsgroups or made texts: columns text, label and split.

    Parameters
    ----------
    context : Context
        If quick, two rows of a class and split.
    n : int, default=10000
        Texts at most.

    Returns
    -------
    Source
    """
    try:
        table = context.table("text/20ng.csv.gz")
    except NoDataError:
        made = make_texts(N_QUICK * 4 if context.quick else n)
        return Source(made, "made texts", False)
    table = context.sample(table, ["label", "split"], 2)
    return Source(table.iloc[:n], "20 newsgroups", True)


def clip(context: Context, seconds: float) -> tuple[NDArray[np.float32], str, bool]:
    """Return samples at 22.05 kHz of an ESC-10 clip of rain, or made ones.

    Parameters
    ----------
    context : Context
    seconds : float
        At most 5.

    Returns
    -------
    samples : ndarray of shape (n_samples,), float32
    title : str
        For the row's protocol.
    real : bool
    """
    try:
        table = context.table("esc10/items.csv")
    except NoDataError:
        return make_sound(seconds), "a made sound", False
    path = table["audio"][table["label"] == "rain"].iloc[0]
    samples = load_audio(path, sample_rate=22050)[: int(seconds * 22050)]
    return samples.copy(), "rain of ESC-10", True


def photo(context: Context, size: int) -> tuple[NDArray[np.uint8], str, bool]:
    """Return a grey photo of Flickr8k scaled to a square, or a made picture.

    Parameters
    ----------
    context : Context
    size : int
        Height and width, pixels.

    Returns
    -------
    pixels : ndarray of shape (size, size), uint8
    title : str
        For the row's protocol.
    real : bool
    """
    try:
        table = context.table("flickr8k/items.csv")
    except NoDataError:
        made = make_picture(512)
        return cv2.resize(made, (size, size)), "a made picture", False
    pixels = cv2.cvtColor(load_image(table["image"].iloc[0]), cv2.COLOR_RGB2GRAY)
    scaled = cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA)
    return scaled, "a photo of Flickr8k", True


@contextmanager
def _files(
    context: Context,
    path: str,
    titles: tuple[str, str],
    by: list[str],
    make: Callable[[Path, int], "pd.DataFrame"],
) -> Iterator[Source]:
    try:
        table = context.sample(context.table(path), by, 2)
    except NoDataError:
        with TemporaryDirectory() as folder:
            made = make(Path(folder), N_QUICK if context.quick else N_MADE)
            yield Source(made, titles[1], False)
    else:
        yield Source(table, titles[0], True)
