"""Describe chunks by joblib's workers, which write what they describe themselves."""

import os
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from joblib import Parallel, delayed

from mmclassic._execution import single_threaded
from mmclassic.extraction._chunk import Chunk, Described
from mmclassic.extraction._describe import describe_chunk, installed
from mmclassic.extraction._folder import Folder
from mmclassic.extraction._parts import Part

__all__ = ["describe_here"]

WAVE = 64  # chunks, where a backend gives all results at once only


def describe_here(
    chunks: Iterable[Chunk],
    parts: Sequence[Part],
    folder: Folder,
    n_jobs: int | None,
) -> Generator[Described]:
    """Yield what is known of each chunk once its file is written, in any order.

    Parameters
    ----------
    chunks : iterable of Chunk
        Taken as workers get free.
    parts : sequence of Part
    folder : Folder
    n_jobs : int or None
        As joblib's; threads unless ``joblib.parallel_config`` says otherwise.

    Yields
    ------
    Described
        Without its blocks, so that few are in memory.
    """
    shared = (parts, os.getpid(), installed(), folder)
    tasks = (delayed(_describe_and_save)(chunk, *shared) for chunk in chunks)
    with single_threaded():
        results = _results(tasks, n_jobs)
        try:
            for described in results:  # noqa: UP028, else it closes them unfiltered
                yield described
        finally:
            with warnings.catch_warnings():
                # joblib tells of results that nobody took; their files are written.
                warnings.filterwarnings("ignore", ".* tasks .*", UserWarning)
                results.close()


def _results(tasks: Iterator[Any], n_jobs: int | None) -> Generator[Described]:
    settings: dict[str, Any] = {"n_jobs": n_jobs, "prefer": "threads", "batch_size": 1}
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
    parent: int,
    expected: bytes | None,
    folder: Folder,
) -> Described:
    described = describe_chunk(chunk, parts, parent, expected)
    if described.blocks is not None:
        folder.save(described)
        described.blocks = None
    return described
