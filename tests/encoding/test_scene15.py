"""Scene-15, the official 100 training pictures a class and a fifth of the others."""

import numpy as np
import pandas as pd
import pytest
from sklearn.svm import SVC

from mmclassic.encoding import BagOfWords, FisherVector
from mmclassic.image import DenseSIFT


@pytest.fixture(scope="module")
def scenes(data_folder):
    table = pd.read_csv(data_folder / "scene15" / "items.csv")
    table["image"] = [data_folder / "scene15" / path for path in table["image"]]
    train = table[table["split"] == "train"]
    test = table[table["split"] == "test"].iloc[::5]
    return train, test


def _accuracy(rows, labels, test_rows, test_labels):
    scale = 1 / np.mean(np.square(rows).sum(axis=1))
    # The Gram matrix: on rows this long it is much faster than SVC's own.
    classifier = SVC(kernel="precomputed", C=3).fit(rows @ rows.T * scale, labels)
    return classifier.score(test_rows @ rows.T * scale, test_labels)


def test_words_of_dense_sift_and_their_pyramid(scenes):
    train, test = scenes
    bag = BagOfWords(
        DenseSIFT(), pyramid=("1x1", "3x1", "2x2"), n_jobs=2, random_state=0
    )
    rows = bag.fit_transform(train["image"])
    test_rows = bag.transform(test["image"])
    whole = np.char.find(bag.get_feature_names_out().astype(str), "_1x1_") > 0
    words = _accuracy(
        rows[:, whole], train["label"], test_rows[:, whole], test["label"]
    )
    assert words >= 0.66
    assert _accuracy(rows, train["label"], test_rows, test["label"]) >= 0.76


def test_fisher_vectors_of_dense_sift_with_a_pyramid(scenes):
    train, test = scenes
    fisher = FisherVector(
        DenseSIFT(root=True), pyramid=("1x1", "3x1"), n_jobs=2, random_state=0
    )
    rows = fisher.fit_transform(train["image"])
    test_rows = fisher.transform(test["image"])
    assert _accuracy(rows, train["label"], test_rows, test["label"]) >= 0.84
