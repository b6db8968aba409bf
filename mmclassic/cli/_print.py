"""Print a comparison of modalities as a table."""

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
    n_folds = sum(str(column).startswith("fold_") for column in comparison)
    over = f"over {n_folds} folds" if n_folds > 1 else "on the test rows"
    table = Table(title=f"Accuracy {over}")
    table.add_column("model")
    headings = ["mean", "std", "seconds a fold"]
    if n_folds == 1:
        headings = ["accuracy", "seconds"]
    for heading in headings:
        table.add_column(heading, justify="right")
    best = comparison["mean"].max()
    for name, row in comparison.iterrows():
        cells = [f"{row['mean']:.4f}", f"{row['std']:.4f}", f"{row['seconds']:.1f}"]
        if n_folds == 1:
            del cells[1]
        style = "bold" if row["mean"] == best else None
        table.add_row(str(name), *cells, style=style)
    Console().print(table)
