"""Tables of three modalities to folds: the stamps, and made rows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import cv2
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold

from benchmarks.common import Context, NoDataError
from benchmarks.fusion.described import Fold, describe
from mmclassic import make_multimodal_pipeline
from mmclassic.datasets import make_multimodal
from mmclassic.media import load_image

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["made_folds", "stamps_folds"]


def stamps_folds(context: Context) -> tuple[list[Fold], str, bool]:
    """Return the stamps' given folds, of text, image and audio.

    Parameters
    ----------
    context : Context

    Returns
    -------
    folds : list of Fold
    about : str
        What they are of.
    real : bool
        Whether they are the stamps; made rows stand in where these are not there.
    """
    try:
        return _stamps_folds(context), "stamps, five given folds", True
    except NoDataError:
        return made_folds(context), "made rows", False


def _stamps_folds(context: Context) -> list[Fold]:
    table = context.sample(context.table("stamps/items.csv"), ["label", "fold"], 3)
    features = "full"
    if context.quick:
        table = table[table["fold"] < 3].reset_index(drop=True)
        small = [cv2.resize(load_image(path), (64, 64)) for path in table["image"]]
        table["image"], features = small, "light"
    groups = table["fold"].to_numpy()
    splits = LeaveOneGroupOut().split(groups, groups=groups)
    columns = {"text": "text", "image": "image", "audio": "speech_fr"}
    return list(_described(table, columns, groups, splits, features, context))


def made_folds(context: Context) -> list[Fold]:
    """Return folds of rows whose modalities only together tell the class.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Fold
    """
    table = make_multimodal(48 if context.quick else 600, random_state=0).frame
    folds = StratifiedKFold(2 if context.quick else 5, shuffle=True, random_state=0)
    splits = folds.split(table, table["label"])
    columns = {name: name for name in ("text", "image", "audio")}
    return list(_described(table, columns, None, splits, "light", context))


def _described(
    table: "pd.DataFrame",
    columns: dict[str, str],
    groups: Any,
    splits: Any,
    features: Any,
    context: Context,
) -> Iterator[Fold]:
    """Yield folds of the features and classifiers that a pipeline has by default."""
    settings: dict[str, Any] = {**columns, "features": features}
    whole = make_multimodal_pipeline(**settings, n_jobs=context.n_jobs, random_state=0)
    parts = {
        name: (table[column], part["features"], part["classifier"])
        for name, part, column in whole.named_steps["fusion"].parts
    }
    y = table["label"].to_numpy(dtype=str)
    for train, test in splits:
        yield describe(parts, y, groups, train, test)
