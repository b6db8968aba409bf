"""Imports and the first result in new processes, beside librosa's, in turn."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, Row
from benchmarks.made_data import make_sound
from benchmarks.timing import row_of_times, take_turns

N_PAIRS = 9
# What a child runs: it prints the seconds of its import, which follows numpy's.
IMPORT = """
import time
import numpy
start = time.perf_counter()
import {library}
print(time.perf_counter() - start)
"""
SAMPLES = "numpy.sin(numpy.arange(110250, dtype=numpy.float32))"


def measure_first_mfcc(context: Context) -> list[Row]:
    """Return the import over numpy's, and a whole process that computes one MFCC.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    whole, imports = _run_in_turn(
        f"from mmclassic.audio import mfcc; mfcc({SAMPLES})",
        f"librosa.feature.mfcc(y={SAMPLES}, sr=22050)",
        context,
    )
    mine, other = np.median(imports, axis=0) * 1e3
    return [
        Row(
            "import",
            "import mmclassic, in a new process that has imported numpy; peer: import "
            "librosa; both import their parts when they are first used; "
            f"{_pairs(whole)}",
            float(mine),
            unit="ms",
            peers={"librosa": float(other)},
            ceiling=20.0,
        ),
        row_of_times(
            "first mfcc",
            "a new process from its start to its end that imports numpy and computes "
            "the MFCC of 5 s at 22.05 kHz; peer: the same with librosa.feature.mfcc; "
            f"{_pairs(whole)}",
            *whole.T,
            peer_name="librosa",
            at_least=4.0,
        ),
    ]


def measure_first_file(context: Context) -> list[Row]:
    """Return a whole process that computes the MFCC of one file.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    import soundfile

    with TemporaryDirectory() as folder:
        path = str(Path(folder, "sound.ogg"))
        soundfile.write(path, make_sound(5.0, 44100), 44100)
        whole, _ = _run_in_turn(
            "from mmclassic.audio import mfcc; from mmclassic.media import load_audio; "
            f"mfcc(load_audio({path!r}))",
            f"y, sr = librosa.load({path!r}); librosa.feature.mfcc(y=y, sr=sr)",
            context,
        )
    return [
        row_of_times(
            "first mfcc of a file",
            "the same of 5 s in an ogg file of 44.1 kHz: load_audio, mfcc; peer: "
            f"librosa.load, librosa.feature.mfcc; {_pairs(whole)}",
            *whole.T,
            peer_name="librosa",
        )
    ]


# Printed under the table.
NOTE = (
    "Each is a new Python process, in turn with its peer's, after one of each that is "
    "not counted: what can be kept on disk, such as compiled code, is there. Medians."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "mfcc": measure_first_mfcc,
    "file": measure_first_file,
}


def _run_in_turn(
    ours: str, peer: str, context: Context
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the seconds of whole processes and of their imports, (n_pairs, 2) each."""
    functions = {
        "ours": lambda _: _run(IMPORT.format(library="mmclassic") + ours),
        "peer": lambda _: _run(IMPORT.format(library="librosa") + peer),
    }
    n_uncounted, n_pairs = (0, 1) if context.quick else (1, N_PAIRS)
    turns = list(take_turns(functions, range(n_uncounted + n_pairs)))[n_uncounted:]
    whole, imports = (
        np.array([list(each.values()) for each in column])
        for column in zip(*turns, strict=True)
    )
    return whole, imports


def _run(code: str) -> float:
    """Run code in a new process; return the seconds that it prints."""
    child = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True
    )
    return float(child.stdout)


def _pairs(whole: NDArray[np.float64]) -> str:
    return f"{len(whole)} pairs of processes" if len(whole) > 1 else "one pair"
