"""A model and a split to a row: its accuracy in percent, and how sure that is."""

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common import Context, Row
from mmclassic import make_multimodal_pipeline

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["default_part", "from_comparison", "from_scores", "halves"]


def default_part(modality: str, context: Context) -> Any:
    """Return what make_multimodal_pipeline builds for a column of the modality.

    Parameters
    ----------
    modality : {"text", "image", "audio"}
    context : Context

    Returns
    -------
    Pipeline
        Features and a classifier, of a Series.
    """
    settings: dict[str, Any] = {modality: "column", "n_jobs": context.n_jobs}
    whole = make_multimodal_pipeline(**settings, random_state=0)
    ((_, part, _),) = whole.named_steps["fusion"].parts
    return part


def halves(table: "pd.DataFrame") -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Return the rows to train on and those to test on, as column `split` says.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    train, test : DataFrame
    """
    return table[table["split"] == "train"], table[table["split"] == "test"]


def from_scores(
    name: str,
    protocol: str,
    scores: Any,
    n_test: int,
    *,
    repeats: str = "seeds",
    floor: float | None = None,
    peers: dict[str, float] | None = None,
) -> Row:
    """Make a row of the accuracies of one model, or of several seeds or folds.

    Parameters
    ----------
    name, protocol : str
    scores : float or sequence of float
        Shares of the test rows.
    n_test : int
        Test rows: the standard error of a share of them is the spread of one score.
    repeats : {"seeds", "folds"}, default="seeds"
        What several scores differ in.
    floor : float or None, default=None
        Percent.
    peers : dict of str to float or None, default=None
        Percent.

    Returns
    -------
    Row
    """
    scores = 100 * np.atleast_1d(scores)
    mean = float(scores.mean())
    if len(scores) > 1:
        spread, spread_of = float(scores.std(ddof=1)), f"{len(scores)} {repeats}"
    else:
        spread = float(np.sqrt(mean * (100 - mean) / n_test))
        spread_of = f"s.e., {n_test} rows"
    return Row(
        name,
        protocol,
        mean,
        spread=spread,
        spread_of=spread_of,
        floor=floor,
        peers=peers or {},
        real=True,
    )


def from_comparison(
    name: str,
    protocol: str,
    line: "pd.Series",
    *,
    floor: float | None = None,
    peers: dict[str, float] | None = None,
) -> Row:
    """Make a row of a line of compare_modalities' table.

    Parameters
    ----------
    name, protocol : str
    line : Series
    floor : float or None, default=None
        Percent.
    peers : dict of str to float or None, default=None
        Percent.

    Returns
    -------
    Row
    """
    n_folds = sum(label.startswith("fold_") for label in line.index)
    return Row(
        name,
        f"{protocol}; {line['seconds']:.0f} s a fold",
        100 * float(line["mean"]),
        spread=100 * float(line["std"]),
        spread_of=f"{n_folds} folds",
        floor=floor,
        peers=peers or {},
        real=True,
    )
