"""Brings the files of a public repository, at a pinned commit, into a local folder."""

import hashlib
import os
import zipfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

__all__ = ["Origin", "ensure_files", "find_data_home", "read_registry"]

_ARCHIVES = "https://github.com/{repository}/archive/"
_MAX_FILE_BYTES = 10_000_000  # no recording comes near; an archive may claim anything


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a data set comes from, and what its files must be.

    Parameters
    ----------
    name : str
        The set's short name: its folder under ``data_home``.
    repository : str
        "owner/name" on GitHub.
    commit : str
        The pinned commit, 40 hexadecimal digits.
    folder : str
        The folder inside the repository that holds the files.
    """

    name: str
    repository: str
    commit: str
    folder: str


class _ArchiveError(OSError):
    """Raised when an archive does not hold what the registry says."""

    def __init__(self, origin: Origin, reason: str) -> None:
        super().__init__(
            f"The archive of {origin.name!r} from {origin.repository} at "
            f"{origin.commit} is not what it should be: {reason}. Call again to fetch "
            "it anew."
        )


def find_data_home(data_home: str | os.PathLike[str] | None) -> Path:
    """Return ``data_home``, or ``MMCLASSIC_HOME``, or ``~/mmclassic_data``."""
    if data_home is None:
        data_home = os.environ.get("MMCLASSIC_HOME") or Path("~", "mmclassic_data")
    return Path(data_home).expanduser()


def read_registry(name: str) -> dict[str, str]:
    """Return the checksum of each file, as pooch writes it, by the file's name."""
    path = files("mmclassic.datasets") / "data" / f"{name}-registry.txt"
    lines = path.read_text(encoding="ascii").splitlines()
    return dict(line.split() for line in lines)


def ensure_files(origin: Origin, folder: Path, download_if_missing: bool) -> list[Path]:
    """Return the paths of the origin's files in ``folder``, fetching what is not there.

    GitHub serves one archive a commit, but limits requests for single files, so the
    archive is fetched whole. Its own bytes are not promised to stay the same; each
    file taken out of it must match its checksum.

    Parameters
    ----------
    origin : Origin
        What to fetch.
    folder : Path
        Where the files belong. Files there that don't match are replaced.
    download_if_missing : bool
        Whether to fetch what is lacking, or to raise.

    Returns
    -------
    list of Path
        One path for each file of the registry, in its order.

    Raises
    ------
    OSError
        If files are lacking and ``download_if_missing`` is False, the origin can't be
        reached, or what it sends doesn't match.
    """
    registry = read_registry(origin.name)
    lacking = [
        name
        for name, known in registry.items()
        if not _file_matches(folder / name, known)
    ]
    if lacking and not download_if_missing:
        raise OSError(
            f"{len(lacking)} of the {len(registry)} files of {origin.name!r} are not "
            f"in '{folder}' and `download_if_missing` is False. Set it to True, or set "
            f"MMCLASSIC_DATA to a folder that holds {origin.name}/items.csv."
        )
    if lacking:
        folder.mkdir(parents=True, exist_ok=True)
        archive = _download_archive(origin, folder)
        wanted = {name: registry[name] for name in lacking}
        try:
            _extract(archive, origin, folder, wanted)
        except _ArchiveError:
            archive.unlink(missing_ok=True)  # or the next call would meet it again
            raise
        # After an interrupt or a full disk it stays, and the next call goes on from it.
        archive.unlink(missing_ok=True)
    return [folder / name for name in registry]


def _download_archive(origin: Origin, folder: Path) -> Path:
    import pooch

    name = f"{origin.commit}.zip"
    url = _ARCHIVES.format(repository=origin.repository)
    source = pooch.create(folder, url, registry={name: None}, retry_if_failed=2)
    try:
        return Path(source.fetch(name))
    except OSError as error:
        raise OSError(
            f"The archive of {origin.name!r} could not be fetched from {url}{name}: "
            f"{error}. Check the connection and call again, or set MMCLASSIC_DATA to a "
            f"folder that holds {origin.name}/items.csv."
        ) from error


def _extract(
    archive: Path, origin: Origin, folder: Path, registry: dict[str, str]
) -> None:
    try:
        with zipfile.ZipFile(archive) as source:
            # The first part of each path is the repository's name and commit.
            members = {
                info.filename.partition("/")[2]: info for info in source.infolist()
            }
            for name, known in registry.items():
                info = members.get(f"{origin.folder}/{name}")
                if info is None:
                    raise _ArchiveError(origin, f"{name!r} is not in it")
                small = info.file_size <= _MAX_FILE_BYTES
                content = source.read(info) if small else b""
                if not _content_matches(content, known):
                    raise _ArchiveError(origin, f"{name!r} does not match its checksum")
                _write_whole(folder / name, content)
    except zipfile.BadZipFile as error:
        raise _ArchiveError(origin, str(error)) from error


def _content_matches(content: bytes, known: str) -> bool:
    algorithm, _, digest = known.rpartition(":")
    found = hashlib.new(algorithm or "sha256", content, usedforsecurity=False)
    return found.hexdigest() == digest


def _file_matches(path: Path, known: str) -> bool:
    return path.is_file() and _content_matches(path.read_bytes(), known)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that is either there with all its content or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
