"""What kind of cells a fitted part reads: texts, pictures, sounds or plain values."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from mmclassic._base import ItemTransformer
from mmclassic.audio import MFCC
from mmclassic.encoding._local_encoder import LocalEncoder
from mmclassic.image import HOG, SIFT, ColorHistogram, DenseSIFT
from mmclassic.text import Word2VecVectorizer

__all__ = ["kind_of_part", "rate_of_part", "walk", "without_caches"]

KINDS: dict[str, tuple[type, ...]] = {
    "text": (CountVectorizer, HashingVectorizer, Word2VecVectorizer),
    "image": (HOG, SIFT, DenseSIFT, ColorHistogram),
    "audio": (MFCC,),
}
DEFAULT_RATE = 22050.0


def walk(part: Any) -> Iterator[Any]:
    """Yield a fitted part and each estimator inside it that sees its cells."""
    if not isinstance(part, BaseEstimator | ItemTransformer):
        return
    yield part
    if isinstance(part, Pipeline):
        inner = [step for _, step in part.steps]
    elif isinstance(part, FeatureUnion):
        inner = [step for _, step in part.transformer_list]
    elif isinstance(part, ColumnTransformer):
        inner = [step for _, step, _ in getattr(part, "transformers_", [])]
    elif isinstance(part, LocalEncoder):
        inner = [part.descriptor_]
    else:
        inner = []
    for step in inner:
        yield from walk(step)


def kind_of_part(part: Any) -> str:
    """Return "text", "image", "audio", or "values" of what is none of them.

    Parameters
    ----------
    part : fitted estimator

    Returns
    -------
    str
    """
    for step in walk(part):
        for kind, classes in KINDS.items():
            if isinstance(step, classes):
                return kind
    return "values"


def rate_of_part(part: Any) -> float:
    """Return the sampling rate at which a part hears its clips, in Hz."""
    rates = [getattr(step, "sample_rate", None) for step in walk(part)]
    return float(next((rate for rate in rates if rate), DEFAULT_RATE))


def without_caches(part: Any) -> Any:
    """Return a fitted part that keeps nothing of what it describes.

    Parameters
    ----------
    part : fitted estimator

    Returns
    -------
    estimator
        The part itself if it has no cache.
    """
    if all(getattr(step, "cache", None) is None for step in walk(part)):
        return part
    part = deepcopy(part)
    for step in walk(part):
        if getattr(step, "cache", None) is not None:
            step.cache = None
    return part
