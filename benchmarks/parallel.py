"""Features of files by two workers beside one: threads, and processes."""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone

from benchmarks.common import Context, Row
from benchmarks.real_or_made import Source, environment, scenes
from benchmarks.timing import one_thread, row_of_times, take_turns
from mmclassic.audio import MFCC
from mmclassic.encoding import BagOfWords
from mmclassic.image import HOG, SIFT, DenseSIFT

N_WORKERS = 2
N_TURNS = 5
AT_LEAST = 1.7
BLOCK, N_BLOCKS = bytes(2**20), 600  # of plain C, a second's work


def words(context: Context) -> list[Row]:
    """Return the time of learning words of dense SIFT and counting them.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        With two threads, and with two processes. A part of it is k-means, which has
        one thread.
    """
    n_words = 16 if context.quick else 512
    bag = BagOfWords(DenseSIFT(), n_words=n_words, random_state=0)
    return _compare(bag, 400, context, at_least=None)


def plain_c(context: Context) -> list[Row]:
    """Return the time of a loop in C that shares nothing: what the cores give.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    n_blocks = N_BLOCKS // 50 if context.quick else N_BLOCKS

    def run(n_jobs: int) -> None:
        tasks = [delayed(_hash)(n_blocks // N_WORKERS)] * N_WORKERS
        Parallel(n_jobs=n_jobs, prefer="threads")(tasks)

    functions = {"one": lambda _: run(1), "two": lambda _: run(N_WORKERS)}
    turns = list(take_turns(functions, range(2 if context.quick else 3 * N_TURNS)))
    return [
        row_of_times(
            "plain C, threads",
            f"blake2b of {n_blocks} blocks of a MiB by two threads, beside one: what "
            f"the machine has to give; {len(turns)} turns",
            [times["two"] for times, _ in turns],
            [times["one"] for times, _ in turns],
            peer_name="one worker",
        )
    ]


def _hash(n_blocks: int) -> None:
    for _ in range(n_blocks):
        blake2b(BLOCK).digest()


def _compare(
    estimator: Any, n: int, context: Context, *, at_least: float | None = AT_LEAST
) -> list[Row]:
    """Return the time of so many files with two threads, and with two processes."""
    of_sounds = isinstance(estimator, MFCC)
    with (environment if of_sounds else scenes)(context) as source:
        column = "audio" if of_sounds else "image"
        return _compare_cells(estimator, source, column, n, context, at_least)


def _compare_cells(
    estimator: Any,
    source: Source,
    column: str,
    n: int,
    context: Context,
    at_least: float | None,
) -> list[Row]:
    cells = source.table[column].tolist()
    cells = cells[:: max(1, len(cells) // n)][:n]  # of all classes
    two = clone(estimator).set_params(n_jobs=N_WORKERS)
    functions: dict[str, Callable[[Any], Any]] = {
        "one": estimator.fit_transform,
        "threads": partial(_by, "threading", two),
        "processes": partial(_by, "loky", two),
    }
    with one_thread():
        for function in functions.values():  # what is loaded once, in workers too
            function(cells[: max(20, len(cells) // 10)])
        turns = list(take_turns(functions, [cells] * (1 if context.quick else N_TURNS)))
    for _, results in turns:
        for rows in results.values():
            np.testing.assert_array_equal(rows, turns[0][1]["one"])
    seconds = {name: [times[name] for times, _ in turns] for name in functions}
    return [
        row_of_times(
            f"{type(estimator).__name__}, {kind}",
            f"{estimator}.fit_transform of {len(cells)} files of {source.title} by two "
            f"{kind}, beside one worker; the rows are equal, bit by bit; "
            f"{len(turns)} turns",
            seconds[kind],
            seconds["one"],
            peer_name="one worker",
            at_least=at_least if kind == "processes" else None,
            real=source.real,
        )
        for kind in ("threads", "processes")
    ]


def _by(backend: str, estimator: Any, cells: Sequence[str]) -> Any:
    with parallel_config(backend):
        return estimator.fit_transform(cells)


# Printed under the table.
NOTE = (
    "Medians; the processes run when the time begins. The ratio is of one worker's "
    "time to\nthat of two: its median and quartiles. On a machine that others use too, "
    "plain C tells\nhow much of two cores there is."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    # A third of a millisecond's work gives 62 KiB to be sent.
    "hog": partial(_compare, HOG((128, 128)), 4000, at_least=None),
    "sift": partial(_compare, SIFT(), 400),
    "dense_sift": partial(_compare, DenseSIFT(), 1200),
    "mfcc": partial(_compare, MFCC(22050), 400),
    "words": words,
    "plain_c": plain_c,
}
