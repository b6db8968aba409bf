"""Print a comparison of modalities as a table."""

import math

import pandas as pd
from rich.console import Console
from rich.table import Table

__all__ = ["print_comparison"]


def print_comparison(comparison: pd.DataFrame) -> None:
    """Print mean, spread and seconds, a row a model, the best one bold.

    Parameters
    ----------
    comparison : DataFrame
        As `mmclassic.evaluation.compare_modalities` returns.
    """
    n_folds = sum(column.startswith("fold_") for column in comparison)
    table = Table(title=f"Score over {n_folds} fold{'s' if n_folds > 1 else ''}")
    table.add_column("model")
    for heading in ("mean", "std", "seconds a fold"):
        table.add_column(heading, justify="right")
    best = comparison["mean"].max()
    for name, row in comparison.iterrows():
        std = "-" if math.isnan(row["std"]) else f"{row['std']:.4f}"
        table.add_row(
            str(name),
            f"{row['mean']:.4f}",
            std,
            f"{row['seconds']:.1f}",
            style="bold" if row["mean"] == best else None,
        )
    Console().print(table)
