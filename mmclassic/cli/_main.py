"""The commands, each a thin function over the library."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import click

__all__ = ["main"]

# Nothing of the library is imported up here, so that --help comes at once.

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
TABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


class Columns(click.ParamType):
    """A column, several separated by commas, or name=column for each of them."""

    name = "COLUMN[,COLUMN...]"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return a str, a list, or a dict, as make_multimodal_pipeline takes."""
        if not isinstance(value, str):
            return value
        columns = [column.strip() for column in value.split(",")]
        if not all(columns):
            self.fail(f"{value!r} names an empty column.", param, ctx)
        if any("=" in column for column in columns):
            pairs = [column.partition("=") for column in columns]
            return {name: column or name for name, _, column in pairs}
        return columns[0] if len(columns) == 1 else columns


def modality_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make_multimodal_pipeline's columns and settings have."""
    options = [
        click.option("--label", required=True, help="Column of the target."),
        click.option("--text", type=Columns(), help="Text column(s)."),
        click.option("--image", type=Columns(), help="Column(s) of picture files."),
        click.option("--audio", type=Columns(), help="Column(s) of sound files."),
        click.option("--vectors", type=Columns(), help="Column(s) of vectors."),
        click.option("--tabular", type=Columns(), help="Columns of plain values."),
        click.option("--groups", help="Column; its groups are never split by a fold."),
        click.option(
            "--classifier",
            type=click.Choice(["svm", "gradient_boosting"]),
            default="svm",
            show_default=True,
        ),
        click.option(
            "--features",
            type=click.Choice(["full", "light"]),
            default="full",
            show_default=True,
            help="light: several times faster, a little less accurate.",
        ),
        click.option(
            "--invalid",
            type=click.Choice(["error", "missing"]),
            default="error",
            show_default=True,
            help="Whether a file that can't be read stops, or counts as missing.",
        ),
        click.option(
            "--cache",
            type=click.Path(file_okay=False, resolve_path=True),
            help="Folder that keeps features of files for the next time.",
        ),
        click.option("--n-jobs", type=int, default=None, help="Workers; -1 for all."),
        click.option("--random-state", type=int, default=0, show_default=True),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@contextmanager
def plain_messages() -> Iterator[None]:
    """Print errors and warnings as sentences, without a traceback or line of code."""
    from mmclassic.exceptions import InvalidItemWarning

    with warnings.catch_warnings():
        warnings.simplefilter("always", InvalidItemWarning)
        warnings.showwarning = _print_warning(set())
        try:
            yield
        except (ValueError, TypeError, OSError, ImportError) as error:
            raise click.ClickException(str(error)) from error


def _print_warning(shown: set[str]) -> Callable[..., None]:
    def print_once(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in shown:
            shown.add(str(message))
            click.echo(f"Warning: {message}", err=True)

    return print_once


def check_output(output: Path) -> Path:
    """Return the absolute path; raise before the work if it can't be written."""
    output = output.absolute()
    if not output.parent.is_dir():
        raise ValueError(
            f"The folder of {str(output)!r} does not exist. Make it first."
        )
    return output


def check_columns(settings: dict[str, Any]) -> None:
    """Raise unless the options name a column of some modality."""
    modalities = ("text", "image", "audio", "vectors", "tabular")
    if not any(settings[modality] for modality in modalities):
        options = ", ".join(f"--{modality}" for modality in modalities)
        raise click.UsageError(f"Name a column with at least one of {options}.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mmclassic")
def main() -> None:
    """Classical multimodal learning: text, pictures and sound, fused, on a CPU."""


@main.command()
@click.argument("table", type=TABLE)
@modality_options
@click.option(
    "--fusion", type=click.Choice(["early", "late"]), default="late", show_default=True
)
@click.option("--split", help="Column of 'train' and 'test': fit on train only.")
@click.option("-o", "--output", type=OUTPUT, required=True, help="Model file (.skops).")
def fit(
    table: Path,
    output: Path,
    label: str,
    groups: str | None,
    split: str | None,
    **settings: Any,
) -> None:
    """Fit a model to TABLE (csv or parquet; paths in it are relative to it)."""
    with plain_messages():
        from mmclassic.cli._tables import fit_model, read_table
        from mmclassic.persistence import save

        check_columns(settings)
        output = check_output(output)
        frame = read_table(table)
        with chdir(table.parent):
            model, n_rows = fit_model(frame, label, groups, split, settings)
        save(model, output)
    parts = ", ".join(model.named_steps["fusion"].modality_counts_)
    click.echo(
        f"Fitted {parts} to {n_rows} rows of {len(model.classes_)} classes. "
        f"Saved {output}"
    )


@main.command()
@click.argument("table", type=TABLE)
@modality_options
@click.option(
    "--cv",
    type=click.IntRange(2),
    default=5,
    show_default=True,
    help="Number of folds.",
)
@click.option("--split", help="Column of 'train' and 'test', instead of folds.")
def evaluate(
    table: Path,
    label: str,
    groups: str | None,
    split: str | None,
    cv: int,
    **settings: Any,
) -> None:
    """Score each modality of TABLE alone, then the fusions."""
    with plain_messages():
        from mmclassic.cli._print import print_comparison
        from mmclassic.cli._tables import compare, read_table

        check_columns(settings)
        frame = read_table(table)
        with chdir(table.parent):
            comparison = compare(frame, label, groups, split, cv, settings)
    print_comparison(comparison)


@main.command()
@click.argument("model", type=TABLE)
@click.argument("table", type=TABLE)
@click.option("-o", "--output", type=OUTPUT, required=True, help="csv or parquet.")
@click.option("--proba", is_flag=True, help="Add a column of probability a class.")
@click.option(
    "--trusted", multiple=True, help="A type that the model file may use, by name."
)
def predict(
    model: Path, table: Path, output: Path, proba: bool, trusted: tuple[str, ...]
) -> None:
    """Predict the rows of TABLE with MODEL, into a copy with a column "prediction"."""
    with plain_messages():
        from mmclassic.cli._tables import (
            check_suffix,
            predict_frame,
            read_table,
            write_table,
        )
        from mmclassic.persistence import load

        output = check_output(output)
        check_suffix(output)
        loaded = load(model, trusted=trusted)
        frame = read_table(table)
        with chdir(table.parent):
            predicted = predict_frame(loaded, frame, proba)
        write_table(predicted, output)
    click.echo(f"Wrote {len(predicted)} rows to {output}")


@main.command()
@click.option("--n-samples", type=click.IntRange(40), default=200, show_default=True)
@click.option("--n-jobs", type=int, default=-1, show_default=True)
@click.option("--random-state", type=int, default=0, show_default=True)
def demo(n_samples: int, n_jobs: int, random_state: int) -> None:
    """Make a table of text, pictures and sound; compare, fit, save and reload."""
    with plain_messages():
        from mmclassic.cli._demo import run_demo

        run_demo(n_samples, n_jobs, random_state)


@main.group()
def cache() -> None:
    """Look at, empty or check a cache of features."""


@cache.command()
@click.argument("path", type=FOLDER)
def info(path: Path) -> None:
    """Print how much the cache in PATH holds."""
    with plain_messages():
        from mmclassic.cli._cache import describe_cache

        click.echo(describe_cache(path))


@cache.command()
@click.argument("path", type=FOLDER)
def clear(path: Path) -> None:
    """Drop all that the cache in PATH holds."""
    with plain_messages():
        from mmclassic.cache import FeatureCache

        n_entries = FeatureCache(path).clear()
    click.echo(f"Dropped {n_entries} entries.")


@cache.command()
@click.argument("path", type=FOLDER)
def verify(path: Path) -> None:
    """Read every entry of the cache in PATH, and drop damaged ones."""
    with plain_messages():
        from mmclassic.cli._cache import verify_cache

        click.echo(verify_cache(path))
