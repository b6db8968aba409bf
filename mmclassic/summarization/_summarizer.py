"""VideoSummarizer: a video, by its pictures, sound and subtitles, to a shorter one."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils._param_validation import HasMethods, Interval

from mmclassic._execution import fit_task, map_items, n_item_tasks, without_callbacks
from mmclassic.summarization._choice import alike_groups, choose
from mmclassic.summarization._described import Describe, OfARow, default_pictures
from mmclassic.summarization._evaluation import rank_correlation
from mmclassic.summarization._importance import check_weights, fuse, scores_of
from mmclassic.summarization._learning import (
    learn_importance,
    read_scores,
    segment_targets,
    to_unit,
)
from mmclassic.summarization._rows import read_videos
from mmclassic.summarization._summary import VideoSummary, middle_of_best
from mmclassic.video._frames import learns

__all__ = ["VideoSummarizer"]


class VideoSummarizer(CallbackSupportMixin, BaseEstimator):
    """Choose the segments of a video that matter, up to a length, unlike each other.

    Pictures, sound and subtitles each score the segments, which are shots, long ones
    cut; a weighted mean fuses the scores, or regressors of them do once ``fit`` was
    given people's. Of all choices within the length that of the greatest total
    importance is taken, exactly, where what looks alike counts less each time.

    Parameters
    ----------
    seconds : float or None, default=None
        Length of a summary, at most; None for ``share`` of the video's. Of a shorter
        video all is kept; where no segment is as short, the middle of the best one.
    share : float, default=0.15
        Length of a summary over the video's.
    longest : float, default=5.0
        Seconds of a segment, at most; nor is it more than an eighth of the summary, or
        1.5 s where that is more. Longer shots are cut into equal parts.
    weights : dict of str to float or None, default=None
        How much "pictures", "sound" and "subtitles" count; one that is not given
        counts 1. Where people's scores were given, weights are learned.
    decay : float, default=0.5
        What the next segment of a group that looks alike is worth, over the one
        before; 1 for as much as any.
    distance : float, default=0.1
        Greatest cosine distance, of the mean descriptors of their frames, at which
        segments look alike.
    pictures : descriptor of videos or None, default=None
        One that learns is fitted on the videos of ``fit``. None for
        ``FramePooling(ColorHistogram(8, grid=(2, 2), root=True), every=0.5,
        max_frames=None)``.
    sound : descriptor of sounds or None, default=None
        That learns nothing. None for ``MFCC(16000)``.
    regressor : regressor or None, default=None
        Of each modality, where scores are given; None for ridge regression with its
        penalty chosen.
    n_jobs : int or None, default=None
        Videos at once, as joblib's. Each is decoded by one thread.

    Attributes
    ----------
    pictures_ : descriptor of videos
        The clone in use, fitted where it learns.
    fusion_ : LateFusionRegressor or None
        Of the modalities; None where no scores were given.

    See Also
    --------
    mmclassic.video.detect_shots : What is summarised.

    Notes
    -----
    What a video lacks, a track or subtitles, does not count. Without scores nothing is
    learned, and ``summarize`` needs no ``fit``, unless ``pictures`` learns. It decodes
    once, unless ``pictures`` samples more than 10 s apart. Segments are kept whole, so
    less than one's length may be left unused. The choice is exact in milliseconds, or
    coarser for long videos. Memory holds descriptors, never frames.

    References
    ----------
    Evangelopoulos, G., Zlatintsi, A., Potamianos, A. et al. (2013). Multimodal saliency
    and fusion for movie summarization based on aural, visual, and textual attention.
    IEEE Transactions on Multimedia, 15, 1553-1568.
    https://doi.org/10.1109/TMM.2013.2267205

    Gygli, M., Grabner, H., Riemenschneider, H. & Van Gool, L. (2014). Creating
    summaries from user videos. ECCV. https://doi.org/10.1007/978-3-319-10584-0_33

    Examples
    --------
    >>> from mmclassic.summarization import VideoSummarizer
    >>> summarizer = VideoSummarizer(seconds=10, weights={"sound": 0.5})
    >>> summarizer.summarize("film.mp4").write("summary.mp4")  # doctest: +SKIP
    """

    _parameter_constraints: dict[str, Any] = {
        "seconds": [Interval(Real, 0, None, closed="neither"), None],
        "share": [Interval(Real, 0, 1, closed="right")],
        "longest": [Interval(Real, 0.1, None, closed="left")],
        "weights": [dict, None],
        "decay": [Interval(Real, 0, 1, closed="both")],
        "distance": [Interval(Real, 0, 2, closed="both")],
        "pictures": [HasMethods(["describe"]), None],
        "sound": [HasMethods(["describe"]), None],
        "regressor": [HasMethods(["fit", "predict"]), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        seconds: float | None = None,
        *,
        share: float = 0.15,
        longest: float = 5.0,
        weights: dict[str, float] | None = None,
        decay: float = 0.5,
        distance: float = 0.1,
        pictures: Any = None,
        sound: Any = None,
        regressor: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.seconds = seconds
        self.share = share
        self.longest = longest
        self.weights = weights
        self.decay = decay
        self.distance = distance
        self.pictures = pictures
        self.sound = sound
        self.regressor = regressor
        self.n_jobs = n_jobs

    def _validate_params(self) -> None:
        super()._validate_params()
        check_weights(self.weights or {})

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "VideoSummarizer":
        """Learn what matters from people's scores; without them, nothing of it.

        Parameters
        ----------
        X : column of videos, or DataFrame with columns "video" and "subtitles"
            Cells of a video are paths, encoded bytes, dicts of these; those of
            subtitles are of an srt file, or missing.
        y : sequence of array-like of shape (n,) or (n_people, n), or None, default=None
            For each video, scores spread evenly over it, of frames or of seconds.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a file or scores are invalid, naming the row.
        """
        self._validate_params()
        column = read_videos(X)
        scores = None if y is None else read_scores(y, len(column))
        n_tasks = 0 if y is None else n_item_tasks(len(column)) + 1
        with fit_task(self, n_tasks, X, y) as task:
            self.fusion_ = None
            self.pictures_ = clone(self._pictures)
            if learns(self.pictures_):
                self.pictures_.fit([video for video, _ in column.cells])
            if scores is None:
                return self
            with task.items("describe", len(column), n_tasks - 1):
                found = map_items(OfARow(self._describe()), column, n_jobs=self.n_jobs)
            self.fusion_ = learn_importance(
                [described.table for described in found],
                [
                    segment_targets(
                        own.mean(axis=0), each.segments, each.video.duration
                    )
                    for own, each in zip(scores, found, strict=True)
                ],
                self.regressor,
                task.subtask("learn"),
            )
        return self

    def predict(self, X: Any) -> list[VideoSummary]:
        """Return a summary of each video.

        Parameters
        ----------
        X : column of videos, or DataFrame with columns "video" and "subtitles"

        Returns
        -------
        list of VideoSummary

        Raises
        ------
        MediaError
            If a file is invalid, naming its row.
        """
        self._validate_params()
        summarize = OfARow(without_callbacks(self)._summarize)
        return map_items(summarize, read_videos(X), n_jobs=self.n_jobs)

    def score(self, X: Any, y: Any) -> float:
        """Return the mean rank correlation with people's scores.

        Parameters
        ----------
        X : column of videos, or DataFrame with columns "video" and "subtitles"
        y : sequence of array-like of shape (n,) or (n_people, n)
            As of ``fit``.

        Returns
        -------
        float
            Kendall's tau-b, in [-1, 1]; see `rank_correlation`.

        Raises
        ------
        ValueError
            If a file or scores are invalid, naming the row.
        """
        people = read_scores(y, len(read_videos(X)))
        found = []
        for summary, scores in zip(self.predict(X), people, strict=True):
            n = scores.shape[1]
            times = (np.arange(n) + 0.5) / n * summary.video.duration
            found.append(rank_correlation(summary.importance_at(times), scores))
        return float(np.mean(found))

    def summarize(self, video: Any, subtitles: Any = None) -> VideoSummary:
        """Summarise one video.

        Parameters
        ----------
        video : cell, or Video
            A path, encoded bytes, a dict with "bytes" or "path", or what `open_video`
            gave.
        subtitles : cell, default=None
            The path or the bytes of an srt file.

        Returns
        -------
        VideoSummary

        Raises
        ------
        MediaError
            If a file is invalid, or no subtitle lies within the video.
        """
        self._validate_params()
        return self._summarize(video, subtitles)

    def _summarize(self, video: Any, subtitles: Any) -> VideoSummary:
        described = self._describe()(video, subtitles)
        segments, table = described.segments, described.table
        scores, fusion = {}, getattr(self, "fusion_", None)
        if fusion is None:
            scores = scores_of(table, segments)
            importance = fuse(scores, self.weights or {})
        else:
            importance = to_unit(fusion.predict(table[fusion.feature_names_in_]))
        looks = [held.descriptors.mean(axis=0) for held in table["pictures"]]
        groups = alike_groups(np.array(looks, dtype=np.float64), self.distance)
        chosen = choose(
            segments,
            importance,
            groups,
            budget=described.budget,
            decay=self.decay,
        )
        texts = [text or "" for text in table["subtitles"]]
        held = described.video, segments, importance, chosen, groups, scores, texts
        summary = VideoSummary(*held)
        return summary if chosen.any() else middle_of_best(summary, described.budget)

    @property
    def _pictures(self) -> Any:
        return default_pictures() if self.pictures is None else self.pictures

    def _describe(self) -> Describe:
        pictures = getattr(self, "pictures_", self._pictures)
        return Describe(self.seconds, self.share, self.longest, pictures, self.sound)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "pictures_") or not learns(self._pictures)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = learns(self._pictures)
        return tags
