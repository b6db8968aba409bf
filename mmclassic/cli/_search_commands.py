"""The commands that make an index of a table, and search it."""

from contextlib import chdir
from pathlib import Path
from typing import Any

import click

from mmclassic.cli._options import (
    CACHE,
    OUTPUT,
    TABLE,
    Columns,
    check_columns,
    check_output,
    plain_messages,
)

__all__ = ["index", "search"]

# Nothing else of the library is imported up here, so that --help comes at once.

MODALITIES = ("text", "image", "audio", "vectors")


@click.command()
@click.argument("table", type=TABLE)
@click.option("-o", "--output", type=OUTPUT, required=True, help="Index file (.skops).")
@click.option("--text", type=Columns(), help="Text column; several are read as one.")
@click.option("--image", help="Column of picture files.")
@click.option("--audio", help="Column of sound files.")
@click.option("--vectors", help="Column of vectors.")
@click.option("--label", help="Column of classes: find items of the query's class.")
@click.option("--split", help="Column of 'train' and 'test': learn from train only.")
@click.option(
    "--features",
    type=click.Choice(["full", "light"]),
    default="full",
    show_default=True,
    help="light: several times faster, a little less accurate.",
)
@click.option(
    "--invalid",
    type=click.Choice(["error", "missing"]),
    default="error",
    show_default=True,
    help="Whether a file that can't be read stops, or counts as missing.",
)
@click.option("--cache", type=CACHE, help="Folder that keeps features of files.")
@click.option("--n-jobs", type=int, default=None, help="Workers; -1 for all.")
@click.option("--random-state", type=int, default=0, show_default=True)
def index(table: Path, output: Path, **settings: Any) -> None:
    """Learn what the modalities of TABLE have in common, and index its rows.

    Name two modalities at least; each row holds what goes together. Paths in TABLE are
    relative to it.
    """
    with plain_messages():
        from mmclassic.cli._search import index_table

        check_columns(settings, MODALITIES)
        output = check_output(output)
        with chdir(table.parent):
            message = index_table(Path(table.name), output, **settings)
    click.echo(message)


@click.command()
@click.argument("index", type=TABLE)
@click.option("--text", help="Find what goes with this text.")
@click.option("--image", type=TABLE, help="Find what goes with this picture file.")
@click.option("--audio", type=TABLE, help="Find what goes with this sound file.")
@click.option("--target", help="Modality to look at; the other one if there are two.")
@click.option(
    "-k", "n_neighbors", type=click.IntRange(1), default=10, show_default=True
)
@click.option(
    "--trusted", multiple=True, help="A type that the index file may use, by name."
)
def search(index: Path, **settings: Any) -> None:
    """Print the rows of INDEX that are nearest to a text, a picture or a sound."""
    with plain_messages():
        from mmclassic.cli._search import search_index

        click.echo(search_index(index, **settings))
