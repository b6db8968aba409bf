"""Write a file whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["written_whole"]


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a path beside the target to write to, and move it there at the end.

    After an error inside, an older file at the target stands as it was.

    Parameters
    ----------
    path : Path
        The target. The path given has its suffixes.

    Raises
    ------
    FileNotFoundError
        If the target's folder does not exist.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"The folder of {str(path)!r} does not exist. Make it first."
        )
    beside = path.with_name(f".{secrets.token_hex(4)}-{path.name}")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
