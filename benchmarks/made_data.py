"""Sounds, pictures and texts of noise, tones and invented words, alike in every run."""

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

N_CLASSES = 4
SIZE = 220, 260  # of a made picture file: about that of a scene
RATE = 44100


def make_sound(
    seconds: float, sample_rate: int = 22050, *, pitch: float = 220, seed: int = 0
) -> NDArray[np.float32]:
    """Return a sound of gliding tones that swell and fade in noise.

    Parameters
    ----------
    seconds : float
    sample_rate : int, default=22050
        Hertz.
    pitch : float, default=220
        Of the lower tone, hertz.
    seed : int, default=0

    Returns
    -------
    ndarray of shape (n_samples,), float32
    """
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * sample_rate)) / sample_rate
    tones = sum(
        np.sin(2 * np.pi * tone * (t + 0.05 * np.sin(3 * t)))
        for tone in (pitch, 6 * pitch)
    )
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * 2 * t)
    return (0.2 * tones * swell + 0.01 * rng.normal(size=t.size)).astype(np.float32)


def make_picture(size: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Return a grey picture of soft spots and sharp squares.

    Parameters
    ----------
    size : int
        Height and width, pixels.
    seed : int, default=0

    Returns
    -------
    ndarray of shape (size, size), uint8
    """
    rng = np.random.default_rng(seed)
    noise = rng.random((size, size)).astype(np.float32)
    picture = sum(width * cv2.GaussianBlur(noise, (0, 0), width) for width in (1, 3, 9))
    for y, x in rng.integers(0, size - 32, size=(20, 2)):
        picture[y : y + 32, x : x + 32] += rng.normal()
    return cv2.normalize(picture, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def make_picture_files(folder: Path, n: int) -> "pd.DataFrame":
    """Write grey jpeg files, striped another way in each of four classes.

    Parameters
    ----------
    folder : Path
    n : int

    Returns
    -------
    DataFrame of shape (n, 3)
        Columns image, label and split, as of Scene-15: a third to train on.
    """
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    paths = []
    for row in range(n):
        angle = np.pi * (row % N_CLASSES) / N_CLASSES
        stripes = 40 * np.sin((np.cos(angle) * x + np.sin(angle) * y) / 4 + row)
        scene = make_picture(max(SIZE), seed=row)[: SIZE[0], : SIZE[1]]
        paths.append(str(folder / f"{row:05}.jpg"))
        pixels = np.clip(scene * 0.7 + 40 + stripes, 0, 255).astype(np.uint8)
        cv2.imwrite(paths[-1], pixels)
    return _table("image", paths)


def make_sound_files(folder: Path, n: int) -> "pd.DataFrame":
    """Write ogg files of 5 s at 44.1 kHz, of another pitch in each of four classes.

    Parameters
    ----------
    folder : Path
    n : int

    Returns
    -------
    DataFrame of shape (n, 4)
        Columns audio, label and split, and fold from 1 to 5, as of ESC-10.
    """
    import soundfile

    paths = []
    for row in range(n):
        paths.append(str(folder / f"{row:05}.ogg"))
        pitch = 110 * 2 ** (row % N_CLASSES)
        soundfile.write(
            paths[-1], make_sound(5.0, RATE, pitch=pitch, seed=row), RATE, format="OGG"
        )
    table = _table("audio", paths)
    return table.assign(fold=np.arange(n) // N_CLASSES % 5 + 1)


def make_texts(n: int, *, n_words: int = 80, seed: int = 0) -> "pd.DataFrame":
    """Return texts whose words are as uneven as a language's.

    Parameters
    ----------
    n : int
    n_words : int, default=80
        Words of a text.
    seed : int, default=0

    Returns
    -------
    DataFrame of shape (n, 3)
        Columns text, label and split. A tenth of a text's words are of its class.
    """
    rng = np.random.default_rng(seed)
    syllables = np.array([c + v for c in "bdfgklmnprst" for v in "aeiou"])
    common = _words(syllables, 4000)
    topics = np.char.add("x", _words(syllables, 50 * N_CLASSES)).reshape(N_CLASSES, -1)
    chances = 1 / np.arange(1, len(common) + 1)  # Zipf's law
    drawn = rng.choice(common, size=(n, n_words), p=chances / chances.sum())
    of_topic = rng.random(drawn.shape) < 0.1
    own = topics[np.arange(n)[:, None] % N_CLASSES, rng.integers(0, 50, drawn.shape)]
    texts = np.where(of_topic, own, drawn)
    return _table("text", [" ".join(words) for words in texts])


def _words(syllables: NDArray[np.str_], n: int) -> NDArray[np.str_]:
    """Return n different words of three syllables."""
    digits = np.unravel_index(np.arange(n) * 53, (len(syllables),) * 3)
    first, second, third = (syllables[digit] for digit in digits)
    return np.char.add(np.char.add(third, second), first)


def _table(column: str, cells: list[str]) -> "pd.DataFrame":
    import pandas as pd

    row = np.arange(len(cells))
    return pd.DataFrame(
        {
            column: cells,
            "label": np.array(list("abcd"))[row % N_CLASSES],
            "split": np.where(row // N_CLASSES % 3 == 0, "train", "test"),
        }
    )
