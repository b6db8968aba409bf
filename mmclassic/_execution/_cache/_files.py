"""A folder to the database file that is in use in it, and to the next one."""

import re
from pathlib import Path

from mmclassic._execution._cache._segments import remove_segments

__all__ = ["current_file", "files_of", "replace_file"]

NAME = re.compile(r"features-2-(\d+)\.sqlite")  # the format's version, and the file's


def files_of(folder: Path) -> list[Path]:
    """Return the database files in a folder, the one in use last."""
    found = [file for file in folder.iterdir() if NAME.fullmatch(file.name)]
    return sorted(found, key=_number)


def current_file(folder: Path) -> Path:
    """Return the file that is in use, or is to be made, in a folder that exists."""
    files = files_of(folder)
    return files[-1] if files else folder / "features-2-0.sqlite"


def replace_file(damaged: Path) -> bool:
    """Begin a new file in place of a damaged one, which is removed.

    A name is never used twice: a process that has the old file open still would take
    the new one's journal for its own.

    Returns
    -------
    bool
        False where another has begun a new file already.
    """
    if current_file(damaged.parent) != damaged:
        return False
    new = damaged.with_name(f"features-2-{_number(damaged) + 1}.sqlite")
    try:
        new.touch(exist_ok=False)
    except FileExistsError:
        return False
    for suffix in ("", "-journal"):
        damaged.with_name(damaged.name + suffix).unlink(missing_ok=True)
    remove_segments(damaged, set)
    return True


def _number(file: Path) -> int:
    matched = NAME.fullmatch(file.name)
    assert matched is not None
    return int(matched[1])
