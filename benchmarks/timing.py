"""Two functions, called in turn in one process and one thread, to a row of times."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from benchmarks.common import Context, Row

QUICK_PAIRS = 3


def compare(
    name: str,
    protocol: str,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    distance: Callable[[Any, Any], Any] | None,
    unit: str,
    context: Context,
    *,
    peer_name: str = "peer",
    seconds: float = 6.0,
    min_pairs: int = 15,
    max_pairs: int = 400,
    warm_up: bool = True,
    at_least: float | None = None,
    at_most: float | None = None,
    real: bool = False,
) -> Row:
    """Time two functions in turn, in one process and one thread.

    Parameters
    ----------
    name, protocol : str
    ours, peer : callable
        Without arguments.
    distance : callable or None
        Of what the two return in the first pair.
    unit : str
        Of the distance.
    context : Context
        If quick, three pairs are called, or `max_pairs` if that is less.
    peer_name : str, default="peer"
    seconds : float, default=6.0
        Time to spend, about.
    min_pairs, max_pairs : int, default=15, 400
        Bounds on the pairs of calls, whatever time they take.
    warm_up : bool, default=True
        Whether the first pair is left out of the times. Calls that take many seconds
        do without.
    at_least, at_most : float or None, default=None
        Bound on the ratio; see Row.
    real : bool, default=False
        Whether the calls read real data.

    Returns
    -------
    Row
        The ratio is of the two calls of a pair: its median and quartiles.
    """
    functions = {"ours": lambda _: ours(), "peer": lambda _: peer()}
    if context.quick:
        min_pairs = max_pairs = min(QUICK_PAIRS, max_pairs)
    kept: list[dict[str, float]] = []
    with one_thread():
        first, results = next(take_turns(functions, [None]))
        error = distance and float(distance(results["ours"], results["peer"]))
        del results
        if not warm_up:
            kept.append(first)
        end = time.perf_counter() + seconds - sum(sum(each.values()) for each in kept)
        for times, _ in take_turns(functions, range(max_pairs - len(kept))):
            kept.append(times)
            if len(kept) >= min_pairs and time.perf_counter() > end:
                break
    return row_of_times(
        name,
        f"{protocol}; {len(kept)} pairs of calls",
        [times["ours"] for times in kept],
        [times["peer"] for times in kept],
        peer_name=peer_name,
        at_least=at_least,
        at_most=at_most,
        error=error,
        error_of=(unit or "at most") if distance else "",
        real=real,
    )


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold OpenCV, BLAS and OpenMP to one thread each."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(threads)


def take_turns(
    functions: Mapping[str, Callable[[Any], Any]], items: Iterable[Any]
) -> Iterator[tuple[dict[str, float], dict[str, Any]]]:
    """Call every function with each item before the next item is taken.

    Parameters
    ----------
    functions : dict of str to callable of one argument
    items : iterable

    Yields
    ------
    seconds : dict of str to float
        What each function took for the item.
    results : dict of str to object
        What each returned.
    """
    for item in items:
        seconds, results = {}, {}
        for name, function in functions.items():
            start = time.perf_counter()
            results[name] = function(item)
            seconds[name] = time.perf_counter() - start
        yield seconds, results


def row_of_times(
    name: str,
    protocol: str,
    ours: ArrayLike,
    peer: ArrayLike,
    *,
    peer_name: str = "peer",
    at_least: float | None = None,
    at_most: float | None = None,
    **others: Any,
) -> Row:
    """Make a row of times that were taken in turn.

    Parameters
    ----------
    name, protocol : str
    ours, peer : array-like of shape (n_pairs,)
        Seconds.
    peer_name : str, default="peer"
    at_least, at_most : float or None, default=None
        Bound on the ratio. With `at_most` the ratio is of our time to the peer's,
        otherwise of the peer's to ours.
    **others
        Other fields of the row.

    Returns
    -------
    Row
        Medians, in ms where ours is below a second.
    """
    ours, peer = np.asarray(ours, float), np.asarray(peer, float)
    mine, other = float(np.median(ours)), float(np.median(peer))
    unit, scale = ("s", 1.0) if mine >= 1 else ("ms", 1e3)
    ratios = peer / ours if at_most is None else ours / peer
    low, middle, high = map(float, np.percentile(ratios, [25, 50, 75]))
    return Row(
        name,
        protocol,
        mine * scale,
        unit=unit,
        peers={peer_name: other * scale},
        ratio=(middle, low, high),
        ratio_of="speed" if at_most is None else "time",
        at_least=at_least,
        at_most=at_most,
        **others,
    )
