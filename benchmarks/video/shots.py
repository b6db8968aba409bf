"""Cuts found in the real clips and in films made of their shots, and the time of it."""

import os
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.common import Context, Row
from benchmarks.timing import compare
from benchmarks.video.films import hard_cuts, make_compilation, read_shots
from mmclassic.media import open_video
from mmclassic.video import detect_shots

__all__ = ["measure_clips", "measure_compilations"]

SHORTEST = 5  # frames of a shot that PySceneDetect is told of; 15 as it comes
Find = Callable[[Path], list[int]]


def measure_clips(context: Context) -> list[Row]:
    """Return the F1 of the hard cuts of each real clip, and the time beside a peer.

    Parameters
    ----------
    context : Context
        If quick, time of the first clip only.

    Returns
    -------
    list of Row
    """
    rows: list[Row] = []
    for name, (path, truth) in hard_cuts(context).items():
        scores = {
            finder: f1([(find(path), truth)]) for finder, find in _finders().items()
        }
        row = Row(
            f"shots of {name}",
            f"F1 of the frames at which shots begin; {len(truth)} hard cuts",
            scores.pop("ours"),
            floor=100.0,
            peers=scores,
            real=True,
        )
        rows.append(row)
        if scores and not (context.quick and len(rows) > 1):
            rows.append(_time(name, path, context))
    return rows


def _time(name: str, path: Path, context: Context) -> Row:
    """Return the time of finding the cuts beside the detector of content's."""
    content = _finders()["content"]
    return compare(
        f"time of shots of {name}",
        "decoding in one thread too, ours by PyAV, the peer's by OpenCV",
        lambda: detect_shots(path),
        lambda: content(path),
        None,
        "",
        context,
        peer_name="PySceneDetect, content",
        min_pairs=7,
        at_least=1.0,
        real=True,
    )


def measure_compilations(context: Context) -> list[Row]:
    """Return the F1 of the cuts of films made of the real shots.

    Parameters
    ----------
    context : Context
        If quick, two films of eight shots.

    Returns
    -------
    list of Row
    """
    n_films, n_shots = (2, 8) if context.quick else (16, 30)
    shots = read_shots(context)
    found: dict[str, list[tuple[list[int], list[int]]]] = {}
    with TemporaryDirectory() as folder:
        for seed in range(n_films):
            film = make_compilation(
                shots,
                Path(folder) / f"{seed}.mp4",
                seed=seed,
                n_shots=n_shots,
                lengths=(10, 60),
            )
            for name, find in _finders().items():
                found.setdefault(name, []).append((find(film.path), film.cuts))
    scores = {name: f1(pairs) for name, pairs in found.items()}
    n_cuts = sum(len(truth) for _, truth in found["ours"])
    return [
        Row(
            "shots of compilations",
            f"F1 of {n_cuts} cuts of {n_films} films of pieces of the real shots, of "
            "10 to 59 frames",
            scores.pop("ours"),
            floor=95.0,
            peers=scores,
            real=True,
        )
    ]


def f1(pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> float:
    """Return the F1 of what was found, in percent; 100 where there is nothing to find.

    Parameters
    ----------
    pairs : iterable of (sequence of int, sequence of int)
        What was found, and what there is, of each video.

    Returns
    -------
    float
    """
    n_right = n_all = 0
    for found, truth in pairs:
        n_right += len(set(found) & set(truth))
        n_all += len(set(found)) + len(set(truth))
    return 200.0 * n_right / n_all if n_all else 100.0


def _finders() -> dict[str, Find]:
    """Return what finds the first frame of each shot but the first, by name."""
    finders: dict[str, Find] = {"ours": _ours}
    if find_spec("scenedetect") is not None:  # no dependency of the tests
        from scenedetect import AdaptiveDetector, ContentDetector

        for name, make in (
            ("content", ContentDetector),
            ("adaptive", AdaptiveDetector),
        ):
            finders[name] = _Peer(make)
    return finders


def _ours(path: Path) -> list[int]:
    times = [time for time, _ in open_video(path).frames(size=(8, 8))]
    return np.searchsorted(times, detect_shots(path)[1:, 0] - 1e-6).tolist()


class _Peer:
    def __init__(self, make: Any) -> None:
        self.make = make

    def __call__(self, path: Path) -> list[int]:
        from scenedetect import SceneManager, open_video

        manager = SceneManager()
        manager.add_detector(self.make(min_scene_len=SHORTEST))
        os.environ.setdefault("OPENCV_FFMPEG_THREADS", "1")  # as ours
        manager.detect_scenes(open_video(str(path), backend="opencv"))
        return [start.frame_num for start, _ in manager.get_scene_list()[1:]]
