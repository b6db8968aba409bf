"""VideoSummary: a video's segments, what each is worth, and which ones are chosen."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmclassic.media import Video

__all__ = ["VideoSummary", "middle_of_best"]

PAGES, FILMS = (".html", ".htm"), (".mp4", ".m4v", ".mov", ".mkv")
GAP = 1e-6  # seconds between what follows each other


@dataclass(frozen=True, eq=False)
class VideoSummary:
    """What `VideoSummarizer` makes of one video.

    Parameters
    ----------
    video : Video
        Times below are seconds of it.
    segments : ndarray of shape (n_segments, 2)
        Start and end of each, one after the other: shots, long ones cut.
    importance : ndarray of shape (n_segments,), in [0, 1]
        What a second of each is worth.
    chosen : ndarray of shape (n_segments,), bool
        Those of the summary.
    groups : ndarray of shape (n_segments,), int
        Equal for segments that look alike.
    scores : dict of str to ndarray of shape (n_segments,)
        The importance by each modality that the video has; empty where it was learned.
    texts : list of str
        The subtitles of each segment.
    """

    video: Video
    segments: NDArray[np.float64]
    importance: NDArray[np.float64]
    chosen: NDArray[np.bool_]
    groups: NDArray[np.int64]
    scores: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Length of the summary."""
        kept = self.segments[self.chosen]
        return float((kept[:, 1] - kept[:, 0]).sum())

    @property
    def spans(self) -> NDArray[np.float64]:
        """Start and end of what is kept, neighbours joined, shape (n_spans, 2)."""
        spans: list[list[float]] = []
        for start, stop in self.segments[self.chosen].tolist():
            if spans and start - spans[-1][1] < GAP:
                spans[-1][1] = stop
            else:
                spans.append([start, stop])
        return np.array(spans).reshape(-1, 2)

    def importance_at(self, times: ArrayLike) -> NDArray[np.float64]:
        """Return the importance of the segments at some times.

        Parameters
        ----------
        times : array-like of shape (n,)
            Seconds.

        Returns
        -------
        ndarray of shape (n,)
        """
        return self.importance[self._segment_at(times)]

    def is_chosen_at(self, times: ArrayLike) -> NDArray[np.bool_]:
        """Return whether the summary keeps what is at some times.

        Parameters
        ----------
        times : array-like of shape (n,)
            Seconds.

        Returns
        -------
        ndarray of shape (n,), bool
        """
        return self.chosen[self._segment_at(times)]

    def _segment_at(self, times: ArrayLike) -> NDArray[np.intp]:
        starts = self.segments[1:, 0]
        return np.searchsorted(starts, np.asarray(times, dtype=float), side="right")

    def keyframes(
        self, *, size: tuple[int, int] | None = None
    ) -> list[tuple[float, NDArray[np.uint8]]]:
        """Return the middle frame of each chosen segment, with its time.

        Parameters
        ----------
        size : (int, int) or None, default=None
            Height and width to scale to.

        Returns
        -------
        list of (float, ndarray of shape (height, width, 3), uint8)
        """
        middles = self.segments[self.chosen].mean(axis=1).tolist()
        return [(time, self.video.frame_at(time, size=size)) for time in middles]

    def write(self, path: str | os.PathLike[str], *, title: str = "Summary") -> None:
        """Write the summary as a film to play, or as a page with its storyboard.

        Parameters
        ----------
        path : str or path-like
            Ends in .mp4 (or .m4v, .mov, .mkv), or in .html.
        title : str, default="Summary"
            Of the page.

        Raises
        ------
        ValueError
            If it ends otherwise.
        """
        target = Path(path)
        if target.suffix.lower() in PAGES:
            from mmclassic.summarization._storyboard import write_storyboard

            write_storyboard(self, target, title)
        elif target.suffix.lower() in FILMS:
            from mmclassic.summarization._film import write_film

            write_film(self.video, self.spans, target)
        else:
            raise ValueError(
                f"{str(path)!r} must end in .html to be a page, or in one of "
                f"{', '.join(FILMS)} to be a film."
            )

    def __repr__(self) -> str:
        return (
            f"VideoSummary({int(self.chosen.sum())} of {len(self.chosen)} segments, "
            f"{self.seconds:.3g} of {self.video.duration:.3g} s)"
        )

    def _repr_html_(self) -> str:
        from mmclassic.summarization._storyboard import storyboard_html

        return storyboard_html(self)


def middle_of_best(summary: VideoSummary, seconds: float) -> VideoSummary:
    """Return a summary of which nothing but the middle of one segment is kept.

    Parameters
    ----------
    summary : VideoSummary
    seconds : float
        To keep; less than the most important segment has.

    Returns
    -------
    VideoSummary
        That segment is three.
    """
    best = int(summary.importance.argmax())
    middle = float(summary.segments[best].mean())
    cuts = [middle - seconds / 2, middle + seconds / 2]
    edges = np.insert(summary.segments[:, 0], best + 1, cuts)
    ends = np.insert(summary.segments[:, 1], best, cuts)
    at = np.insert(np.arange(len(summary.segments)), best, [best, best])
    return replace(
        summary,
        segments=np.column_stack([edges, ends]),
        importance=summary.importance[at],
        chosen=np.arange(len(at)) == best + 1,
        groups=summary.groups[at],
        scores={name: values[at] for name, values in summary.scores.items()},
        texts=[summary.texts[i] for i in at],
    )
