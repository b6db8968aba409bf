"""A made table of files, and a Dask cluster of processes on this computer."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

import pandas as pd
import pytest

from mmclassic.datasets import make_multimodal


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A table of 120 rows: text, image and audio files, some missing, and a label."""
    folder = tmp_path_factory.mktemp("items")
    make_multimodal(120, missing=0.1, folder=folder, random_state=0)
    frame = pd.read_csv(folder / "items.csv")
    for column in ("image", "audio"):
        frame[column] = [
            None if pd.isna(cell) else str(folder / cell) for cell in frame[column]
        ]
    return frame


@dataclass
class Cluster:
    """A scheduler and its workers, each a process."""

    folder: object
    environment: dict = field(default_factory=dict)
    address: str = ""
    workers: list = field(default_factory=list)
    scheduler: object = None

    def start(self, n_workers):
        file = self.folder / "scheduler.json"
        self.scheduler = self._run(
            "dask_scheduler", "--port", "0", "--scheduler-file", file
        )
        wait_for(lambda: file.exists() and file.read_text().endswith("}"))
        self.address = json.loads(file.read_text())["address"]
        for _ in range(n_workers):
            self.add_worker()

    def add_worker(self):
        self.workers.append(
            self._run(
                "dask_worker",
                self.address,
                *("--nthreads", "1", "--no-nanny", "--memory-limit", "0"),
                *("--local-directory", self.folder),
            )
        )

    def _run(self, module, *arguments):
        with open(self.folder / "log.txt", "ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", f"distributed.cli.{module}"),
                    *map(str, arguments),
                    *("--host", "127.0.0.1", "--no-dashboard"),
                ],
                # Not where the table's paths would lead from.
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1", **self.environment},
            )

    def stop(self):
        for process in filter(None, (*self.workers, self.scheduler)):
            process.kill()
            process.wait()


def wait_for(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="package")
def cluster(tmp_path_factory):
    """A scheduler and two workers of one thread each."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start(2)
        yield cluster
    finally:
        cluster.stop()
