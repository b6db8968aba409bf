"""The time of a first pass that keeps what it computes, beside one that does not."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.base import clone

from benchmarks.common import Context, Row
from benchmarks.real_or_made import Source, environment, scenes
from benchmarks.timing import one_thread, row_of_times
from mmclassic.audio import MFCC
from mmclassic.cache import FeatureCache
from mmclassic.encoding import BagOfWords
from mmclassic.image import HOG, SIFT, ColorHistogram, DenseSIFT

N_QUICK = 16  # files a turn
MOST = 1.1  # times the time, except where a floor is above it
COLORS = "ColorHistogram().transform"
BAG = BagOfWords(DenseSIFT(), random_state=0)
BAG_QUICK = BagOfWords(DenseSIFT(), n_words=16, random_state=0)

# A function of paths and a cache, or None.
Work = Callable[[Sequence[str], FeatureCache | None], Any]


def first_passes(context: Context) -> list[Row]:
    """Return what keeping costs: of rows of descriptors, of words, and of a fit.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    bag = BAG_QUICK if context.quick else BAG
    with scenes(context) as source:
        rng = np.random.default_rng(0)
        pictures = rng.permutation(source.table["image"].to_numpy()).tolist()
        fitted = clone(bag).fit(pictures[-64:])
        rows = [
            _measure(context, source, pictures, *each)
            for each in (
                ("BagOfWords(DenseSIFT()).fit_transform", _fit(bag), 400, 5),
                ("BagOfWords(DenseSIFT()).transform", _transform(fitted), 64, 15),
                ("DenseSIFT().transform", _transform(DenseSIFT()), 64, 15),
                ("SIFT().transform", _transform(SIFT()), 32, 15),
                # To read a file, and to write what is kept, takes longer than this.
                ("HOG().transform", _transform(HOG()), 128, 30, False),
                (COLORS, _transform(ColorHistogram()), 128, 30, False),
            )
        ]
    with environment(context) as source:
        sounds = source.table["audio"].tolist()
        work = _transform(MFCC())
        rows.append(_measure(context, source, sounds, "MFCC().transform", work, 32, 12))
    return rows


def _measure(
    context: Context,
    source: Source,
    paths: Sequence[str],
    name: str,
    work: Work,
    n: int,
    n_turns: int,
    bounded: bool = True,
) -> Row:
    n = min(N_QUICK if context.quick else n, len(paths))
    with TemporaryDirectory() as folder, one_thread():
        work(paths[:8], None)
        chunks = _chunks(paths, n, 2 if context.quick else n_turns)
        times = [
            _time_turn(work, chunk, Path(folder) / str(turn))
            for turn, chunk in enumerate(chunks)
        ]
    mine, other = np.transpose(times) / n
    row = row_of_times(
        f"first pass: {name}",
        f"{name} of {n} files of {source.title} into an empty cache, time of a file; "
        f"peer: the same without a cache, before and after; {len(times)} turns",
        mine,
        other,
        peer_name="without cache",
        at_most=MOST,
        real=source.real,
    )
    return row if bounded else replace(row, at_most=None)


def _chunks(paths: Sequence[str], n: int, n_chunks: int) -> list[Sequence[str]]:
    starts = [(turn * n) % max(1, len(paths) - n + 1) for turn in range(n_chunks)]
    return [paths[start : start + n] for start in starts]


def _time_turn(work: Work, paths: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return the seconds with a new cache, and without one: the mean of two."""
    for path in paths:  # so that all find the files in memory
        Path(path).read_bytes()
    cache = FeatureCache(folder)
    cache.store.missing([b""])  # makes the file
    without, mine, again = (_time(work, paths, each) for each in (None, cache, None))
    cache.close()
    return mine, (without + again) / 2


def _time(work: Work, paths: Sequence[str], cache: FeatureCache | None) -> float:
    start = time.perf_counter()
    work(paths, cache)
    return time.perf_counter() - start


def _transform(estimator: Any) -> Work:
    return lambda paths, cache: estimator.set_params(cache=cache).transform(paths)


def _fit(estimator: Any) -> Work:
    return lambda paths, cache: (
        clone(estimator).set_params(cache=cache).fit_transform(paths)
    )
