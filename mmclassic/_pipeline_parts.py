"""The default part of each modality: a column to a block of features."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mmclassic._feature_union import FeatureUnion
from mmclassic._table_columns import category_columns, number_columns
from mmclassic.audio import MFCC
from mmclassic.encoding import FisherVector, StatisticsPooling
from mmclassic.fusion import BlockScaler
from mmclassic.image import HOG, ColorHistogram, DenseSIFT
from mmclassic.text import TfidfVectorizer
from mmclassic.video import FramePooling

__all__ = ["Settings", "is_read", "part_of"]

# Pixels between the points of DenseSIFT; components, and axes, of the Fisher vector;
# descriptors that it is learned from.
FULL, LIGHT = (4, 64, 50_000), (8, 32, 20_000)
FRAME_STATISTICS = ("mean", "std", "change")
SOUND_STATISTICS = ("mean", "std", "skew", "min", "max", "quantile", "change")


@dataclass(frozen=True, slots=True)
class Settings:
    """What every part of a pipeline shares.

    Parameters
    ----------
    invalid : {"error", "missing"}
    n_jobs : int or None
    random_state : int, RandomState instance or None
    dense : bool
        Whether blocks must be dense and narrow, as tree models want them.
    light : bool
        Whether to describe fast rather than best.
    cache : str, path-like, FeatureCache or None
    """

    invalid: str
    n_jobs: int | None
    random_state: Any
    dense: bool
    light: bool = False
    cache: Any = None


def describe_text(settings: Settings) -> Any:
    """Return words and pairs of words, beside pieces of words."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    union = FeatureUnion([("words", words), ("pieces", pieces)])
    return _reduced(union, settings)


def describe_image(settings: Settings) -> Any:
    """Return a Fisher vector of dense SIFT, beside the outline and the colours."""
    invalid = settings.invalid
    common: dict[str, Any] = {"n_jobs": settings.n_jobs, "cache": settings.cache}
    step, size, n_drawn = LIGHT if settings.light else FULL
    local = FisherVector(
        DenseSIFT(step, root=True, invalid=invalid),
        n_components=size,
        pca=size,
        max_descriptors=n_drawn,
        random_state=settings.random_state,
        **common,
    )
    shape = HOG(pixels_per_cell=(16, 16), mode="rgb", invalid=invalid, **common)
    color = ColorHistogram(root=True, invalid=invalid, **common)
    union = FeatureUnion(
        [
            ("local", Pipeline([("encoder", local), ("scaler", BlockScaler())])),
            ("shape", Pipeline([("descriptor", shape), ("scaler", BlockScaler())])),
            ("color", Pipeline([("descriptor", color), ("scaler", BlockScaler())])),
        ]
    )
    return _reduced(union, settings)


def describe_audio(settings: Settings) -> Any:
    """Return statistics of the loud frames' cepstra and their derivatives."""
    frames = MFCC(16000, n_mfcc=20, deltas=2, trim=30.0, invalid=settings.invalid)
    pooling = StatisticsPooling(
        frames,
        statistics=SOUND_STATISTICS,
        n_jobs=settings.n_jobs,
        cache=settings.cache,
    )
    return Pipeline([("encoder", pooling), ("scaler", StandardScaler())])


def describe_video(settings: Settings) -> Any:
    """Return statistics of the frames' colours and outlines, and of their changes."""
    color = ColorHistogram(8, grid=(2, 2), root=True)
    shape = HOG((64, 64), pixels_per_cell=(16, 16), mode="rgb")
    frames = FramePooling(
        FeatureUnion([("color", color), ("shape", shape)]),
        every=1.0 if settings.light else 0.5,
        invalid=settings.invalid,
    )
    pooling = StatisticsPooling(
        frames,
        statistics=FRAME_STATISTICS,
        n_jobs=settings.n_jobs,
        cache=settings.cache,
    )
    return Pipeline([("encoder", pooling), ("scaler", BlockScaler())])


def describe_vectors(settings: Settings) -> Any:
    """Return the vectors that the cells hold, standardised."""
    vectors = StatisticsPooling("precomputed", statistics=("mean",))
    return Pipeline([("encoder", vectors), ("scaler", StandardScaler())])


def describe_tabular(settings: Settings) -> Any:
    """Return numbers, imputed and standardised, beside categories, one-hot."""
    # A column without a number in the training rows stays, as zeros: dropping it
    # would warn in each fold that happens to have none.
    imputer = SimpleImputer(keep_empty_features=True)
    numbers = Pipeline([("imputer", imputer), ("scaler", StandardScaler())])
    categories = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer(
        [
            ("numbers", numbers, number_columns),
            ("categories", categories, category_columns),
        ]
    )


def _reduced(part: Any, settings: Settings) -> Any:
    if not settings.dense:
        return part
    svd = TruncatedSVD(100, random_state=settings.random_state)
    return Pipeline([("features", part), ("reduction", svd)])


DESCRIBERS: dict[str, Callable[[Settings], Any]] = {
    "text": describe_text,
    "image": describe_image,
    "audio": describe_audio,
    "video": describe_video,
    "vectors": describe_vectors,
    "tabular": describe_tabular,
}


def part_of(modality: str, column: Any, settings: Settings) -> tuple[Any, Any]:
    """Return the default part of a modality, and the column that it takes.

    Parameters
    ----------
    modality : str
    column : column, or (transformer to texts, column)
    settings : Settings
    """
    part = DESCRIBERS[modality](settings)
    if not is_read(column):
        return part, column
    reader, column = clone(column[0]), column[1]
    if modality != "text":
        raise ValueError(
            f"{modality}= takes columns. What {type(reader).__name__} makes of one is "
            "text: give it by text={'words': (transformer, column)}."
        )
    for name in ("cache", "n_jobs"):
        if reader.get_params(deep=False).get(name, "none") is None:
            reader.set_params(**{name: getattr(settings, name)})
    if settings.invalid == "missing" and "invalid" in reader.get_params(deep=False):
        reader.set_params(invalid="missing")
    return Pipeline([("reader", reader), ("text", part)]), column


def is_read(column: Any) -> bool:
    """Tell whether a column comes with a transformer of its cells to texts."""
    return isinstance(column, tuple) and len(column) == 2 and hasattr(column[0], "fit")
