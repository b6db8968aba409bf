"""FramePooling: a video to the descriptions of its frames by an image transformer."""

from itertools import islice
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.callback import with_callbacks
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from mmclassic._base import CACHE_CONSTRAINTS, ItemTransformer
from mmclassic._execution import (
    Cache,
    Column,
    Libraries,
    fit_task,
    map_items,
    n_item_tasks,
    one_warning,
    read_column,
    within_an_item,
)
from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError
from mmclassic.media import Video, describe_cell, open_video
from mmclassic.video._frames import TakeFrames, learns, scaled_frames

__all__ = ["FramePooling"]

AT_ONCE = 16  # frames in memory
LEARN_VIDEOS = 64  # videos whose frames a transformer is fitted on


class FramePooling(ItemTransformer):
    """Describe a video by what an image transformer says of frames sampled from it.

    ``describe`` gives a descriptor a frame, placed in time, so that every encoder
    takes it: ``BagOfWords(FramePooling(HOG()))``, or ``StatisticsPooling`` with a
    pyramid over time. ``transform`` gives mean and standard deviation over the frames.

    A transformer that learns, such as ``BagOfWords(SIFT())``, is fitted on frames of
    the videos.

    Parameters
    ----------
    transformer : image transformer
        Such as ColorHistogram(), HOG(), an encoder, or a FeatureUnion of them.
    every : float, default=1.0
        Seconds between the frames; the first lies half of it from the start.
    max_frames : int or None, default=1000
        Most frames of a video: longer ones are sampled at a greater distance, so that
        no video takes more memory than others. None for any number.
    max_size : int or None, default=320
        Pixels of the longer side that greater frames are scaled down to while they
        are decoded. None keeps them.
    max_fit_frames : int, default=256
        Frames that a transformer which learns is fitted on, spread over the videos.
    invalid : {"error", "missing"}, default="error"
        Whether ``transform`` stops at an invalid video, or warns once and gives NaN.
    n_jobs : int or None, default=None
        Videos described at once, as joblib's. Each is decoded by one thread.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps what was computed of each video, for every fold and process;
        see `mmclassic.cache.FeatureCache`. To know a file by its content, it is read
        into memory as a whole.

    Attributes
    ----------
    transformer_ : image transformer
        The clone in use, fitted where it learns.

    Examples
    --------
    >>> from mmclassic.image import ColorHistogram
    >>> from mmclassic.video import FramePooling
    >>> pooling = FramePooling(ColorHistogram(n_bins=2), every=0.5)
    >>> pooling.get_feature_names_out()[:2]
    array(['framepooling_mean_colorhistogram_0_0_r0',
           'framepooling_mean_colorhistogram_0_0_r1'], dtype=object)
    """

    _libraries = Libraries(("numpy", "scipy", "cv2", "av", "scikit-learn"))
    _parameter_constraints: dict[str, Any] = {
        "transformer": [HasMethods(["fit", "transform"])],
        "every": [Interval(Real, 0, None, closed="neither")],
        "max_frames": [Interval(Integral, 1, None, closed="left"), None],
        "max_size": [Interval(Integral, 8, None, closed="left"), None],
        "max_fit_frames": [Interval(Integral, 1, None, closed="left")],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        transformer: Any = None,
        *,
        every: float = 1.0,
        max_frames: int | None = 1000,
        max_size: int | None = 320,
        max_fit_frames: int = 256,
        invalid: str = "error",
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.transformer = transformer
        self.every = every
        self.max_frames = max_frames
        self.max_size = max_size
        self.max_fit_frames = max_fit_frames
        self.invalid = invalid
        self.n_jobs = n_jobs
        self.cache = cache

    def _validate_params(self) -> None:
        if self.transformer is None or isinstance(self.transformer, type):
            raise ValueError(
                "The 'transformer' parameter of FramePooling must be an image "
                "transformer, such as FramePooling(ColorHistogram()). Got "
                f"{self.transformer!r} instead."
            )
        super()._validate_params()

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "FramePooling":
        """Fit the transformer on frames of the videos, if it learns.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column.
        y : ignored

        Returns
        -------
        self
        """
        self._validate_params()
        column = read_column(X)
        with one_warning(), fit_task(self, 0, X, y):
            self._fit_transformer(column)
        return self

    @with_callbacks
    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Fit, and return the rows of ``transform``.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column.
        y : ignored

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32
        """
        self._validate_params()
        column = read_column(X)
        n_tasks = n_item_tasks(len(column))
        with one_warning(), fit_task(self, n_tasks, X, y) as task:
            self._fit_transformer(column)
            with task.items("describe", len(column), n_tasks):
                return self._transform(column)

    def _fit_transformer(self, column: Column) -> None:
        self.transformer_ = clone(self.transformer)
        if not self._learns:
            return
        present = np.flatnonzero(column.present())
        n_videos = min(LEARN_VIDEOS, len(present), self.max_fit_frames)
        if not n_videos:
            raise ValueError(
                f"FramePooling found nothing to learn from: all {len(column)} rows of "
                "X are missing."
            )
        chosen = present[np.linspace(0, len(present) - 1, n_videos).astype(int)]
        taken = TakeFrames(-(-self.max_fit_frames // n_videos), self.max_size)
        frames: list[NDArray[np.uint8]] = []
        for sampled in map_items(
            taken,
            column.take(chosen),
            n_jobs=self.n_jobs,
            invalid=self.invalid,  # type: ignore[arg-type]
        ):
            frames += sampled or []
        with within_an_item():
            self.transformer_.fit(frames)

    @property
    def _learns(self) -> bool:
        return self.transformer is not None and learns(self.transformer)

    @property
    def _in_use(self) -> Any:
        if hasattr(self, "transformer_"):
            return self.transformer_
        if self._learns:
            raise NotFittedError(
                "This FramePooling instance is not fitted yet, and its transformer "
                "learns. Call 'fit' with videos first."
            )
        return self.transformer

    def _identity(self) -> tuple[Any, ...]:
        learned = self.transformer_ if self._learns else None
        return *super()._identity(), learned

    @property
    def _n_descriptor_features(self) -> int:
        return len(self._in_use.get_feature_names_out())

    def _feature_names(self) -> list[str]:
        names = self._in_use.get_feature_names_out()
        return [f"framepooling_{s}_{name}" for s in ("mean", "std") for name in names]

    def _transform(self, column: Column) -> NDArray[np.float32]:
        self._in_use  # noqa: B018  # raises before any video is opened
        return super()._transform(column)

    def _load(self, cell: Any) -> Video:
        return open_video(cell)

    def _describe(self, item: Video) -> LocalFeatures:
        every = float(self.every)
        if self.max_frames is not None:
            every = max(every, item.duration / self.max_frames)
        rows, times = [], []
        frames = scaled_frames(item, every, self.max_size)
        while batch := list(islice(frames, AT_ONCE)):
            times += [time for time, _ in batch]
            rows.append(self._describe_frames(batch, item))
        return LocalFeatures(
            np.concatenate(rows),
            (np.array(times, dtype=np.float32) / np.float32(item.duration))[:, None],
        )

    def _describe_frames(
        self, batch: list[tuple[float, NDArray[np.uint8]]], video: Video
    ) -> NDArray[np.float32]:
        try:
            with within_an_item():
                rows = self._in_use.transform([frame for _, frame in batch])
        except MediaError as error:
            time = batch[error.row or 0][0]
            raise MediaError(
                f"has a frame at {time:.6g} s that {error.reason}",
                describe_cell(video.cell),
            ) from error
        dense = rows.toarray() if sparse.issparse(rows) else rows
        return np.asarray(dense, dtype=np.float32)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "transformer_") or not self._learns

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = self._learns
        return tags
