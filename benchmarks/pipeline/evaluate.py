"""Scores of each modality and of early fusion, beside the usual script's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut

from benchmarks.common import Context, NoDataError, Row
from benchmarks.real_or_made import Source
from benchmarks.timing import one_thread, row_of_times, take_turns
from mmclassic.datasets import make_multimodal
from mmclassic.evaluation import compare_modalities

if TYPE_CHECKING:
    import pandas as pd

N_TURNS = 3
N_MADE, N_QUICK = 100, 30
N_FOLDS = 5


def evaluate(context: Context) -> list[Row]:
    """Return the time from a table of files to the scores of all folds.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        With features="light", and with the defaults.
    """
    from benchmarks import plain_script  # its imports are not part of the time

    with trimodal(context) as source:
        functions = {
            "light": lambda table: _score(table, "light"),
            "full": lambda table: _score(table, "full"),
            "script": lambda table: 100 * plain_script.evaluate(table)["early"],
        }
        n_folds = 3 if context.quick else N_FOLDS
        table = source.table[source.table["fold"] < n_folds].reset_index(drop=True)
        turns = [table] * (1 if context.quick else N_TURNS)
        with one_thread():
            measured = list(take_turns(functions, turns))
    scores = measured[0][1]
    seconds = {name: [times[name] for times, _ in measured] for name in functions}
    rows = []
    for features, at_least in (("light", 4.0), ("full", None)):
        rows += [
            row_of_times(
                f"evaluate {features}",
                f"{source.title}, from files: text, image, audio and early fusion "
                f"scored on {n_folds} folds, {features} features; peer: "
                "benchmarks/plain_script.py, its features computed once; "
                f"{len(turns)} turns",
                seconds[features],
                seconds["script"],
                peer_name="script",
                at_least=at_least,
                real=source.real,
            ),
            Row(
                f"evaluate {features}, accuracy",
                "of early fusion there",
                scores[features],
                floor=scores["script"],
                peers={"script": scores["script"]},
                real=source.real,
            ),
        ]
    return rows


def _score(table: "pd.DataFrame", features: str) -> float:
    scores = compare_modalities(
        table,
        table["label"],
        text="text",
        image="image",
        audio="audio",
        fusions=["early"],
        cv=LeaveOneGroupOut(),
        groups=table["fold"],
        features=features,
    )
    return 100 * float(scores.loc["early", "mean"])


@contextmanager
def trimodal(context: Context) -> Iterator[Source]:
    """Give the stamps, or made rows: columns text, image, audio, label and fold."""
    try:
        table = context.sample(context.table("stamps/items.csv"), ["label", "fold"], 2)
    except NoDataError:
        with TemporaryDirectory() as folder:
            yield Source(_make(Path(folder), context.quick), "made rows", False)
    else:
        yield Source(table.rename(columns={"speech_fr": "audio"}), "stamps", True)


def _make(folder: Path, quick: bool) -> "pd.DataFrame":
    made = make_multimodal(
        N_QUICK if quick else N_MADE, folder=folder, random_state=0
    ).frame
    for column in ("image", "audio"):
        made[column] = [str(folder / cell) for cell in made[column]]
    return made.assign(fold=np.arange(len(made)) % N_FOLDS)
