"""WordRecognizer: clips of one word each to the word, by hidden Markov models."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from mmclassic._base import CACHE_CONSTRAINTS
from mmclassic._execution import (
    Cache,
    Column,
    as_cache,
    fit_task,
    map_items,
    n_item_tasks,
    read_column,
    remembered,
    single_threaded,
)
from mmclassic.transcription._word_frames import WordFrames
from mmclassic.transcription._word_models import WordModel, path_scores, train_word

__all__ = ["WordRecognizer"]


class WordRecognizer(CallbackSupportMixin, ClassifierMixin, BaseEstimator):
    """Tell which of some words a clip holds.

    Each word is a left-right hidden Markov model of one Gaussian a state [1]_ over
    cepstra and their two derivatives, between the first and the last frame that are
    loud. The cepstra are of the fifteenth root of mel power, relative to the clip's
    greatest, which noise changes less than its logarithm [2]_.

    Parameters
    ----------
    n_states : int, default=8
        States of each word, one after the other.
    sample_rate : float, default=8000
        Rate that clips are resampled to, hertz.
    n_mfcc : int, default=13
        Cepstral coefficients a frame.
    trim : float, default=30.0
        The word lies between the first and the last frame that are at most so many
        decibels below the loudest.
    n_iter : int, default=4
        Rounds of training.
    temperature : float, default=1.5
        What log-likelihoods a frame are divided by to give probabilities.
    invalid : {"error", "missing"}, default="error"
        Whether an invalid clip stops, or is warned of and counts as missing.
    n_jobs : int or None, default=None
        Clips described at once, as joblib's.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps the frames of each clip, for every fold and process.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The words.
    means_, variances_ : ndarray of shape (n_classes, n_states, n_features)
        Of each state's Gaussian.
    stay_ : ndarray of shape (n_classes, n_states)
        Probability that the next frame is in the same state.
    priors_ : ndarray of shape (n_classes,)
        Share of each word among the clips of `fit`; what a missing clip gets.

    See Also
    --------
    SpeechTranscriber : Continuous English speech to text.

    References
    ----------
    .. [1] Rabiner, L. (1989). A tutorial on hidden Markov models and selected
       applications in speech recognition. Proceedings of the IEEE, 77(2), 257-286.
       https://doi.org/10.1109/5.18626
    .. [2] Kim, C. & Stern, R. M. (2016). Power-normalized cepstral coefficients (PNCC)
       for robust speech recognition. IEEE/ACM Transactions on Audio, Speech, and
       Language Processing, 24(7), 1315-1329.
       https://doi.org/10.1109/TASLP.2016.2545928

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.transcription import WordRecognizer
    >>> t = np.arange(4000) / 8000
    >>> rising, falling = (np.sin(2 * np.pi * (600 + k * 800 * t) * t) for k in (1, -1))
    >>> clips = [rising, falling, 0.5 * rising, 0.5 * falling]
    >>> recognizer = WordRecognizer().fit(clips, ["up", "down", "up", "down"])
    >>> recognizer.predict([0.8 * falling, 0.7 * rising])
    array(['down', 'up'], dtype='<U4')
    """

    _parameter_constraints: dict[str, Any] = {
        "n_states": [Interval(Integral, 1, None, closed="left")],
        "sample_rate": [Interval(Real, 0, None, closed="neither")],
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "trim": [Interval(Real, 0, None, closed="left")],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        n_states: int = 8,
        *,
        sample_rate: float = 8000,
        n_mfcc: int = 13,
        trim: float = 30.0,
        n_iter: int = 4,
        temperature: float = 1.5,
        invalid: str = "error",
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.n_states = n_states
        self.sample_rate = sample_rate
        self.n_mfcc = n_mfcc
        self.trim = trim
        self.n_iter = n_iter
        self.temperature = temperature
        self.invalid = invalid
        self.n_jobs = n_jobs
        self.cache = cache

    @with_callbacks
    def fit(self, X: Any, y: Any) -> "WordRecognizer":
        """Learn the model of each word.

        Parameters
        ----------
        X : column of n_samples clips
            Missing ones teach nothing.
        y : array-like of shape (n_samples,)
            The words.

        Returns
        -------
        self

        Raises
        ------
        MediaError
            If a clip is invalid, naming its row.
        ValueError
            If X and y differ in length, a word of y is missing, y has several outputs,
            or all clips of a word are missing.
        """
        self._validate_params()
        column, y = read_column(X), _read_words(y)
        if len(column) != len(y) or not len(y):
            raise ValueError(
                f"X holds {len(column)} clips and y {len(y)} words. Give as many of "
                "both, and at least one."
            )
        check_classification_targets(y)
        n_tasks = n_item_tasks(len(column))
        with fit_task(self, n_tasks, X, y) as task:
            with task.items("describe", len(column), n_tasks):
                frames = self._frames(column)
            self._learn(frames, y)
        return self

    def _learn(self, frames: list[NDArray[Any] | None], y: NDArray[Any]) -> None:
        self.classes_, numbers = np.unique(y, return_inverse=True)
        models = []
        counts = np.zeros(len(self.classes_))
        with single_threaded():
            for k, word in enumerate(self.classes_):
                own = [
                    clip
                    for clip, number in zip(frames, numbers, strict=True)
                    if number == k and clip is not None
                ]
                if not own:
                    raise ValueError(
                        f"Every clip of {str(word)!r} is missing. Drop its rows from "
                        "X and y, or give a clip of it."
                    )
                counts[k] = len(own)
                models.append(train_word(own, self.n_states, self.n_iter))
        self.priors_ = counts / counts.sum()
        self.means_ = np.stack([model.means for model in models])
        self.variances_ = np.stack([model.variances for model in models])
        self.stay_ = np.stack([model.stay for model in models])

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the log-likelihood a frame of each clip as each word.

        Parameters
        ----------
        X : column of n_samples clips

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            NaN for a missing clip.

        Raises
        ------
        MediaError
            If a clip is invalid, naming its row, and ``invalid="error"``.
        """
        check_is_fitted(self)
        frames = self._frames(read_column(X))
        models = [
            WordModel(*parts)
            for parts in zip(self.means_, self.variances_, self.stay_, strict=True)
        ]
        scores = np.full((len(frames), len(models)), np.nan)
        present = [row for row, clip in enumerate(frames) if clip is not None]
        if present:
            with single_threaded():
                clips = [clip for clip in frames if clip is not None]
                scores[present] = path_scores(clips, models)
        return scores

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each word.

        Parameters
        ----------
        X : column of n_samples clips

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            ``priors_`` for a missing clip.
        """
        scores = self.decision_function(X) / self.temperature
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = scores / scores.sum(axis=1, keepdims=True)
        return np.where(np.isnan(probabilities), self.priors_, probabilities)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest word of each clip, the commonest for a missing one.

        Parameters
        ----------
        X : column of n_samples clips

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _frames(self, column: Column) -> list[NDArray[Any] | None]:
        describe = WordFrames(self.sample_rate, self.n_mfcc, self.trim)
        return map_items(
            remembered(describe, describe.identity(), as_cache(self.cache)),
            column,
            n_jobs=self.n_jobs,
            invalid=self.invalid,  # type: ignore[arg-type]
        )


def _read_words(y: Any) -> NDArray[Any]:
    """Return y as an array of one dimension, in which no word is missing."""
    if y is None:
        raise ValueError(
            "WordRecognizer requires y to be passed, but the target y is None."
        )
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1:
        raise ValueError(
            f"y has {y.shape[1]} outputs; WordRecognizer takes one. Wrap it: "
            "sklearn.multioutput.MultiOutputClassifier(WordRecognizer(...))."
        )
    y = column_or_1d(y, warn=True)
    for row, word in enumerate(y.tolist()):
        if word is None or word != word:
            raise ValueError(
                f"The word of row {row} of y is missing. Drop the row from X and y."
            )
    return y
