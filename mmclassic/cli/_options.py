"""What the commands share: types of options, checks, and messages without traceback."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

__all__ = [
    "CACHE",
    "FOLDER",
    "OUTPUT",
    "TABLE",
    "Columns",
    "check_columns",
    "check_output",
    "modality_options",
    "outputs_option",
    "plain_messages",
]

# Nothing of the library is imported up here, so that --help comes at once.

CACHE = click.Path(file_okay=False, resolve_path=True)
MODALITIES = ("text", "image", "audio", "video", "vectors", "tabular")
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
        click.option("--video", type=Columns(), help="Column(s) of video files."),
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
            type=CACHE,
            help="Folder that keeps features of files for the next time.",
        ),
        click.option("--n-jobs", type=int, default=None, help="Workers; -1 for all."),
        click.option("--random-state", type=int, default=0, show_default=True),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def outputs_option(what: str, *, required: bool) -> Callable[..., Any]:
    """Return an option of files to write, which says what they are."""
    return click.option(
        "-o",
        "--output",
        type=OUTPUT,
        multiple=True,
        required=required,
        help=f"{what}; may be given several times.",
    )


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


def check_columns(
    settings: dict[str, Any],
    modalities: Sequence[str] = MODALITIES,
) -> None:
    """Raise unless the options name a column of some modality."""
    if not any(settings[modality] for modality in modalities):
        options = ", ".join(f"--{modality}" for modality in modalities)
        raise click.UsageError(f"Name a column with at least one of {options}.")
