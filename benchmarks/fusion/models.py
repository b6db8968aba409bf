"""Every fusion of the package, by the name that the table shows."""

from typing import Any

from sklearn.pipeline import make_pipeline

from benchmarks.fusion.described import Decide, Describe, Fold
from mmclassic._wide_linear_svc import WideLinearSVC
from mmclassic.fusion import (
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
)

__all__ = ["EQUAL", "LEARNED", "fusions", "names"]

EARLY = {
    "early concatenate": {},
    "early alignment": {"weights": "alignment"},
    "early sum, PCA": {"method": "sum", "projection": "pca"},
    "early sum, CCA": {"method": "sum", "projection": "cca"},
    "early product, PCA": {"method": "product", "projection": "pca"},
    "early product, CCA": {"method": "product", "projection": "cca"},
    "early bilinear": {"method": "bilinear"},
}
LATE = {
    "late product, learned": {"method": "product"},
    "late product, equal": {"method": "product", "weights": None},
    "late mean, learned": {"method": "mean"},
    "late mean, equal": {"method": "mean", "weights": None},
    "late vote, learned": {"method": "vote"},
    "late vote, equal": {"method": "vote", "weights": None},
    "late max": {"method": "max"},
    "late median": {"method": "median"},
    "late stacking": {"method": "stacking"},
}
KERNEL = {
    "kernel alignment": {"weights": "alignment"},
    "kernel easymkl": {"weights": "easymkl"},
    "kernel uniform": {"weights": "uniform"},
}
# What is learned of how modalities combine, and the same where all weigh alike.
EQUAL = {
    "early alignment": "early concatenate",
    "late product, learned": "late product, equal",
    "late mean, learned": "late mean, equal",
    "late vote, learned": "late vote, equal",
    "kernel alignment": "kernel uniform",
    "kernel easymkl": "kernel uniform",
}
LEARNED = {*EQUAL, "late stacking"}


def names() -> list[str]:
    """Return the names of all fusions."""
    return [*EARLY, *LATE, *KERNEL]


def fusions(fold: Fold) -> dict[str, Any]:
    """Return an estimator for each fusion of a fold's modalities.

    Parameters
    ----------
    fold : Fold

    Returns
    -------
    dict of str to estimator
        Of what ``fold.table`` gives. The classifier of early fusion is that of
        make_multimodal_pipeline.
    """
    features = [(name, Describe(block), name) for name, block in fold.blocks.items()]
    decisions = [(name, Decide(block), name) for name, block in fold.blocks.items()]
    made: dict[str, Any] = {
        name: make_pipeline(
            EarlyFusion(features, random_state=0, **settings),
            WideLinearSVC(random_state=0),
        )
        for name, settings in EARLY.items()
    }
    made |= {
        name: LateFusionClassifier(decisions, **settings)
        for name, settings in LATE.items()
    }
    # cv=None: of the classes alone, no probability is calibrated.
    made |= {
        name: KernelFusionClassifier(features, cv=None, **settings)
        for name, settings in KERNEL.items()
    }
    return made
