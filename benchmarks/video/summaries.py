"""What summaries show of a video, what they learn, and the time they take."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, Row
from benchmarks.timing import compare
from benchmarks.video.films import (
    FPS,
    RATE,
    Compilation,
    hard_cuts,
    make_compilation,
    read_shots,
    write_video,
)
from mmclassic.image import HOG
from mmclassic.media import open_video
from mmclassic.summarization import VideoSummarizer, VideoSummary
from mmclassic.video import FramePooling
from mmclassic.video._shots import THUMB

__all__ = ["measure_learned", "measure_summaries", "measure_time"]

SHARES = (0.15, 0.3)
WINDOW = 1.5  # seconds, of evenly spaced choices
N_RANDOM = 20
# The films 0 to 7 of the same protocol chose how many parts a short summary has.
FIRST_SEED = 8
GREEN, OTHERS = (40, 137, 40), [(230, 40, 40), (70, 80, 255), (97, 97, 97)]
LOW, HIGH = 300.0, 900.0  # Hz

Measures = dict[str, list[tuple[float, float, float]]]


def measure_summaries(context: Context) -> list[Row]:
    """Return what summaries of films of real shots show, beside other choices.

    Parameters
    ----------
    context : Context
        If quick, one film of six pieces.

    Returns
    -------
    list of Row
    """
    n_films, n_shots = (1, 6) if context.quick else (16, 20)
    shots = read_shots(context)
    measures: dict[float, Measures] = {share: {} for share in SHARES}
    with TemporaryDirectory() as folder:
        for i in range(n_films):
            film = make_compilation(
                shots,
                Path(folder) / f"{i}.mp4",
                seed=FIRST_SEED + i,
                n_shots=n_shots,
                lengths=(25, 125),
            )
            for share in SHARES:
                for name, found in _measured(film, share):
                    measures[share].setdefault(name, []).append(found)
    protocol = f"{n_films} films of {n_shots} pieces of 11 real shots, 1 to 5 s"
    return [row for share in SHARES for row in _rows(share, protocol, measures[share])]


def _rows(share: float, protocol: str, measures: Measures) -> Iterator[Row]:
    means = {name: np.mean(found, axis=0) for name, found in measures.items()}
    errors = np.std(measures["ours"], axis=0) / np.sqrt(len(measures["ours"]))
    for k, (title, about, unit) in enumerate(
        (
            ("scenes shown", "of the film's different shots", "%"),
            ("importance kept", "mean of what is kept, by the summariser's own", "%"),
            (
                "frames not shown",
                "mean cosine distance of frames by HOG to the "
                "nearest kept one, in hundredths: less is better",
                "/ 100",
            ),
        )
    ):
        yield Row(
            f"{title}, {share:.0%}",
            f"{about}; {protocol}",
            100 * float(means["ours"][k]),
            unit=unit,
            spread=100 * float(errors[k]),
            spread_of="s.e. over films",
            peers={
                name: 100 * float(values[k])
                for name, values in means.items()
                if name != "ours"
            },
            real=True,
        )


def _measured(
    film: Compilation, share: float
) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """Yield by what was chosen: scenes shown, importance kept, frames not shown."""
    summary = VideoSummarizer(share=share).summarize(film.path)
    video = summary.video
    frames = FramePooling(HOG((64, 64)), every=0.2, max_frames=None).describe(video)
    times = frames.positions[:, 0].astype(float) * video.duration
    unit = frames.descriptors / np.maximum(
        np.linalg.norm(frames.descriptors, axis=1, keepdims=True), 1e-9
    )
    scenes = film.scenes[np.minimum((times * FPS).astype(int), len(film.scenes) - 1)]
    importance = summary.importance_at(times)

    def measure(kept: NDArray[np.bool_]) -> tuple[float, float, float]:
        return (
            len(set(scenes[kept])) / len(set(film.scenes)),
            float(importance[kept].mean()),
            float((1 - unit @ unit[kept].T).min(axis=1).mean()),
        )

    yield "ours", measure(summary.is_chosen_at(times))
    rng = np.random.default_rng(0)
    drawn = [measure(_random(summary, share, times, rng)) for _ in range(N_RANDOM)]
    yield "random", tuple(np.mean(drawn, axis=0))
    yield "even", measure(_even(video.duration, share, times))


def _random(
    summary: VideoSummary,
    share: float,
    times: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Return which times random segments of the summary's keep, as many as fit."""
    seconds = np.diff(summary.segments).ravel()
    room, kept = share * summary.video.duration, np.zeros(len(seconds), dtype=bool)
    for i in rng.permutation(len(seconds)):
        if seconds[i] <= room:
            kept[i] = True
            room -= seconds[i]
    return kept[np.searchsorted(summary.segments[1:, 0], times, side="right")]


