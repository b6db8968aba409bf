"""Columns of a table to the parts of it that are described, each by a transformer."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from mmclassic._base import ItemTransformer
from mmclassic._execution import (
    Cache,
    Libraries,
    gathered,
    identity_digest,
    rows_within,
)
from mmclassic._pipeline import _named_columns
from mmclassic._pipeline_parts import SOUND_STATISTICS
from mmclassic.audio import MFCC
from mmclassic.encoding import StatisticsPooling
from mmclassic.fusion._columns import as_list, column_positions
from mmclassic.fusion._tables import column_names, presence, select
from mmclassic.image import HOG, ColorHistogram, DenseSIFT

__all__ = ["LIBRARIES", "Part", "make_parts", "run_identity"]

LIBRARIES = Libraries(("numpy", "scipy", "scikit-learn", "cv2", "soundfile", "soxr"))


@dataclass(frozen=True, slots=True)
class Part:
    """A transformer, and the columns that it describes.

    Parameters
    ----------
    name : str
        Of the column of features.
    transformer : fitted transformer
    column : str, int or list of them
        As it was given.
    positions : int or list of int
        Where that is in the table.
    of_files : bool
        Whether a text in a cell is known to be a path.
    """

    name: str
    transformer: Any
    column: Any
    positions: int | list[int]
    of_files: bool

    def feature_names(self) -> list[str] | None:
        """Return the features' names, None where the transformer can't tell."""
        try:
            return [str(name) for name in self.transformer.get_feature_names_out()]
        except (AttributeError, TypeError, ValueError):
            return None


def describe_pictures() -> FeatureUnion:
    """Return what describes a picture without learning: outline, colours, texture."""
    texture = StatisticsPooling(DenseSIFT(8, root=True), pyramid=("1x1", "3x1", "2x2"))
    return FeatureUnion(
        [
            ("shape", HOG(pixels_per_cell=(32, 32), mode="rgb")),
            ("color", ColorHistogram(root=True)),
            ("texture", texture),
        ]
    )


def describe_sounds() -> StatisticsPooling:
    """Return what describes a sound without learning: the pipeline's statistics."""
    frames = MFCC(16000, n_mfcc=20, deltas=2, trim=30.0)
    return StatisticsPooling(frames, statistics=SOUND_STATISTICS)


DEFAULTS = {"image": describe_pictures, "audio": describe_sounds}


def make_parts(
    table: Any,
    given: Sequence[Any] | None,
    columns: dict[str, Any],
    *,
    invalid: str,
    cache: Cache,
) -> list[Part]:
    """Return the parts of a table, their transformers ready to describe.

    Parameters
    ----------
    table : DataFrame
    given : sequence of (name, transformer, column) triples, or None
    columns : dict of str to column, list or dict of them, or None
        Columns for the default transformers of each modality.
    invalid, cache
        Set in copies of the transformers.

    Returns
    -------
    list of Part

    Raises
    ------
    ValueError
        If there are none, two have one name, a column isn't in the table or holds
        nothing, or a transformer isn't fitted.
    """
    triples = [
        (name, DEFAULTS[modality](), column)
        for modality, given_columns in columns.items()
        for name, column in _named_columns(modality, given_columns)
    ]
    triples += map(_check_triple, given or [])
    _check_names([name for name, _, _ in triples])
    return [_make_part(table, *triple, invalid, cache) for triple in triples]


def run_identity(parts: Sequence[Part]) -> bytes | None:
    """Return a digest of what the features depend on besides the items.

    Returns
    -------
    bytes or None
        None where something has no lasting identity, as a lambda.
    """
    of_parts = []
    for part in parts:
        plain = deepcopy(part.transformer)
        _set_everywhere(plain, cache=None, invalid="error")
        try:
            state = joblib.hash(plain)  # the parameters don't hold what is fitted
        except Exception:  # whatever pickle raises, a part may be of any class
            return None
        of_parts.append((part.name, part.of_files, plain, state))
    return identity_digest((of_parts, LIBRARIES))


