"""Words of many picture files beside words of few: memory and time an item."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.common import PEAK_BYTES, Context, Row
from benchmarks.real_or_made import scenes
from benchmarks.timing import row_of_times

FEW, MANY = 2000, 32_000
FEW_QUICK, MANY_QUICK = 40, 160
QUICK: dict[str, Any] = {"n_words": 16, "max_bytes": 2**22}
MIB = 2**20
# What a new process runs, so that nothing else adds to its peak.
CHILD = (
    PEAK_BYTES
    + """
import json
import sys
import time
from mmclassic.encoding import BagOfWords
from mmclassic.image import DenseSIFT

paths, n_items, settings = json.load(sys.stdin)
cells = [paths[row % len(paths)] for row in range(n_items)]
bag = BagOfWords(DenseSIFT(), random_state=0, **settings)
start = time.perf_counter()
rows = bag.fit_transform(cells)
seconds = time.perf_counter() - start
print(json.dumps([seconds / n_items, peak_bytes() - rows.nbytes]))
"""
)


def measure_words(context: Context) -> list[Row]:
    """Return memory and time an item of bags of words of 32,000 and of 2000 pictures.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    few, many = (FEW_QUICK, MANY_QUICK) if context.quick else (FEW, MANY)
    settings = QUICK if context.quick else {}
    with scenes(context) as source:
        paths = source.table["image"].tolist()
        # Many between few and few: what slows the machine down for a while slows both.
        runs = [_run(paths, n_items, settings) for n_items in (few, many, few)]
    seconds, peaks = np.transpose(runs)
    about = (
        f"BagOfWords(DenseSIFT()).fit_transform of {many} files, beside {few}, of "
        f"{source.title} (its paths repeated), one thread, each in a new process"
    )
    peer = f"{few} files"
    low, middle, high = np.percentile(peaks[1] / peaks[[0, 2]], [25, 50, 75])
    return [
        Row(
            f"memory of {many} files",
            f"{about}: highest resident memory less the rows that are returned",
            float(peaks[1]) / MIB,
            unit="MiB",
            peers={peer: float(np.median(peaks[[0, 2]])) / MIB},
            ratio=(float(middle), float(low), float(high)),
            ratio_of="memory",
            at_most=1.3,
            real=source.real,
        ),
        row_of_times(
            f"time of {many} files",
            "the same: time a file",
            [seconds[1]] * 2,
            seconds[[0, 2]],
            peer_name=peer,
            at_most=1.1,
            real=source.real,
        ),
    ]


def _run(
    paths: Sequence[str], n_items: int, settings: dict[str, Any]
) -> tuple[float, float]:
    """Return the seconds an item and the highest bytes of a new process."""
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([paths, n_items, settings]),
        env={**os.environ, **dict.fromkeys(one, "1")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


# Printed under the table.
NOTE = "Ratios are of many files to few: their median and quartiles."
FIGURES: dict[str, Callable[[Context], list[Row]]] = {"words": measure_words}
