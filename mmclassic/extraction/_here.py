"""Describe chunks by joblib's workers, which write what they describe themselves."""

import math
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import Condition
from time import perf_counter
from typing import Any

from joblib import Parallel, delayed

from mmclassic._execution import Caller, kind_of_workers, single_threaded, workers_for
from mmclassic.extraction._chunk import Chunk, Described
from mmclassic.extraction._describe import describe_chunk, installed
from mmclassic.extraction._folder import Folder
from mmclassic.extraction._parts import Part

__all__ = ["describe_here"]

WAVE = 64  # chunks, where a backend gives all results at once only
# Of so many chunks, as many as this, at most, show how long they take.
MANY, PROBES = 8, 4


def describe_here(
    chunks: Iterable[Chunk],
    n_chunks: int,
    parts: Sequence[Part],
    folder: Folder,
    n_jobs: int | None,
) -> Generator[Described]:
    """Yield what is known of each chunk once its file is written, in any order.

    Parameters
    ----------
    chunks : iterable of Chunk
        Taken as workers get free.
    n_chunks : int
    parts : sequence of Part
    folder : Folder
    n_jobs : int or None
        As joblib's. Unless ``joblib.parallel_config`` names a backend, long work goes
        to processes.

    Yields
    ------
    Described
        Without its blocks, so that few are in memory.
    """
    running = _Running()
    shared = (parts, Caller.here(), installed(), folder, running)
    with single_threaded():
        results = _results(iter(chunks), n_chunks, shared, workers_for(n_jobs))
        try:
            for described in results:  # noqa: UP028, else it closes them unfiltered
                yield described
        finally:
            with warnings.catch_warnings():
                # joblib tells of results that nobody took; their files are written.
                warnings.filterwarnings("ignore", ".* tasks .*", UserWarning)
                results.close()
            running.end()


def _results(
    chunks: Iterator[Chunk], n_chunks: int, shared: tuple[Any, ...], n_workers: int
) -> Generator[Described]:
    prefer = "threads"
    if n_workers > 1 and n_chunks >= MANY:
        seconds = []
        for chunk in islice(chunks, PROBES):
            begin = perf_counter()
            described = _describe_and_save(chunk, *shared)
            assert described is not None
            if not described.is_known:
                seconds.append(perf_counter() - begin)
            yield described
            if len(seconds) == 2:  # the first loads what the others use
                break
        each = seconds[-1] if seconds else math.inf
        prefer = kind_of_workers(shared, each * (n_chunks - PROBES))
    tasks = (delayed(_describe_and_save)(chunk, *shared) for chunk in chunks)
    settings: dict[str, Any] = {"n_jobs": n_workers, "prefer": prefer, "batch_size": 1}
    try:
        parallel = Parallel(**settings, return_as="generator_unordered")
    except ValueError:
        parallel = Parallel(**settings)
        while wave := list(islice(tasks, WAVE)):
            yield from parallel(wave)
        return
    yield from parallel(tasks)


def _describe_and_save(
    chunk: Chunk,
    parts: Sequence[Part],
    caller: Caller,
    expected: bytes | None,
    folder: Folder,
    running: "_Running",
) -> Described | None:
    with running.begun() as wanted:
        if not wanted:
            return None
        described = describe_chunk(chunk, parts, caller, expected)
        if described.blocks is not None:
            folder.save(described)
            described.blocks = None
        return described


class _Running:
    """The threads that work at a chunk, which joblib would leave to themselves.

    After an error they would write into a folder that isn't ours any more, and a
    process that ends while OpenCV runs in a thread aborts.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._n_running = 0
        self._ended = False

    @contextmanager
    def begun(self) -> Iterator[bool]:
        """Count this thread; False if what it would do is not wanted any more."""
        with self._changed:
            self._n_running += 1
        try:
            yield not self._ended
        finally:
            with self._changed:
                self._n_running -= 1
                self._changed.notify_all()

    def end(self) -> None:
        """Wait until no thread works at a chunk, and let none begin."""
        self._ended = True
        with self._changed:
            self._changed.wait_for(lambda: self._n_running == 0)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Running, ()  # processes are ended by joblib
