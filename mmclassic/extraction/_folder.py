"""The folder beside an unfinished table, in which finished chunks wait for the rest."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mmclassic.extraction._chunk import Described
from mmclassic.extraction._lock import Locked, locked

__all__ = ["Folder", "claimed_folder"]

ABOUT = "about"  # the array that holds what isn't an array, as JSON


class Folder:
    """Chunks of features as files, each written whole or not at all.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, identity: bytes | None, n_rows_each: int) -> None:
        """Drop what was described in another way than it will be now.

        Parameters
        ----------
        identity : bytes or None
            Digest of what features depend on besides the items; None drops all.
        n_rows_each : int
            Rows of a chunk.
        """
        run = None if identity is None else f"{identity.hex()} {n_rows_each}"
        file = self.path / "run"
        if run is None or not file.exists() or file.read_text() != run:
            for chunk in self._chunks():
                chunk.unlink()
            if run is not None:
                with self.whole(file) as beside:
                    beside.write_text(run)

    def known(self, start: int, invalid: str) -> str:
        """Return the digest of the chunk that is kept, "" if there is none.

        With invalid="error" one with invalid items counts as none.
        """
        read = self._read(start)
        if read is None or (invalid == "error" and read[0]["invalid"]):
            return ""
        return str(read[0]["digest"])

    def save(self, described: Described) -> None:
        """Write a chunk's file.

        Raises
        ------
        OSError
            If it can't be, as on a full disk.
        """
        blocks = described.blocks
        assert blocks is not None
        about = {"digest": described.digest, "invalid": described.invalid}
        text = np.frombuffer(json.dumps(about).encode(), np.uint8)
        arrays: dict[str, Any] = {ABOUT: text}
        for at, (block, present) in enumerate(
            zip(blocks, described.present, strict=True)
        ):
            arrays |= {f"block{at}": block, f"present{at}": present}
        with self.whole(self._file(described.start)) as beside:
            with open(beside, "wb") as file:
                np.savez(file, **arrays)

    def read(self, start: int) -> Described:
        """Return a chunk that was saved.

        Raises
        ------
        OSError
            If it is not there or damaged.
        """
        read = self._read(start)
        if read is None:
            raise OSError(
                f"{str(self._file(start))!r} was removed or damaged. Run it again."
            )
        about, arrays = read
        n_parts = len(arrays) // 2
        present = [arrays[f"present{at}"] for at in range(n_parts)]
        return Described(
            start,
            len(present[0]),
            about["digest"],
            [arrays[f"block{at}"] for at in range(n_parts)],
            present,
            [tuple(each) for each in about["invalid"]],
        )

    def holds_chunks(self) -> bool:
        """Tell whether anything is kept."""
        return next(self._chunks(), None) is not None

    def _read(self, start: int) -> Any:
        try:
            # Opened here, since numpy leaves a damaged file open.
            with open(self._file(start), "rb") as opened:
                file = np.load(opened, allow_pickle=False)
                about = json.loads(file[ABOUT].tobytes())
                names = set(file.files) - {ABOUT}
                return about, {name: file[name] for name in names}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None  # damaged: every array has a checksum

    def _file(self, start: int) -> Path:
        return self.path / f"{start:012}.npz"

    def _chunks(self) -> Iterator[Path]:
        return self.path.glob("[0-9]*.npz")

    @contextmanager
    def whole(self, file: Path) -> Iterator[Path]:
        """Give a path in the folder to write to, and move it to the file at the end.

        Raises
        ------
        OSError
            If the disk is full.
        """
        # The folder is this process's alone, so the name need not be new.
        beside = self.path / f"{file.name}.unfinished"
        try:
            yield beside
            os.replace(beside, file)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise OSError(
                    f"The disk of {str(self.path)!r} is full. Make room and run it "
                    "again: the rows that are described are kept there."
                ) from error
            raise


@contextmanager
def claimed_folder(output: Path) -> Iterator[Folder]:
    """Give the folder of a table's chunks to this process alone.

    It is removed where the context ends well, or nothing is kept in it.

    Parameters
    ----------
    output : Path
        The table.

    Raises
    ------
    FileExistsError
        If another process has it.
    """
    path = output.with_name(output.name + ".parts")
    with locked(path, f"Another run writes {str(output)!r} now") as lock:
        folder = Folder(path)
        try:
            yield folder
        except BaseException:
            if not folder.holds_chunks():
                _remove(lock)
            raise
        _remove(lock)


def _remove(lock: Locked) -> None:
    shutil.rmtree(lock.folder, ignore_errors=True)
