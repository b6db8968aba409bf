"""MFCC on real recordings: spoken digits told apart, every clip described."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mmclassic.audio import MFCC


def read_digits(data_folder: Path) -> pd.DataFrame:
    table = pd.read_csv(data_folder / "fsdd" / "items.csv")
    table["audio"] = [str(data_folder / "fsdd" / path) for path in table["audio"]]
    return table


def test_spoken_digits_are_told_apart_on_the_official_split(data_folder):
    table = read_digits(data_folder)
    model = make_pipeline(
        MFCC(8000, n_mfcc=13, deltas=2, trim=30), StandardScaler(), SVC(C=10)
    )
    train, test = (table[table["split"] == split] for split in ("train", "test"))
    model.fit(train["audio"], train["label"].astype(str))
    assert model.score(test["audio"], test["label"].astype(str)) >= 0.98


def test_the_shortest_spoken_digits_have_frames_at_any_rate(data_folder):
    table = read_digits(data_folder)
    sizes = [Path(path).stat().st_size for path in table["audio"]]
    shortest = table["audio"].iloc[np.argsort(sizes)[:5]]
    for sample_rate in (8000, 16000, 22050, 44100):
        rows = MFCC(sample_rate, deltas=2, trim=30).transform(shortest)
        assert np.isfinite(rows).all()
        assert (rows.std(axis=0) > 0).all()
