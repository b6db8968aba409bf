"""Spoken digits and environmental sounds."""

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.accuracy.scoring import (
    default_part,
    from_comparison,
    from_scores,
    halves,
)
from benchmarks.common import Context, Row
from mmclassic.audio import MFCC
from mmclassic.encoding import StatisticsPooling
from mmclassic.evaluation import compare_modalities

if TYPE_CHECKING:
    import pandas as pd


def digits(context: Context) -> list[Row]:
    """Return FSDD's own split: takes 0 to 4 of every speaker and digit are tested.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    train, test = halves(_read_digits(context))
    described = MFCC(8000, n_mfcc=13, deltas=2, trim=30.0, n_jobs=context.n_jobs)
    models = {
        "MFCC": make_pipeline(described, StandardScaler(), SVC(C=10.0)),
        "default": default_part("audio", context),
    }
    scores = {
        name: model.fit(train["audio"], train["label"]).score(
            test["audio"], test["label"]
        )
        for name, model in models.items()
    }
    peers = {"plain librosa + SVC": _score_librosa(train, test)}
    split = "FSDD, official split"
    return [
        from_scores(
            "fsdd MFCC",
            f"{split}: mean and deviation of MFCC 13 with two deltas of frames above "
            "-30 dB, SVC(C=10). Peer: mean and deviation of librosa's 13, all frames",
            scores["MFCC"],
            len(test),
            floor=98.0,
            peers=peers,
        ),
        from_scores(
            "fsdd default",
            f"{split}: the pipeline's default audio part",
            scores["default"],
            len(test),
            peers=peers,
        ),
    ]


def digits_of_new_speakers(context: Context) -> list[Row]:
    """Return FSDD with each speaker held out in turn.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    table = _read_digits(context)
    comparison = {
        "cv": LeaveOneGroupOut(),
        "groups": table["speaker"],
        "n_jobs": context.n_jobs,
    }
    default = compare_modalities(table, table["label"], audio="audio", **comparison)
    # Chosen on the training rows: short frames, and thirds of the word.
    frames = MFCC(
        8000, n_mfcc=13, n_fft=256, hop_length=80, n_mels=40, deltas=2, trim=30.0
    )
    thirds = StatisticsPooling(frames, pyramid=("1x1", "3x1"), n_jobs=context.n_jobs)
    by_thirds = cross_val_score(
        make_pipeline(thirds, StandardScaler(), SVC(C=10.0)),
        table["audio"],
        table["label"],
        cv=LeaveOneGroupOut(),
        groups=table["speaker"],
    )
    protocol = "FSDD, each of six speakers held out"
    peers = {"plain code, noted": 81.5}
    return [
        from_comparison(
            "fsdd speakers",
            f"{protocol}: the pipeline's default for audio",
            default.loc["audio"],
            peers=peers,
        ),
        from_scores(
            "fsdd speakers, thirds",
            f"{protocol}: mean and deviation of MFCC 13 with two deltas, 32 ms frames, "
            "over the word and its thirds, SVC(C=10)",
            by_thirds,
            len(table),
            repeats="folds",
            peers=peers,
        ),
    ]


def environment(context: Context) -> list[Row]:
    """Return ESC-10 on its authors' five folds.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    table = context.sample(context.table("esc10/items.csv"), ["label", "fold"], 1)
    scores = compare_modalities(
        table,
        table["label"],
        audio="audio",
        cv=LeaveOneGroupOut(),
        groups=table["fold"],
        n_jobs=context.n_jobs,
    )
    return [
        from_comparison(
            "esc10",
            "ESC-10, the authors' folds: the pipeline's default for audio. Published: "
            "Piczak 2015",
            scores.loc["audio"],
            peers={
                "k-NN": 66.7,
                "linear SVM": 67.5,
                "random forest": 72.7,
                "human": 95.7,
            },
        )
    ]


def _read_digits(context: Context) -> "pd.DataFrame":
    table = context.table("fsdd/items.csv")
    table["label"] = table["label"].astype(str)
    return context.sample(table, ["label", "speaker", "split"], 1)


def _score_librosa(train: "pd.DataFrame", test: "pd.DataFrame") -> float:
    """Return the percentage that plain code over librosa's MFCC reaches."""
    model = make_pipeline(StandardScaler(), SVC(C=10.0))
    model.fit(_describe_by_librosa(train["audio"]), train["label"])
    return 100 * model.score(_describe_by_librosa(test["audio"]), test["label"])


def _describe_by_librosa(paths: Any) -> Any:
    import librosa

    rows = []
    for path in paths:
        samples, rate = librosa.load(path, sr=None)
        frames = librosa.feature.mfcc(
            y=samples, sr=rate, n_mfcc=13, n_fft=512, hop_length=128, n_mels=40
        )
        rows.append(np.r_[frames.mean(axis=1), frames.std(axis=1)])
    return np.array(rows)
