"""Extraction of features by the workers of a Dask cluster, and here alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.common import PEAK_BYTES, Context, Row
from benchmarks.real_or_made import scenes
from benchmarks.timing import one_thread, row_of_times, take_turns
from mmclassic.extraction import extract_features

N_ROWS, N_TURNS = 512, 5
FEW, MANY = 1000, 16_000
FEW_QUICK, MANY_QUICK = 40, 160
MIB, KIB = 2**20, 2**10
WAIT = 60  # seconds
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1"
)
# Printed under the table.
NOTE = (
    "Scheduler and workers are processes of this computer, the workers of one thread "
    "each:\ntwo of them share its cores with the process that asks and writes."
)
# What a new process runs, so that nothing else adds to its peak.
CHILD = (
    PEAK_BYTES
    + """
import json
import sys
import pandas as pd
from mmclassic.extraction import extract_features
from mmclassic.image import HOG

paths, n_rows, output = json.load(sys.stdin)
frame = pd.DataFrame({"path": [paths[row % len(paths)] for row in range(n_rows)]})
extract_features(frame, output, [("shape", HOG((64, 64)), "path")])
print(peak_bytes())
"""
)


def throughput(context: Context) -> list[Row]:
    """Return the time of a row by one and two workers, and by one process alone.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        With the bytes that a row takes in the file.
    """
    with ExitStack() as stack:
        source = stack.enter_context(scenes(context))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        table = source.table.sample(frac=1, random_state=0, ignore_index=True)[:N_ROWS]
        clients = {n: stack.enter_context(_cluster(folder, n)) for n in (1, 2)}
        extract = partial(_extract, path=folder / "f.parquet")
        functions = {"alone": extract} | {
            n: partial(extract, dask=client) for n, client in clients.items()
        }
        stack.enter_context(one_thread())
        for function in functions.values():  # what each process imports first
            function(table[:64])
        turns = list(take_turns(functions, [table] * (1 if context.quick else N_TURNS)))
    seconds = {
        name: np.array([times[name] for times, _ in turns]) / len(table)
        for name in functions
    }
    files = f"{len(table)} files of {source.title}"
    about = (
        f"extract_features of {files} to parquet, defaults, time of a row, in "
        f"{len(turns)} turn(s)"
    )
    n_bytes, n_features = turns[0][1]["alone"]
    rate = {name: 1 / float(np.median(each)) for name, each in seconds.items()}
    real = source.real
    return [
        row_of_times(
            "cluster of one worker",
            f"{about}: a Dask worker beside no cluster, one thread; {rate[1]:.0f} and "
            f"{rate['alone']:.0f} rows a second",
            seconds[1],
            seconds["alone"],
            peer_name="no cluster",
            at_most=1.15,
            real=real,
        ),
        row_of_times(
            "cluster of two workers",
            f"{about}: two workers beside one; {rate[2]:.0f} rows a second",
            seconds[2],
            seconds[1],
            peer_name="one worker",
            real=real,
        ),
        Row(
            "size of an extracted row",
            f"of the file, {n_features} features a row; peer: the same numbers bare",
            n_bytes / KIB,
            unit="KiB",
            peers={"float32": 4 * n_features / KIB},
            real=real,
        ),
    ]


def memory(context: Context) -> list[Row]:
    """Return the memory of a process that extracts many rows, beside few.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    few, many = (FEW_QUICK, MANY_QUICK) if context.quick else (FEW, MANY)
    with scenes(context) as source, TemporaryDirectory() as folder:
        paths = source.table["image"].tolist()
        peaks = [_peak(paths, n_rows, f"{folder}/f.parquet") for n_rows in (few, many)]
    ratio = peaks[1] / peaks[0]
    return [
        Row(
            f"extraction, memory of {many} rows",
            f"extract_features of {many} files, beside {few}, of {source.title} (its "
            "paths repeated), HOG((64, 64)), one thread, in new processes: the highest "
            "resident memory",
            peaks[1] / MIB,
            unit="MiB",
            peers={f"{few} rows": peaks[0] / MIB},
            ratio=(ratio, ratio, ratio),
            ratio_of="memory",
            at_most=1.2,
            real=source.real,
        )
    ]


def _extract(table: pd.DataFrame, path: Path, dask: Any = None) -> tuple[float, int]:
    """Return the bytes and the features of a row."""
    done = extract_features(table, path, image="image", n_jobs=1, dask=dask)
    return path.stat().st_size / len(table), sum(done.n_features.values())


def _peak(paths: Sequence[str], n_rows: int, output: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([paths, n_rows, output]),
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(done.stdout)


@contextmanager
def _cluster(folder: Path, n_workers: int) -> Iterator[Any]:
    """Give a client of a scheduler and workers, which are ended afterwards."""
    from distributed import Client

    file = folder / f"scheduler-{n_workers}.json"
    processes = [_start("scheduler", "--port", "0", "--scheduler-file", str(file))]
    try:
        address = _read_address(file, processes[0])
        for _ in range(n_workers):
            options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
            place = ("--local-directory", str(folder))
            processes.append(_start("worker", address, *options, *place))
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(n_workers, timeout=WAIT)
            yield client
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _start(kind: str, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", f"distributed.cli.dask_{kind}", *options),
            *("--host", "127.0.0.1", "--no-dashboard"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD},
    )


def _read_address(file: Path, scheduler: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + WAIT
    while time.monotonic() < end and scheduler.poll() is None:
        try:
            return str(json.loads(file.read_text())["address"])
        except (FileNotFoundError, ValueError):  # not there, or half written
            time.sleep(0.05)
    raise RuntimeError("The scheduler of Dask did not start.")


FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "throughput": throughput,
    "memory": memory,
}
