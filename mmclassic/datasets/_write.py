"""Writes made cells into a folder of PNG and WAV files with an items.csv."""

import os
import shutil
import tempfile
import wave
from pathlib import Path

import cv2
import numpy as np

__all__ = ["write_folder"]

_FILES = {"image": ("images", ".png"), "audio": ("audio", ".wav")}


def write_folder(
    folder: Path, columns: dict[str, np.ndarray], sample_rate: int
) -> dict[str, np.ndarray]:
    """Write pictures and clips, and return the columns with paths in their place.

    Everything is written into a hidden folder beside its place first and moved only
    when all of it is there, ``items.csv`` last.

    Parameters
    ----------
    folder : Path
        The folder, made if it is not there.
    columns : dict of str to ndarray of shape (n_samples,), object
        Columns of cells: "image" holds uint8 RGB arrays, "audio" int16 arrays.
    sample_rate : int
        Hz.

    Returns
    -------
    dict of str to ndarray of shape (n_samples,), object
        The columns, with paths under ``folder`` as str.

    Raises
    ------
    ValueError
        If ``folder`` is a file.
    OSError
        If a file can't be written; the files that were there are as they were.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(
            "The 'folder' parameter of make_multimodal must be a folder, or a path "
            f"where one can be made. Got {str(folder)!r}, which is a file, instead."
        )
    was_there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        relative = _write_cells(staging, columns, sample_rate)
        _write_table(staging / "items.csv", relative)
        for name, _ in _FILES.values():
            (folder / name).mkdir(exist_ok=True)
        for source in (*staging.glob("*/*"), staging / "items.csv"):
            os.replace(source, folder / source.relative_to(staging))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not was_there and not any(folder.iterdir()):
            folder.rmdir()
    joined = dict(relative)
    for name in _FILES:
        joined[name] = np.array(
            [None if cell is None else str(folder / cell) for cell in relative[name]],
            dtype=object,
        )
    return joined


def _write_cells(
    folder: Path, columns: dict[str, np.ndarray], sample_rate: int
) -> dict[str, np.ndarray]:
    relative = dict(columns)
    for name, (subfolder, suffix) in _FILES.items():
        (folder / subfolder).mkdir()
        relative[name] = np.full(len(columns[name]), None, dtype=object)
        for row, cell in enumerate(columns[name]):
            if cell is None:
                continue
            relative[name][row] = f"{subfolder}/{row:06d}{suffix}"
            path = folder / relative[name][row]
            if name == "image":
                path.write_bytes(_encode_png(cell))
            else:
                _write_wav(path, cell, sample_rate)
    return relative


def _encode_png(picture: np.ndarray) -> bytes:
    _, encoded = cv2.imencode(".png", picture[:, :, ::-1])
    return encoded.tobytes()


def _write_wav(path: Path, clip: np.ndarray, sample_rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(clip.astype("<i2").tobytes())


def _write_table(path: Path, columns: dict[str, np.ndarray]) -> None:
    import pandas as pd

    pd.DataFrame(columns).to_csv(
        path, index=False, lineterminator="\n", encoding="utf-8"
    )
