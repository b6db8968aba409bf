"""The commands about a cache of features, and the cache of a model that was loaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import DatabaseError
from typing import Any

import click

__all__ = ["clear_cache", "describe_cache", "verify_cache", "with_cache"]


def clear_cache(path: Path) -> str:
    """Drop all that a cache holds, and return how much it was, as a sentence.

    Parameters
    ----------
    path : Path
        The cache's folder.
    """
    from mmclassic.cache import FeatureCache

    with _failure_named(path):
        return f"Dropped {FeatureCache(path).clear()} entries."


def describe_cache(path: Path) -> str:
    """Return what a cache holds, as a text of a line each.

    Parameters
    ----------
    path : Path
        The cache's folder.
    """
    from mmclassic.cache import FeatureCache

    cache = FeatureCache(path)
    with _failure_named(path):
        info = cache.info()
    lines = [
        f"folder      {cache.path}",
        f"entries     {info['entries']:,}",
        f"size        {_size(info['bytes'])}, {_size(info['file_bytes'])} on the disk",
    ]
    for name, key in (("oldest use", "oldest_use"), ("latest use", "latest_use")):
        if info[key] is not None:
            lines.append(f"{name}  {datetime.fromtimestamp(info[key])}")
    return "\n".join(lines)


def verify_cache(path: Path) -> str:
    """Read every entry of a cache, and return how many there are, as a sentence.

    Parameters
    ----------
    path : Path
        The cache's folder.

    Raises
    ------
    ClickException
        If some are damaged; they are dropped first.
    """
    from mmclassic.cache import FeatureCache

    with _failure_named(path):
        n_sound, n_damaged = FeatureCache(path).verify()
    if n_damaged:
        raise click.ClickException(
            f"{n_damaged} of {n_sound + n_damaged} entries were damaged, and are "
            "dropped. They are computed again when they are needed."
        )
    return f"All {n_sound} entries are sound."


def with_cache(model: Any, cache: str | None) -> Any:
    """Let each part of a model keep in a cache what it computes.

    Parameters
    ----------
    model : estimator
        Its fitted parts are reached too, where ``set_params`` reaches what ``fit`` was
        given.
    cache : str or None
        A folder; None changes nothing.

    Returns
    -------
    estimator
        The model.
    """
    from mmclassic.persistence._skops import takes_cache
    from mmclassic.persistence._walk import walk

    if cache is not None:
        for _, part in walk(model):
            if takes_cache(part):
                part.cache = cache
    return model


@contextmanager
def _failure_named(path: Path) -> Iterator[None]:
    """Say of an error of SQLite which cache it is, and what can be done."""
    from mmclassic._execution._cache._connections import is_damage

    try:
        yield
    except DatabaseError as error:
        what, remedy = "can't be used now", "See if it is writable, and try again."
        if is_damage(error):
            what = "is damaged as a whole"
            remedy = "Its next use begins it anew; nothing needs to be done."
        message = f"The cache in {str(path)!r} {what}: {error}. {remedy}"
        raise click.ClickException(message) from error


def _size(n_bytes: int) -> str:
    size = float(n_bytes)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