def _check_triple(triple: Any) -> tuple[str, Any, Any]:
    if not isinstance(triple, tuple | list) or len(triple) != 3:
        raise ValueError(
            "Each of 'parts' must be a (name, transformer, column) triple. Got "
            f"{triple!r} instead."
        )
    name, transformer, column = triple
    if not hasattr(transformer, "transform") or isinstance(transformer, type):
        raise TypeError(
            f"The part {name!r} must be a transformer, such as HOG(). Got "
            f"{transformer!r} instead."
        )
    return name, transformer, column


def _check_names(names: list[Any]) -> None:
    if not names:
        raise ValueError(
            "Nothing to describe: name a column by image= or audio=, or give parts="
            "[(name, transformer, column)]."
        )
    for name in names:
        if not isinstance(name, str) or not name:
            raise ValueError(f"A part's name must be a str. Got {name!r} instead.")
        if names.count(name) > 1:
            raise ValueError(
                f"Two parts are named {name!r}. Name them otherwise, as in image="
                "{'name': column}."
            )


def _make_part(
    table: Any, name: str, transformer: Any, column: Any, invalid: str, cache: Cache
) -> Part:
    names = column_names(table)
    positions = column_positions(column, names, table.shape[1], name)
    present = presence(table, as_list(positions))
    if not present.any():
        raise ValueError(
            f"No row has {name!r} (column {column!r}). Fill the column, or leave it "
            "out."
        )
    transformer = deepcopy(transformer)
    _set_everywhere(transformer, invalid=invalid, cache=cache, n_jobs=None)
    of_files = any(isinstance(each, ItemTransformer) for each in _members(transformer))
    if learns_nothing(transformer):
        _fit_lengths(transformer, table, positions, present)
    else:
        _check_fitted(transformer, name, column)
    return Part(name, transformer, column, positions, of_files)


def learns_nothing(transformer: Any) -> bool:
    """Tell whether all that a transformer learns is how long a descriptor is."""
    if isinstance(transformer, Pipeline):
        return all(learns_nothing(step) for _, step in transformer.steps)
    if isinstance(transformer, FeatureUnion):
        return all(learns_nothing(each) for _, each in transformer.transformer_list)
    if isinstance(transformer, StatisticsPooling):
        descriptor = transformer.descriptor
        return isinstance(descriptor, str) or learns_nothing(descriptor)
    if isinstance(transformer, str):
        return transformer in ("passthrough", "drop")
    return not get_tags(transformer).requires_fit


def _fit_lengths(
    transformer: Any, table: Any, positions: Any, present: NDArray[np.bool_]
) -> None:
    """Fit what learns nothing: the first items, until one has descriptors."""
    size = 32
    found = np.flatnonzero(present)
    for start in range(0, len(found), size):
        rows = np.zeros(len(present), dtype=bool)
        rows[found[start : start + size]] = True
        last = start + size >= len(found)
        # Invalid items are told of when they are described.
        with gathered(), rows_within(rows):
            try:
                transformer.fit(select(table, positions, rows))
                return
            except ValueError as error:
                if last or "row" in vars(error):
                    raise


def _check_fitted(transformer: Any, name: str, column: Any) -> None:
    try:
        check_is_fitted(transformer)
    except NotFittedError as error:
        raise ValueError(
            f"The part {name!r} is not fitted, and {type(transformer).__name__} learns "
            f"from data. Fit it to the training rows first, as in transformer.fit("
            f"X[{column!r}][train]), or describe by what learns nothing: HOG(), "
            "StatisticsPooling(MFCC())."
        ) from error


def _set_everywhere(transformer: Any, **settings: Any) -> None:
    """Set parameters of the transformer's members that describe items."""
    for member in _members(transformer):
        known = member.get_params(deep=False)
        changed = {
            name: value
            for name, value in settings.items()
            if name in known and not (name == "cache" and value and known[name])
        }
        member.set_params(**changed)


def _members(transformer: Any) -> Iterator[Any]:
    """Yield the estimators of mmclassic in a transformer, fitted ones too."""
    seen: set[int] = set()
    waiting = [transformer]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or not isinstance(each, BaseEstimator):
            continue
        seen.add(id(each))
        if type(each).__module__.startswith("mmclassic."):
            yield each
        waiting += each.get_params(deep=True).values()
        waiting.append(getattr(each, "descriptor_", None))
