"""The demo: a made table, compared, fitted, saved and reloaded."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
from sklearn.model_selection import train_test_split

from mmclassic import make_multimodal_pipeline
from mmclassic.cli._print import print_comparison
from mmclassic.datasets import make_multimodal
from mmclassic.evaluation import compare_modalities
from mmclassic.persistence import load, save

__all__ = ["run_demo"]

COLUMNS = {"text": "text", "image": "image", "audio": "audio"}


def run_demo(n_samples: int, n_jobs: int, random_state: int) -> None:
    """Show what mmclassic does on a table that it makes, and print the figures.

    Parameters
    ----------
    n_samples : int
        Rows of the table.
    n_jobs : int
        Workers.
    random_state : int
        Of the table, the folds and the models.
    """
    settings: dict[str, Any] = {
        **COLUMNS,
        "n_jobs": n_jobs,
        "random_state": random_state,
    }
    with TemporaryDirectory() as folder:
        click.echo(f"Making {n_samples} rows of text, picture and sound files ...")
        data = make_multimodal(
            n_samples, folder=folder, missing=0.05, random_state=random_state
        )
        X, y = data.frame, data.target
        click.echo(X.head(3).to_string(max_colwidth=24))
        click.echo("\nEach modality alone, then the fusions, cross-validated:")
        print_comparison(compare_modalities(X, y, cv=3, **settings))

        X_train, X_test, y_train, y_test = train_test_split(
            X, y, test_size=0.25, stratify=y, random_state=random_state
        )
        model = make_multimodal_pipeline(fusion="late", **settings)
        model.fit(X_train, y_train)
        path = Path(folder) / "model.skops"
        save(model, path)
        loaded = load(path)
        equal = np.array_equal(
            loaded.predict_proba(X_test), model.predict_proba(X_test)
        )
        n_right = (loaded.predict(X_test) == y_test).sum()
        size = path.stat().st_size / 2**20
        click.echo(
            f"Late fusion decides {n_right} of {len(X_test)} new rows rightly. "
            f"Saved to {size:.1f} MiB and reloaded; "
            f"the predictions are {'equal' if equal else 'DIFFERENT'}."
        )
        if not equal:
            raise ValueError("The reloaded model predicts otherwise than the saved.")
