"""Scene-15: words and Fisher vectors of dense SIFT, and kernels of several."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from benchmarks.accuracy.scoring import from_scores, halves
from benchmarks.common import Context, Row
from mmclassic.encoding import BagOfWords, FisherVector
from mmclassic.fusion import KernelFusionClassifier
from mmclassic.image import HOG, DenseSIFT

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


def kernels(context: Context) -> list[Row]:
    """Return a sum of kernels of three descriptions, with weights learned and equal.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        The floor of learned weights is what equal ones reach in this run.
    """
    train, test = _read(context)
    learned = ("alignment", "easymkl")
    scores = []
    for seed in range(context.n_seeds):
        settings: dict[str, Any] = {"n_jobs": context.n_jobs}
        sampled = {**settings, "pyramid": PYRAMID, "random_state": seed}
        size = (4, 16) if context.quick else (32, 256)
        describers = {
            "fisher": FisherVector(
                DenseSIFT(8, root=True), n_components=size[0], pca=48, **sampled
            ),
            "words": BagOfWords(DenseSIFT(8), n_words=size[1], **sampled),
            "shape": HOG(size=(128, 128), pixels_per_cell=(16, 16), **settings),
        }
        rows, test_rows = pd.DataFrame(), pd.DataFrame()
        for name, part in describers.items():
            rows[name] = list(part.fit_transform(train["image"]))
            test_rows[name] = list(part.transform(test["image"]))
        parts = [(name, FunctionTransformer(_stack), name) for name in describers]

        models = [KernelFusionClassifier(parts[:1], cv=None)] + [
            KernelFusionClassifier(parts, weights=weights, cv=None)
            for weights in ("uniform", *learned)
        ]
        scores.append(
            [
                model.fit(rows, train["label"]).score(test_rows, test["label"])
                for model in models
            ]
        )
    alone, equal, *others = np.transpose(scores)
    about = f"{SPLIT}: kernels of Fisher vectors (32), 256 words and HOG"
    return [
        from_scores(
            f"scene15 kernels, {weights}",
            f"{about}, weights by {weights}. Peers: equal weights; the Fisher vectors",
            reached,
            len(test),
            floor=100 * equal.mean(),
            peers={
                "equal weights": 100 * equal.mean(),
                "best alone": 100 * alone.mean(),
            },
        )
        for weights, reached in zip(learned, others, strict=True)
    ]


def _stack(cells: Any) -> NDArray[Any]:
    return np.stack(list(cells))


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
