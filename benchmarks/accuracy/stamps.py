"""Stamps: names, pictures and speech of 450 things, alone and fused."""

from typing import TYPE_CHECKING

import cv2
from sklearn.model_selection import LeaveOneGroupOut

from benchmarks.accuracy.scoring import from_comparison
from benchmarks.common import Context, Row
from mmclassic.evaluation import compare_modalities
from mmclassic.media import load_image

if TYPE_CHECKING:
    import pandas as pd

PLAIN = {
    "text": {"plain TF-IDF, noted": 49.3},
    "image": {"plain SIFT words, noted": 42.9, "plain HOG, noted": 51.0},
    "audio": {"plain MFCC, noted": 28.9},
    "early": {"plain, noted": 67.5},
    "late": {"plain mean, noted": 52.1},
}


def stamps(context: Context) -> list[Row]:
    """Return each modality alone and fused, on folds that part no look-alikes.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        By full features, and by light ones. The floor of late fusion and of kernels is
        the best single modality of this run.
    """
    table = context.sample(context.table("stamps/items.csv"), ["label", "fold"], 2)
    if context.quick:
        table = table[table["fold"] < 3].reset_index(drop=True)
        small = [cv2.resize(load_image(path), (64, 64)) for path in table["image"]]
        table["image"] = small
    return [
        *_rows(table, "full", context.n_jobs),
        # Of the other modalities the features are the same.
        *(
            row
            for row in _rows(table, "light", context.n_jobs)
            if not row.name.endswith(("text", "audio"))
        ),
    ]


def _rows(table: "pd.DataFrame", features: str, n_jobs: int) -> list[Row]:
    scores = compare_modalities(
        table,
        table["label"],
        text="text",
        image="image",
        audio="speech_fr",
        fusions=("early", "late", "kernel"),
        features=features,
        cv=LeaveOneGroupOut(),
        groups=table["fold"],
        n_jobs=n_jobs,
    )
    best = 100 * scores.loc[["text", "image", "audio"], "mean"].max()
    floors = {"early": 68.0, "late": best, "kernel": best}
    title = "stamps" if features == "full" else f"stamps {features}"
    return [
        from_comparison(
            f"{title} {model}",
            f"stamps, five given folds: {model}, {features} features, other defaults "
            "of the pipeline",
            line,
            floor=floors.get(model),
            peers=PLAIN.get(model),
        )
        for model, line in scores.iterrows()
    ]
