"""Pictures of scenes to folds, each described in four ways."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from benchmarks.common import Context
from benchmarks.fusion.described import Fold, describe
from mmclassic._wide_linear_svc import WideLinearSVC
from mmclassic.encoding import FisherVector
from mmclassic.fusion import BlockScaler
from mmclassic.image import HOG, DenseSIFT
from mmclassic.media import load_image

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["official_split", "training_folds"]

PYRAMID = ("1x1", "3x1", "2x2")


def training_folds(
    table: "pd.DataFrame", context: Context, cache: str
) -> Iterator[Fold]:
    """Yield five folds of the rows to train on.

    Parameters
    ----------
    table : DataFrame
        Columns image, label and split.
    context : Context
    cache : str
        Folder that keeps the pictures' local features for the next fold.

    Yields
    ------
    Fold
    """
    table = table[table["split"] == "train"]
    folds = StratifiedKFold(2 if context.quick else 5, shuffle=True, random_state=0)
    for train, test in folds.split(table, table["label"]):
        yield _fold(table, train, test, context, cache)


def official_split(
    table: "pd.DataFrame", context: Context, cache: str
) -> Iterator[Fold]:
    """Yield the split that the table gives.

    Parameters
    ----------
    table : DataFrame
        Columns image, label and split.
    context : Context
    cache : str

    Yields
    ------
    Fold
    """
    of_train = (table["split"] == "train").to_numpy()
    rows = np.flatnonzero(of_train), np.flatnonzero(~of_train)
    yield _fold(table, *rows, context, cache)


def _fold(
    table: "pd.DataFrame", train: Any, test: Any, context: Context, cache: str
) -> Fold:
    settings: dict[str, Any] = {"n_jobs": context.n_jobs, "cache": cache}
    describers = {
        "local": FisherVector(
            DenseSIFT(8, root=True),
            n_components=4 if context.quick else 32,
            pca=32,
            pyramid=PYRAMID,
            random_state=0,
            **settings,
        ),
        "shape": HOG(size=(128, 128), pixels_per_cell=(16, 16), **settings),
        "texture": FunctionTransformer(census),
        "tones": FunctionTransformer(tones),
    }
    parts = {}
    for name, describer in describers.items():
        scaler = StandardScaler() if name == "tones" else BlockScaler()
        # As in the pipeline: linear for long rows, a Gaussian kernel for short ones.
        classifier = SVC(C=10.0) if name == "tones" else WideLinearSVC(random_state=0)
        parts[name] = table["image"], make_pipeline(describer, scaler), classifier
    return describe(parts, table["label"].to_numpy(dtype=str), None, train, test)


def census(cells: Any) -> NDArray[np.float32]:
    """Return how often each pattern of the eight neighbours occurs, by regions.

    Parameters
    ----------
    cells : sequence of path

    Returns
    -------
    ndarray of shape (n_samples, 21 * 256)
        The roots of the shares over 1x1, 2x2 and 4x4 regions. A pattern has a bit for
        each neighbour that isn't darker than the pixel (Zabih & Woodfill 1994).
    """
    rows = []
    for cell in cells:
        pixels = _grey(cell)
        h, w = pixels.shape[0] - 2, pixels.shape[1] - 2
        patterns = np.zeros((h, w), dtype=np.uint8)
        around = [(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)]
        for bit, (y, x) in enumerate(around):
            brighter = pixels[y : y + h, x : x + w] >= pixels[1:-1, 1:-1]
            patterns |= brighter.astype(np.uint8) << bit
        regions = [
            region
            for n in (1, 2, 4)
            for band in np.array_split(patterns, n, axis=0)
            for region in np.array_split(band, n, axis=1)
        ]
        counts = [np.bincount(r.ravel(), minlength=256) / r.size for r in regions]
        rows.append(np.sqrt(np.concatenate(counts)))
    return np.array(rows, dtype=np.float32)


def tones(cells: Any) -> NDArray[np.float32]:
    """Return the mean and the deviation of the grey levels in 8x8 regions.

    Parameters
    ----------
    cells : sequence of path

    Returns
    -------
    ndarray of shape (n_samples, 128)
    """
    rows = []
    for cell in cells:
        small = cv2.resize(_grey(cell), (128, 128), interpolation=cv2.INTER_AREA)
        regions = small.astype(np.float32).reshape(8, 16, 8, 16)
        levels = regions.mean(axis=(1, 3)), regions.std(axis=(1, 3))
        rows.append(np.concatenate(levels).ravel())
    return np.array(rows, dtype=np.float32)


def _grey(cell: Any) -> NDArray[np.uint8]:
    pixels = load_image(cell)
    if pixels.ndim == 2:
        return pixels
    return cv2.cvtColor(pixels[..., :3], cv2.COLOR_RGB2GRAY)
