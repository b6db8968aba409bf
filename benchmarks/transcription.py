"""Speech to words: errors in recorded prompts, and spoken digits of new speakers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.common import Context, NoDataError, Row
from mmclassic.audio import MFCC
from mmclassic.encoding import StatisticsPooling
from mmclassic.fusion import LateFusionClassifier
from mmclassic.transcription import SpeechTranscriber, WordRecognizer
from mmclassic.transcription._spoken_words import spoken_words
from mmclassic.transcription._word_errors import WordErrors, word_errors

NOTE = (
    "Word error rates lie within +- their standard error by drawing utterances anew; "
    "differences\nare of the same draws, or of the same speakers. Peers were measured "
    "once: hmmlearn on\nthe same frames and topology, plain code as noted."
)
N_DRAWS = 1000
RATE = 8000


def prompts(context: Context) -> list[Row]:
    """Return the word error rates of prompts of a telephone system.

    Parameters
    ----------
    context : Context
        If quick, three to learn from and three to transcribe.

    Returns
    -------
    list of Row
    """
    table = context.sample(context.table("prompts/items.csv"), ["split"], 3)
    train, test = (table[table["split"] == split] for split in ("train", "test"))
    texts = train["text"].tolist()
    known: dict[str, tuple[Any, ...]] = {
        "as it comes": (None, None, None),
        "domain's text": (texts, None, None),
        "text and voice": (None, train["audio"], train["text"]),
    }
    words = [spoken_words(text) for text in test["text"]]
    rng = np.random.default_rng(0)
    draws = rng.integers(len(test), size=(N_DRAWS, len(test)))
    rates: dict[str, tuple[float, NDArray[Any]]] = {}
    for name, (domain, recordings, transcripts) in known.items():
        transcriber = SpeechTranscriber(domain, n_jobs=context.n_jobs)
        transcriber.fit(recordings, transcripts)
        said = [text.split() for text in transcriber.transform(test["audio"])]
        errors = [word_errors([pair]) for pair in zip(words, said, strict=True)]
        rates[name] = _rates(errors, draws)
    first, *_ = rates
    return [
        Row(
            f"prompts, {name}",
            f"word error rate of {len(test)} utterances, {sum(map(len, words))} words; "
            f"{len(train)} to learn from",
            rate,
            spread=float(drawn.std()),
            spread_of=f"s.e., {len(test)} utterances",
            ceiling=30.0 if name == "text and voice" else None,
            peers={"pocketsphinx, noted": 34.7},
            differences={}
            if name == first
            else {
                f"to {first}": (
                    rate - rates[first][0],
                    float((drawn - rates[first][1]).std()),
                )
            },
            real=True,
        )
        for name, (rate, drawn) in rates.items()
    ]


def _rates(
    errors: list[WordErrors], draws: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the percentage of errors, and that of each draw of utterances."""
    wrong = np.array([e.substitutions + e.deletions + e.insertions for e in errors])
    words = np.array([e.n_words for e in errors])
    drawn = 100 * wrong[draws].sum(axis=1) / np.maximum(words[draws].sum(axis=1), 1)
    return float(100 * wrong.sum() / words.sum()), drawn


def digits(context: Context) -> list[Row]:
    """Return how often spoken digits of a speaker that was not heard are recognised.

    Parameters
    ----------
    context : Context
        If quick, three clips of a speaker and word.

    Returns
    -------
    list of Row
    """
    table, title, real = _digits(context)
    frames = MFCC(
        RATE, n_mfcc=13, n_fft=256, hop_length=80, n_mels=40, deltas=2, trim=30.0
    )
    thirds = StatisticsPooling(frames, pyramid=("1x1", "3x1"), n_jobs=context.n_jobs)
    by_thirds = make_pipeline(thirds, StandardScaler(), SVC(C=10.0))
    models = WordRecognizer(n_jobs=context.n_jobs)
    both = [("models", models, "audio"), ("thirds", by_thirds, "audio")]
    scores = {
        "thirds, SVM": _by_speaker(by_thirds, table),
        "WordRecognizer": _by_speaker(models, table),
        "both, late product": _by_speaker(LateFusionClassifier(both, cv=3), table),
    }
    peers = {
        "thirds, SVM": {"plain MFCC, SVM": 81.5},
        "WordRecognizer": {"hmmlearn": 92.1},
        "both, late product": {},
    }
    first, *_ = scores
    rows = []
    for name, each in scores.items():
        gains = each - scores[first]
        error = float(gains.std(ddof=1) / np.sqrt(len(gains)))
        rows.append(
            Row(
                f"{title}: {name}",
                f"{title}, each of {len(each)} speakers held out: "
                + ", ".join(
                    f"{speaker} {score:.1f}"
                    for speaker, score in zip(_speakers(table), each, strict=True)
                ),
                float(each.mean()),
                spread=float(each.std(ddof=1)),
                spread_of=f"{len(each)} speakers",
                floor=88.0 if real and name == "WordRecognizer" else None,
                peers=peers[name] if real else {},
                differences={}
                if name == first
                else {f"to {first}": (float(gains.mean()), error)},
                real=real,
            )
        )
    return rows


def _speakers(table: pd.DataFrame) -> list[str]:
    return sorted(set(table["speaker"]))


def _by_speaker(model: Any, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the percentage of each speaker's words, of models of the others'."""
    groups = table["speaker"].to_numpy()
    fused = isinstance(model, LateFusionClassifier)
    scores = []
    for train, test in LeaveOneGroupOut().split(table, groups=groups):
        X = table if fused else table["audio"]
        # What the fusion learns, it learns on speakers that its parts did not hear.
        known = {"groups": groups[train]} if fused else {}
        fitted = clone(model).fit(X.iloc[train], table["label"].iloc[train], **known)
        scores.append(100 * fitted.score(X.iloc[test], table["label"].iloc[test]))
    return np.array(scores)


def _digits(context: Context) -> tuple[pd.DataFrame, str, bool]:
    try:
        table = context.table("fsdd/items.csv")
    except NoDataError:
        return _made_words(3 if context.quick else 20), "made words", False
    return context.sample(table, ["label", "speaker"], 3), "fsdd", True


def _made_words(n: int) -> pd.DataFrame:
    """Return n clips of each of four glides of pitch by each of four speakers."""
    rng = np.random.default_rng(0)
    glides = {"up": (0, 1), "down": (1, 0), "over": (0, 1, 0), "under": (1, 0, 1)}
    rows = []
    for speaker, low in enumerate((500, 600, 700, 800)):
        for word, glide in glides.items():
            for _ in range(n):
                t = np.arange(int(rng.integers(2500, 4500))) / RATE
                points = np.linspace(0, t[-1], len(glide))
                pitch = low * (1 + np.interp(t, points, glide))
                sound = 0.4 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
                sound += 0.02 * rng.standard_normal(len(t))
                rows.append((sound.astype(np.float32), word, f"made {speaker}"))
    return pd.DataFrame(rows, columns=["audio", "label", "speaker"])


FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "prompts": prompts,
    "digits": digits,
}
