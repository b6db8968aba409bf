"""The real clips to their shots, and shots to films of which each cut is known."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, NoDataError
from mmclassic.media import open_video

__all__ = [
    "Compilation",
    "Shot",
    "hard_cuts",
    "make_compilation",
    "read_shots",
    "write_video",
]

SIZE = 108, 192  # height and width of a compilation's frames
FADE_IN = 60  # first frames of the film that begins black
FPS = 25
PARTS = 4  # of the clip that is one shot, so that the others are not outnumbered
RATE = 16000
CODEC = {"preset": "veryfast", "crf": "20"}

Frames = list[NDArray[np.uint8]]


@dataclass(frozen=True)
class Shot:
    """Frames of one real shot, or of a part of it.

    Parameters
    ----------
    clip : str
    scene : int
        Equal for parts of one shot.
    frames : list of ndarray of shape (height, width, 3), uint8
    """

    clip: str
    scene: int
    frames: Frames


@dataclass(frozen=True)
class Compilation:
    """A film of shots.

    Parameters
    ----------
    path : Path
    cuts : list of int
        First frames of the shots, but for the first shot.
    scenes : ndarray of shape (n_frames,), int
        Which shot each frame is of.
    """

    path: Path
    cuts: list[int]
    scenes: NDArray[np.int64]


def hard_cuts(context: Context) -> dict[str, tuple[Path, list[int]]]:
    """Return the real clips, each with its hard cuts.

    Parameters
    ----------
    context : Context

    Returns
    -------
    dict of str to (Path, list of int)
        The first frame of each new shot.
    """
    listed = context.data and context.data / "video" / "cuts.json"
    if listed is None or not listed.is_file():
        raise NoDataError(
            "needs the real data (video/cuts.json). Name its folder in MMCLASSIC_DATA."
        )
    clips = json.loads(listed.read_text())
    return {name: (listed.parent / name, clip["hard"]) for name, clip in clips.items()}


def read_shots(context: Context, size: tuple[int, int] = SIZE) -> list[Shot]:
    """Return the shots of the real clips, one without cuts in parts.

    Parameters
    ----------
    context : Context
        If quick, one frame of three.
    size : (int, int), default=(108, 192)
        Height and width of the frames.

    Returns
    -------
    list of Shot
    """
    shots: list[Shot] = []
    scene = 0
    for name, (path, cuts) in hard_cuts(context).items():
        frames = [frame for _, frame in open_video(path).frames(size=size)]
        edges = [0, *cuts, len(frames)]
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            begins_black = name.startswith("big") and not start
            own = frames[start + FADE_IN * begins_black : stop]
            n_parts = 1 if cuts else PARTS
            for part in np.array_split(np.arange(len(own)), n_parts):
                taken = own[part[0] : part[-1] + 1 : 3 if context.quick else 1]
                shots.append(Shot(name, scene, taken))
            scene += 1
    return shots


def make_compilation(
    shots: list[Shot], path: Path, *, seed: int, n_shots: int, lengths: tuple[int, int]
) -> Compilation:
    """Write a film of pieces of shots, none beside one of the same shot.

    Parameters
    ----------
    shots : list of Shot
    path : Path
    seed : int
    n_shots : int
        Pieces.
    lengths : (int, int)
        Fewest frames of one, and one more than the most.

    Returns
    -------
    Compilation
    """
    rng = np.random.default_rng(seed)
    frames: Frames = []
    scenes: list[int] = []
    cuts: list[int] = []
    for _ in range(n_shots):
        last = scenes[-1] if scenes else -1
        choice = [shot for shot in shots if shot.scene != last]
        shot = choice[int(rng.integers(len(choice)))]
        n = min(len(shot.frames), int(rng.integers(*lengths)))
        start = int(rng.integers(len(shot.frames) - n + 1))
        brightness = rng.uniform(0.6, 1.05)
        if frames:
            cuts.append(len(frames))
        piece = shot.frames[start : start + n]
        frames += [cv2.convertScaleAbs(frame, alpha=brightness) for frame in piece]
        scenes += [shot.scene] * n
    write_video(path, frames)
    return Compilation(path, cuts, np.array(scenes))


def write_video(
    path: Path, frames: Iterable[NDArray[Any]], sound: NDArray[np.float32] | None = None
) -> None:
    """Write frames, and sound at 16 kHz, as an mp4 of 25 frames a second.

    Parameters
    ----------
    path : Path
    frames : iterable of ndarray of shape (height, width, 3), uint8
    sound : ndarray of shape (n_samples,), float32, or None
    """
    import av

    with av.open(path, "w") as file:
        pictures, track = file.add_stream("libx264", rate=FPS, options=CODEC), None
        if sound is not None:
            track = file.add_stream("aac", rate=RATE, layout="mono")
        for i, pixels in enumerate(frames):
            if i == 0:
                pictures.height, pictures.width = pixels.shape[:2]
                pictures.pix_fmt = "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels))
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            file.mux(pictures.encode(frame))
        file.mux(pictures.encode())
        if track is not None and sound is not None:
            for at in range(0, len(sound), 1024):
                block = np.ascontiguousarray(sound[np.newaxis, at : at + 1024])
                samples = av.AudioFrame.from_ndarray(
                    block, format="fltp", layout="mono"
                )
                samples.sample_rate, samples.pts = RATE, at
                file.mux(track.encode(samples))
            file.mux(track.encode())
