"""Scene-15: words and Fisher vectors of dense SIFT."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from benchmarks.accuracy.scoring import from_scores, halves
from benchmarks.common import Context, Row
from mmclassic.encoding import BagOfWords, FisherVector
from mmclassic.image import DenseSIFT

PYRAMID = ("1x1", "3x1", "2x2")
SPLIT = "Scene-15, 100 a class train, the other 2985 tested"


def visual_words(context: Context) -> list[Row]:
    """Return words of dense SIFT, over the whole picture and over a pyramid.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    train, test = _read(context)
    scores = []
    for seed in range(context.n_seeds):
        bag = BagOfWords(
            DenseSIFT(),
            n_words=16 if context.quick else 512,
            pyramid=PYRAMID,
            n_jobs=context.n_jobs,
            random_state=seed,
        )
        rows = bag.fit_transform(train["image"])
        test_rows = bag.transform(test["image"])
        names = bag.get_feature_names_out().astype(str)
        whole = np.char.find(names, "_1x1_") > 0
        scores.append(
            [
                _score(rows[:, kept], train["label"], test_rows[:, kept], test["label"])
                for kept in (whole, slice(None))
            ]
        )
    words, pyramid = np.transpose(scores)
    about = "512 words of DenseSIFT, linear SVC(C=3)"
    return [
        from_scores(
            "scene15 words",
            f"{SPLIT}: {about}. Peer: OpenCV's SIFT and k-means",
            words,
            len(test),
            floor=66.0,
            peers={"plain code, noted": 62.6},
        ),
        from_scores(
            "scene15 words, pyramid",
            f"{SPLIT}: {about}, over 1x1 + 3x1 + 2x2. Peer: the same of plain words",
            pyramid,
            len(test),
            floor=76.0,
            peers={"plain code, noted": 71.6},
        ),
    ]


def fisher_vectors(context: Context) -> list[Row]:
    """Return Fisher vectors of dense SIFT over a pyramid.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    train, test = _read(context)
    scores = []
    for seed in range(context.n_seeds):
        fisher = FisherVector(
            DenseSIFT(root=True),
            n_components=4 if context.quick else 64,
            pyramid=PYRAMID,
            n_jobs=context.n_jobs,
            random_state=seed,
        )
        rows = fisher.fit_transform(train["image"])
        test_rows = fisher.transform(test["image"])
        scores.append(_score(rows, train["label"], test_rows, test["label"]))
    return [
        from_scores(
            "scene15 Fisher, pyramid",
            f"{SPLIT}: FisherVector(DenseSIFT(root=True)) of 64 components over 1x1 + "
            "3x1 + 2x2, linear SVC(C=3)",
            scores,
            len(test),
            floor=84.0,
            peers={"plain words, noted": 71.6},
        )
    ]


def _read(context: Context) -> Any:
    table = context.table("scene15/items.csv")
    return halves(context.sample(table, ["label", "split"], 2))


def _score(
    rows: NDArray[Any], labels: Any, test_rows: NDArray[Any], test_labels: Any
) -> float:
    """Return the share found by a linear SVM, on rows brought to unit mean square."""
    scale = 1 / np.mean(np.square(rows).sum(axis=1))
    # The Gram matrix: on rows this long it is much faster than SVC's own.
    classifier = SVC(kernel="precomputed", C=3.0).fit(rows @ rows.T * scale, labels)
    return float(classifier.score(test_rows @ rows.T * scale, test_labels))