def _even(
    duration: float, share: float, times: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which times windows of one length and distance keep."""
    n = max(1, round(share * duration / WINDOW))
    starts = (np.arange(n) + 0.5) * duration / n - share * duration / n / 2
    after = times - starts[:, np.newaxis]
    return np.asarray(((after >= 0) & (after < share * duration / n)).any(axis=0))


def measure_learned(context: Context) -> list[Row]:
    """Return how far importance agrees with made scores of one cue, learned or not.

    Parameters
    ----------
    context : Context
        If quick, three films to learn from and two to score.

    Returns
    -------
    list of Row
    """
    n_train, n_test = (3, 2) if context.quick else (8, 6)
    rows = []
    for cue in ("a colour", "a pitch"):
        with TemporaryDirectory() as folder:
            films = [
                _made_film(Path(folder) / f"{i}.mp4", cue, seed=i)
                for i in range(n_train + n_test)
            ]
            paths, scores = zip(*films, strict=True)
            learned = VideoSummarizer().fit(paths[:n_train], scores[:n_train])
            held_out = paths[n_train:], scores[n_train:]
            rows.append(
                Row(
                    f"learned from {cue}",
                    f"Kendall's tau-b with made scores, {n_train} films to learn from, "
                    f"{n_test} others scored; two of eight scenes of 2 s are liked, "
                    "so that .63 is the most",
                    learned.score(*held_out),
                    unit="tau",
                    peers={"without scores": VideoSummarizer().score(*held_out)},
                )
            )
    return rows


def _made_film(path: Path, cue: str, seed: int) -> tuple[Path, NDArray[np.float64]]:
    """Write a film of coloured scenes with tones, and return a score a frame.

    A block moves in each, at random speeds; both tones are equally loud.
    """
    rng = np.random.default_rng(seed)
    n, n_scenes = 2 * FPS, 8
    frames, sounds, scores = [], [], []
    wanted = rng.permutation(n_scenes) < n_scenes // 3
    for k in range(n_scenes):
        of_colour, of_pitch = bool(wanted[k]), bool(rng.random() < 0.5)
        if cue == "a pitch":
            of_colour, of_pitch = of_pitch, of_colour
        colour = GREEN if of_colour else OTHERS[int(rng.integers(3))]
        speed = rng.uniform(0, 1.5)
        for i in range(n):
            frame = np.full((48, 64, 3), colour, dtype=np.uint8)
            at = int(i * speed) % 48
            frame[10:30, at : at + 16] = 250
            frames.append(frame)
        t = np.arange(2 * RATE) / RATE
        hertz = HIGH if of_pitch else LOW
        sounds.append(rng.uniform(0.1, 0.4) * np.sin(2 * np.pi * hertz * t))
        scores.append(np.full(n, float(wanted[k])))
    write_video(path, frames, np.concatenate(sounds).astype(np.float32))
    return path, np.concatenate(scores)


def measure_time(context: Context) -> list[Row]:
    """Return the time of a summary beside that of decoding alone.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    rows = []
    for name, (path, _) in hard_cuts(context).items():
        rows.append(
            compare(
                f"summary of {name}",
                "without writing it; the peer reads frames, small, and sound once",
                lambda path=path: VideoSummarizer().summarize(path),
                lambda path=path: _decode(path),
                None,
                "",
                context,
                peer_name="decoding alone",
                min_pairs=7,
                at_most=2.0,
                real=True,
            )
        )
    return rows


def _decode(path: Path) -> None:
    video = open_video(path)
    for _ in video.frames(size=THUMB):
        pass
    if video.has_audio:
        for _ in video.audio_blocks():
            pass
