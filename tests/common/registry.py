"""Every public estimator with the small data that the common checks give it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import signal
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

from mmclassic.audio import MFCC, Waveform
from mmclassic.encoding import VLAD, BagOfWords, FisherVector, StatisticsPooling
from mmclassic.fusion import (
    BlockScaler,
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
)
from mmclassic.image import HOG, SIFT, ColorHistogram, DenseSIFT, LocalColor, TextReader
from mmclassic.retrieval import CrossModalMatcher, CrossModalRetriever
from mmclassic.summarization import VideoSummarizer
from mmclassic.text import TfidfVectorizer, Word2VecVectorizer
from mmclassic.transcription import SpeechTranscriber, WordRecognizer
from mmclassic.video import FramePooling

N = 24
WORDS = ["red", "green", "blue", "kettle", "bike", "house", "boils", "rolls"]


@dataclass(frozen=True)
class Entry:
    """An estimator, its X, and what of it the checks may change.

    Parameters
    ----------
    make : callable
        Returns a new unfitted estimator.
    X : callable
        Returns the data, of `N` rows.
    bad : dict
        A parameter with a value that must be refused, naming the parameter.
    """

    make: Callable[[], Any]
    X: Callable[[], Any]
    bad: dict[str, Any]


@cache
def _pictures() -> tuple[np.ndarray, ...]:
    import cv2

    rng = np.random.default_rng(0)
    pictures = []
    for i in range(N):
        picture = rng.integers(0, 60, (64, 72, 3)).astype(np.uint8)
        center = (20 + i % 5 * 6, 20 + i % 3 * 10)
        color = (255, 80, 60) if i % 2 else (40, 90, 250)
        if i % 2:
            cv2.circle(picture, center, 14, color, -1)
        else:
            cv2.rectangle(picture, center, (center[0] + 20, center[1] + 14), color, 3)
        pictures.append(picture)
    return tuple(pictures)


def pictures() -> pd.Series:
    """Return drawn RGB pictures, uint8 (64, 72, 3)."""
    return pd.Series(list(_pictures()), name="photo")


def sounds() -> pd.Series:
    """Return tones in noise of .25 s at 8 kHz."""
    rng = np.random.default_rng(1)
    time = np.arange(2000) / 8000
    tones = [
        np.sin(2 * np.pi * (300 + 250 * (i % 2) + 5 * i) * time)
        + 0.1 * rng.standard_normal(len(time))
        for i in range(N)
    ]
    return pd.Series(
        [Waveform((0.5 * t).astype(np.float32), 8000) for t in tones], name="clip"
    )


@cache
def _vowels(*formants: tuple[int, int, int]) -> Waveform:
    """Return vowels of .15 s each at 16 kHz, one after another."""
    time, spoken = np.arange(2400) / 16000, [np.zeros(800)]
    for frequencies in formants:
        sound = signal.square(2 * np.pi * 120 * time, 0.1)
        for hz in frequencies:
            q = np.exp(-np.pi * 80 / 16000)
            poles = [1, -2 * q * np.cos(2 * np.pi * hz / 16000), q * q]
            sound = signal.lfilter([1], poles, sound)
        spoken.append(0.4 * sound / np.abs(sound).max() * np.hanning(2400) ** 0.3)
    return Waveform(np.concatenate(spoken).astype(np.float32), 16000)


def syllables() -> pd.Series:
    """Return clips of digital silence, but for two that are heard as words."""
    clips = [np.zeros(1600, np.float32)] * N
    clips[1] = _vowels((570, 840, 2410), (270, 2290, 3010))
    clips[3] = _vowels((270, 2290, 3010), (730, 1090, 2440))
    return pd.Series(clips, name="clip")


def texts() -> pd.Series:
    """Return sentences of eight words."""
    rng = np.random.default_rng(2)
    return pd.Series(
        [" ".join(rng.choice(WORDS, 5)) + (" bike" * (i % 2)) for i in range(N)],
        name="title",
        dtype=object,
    )


@cache
def _videos() -> tuple[bytes, ...]:
    from tests.common.clips import encode

    shown = _pictures()
    return tuple(encode([shown[i]] * 4 + [shown[i - 1]] * 2) for i in range(N))


def videos() -> pd.Series:
    """Return mp4s of .6 s, in which one of the drawn pictures follows another."""
    return pd.Series(list(_videos()), name="film")


def table() -> pd.DataFrame:
    """Return the three of them and two numbers as one table."""
    rng = np.random.default_rng(3)
    numbers = rng.standard_normal((N, 2)) + labels()[:, np.newaxis]
    frame = pd.concat([texts(), pictures(), sounds()], axis=1)
    return frame.assign(length=numbers[:, 0], weight=numbers[:, 1])


def matrix() -> np.ndarray:
    """Return numbers of very different spread, float64 (N, 6)."""
    return np.random.default_rng(4).standard_normal((N, 6)) * [1, 10, 100, 0.1, 5, 2]


def labels() -> np.ndarray:
    """Return two classes in turn, int (N,)."""
    return np.arange(N) % 2


def _parts(final: Any = None) -> list[tuple[str, Any, Any]]:
    def part(describer: Any) -> Any:
        if final is None:
            return describer
        # StandardScaler does not take TF-IDF's sparse output; BlockScaler takes both.
        return make_pipeline(describer, BlockScaler(), final)

    return [
        ("title", part(TfidfVectorizer()), "title"),
        ("photo", part(ColorHistogram(n_bins=3)), "photo"),
        ("numbers", part(BlockScaler()), ["length", "weight"]),
    ]


DENSE = {"step": 12}

REGISTRY = {
    "HOG": Entry(lambda: HOG(size=(32, 32)), pictures, {"orientations": 0}),
    "SIFT": Entry(lambda: SIFT(), pictures, {"n_features": -1}),
    "DenseSIFT": Entry(lambda: DenseSIFT(**DENSE), pictures, {"step": 0}),
    "ColorHistogram": Entry(lambda: ColorHistogram(n_bins=3), pictures, {"n_bins": 0}),
    "FramePooling": Entry(
        lambda: FramePooling(ColorHistogram(n_bins=3), every=0.2),
        videos,
        {"every": 0},
    ),
    "LocalColor": Entry(
        lambda: LocalColor(12, cell_sizes=(4, 8)), pictures, {"step": 0}
    ),
    "MFCC": Entry(lambda: MFCC(sample_rate=8000), sounds, {"n_mfcc": 0}),
    "TfidfVectorizer": Entry(lambda: TfidfVectorizer(), texts, {"min_df": -1}),
    "Word2VecVectorizer": Entry(
        lambda: Word2VecVectorizer(
            vector_size=8, min_count=1, epochs=2, random_state=0
        ),
        texts,
        {"vector_size": 0},
    ),
    "StatisticsPooling": Entry(
        lambda: StatisticsPooling(MFCC(sample_rate=8000), pyramid=("1x1", "3x1")),
        sounds,
        {"statistics": ("total",)},
    ),
    "BagOfWords": Entry(
        lambda: BagOfWords(
            DenseSIFT(**DENSE), n_words=8, pyramid=("1x1", "2x2"), random_state=0
        ),
        pictures,
        {"n_words": 0},
    ),
    "VLAD": Entry(
        lambda: VLAD(DenseSIFT(**DENSE), n_words=4, random_state=0),
        pictures,
        {"n_words": 0},
    ),
    "FisherVector": Entry(
        lambda: FisherVector(DenseSIFT(**DENSE), n_components=4, pca=8, random_state=0),
        pictures,
        {"n_components": 0},
    ),
    "BlockScaler": Entry(lambda: BlockScaler(), matrix, {"scaling": "loud"}),
    "CrossModalMatcher": Entry(
        lambda: CrossModalMatcher(_parts(), n_components=8),
        table,
        {"nearest": 0.0},
    ),
    "CrossModalRetriever": Entry(
        lambda: CrossModalRetriever(_parts(), n_components=8),
        table,
        {"method": "guess"},
    ),
    "EarlyFusion": Entry(lambda: EarlyFusion(_parts()), table, {"method": "glue"}),
    "KernelFusionClassifier": Entry(
        lambda: KernelFusionClassifier(_parts(), cv=3), table, {"kernels": "popcorn"}
    ),
    "LateFusionClassifier": Entry(
        lambda: LateFusionClassifier(_parts(LogisticRegression()), cv=3),
        table,
        {"method": "shout"},
    ),
    "SpeechTranscriber": Entry(
        lambda: SpeechTranscriber(), syllables, {"language_weight": 0}
    ),
    "TextReader": Entry(lambda: TextReader(), pictures, {"invalid": "guess"}),
    "WordRecognizer": Entry(lambda: WordRecognizer(3), sounds, {"n_states": 0}),
    "LateFusionRegressor": Entry(
        lambda: LateFusionRegressor(_parts(Ridge()), cv=3), table, {"method": "shout"}
    ),
    "VideoSummarizer": Entry(
        lambda: VideoSummarizer(longest=0.2), videos, {"share": 0}
    ),
}
