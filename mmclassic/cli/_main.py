"""The commands, each a thin function over the library."""

from contextlib import chdir
from pathlib import Path
from typing import Any

import click

from mmclassic.cli._options import (
    CACHE,
    FOLDER,
    OUTPUT,
    TABLE,
    Columns,
    check_columns,
    check_output,
    modality_options,
    outputs_option,
    plain_messages,
)
from mmclassic.cli._search_commands import index, search

__all__ = ["main"]

# Nothing else of the library is imported up here, so that --help comes at once.


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mmclassic")
def main() -> None:
    """Classical multimodal learning: text, pictures and sound, fused, on a CPU."""


main.add_command(index)
main.add_command(search)


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
@click.option("--cache", type=CACHE, help="Folder that keeps features of files.")
def predict(
    model: Path,
    table: Path,
    output: Path,
    proba: bool,
    trusted: tuple[str, ...],
    cache: str | None,
) -> None:
    """Predict the rows of TABLE with MODEL, into a copy with a column "prediction"."""
    with plain_messages():
        from mmclassic.cli._cache import with_cache
        from mmclassic.cli._tables import (
            check_suffix,
            predict_frame,
            read_table,
            write_table,
        )
        from mmclassic.persistence import load

        output = check_output(output)
        check_suffix(output)
        loaded = with_cache(load(model, trusted=trusted), cache)
        frame = read_table(table)
        with chdir(table.parent):
            predicted = predict_frame(loaded, frame, proba)
        write_table(predicted, output)
    click.echo(f"Wrote {len(predicted)} rows to {output}")


@main.command()
@click.argument("table", type=TABLE)
@click.option("-o", "--output", type=OUTPUT, required=True, help="File (.parquet).")
@click.option("--image", type=Columns(), help="Column(s) of picture files.")
@click.option("--audio", type=Columns(), help="Column(s) of sound files.")
@click.option(
    "--keep", type=Columns(), help="Columns to write too; all others if not given."
)
@click.option("--drop", type=Columns(), help="Columns not to write.")
@click.option(
    "--invalid",
    type=click.Choice(["error", "missing"]),
    default="error",
    show_default=True,
    help="Whether a file that can't be read stops, or counts as missing.",
)
@click.option("--cache", type=CACHE, help="Folder that keeps features of files.")
@click.option(
    "--row-group-size",
    type=click.IntRange(1),
    default=1024,
    show_default=True,
    help="Rows that a reader of the file takes at once.",
)
@click.option("--n-jobs", type=int, default=None, help="Workers; -1 for all.")
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Scheduler of a Dask cluster, in place of workers here.",
)
def extract(table: Path, output: Path, **settings: Any) -> None:
    """Describe the files of TABLE once, into a table of features.

    It feeds fit, evaluate and predict by --vectors. Features of a column "photo" take
    its place; --image name=photo keeps both. A run that was stopped goes on where it
    was when it is started again.
    """
    with plain_messages():
        from mmclassic.cli._extract import extract_table

        check_columns(settings, ("image", "audio"))
        message = extract_table(table, check_output(output), **settings)
    click.echo(message)


@main.command()
@click.argument("model", type=TABLE)
@click.argument("table", type=TABLE)
@click.option("-o", "--output", type=OUTPUT, required=True, help="Page (.html).")
@click.option("--label", help="Column of the target; found by its values otherwise.")
@click.option("--split", help="Column of 'train' and 'test': of test rows only.")
@click.option("--mistakes", type=click.IntRange(0), default=9, show_default=True)
@click.option("--trusted", multiple=True, help="As of predict.")
def report(model: Path, table: Path, output: Path, **settings: Any) -> None:
    """Write a page on how MODEL does on TABLE: scores, modalities and mistakes."""
    with plain_messages():
        from mmclassic.cli._report import write_report

        output = check_output(output)
        n_rows = write_report(model, table, output, **settings)
    click.echo(f"Reported on {n_rows} rows in {output}")


@main.command()
@click.argument("video", type=TABLE)
@outputs_option("Film (.mp4, .mkv, .mov) or page (.html)", required=True)
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    help="Length; 15 % of the video's if not given.",
)
@click.option("--subtitles", type=TABLE, help="Subtitles (.srt), which matter too.")
@click.option("--model", type=TABLE, help="Saved VideoSummarizer (.skops).")
@click.option("--trusted", multiple=True, help="As of predict.")
def summarize(video: Path, output: tuple[Path, ...], **settings: Any) -> None:
    """Write a short version of VIDEO, to play or as a storyboard."""
    with plain_messages():
        from mmclassic.cli._summarize import summarize_file

        message = summarize_file(video, output, **settings)
    click.echo(message)


@main.command()
@click.argument("files", type=TABLE, nargs=-1, required=True)
@click.option("--domain", type=TABLE, help="Text of the domain, a sentence a line.")
@click.option("--model", type=TABLE, help="Saved SpeechTranscriber (.skops).")
@outputs_option("Transcript (.txt, .srt, .json)", required=False)
@click.option(
    "--invalid",
    type=click.Choice(["error", "missing"]),
    default="error",
    show_default=True,
    help="Whether a file that can't be read stops, or is left empty.",
)
@click.option("--trusted", multiple=True, help="As of predict.")
def transcribe(
    files: tuple[Path, ...], output: tuple[Path, ...], **settings: Any
) -> None:
    """Write down the English speech in FILES, sound or videos, a line each."""
    with plain_messages():
        from mmclassic.cli._transcribe import transcribe_files

        transcribe_files(files, output, **settings)


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
        from mmclassic.cli._cache import clear_cache

        click.echo(clear_cache(path))


@cache.command()
@click.argument("path", type=FOLDER)
def verify(path: Path) -> None:
    """Read every entry of the cache in PATH, and drop damaged ones."""
    with plain_messages():
        from mmclassic.cli._cache import verify_cache

        click.echo(verify_cache(path))
