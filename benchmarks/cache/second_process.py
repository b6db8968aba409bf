"""Rows that another process has kept, beside describing the files again."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.common import Context, Row
from benchmarks.real_or_made import Source, environment, scenes
from benchmarks.timing import row_of_times

N_TURNS, N_TURNS_QUICK = 5, 1
N_FILES = 400
LEAST = 10.0  # times as fast
# What each process runs. The clock starts after the imports, and before the cache is
# opened.
CHILD = """
import json
import sys
import time
from mmclassic.audio import MFCC
from mmclassic.image import HOG, SIFT, DenseSIFT

name, cache, paths = json.load(sys.stdin)
descriptor = globals()[name](cache=cache)
start = time.perf_counter()
rows = descriptor.transform(paths)
print(json.dumps([time.perf_counter() - start, float(rows.sum(dtype="f8"))]))
"""


def second_processes(context: Context) -> list[Row]:
    """Return the time of rows that are kept, in a process that begins anew.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    rows = []
    with scenes(context) as source:
        paths = source.table["image"].sample(frac=1, random_state=0).tolist()
        for name in ("DenseSIFT",) if context.quick else ("DenseSIFT", "SIFT", "HOG"):
            least = None if name == "HOG" else LEAST
            rows.append(_measure(context, source, name, paths[:N_FILES], least))
    with environment(context) as source:
        paths = source.table["audio"].tolist()
        rows.append(_measure(context, source, "MFCC", paths[:N_FILES], LEAST))
    return rows


def _measure(
    context: Context,
    source: Source,
    name: str,
    paths: Sequence[str],
    at_least: float | None,
) -> Row:
    n_turns = N_TURNS_QUICK if context.quick else N_TURNS
    with TemporaryDirectory() as folder:
        _run(name, folder, paths)
        runs = [
            [_run(name, cache, paths) for cache in (folder, None)]
            for _ in range(n_turns)
        ]
    seconds, sums = np.transpose(runs, (2, 1, 0))
    return row_of_times(
        f"second process: {name}",
        f"{name}().transform of {len(paths)} files of {source.title} by a new process, "
        "without its imports, from a cache that another filled, time of a file; peer: "
        f"a new process without a cache; {n_turns} of each",
        seconds[0] / len(paths),
        seconds[1] / len(paths),
        peer_name="without cache",
        at_least=at_least,
        error=float(np.abs(sums[0] - sums[1]).max()),
        error_of="in the sum of all rows",
        real=source.real,
    )


def _run(name: str, cache: str | None, paths: Sequence[str]) -> tuple[float, float]:
    """Return the seconds that a new process takes, and the sum of its rows."""
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([name, cache, list(paths)]),
        env={**os.environ, **dict.fromkeys(one, "1")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, total = json.loads(done.stdout)
    return seconds, total
