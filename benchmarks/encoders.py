"""Bags of words and means of word vectors, beside the scripts that people write."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from sklearn.svm import SVC

from benchmarks.common import Context, Row
from benchmarks.real_or_made import Source, scenes
from benchmarks.timing import one_thread, row_of_times, take_turns
from benchmarks.words import measure_word2vec
from mmclassic.encoding import BagOfWords
from mmclassic.image import SIFT, DenseSIFT

if TYPE_CHECKING:
    import pandas as pd

N_PICTURES, N_PICTURES_QUICK = 2000, 30
N_PICTURES_DENSE = 400  # whose 2 million descriptors k-means still learns from at once
N_WORDS, N_WORDS_QUICK = 512, 16
N_LEARNED = 200_000  # descriptors that k-means of a dense grid learns from
BINS_OF_SIZE = 1.5  # the bins of a descriptor are this part of its keypoint's size

Keypoints = Callable[[NDArray[np.uint8]], list[cv2.KeyPoint]]


@dataclass(frozen=True)
class Script:
    """Plain code for a bag of visual words: OpenCV in a loop, k-means, a predict each.

    Parameters
    ----------
    keypoints : callable or None
        Of a picture; None takes those that OpenCV finds.
    n_words : int
    learn_from_some : bool
        Whether descriptors, which are bytes, are kept so, and k-means learns from some
        of them. Of the 11 million of 2000 dense grids it takes half an hour longer.
    """

    keypoints: Keypoints | None
    n_words: int
    learn_from_some: bool = False

    def run(self, paths: list[str]) -> NDArray[np.float32]:
        """Return the counts of the words of each picture.

        Parameters
        ----------
        paths : list of str

        Returns
        -------
        ndarray of shape (n_pictures, n_words), float32
        """
        sift = cv2.SIFT_create()
        described = []
        for path in paths:
            picture = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
            if self.keypoints is None:
                _, descriptors = sift.detectAndCompute(picture, None)
            else:
                _, descriptors = sift.compute(picture, self.keypoints(picture))
            if descriptors is None:
                descriptors = np.empty((0, 128), dtype=np.float32)
            described.append(
                descriptors.astype(np.uint8) if self.learn_from_some else descriptors
            )
        kmeans = MiniBatchKMeans(self.n_words, random_state=0)
        stacked = np.vstack(described)
        if self.learn_from_some and len(stacked) > N_LEARNED:
            rows = np.random.default_rng(0).choice(len(stacked), N_LEARNED, False)
            stacked = stacked[np.sort(rows)]
        kmeans.fit(stacked.astype(np.float32, copy=False))
        counts = np.zeros((len(paths), self.n_words), dtype=np.float32)
        for row, descriptors in zip(counts, described, strict=True):
            if len(descriptors):
                words = kmeans.predict(descriptors.astype(np.float32, copy=False))
                row[:] = np.bincount(words, minlength=self.n_words)
        return counts


def words_of_sift(context: Context) -> list[Row]:
    """Return words of the keypoints that OpenCV finds.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        Time, and what a classifier makes of them.
    """
    return _compare_words(
        context, "words of SIFT", SIFT(), None, "cv2.SIFT", n_pairs=3, at_least=1.3
    )


def words_of_dense_sift(context: Context) -> list[Row]:
    """Return words of a fine grid at three scales, the defaults of DenseSIFT.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        Time, and what a classifier makes of them.
    """
    return _compare_words(
        context,
        "words of DenseSIFT",
        DenseSIFT(),
        _grid_like(DenseSIFT()),
        "cv2.SIFT.compute at the same points and sizes",
        n_pairs=1,
        n_pictures=N_PICTURES_DENSE,
        at_least=20.0,
    ) + _compare_words(
        context,
        "words of more DenseSIFT",
        DenseSIFT(),
        _grid_like(DenseSIFT()),
        "cv2.SIFT.compute at the same points and sizes",
        n_pairs=1,
        learn_from_some=True,
    )


def words_of_coarse_sift(context: Context) -> list[Row]:
    """Return words of a grid of one scale, as scripts have it.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        Time, and what a classifier makes of them.
    """
    coarse = DenseSIFT(step=8, bin_sizes=(24,))
    return _compare_words(
        context,
        "words of a coarse grid",
        coarse,
        _grid_like(coarse),
        "cv2.SIFT.compute at the same points, of size 16",
        n_pairs=1,
    )


def _compare_words(
    context: Context,
    name: str,
    descriptor: Any,
    keypoints: Keypoints | None,
    peer: str,
    *,
    n_pairs: int,
    n_pictures: int = N_PICTURES,
    at_least: float | None = None,
    learn_from_some: bool = False,
) -> list[Row]:
    n_words = N_WORDS_QUICK if context.quick else N_WORDS
    functions = {
        "ours": BagOfWords(descriptor, n_words=n_words, random_state=0).fit_transform,
        "script": Script(keypoints, n_words, learn_from_some).run,
    }
    with scenes(context) as source:
        table = _take(source, N_PICTURES_QUICK if context.quick else n_pictures)
        paths = [table["image"].tolist()] * (1 if context.quick else n_pairs)
        with one_thread():
            for function in functions.values():
                function(paths[0][: 2 if context.quick else 8])  # what is loaded once
            turns = list(take_turns(functions, paths))
            again, _ = next(take_turns({"ours": functions["ours"]}, paths))
    seconds = [times for times, _ in turns]
    results = turns[0][1]
    mine = [times["ours"] for times in (*seconds, again)]
    other = [times["script"] for times in (*seconds, seconds[-1])]
    of_some = f" of {N_LEARNED:,} descriptors" if learn_from_some else ""
    script_score = _score(_root(results["script"]), table)
    files = f"{len(table)} files of {source.title}, {n_words} words"
    return [
        row_of_times(
            name,
            f"BagOfWords({descriptor}).fit_transform of {files}; peer: {peer} in a "
            f"loop, numpy.vstack, MiniBatchKMeans{of_some}, a predict a picture; "
            f"runs of it, each between two of ours: {len(seconds)}",
            mine,
            other,
            peer_name="script",
            at_least=at_least,
            real=source.real,
        ),
        Row(
            f"{name}, accuracy",
            "what a linear SVM makes of them, learned on one half and scored on the "
            "other; the script's counts are brought to root and unit norm too",
            _score(results["ours"], table),
            floor=script_score,
            peers={"script": script_score},
            real=source.real,
        ),
    ]


def _take(source: Source, n: int) -> "pd.DataFrame":
    """Return n pictures at most, as many of each class and split as there are."""
    table = source.table
    rank = table.groupby(["label", "split"], sort=False).cumcount()
    order = np.argsort(rank.to_numpy(), kind="stable")[:n]
    return table.iloc[order].reset_index(drop=True)


def _grid_like(dense: DenseSIFT) -> Keypoints:
    """Return a function of a picture that gives keypoints where `dense` describes."""

    def keypoints(picture: NDArray[np.uint8]) -> list[cv2.KeyPoint]:
        points = []
        for bin_size in dense.bin_sizes:
            y, x = (_centres(extent, bin_size, dense.step) for extent in picture.shape)
            size = bin_size / BINS_OF_SIZE
            points += [cv2.KeyPoint(float(b), float(a), size) for a in y for b in x]
        return points

    return keypoints


def _centres(extent: int, bin_size: int, step: int) -> NDArray[np.float64]:
    room = extent - 1 - 3 * bin_size
    return np.arange(room % step // 2, room + 1, step) + 1.5 * bin_size


def _root(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def _score(rows: NDArray[np.float32], table: "pd.DataFrame") -> float:
    train = (table["split"] == "train").to_numpy()
    labels = table["label"].to_numpy()
    classifier = SVC(kernel="linear", C=10.0).fit(rows[train], labels[train])
    return 100 * float(classifier.score(rows[~train], labels[~train]))


# Printed under the table.
NOTE = (
    "Medians; the ratio is of the peer's time to ours: its median and quartiles. One "
    "thread each,\nin one process."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "sift": words_of_sift,
    "dense_sift": words_of_dense_sift,
    "coarse_grid": words_of_coarse_sift,
    "word2vec": measure_word2vec,
}
