"""Pieces of real shots to the shot that each is of, by descriptors of their frames."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.common import Context, Row
from benchmarks.video.films import read_shots, write_video
from mmclassic.encoding import BagOfWords
from mmclassic.image import HOG, ColorHistogram, DenseSIFT
from mmclassic.video import FramePooling

__all__ = ["measure_pooling"]

PIECE = 12  # frames


def measure_pooling(context: Context) -> list[Row]:
    """Return how often the shot of a piece is told by pieces of its first half.

    Parameters
    ----------
    context : Context
        If quick, one frame of three, and so a third of the pieces.

    Returns
    -------
    list of Row
    """
    n_words = 20 if context.quick else 100
    describers: dict[str, Any] = {
        "colours": ColorHistogram(8, grid=(2, 2), root=True),
        "shapes": HOG((64, 64)),
        "words": BagOfWords(DenseSIFT(8), n_words=n_words, random_state=0),
    }
    with TemporaryDirectory() as folder:
        train, test = _pieces(context, Path(folder))
        rows = []
        for name, describer in describers.items():
            pooling = FramePooling(describer, every=0.12, n_jobs=context.n_jobs)
            classifier = LogisticRegression(C=0.1, max_iter=1000)
            model = make_pipeline(pooling, StandardScaler(), classifier)
            share = model.fit(*train).score(*test)
            n = len(test[1])
            chance = np.unique(test[1], return_counts=True)[1].max() / n
            rows.append(
                Row(
                    f"FramePooling, {name}",
                    f"accuracy on {n} pieces of .5 s: which of {len(set(test[1]))} "
                    f"shots, by {len(train[1])} pieces of their first halves",
                    100 * float(share),
                    spread=100 * float(np.sqrt(share * (1 - share) / n)),
                    spread_of=f"s.e., {n} pieces",
                    peers={"the most frequent": 100 * float(chance)},
                    real=True,
                )
            )
    return rows


def _pieces(context: Context, folder: Path) -> tuple[tuple[list[Path], Any], ...]:
    """Return pieces of the first halves of shots, and of the second, with their shots.

    Between the halves a piece is left out.
    """
    halves: tuple[tuple[list[Path], list[int]], ...] = ([], []), ([], [])
    n_piece = PIECE // 3 if context.quick else PIECE
    for i, shot in enumerate(read_shots(context)):
        middle = len(shot.frames) // 2
        parts = (
            shot.frames[: middle - n_piece // 2],
            shot.frames[middle + n_piece // 2 :],
        )
        for half, (frames, (paths, labels)) in enumerate(
            zip(parts, halves, strict=True)
        ):
            for start in range(0, len(frames) - n_piece + 1, n_piece):
                path = folder / f"{i}_{half}_{start}.mp4"
                write_video(path, frames[start : start + n_piece])
                paths.append(path)
                labels.append(shot.scene)
    return tuple((paths, np.array(labels)) for paths, labels in halves)
