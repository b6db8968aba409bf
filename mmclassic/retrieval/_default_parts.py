"""Columns of texts, pictures, sounds and vectors to the parts of a retriever."""

from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mmclassic._execution import Cache
from mmclassic._feature_union import FeatureUnion
from mmclassic._pipeline_parts import Settings, describe_audio, describe_vectors
from mmclassic.encoding import FisherVector
from mmclassic.fusion import BlockScaler
from mmclassic.fusion._fusion import Column
from mmclassic.image import ColorHistogram, DenseSIFT, LocalColor
from mmclassic.text import TfidfVectorizer

__all__ = ["HUB_NEIGHBORS", "SHRINKAGE", "make_parts"]

# Pixels between the points of DenseSIFT on grey and on colours, and of LocalColor;
# components of the Fisher vectors, descriptors that they are learned from, and cells
# of colours across.
FULL, LIGHT = (4, 6, 8, 64, 50_000, 28), (8, 12, 16, 16, 20_000, 14)
CELL_SIZES = (4, 8, 16, 24)  # colours are of larger things than shapes are
# What did best within the training photos of Flickr8k.
SHRINKAGE = {"text": 0.9, "image": 0.6, "audio": 0.7, "vectors": 0.7}
WEIGHTS = {"red-green": 0.75, "yellow-blue": 0.75, "palette": 0.85}
HUB_NEIGHBORS = 100
REGIONS = ("1x1", "3x1")  # photos are layered, from the sky to the ground


def make_parts(
    columns: dict[str, str],
    *,
    features: str = "full",
    invalid: str = "error",
    cache: Cache = None,
    n_jobs: int | None = None,
    random_state: Any = None,
) -> list[tuple[str, Any, Column]]:
    """Return a part for each modality, which learn without classes.

    Parameters
    ----------
    columns : dict of str to str
        Of "text", "image", "audio" and "vectors".
    features : {"full", "light"}, default="full"
    invalid : {"error", "missing"}, default="error"
    cache : str, path-like, FeatureCache or None, default=None
    n_jobs : int or None, default=None
    random_state : int, RandomState instance or None, default=None

    Returns
    -------
    list of (name, transformer, column)
    """
    light = features == "light"
    settings = Settings(invalid, n_jobs, random_state, False, light, cache)
    makers = {
        "text": lambda _: describe_captions(),
        "image": describe_photo,
        "audio": describe_audio,
        "vectors": describe_vectors,
    }
    return [(name, makers[name](settings), column) for name, column in columns.items()]


def describe_captions() -> Any:
    """Return words beside their pieces, by which forms of a word are alike."""
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True)
    return FeatureUnion([("words", words), ("pieces", pieces)])


def describe_photo(settings: Settings) -> Any:
    """Return Fisher vectors of shapes in grey and in colours, and of colours."""
    sizes = LIGHT if settings.light else FULL
    step, opponent_step, color_step, size, n_drawn, cells = sizes
    described: dict[str, Any] = {"invalid": settings.invalid}
    encoded: dict[str, Any] = {
        "n_components": size,
        "pyramid": REGIONS,
        "max_descriptors": n_drawn,
        "n_jobs": settings.n_jobs,
        "cache": settings.cache,
        "random_state": settings.random_state,
    }
    shapes = DenseSIFT(
        step, root=True, mirror=True, window="gaussian", sigma=0.0, **described
    )
    opponents = {
        channel: clone(shapes).set_params(step=opponent_step, channel=channel)
        for channel in ("red-green", "yellow-blue")
    }
    colors = LocalColor(color_step, cell_sizes=CELL_SIZES, **described)
    palette = ColorHistogram(
        8, color_space="lab", grid=(cells, cells), root=True, **described
    )
    local = {"shapes": shapes, **opponents, "colors": colors}
    encoders = {
        name: FisherVector(descriptor, pca=min(size, 64), **encoded)
        for name, descriptor in local.items()
    }
    encoders["palette"] = FisherVector(palette, pca=None, **encoded)
    return FeatureUnion(
        [
            (name, Pipeline([("encoder", encoder), ("scaler", BlockScaler("center"))]))
            for name, encoder in encoders.items()
        ],
        transformer_weights=WEIGHTS,
    )
