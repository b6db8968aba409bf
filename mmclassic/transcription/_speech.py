"""SpeechTranscriber: sound to text, by what transcripts teach about voice and words."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._base import CACHE_CONSTRAINTS
from mmclassic._execution import Cache, fit_task, n_item_tasks, read_column
from mmclassic.transcription._adaptation import Aligned
from mmclassic.transcription._decoder import Word
from mmclassic.transcription._knowledge import Knowledge
from mmclassic.transcription._learning import (
    adapted,
    align_all,
    check_lengths,
    pronunciations_of,
    sentences_of,
)
from mmclassic.transcription._scoring import word_accuracy
from mmclassic.transcription._tasks import Transcribe, transcribe_all

__all__ = ["SpeechTranscriber"]


class SpeechTranscriber(CallbackSupportMixin, TransformerMixin, BaseEstimator):
    """Map recordings of English speech to what is said, as text.

    The recogniser is pocketsphinx [1]_ with the model of American English that comes
    with it: ``pip install "mmclassic[speech]"``. Transcripts teach it the voices and
    rooms at hand, by an affine map of the model's Gaussians and by what each of them
    met [2]_, and, as other texts of the domain do, its words and phrases.

    Parameters
    ----------
    domain : column of texts, or None, default=None
        What people say or write in the domain, beside the transcripts given to `fit`.
    adapt_voice : bool, default=True
        Whether the acoustic model learns from recordings with transcripts.
    domain_weight : float, default=0.2
        How much the domain's texts count against general English, in [0, 1), after a
        word that is frequent in them.
    language_weight : float, default=6.5
        How much the words' probabilities count against the sound's.
    invalid : {"error", "missing"}, default="error"
        Whether an invalid recording stops, or is warned of and counts as missing.
    n_jobs : int or None, default=None
        Recordings taken at once, as joblib's; by processes, as it holds Python's lock.
    cache : str, path-like, FeatureCache or None, default=None
        Folder that keeps each recording's transcript, for all folds and processes.

    Attributes
    ----------
    sentences_ : ndarray of shape (n_sentences,), object
        Of the domain, as spoken; the language model is made of them where it is used.
    vocabulary_ : ndarray of shape (n_words,), object
        The words of the domain, in alphabetical order.
    pronunciations_ : dict of str to list of str
        The phones of those that pocketsphinx's dictionary lacks.
    means_ : ndarray of shape (n_phones, 3, 128, 13), float32, or None
        Of the Gaussians, where they were adapted.
    weights_ : ndarray of shape (3, 128, n_senones), uint8, or None
        Logarithms of the weights of Gaussians, as the model's file has them.
    n_aligned_ : int
        Recordings that the voice was learned from, as their transcripts were found.

    See Also
    --------
    WordRecognizer : Clips of one word each to their class.

    Notes
    -----
    As y, `fit` takes transcripts, a text a row. Numbers are ignored, and so is any y of
    ``fit_transform``: in ``make_pipeline(SpeechTranscriber(), TfidfVectorizer(), ...)``
    y is the target of what follows. To use what transcripts taught there, put
    ``sklearn.frozen.FrozenEstimator(transcriber)`` into the pipeline. A column joins a
    fusion as sound and as words by :func:`mmclassic.make_multimodal_pipeline`'s
    ``audio="clip", text={"words": (transcriber, "clip")}``.

    Arrays are at 16 kHz. Silence gives an empty text; what is not English, the English
    words that sound most like it. A recording is read and decoded in pieces of half a
    minute at most, cut at pauses, so that memory does not grow with its length.

    References
    ----------
    .. [1] Huggins-Daines, D. et al. (2006). Pocketsphinx: a free, real-time continuous
       speech recognition system for hand-held devices. ICASSP.
       https://doi.org/10.1109/ICASSP.2006.1659988
    .. [2] Gauvain, J.-L. & Lee, C.-H. (1994). Maximum a posteriori estimation for
       multivariate Gaussian mixture observations of Markov chains. IEEE Transactions
       on Speech and Audio Processing, 2(2), 291-298. https://doi.org/10.1109/89.279278

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.audio import Waveform
    >>> from mmclassic.transcription import SpeechTranscriber
    >>> silence = Waveform(np.zeros(8000, dtype=np.float32), 16000)
    >>> SpeechTranscriber().fit([silence]).transform([silence, None])
    array(['', None], dtype=object)
    """

    _parameter_constraints: dict[str, Any] = {
        "domain": "no_validation",  # read_column and load_text check it
        "adapt_voice": ["boolean"],
        "domain_weight": [Interval(Real, 0, 1, closed="left")],
        "language_weight": [Interval(Real, 0, None, closed="neither")],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        domain: Any = None,
        *,
        adapt_voice: bool = True,
        domain_weight: float = 0.2,
        language_weight: float = 6.5,
        invalid: str = "error",
        n_jobs: int | None = None,
        cache: Cache = None,
    ) -> None:
        self.domain = domain
        self.adapt_voice = adapt_voice
        self.domain_weight = domain_weight
        self.language_weight = language_weight
        self.invalid = invalid
        self.n_jobs = n_jobs
        self.cache = cache

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "SpeechTranscriber":
        """Learn the voice from recordings with transcripts, and the words from texts.

        Parameters
        ----------
        X : column of n_samples recordings, or None
            None where there are only texts.
        y : column of n_samples transcripts, or None, default=None
            Missing where there is none; numbers are ignored.

        Returns
        -------
        self

        Raises
        ------
        MediaError
            If a recording or text is invalid, naming its row.
        ValueError
            If X and y are not of one length.
        """
        self._validate_params()
        recordings = read_column([] if X is None else X)
        sentences = sentences_of(y)
        if X is not None:
            check_lengths(recordings, sentences)
        said = [s for s in (*sentences, *sentences_of(self.domain)) if s]
        self.sentences_ = np.array([" ".join(s) for s in said], dtype=object)
        self.vocabulary_ = np.unique(np.array(list(chain(*said)), dtype=object))
        self.pronunciations_ = pronunciations_of(self.vocabulary_.tolist())
        n_tasks = n_item_tasks(len(recordings)) if self.adapt_voice else 0
        with fit_task(self, n_tasks, X, y) as task:
            aligned: list[Aligned] = []
            if self.adapt_voice and sentences and X is not None:
                with task.items("align", len(recordings), n_tasks):
                    aligned = align_all(
                        recordings,
                        sentences,
                        self.pronunciations_,
                        n_jobs=self.n_jobs,
                        invalid=self.invalid,  # type: ignore[arg-type]
                    )
            self.n_aligned_ = len(aligned)
            self.means_, self.weights_ = adapted(aligned)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.object_]:
        """Fit to the domain's texts alone and transcribe; any y is ignored.

        Parameters
        ----------
        X : column of n_samples recordings
        y : ignored
            It is the target of what follows in a pipeline.

        Returns
        -------
        ndarray of shape (n_samples,), object
        """
        return self.fit(X).transform(X)

    def transform(self, X: Any) -> NDArray[np.object_]:
        """Return what is said in each recording.

        Parameters
        ----------
        X : column of n_samples recordings

        Returns
        -------
        ndarray of shape (n_samples,), object
            Words in lower case; an empty text for silence, None for a missing
            recording.

        Raises
        ------
        MediaError
            If a recording is invalid, naming its row, and ``invalid="error"``.
        """
        check_is_fitted(self)
        return transcribe_all(self, read_column(X))

    def transcribe(self, item: Any) -> list[Word]:
        """Return the words of one recording with their times and confidences.

        Parameters
        ----------
        item : cell
            A recording of any length.

        Returns
        -------
        list of Word
            With ``text``, ``start`` and ``end`` in seconds, and ``confidence``.

        Raises
        ------
        MediaError
            If it is invalid or missing.
        """
        return list(self.stream(item))

    def stream(self, item: Any) -> Iterator[Word]:
        """Return an iterator over the words of one recording, while it is read.

        At most half a minute of sound is held, and words come as often.

        Parameters
        ----------
        item : cell
            As of `transcribe`.

        Yields
        ------
        Word

        Raises
        ------
        MediaError
            While it is read, if it is invalid or missing.
        """
        check_is_fitted(self)
        pieces = Transcribe(Knowledge.of(self)).pieces(item)
        return chain.from_iterable(words for _, words in pieces)

    def score(self, X: Any, y: Any) -> float:
        """Return one minus the word error rate.

        Parameters
        ----------
        X : column of n_samples recordings
        y : column of n_samples transcripts
            Compared word by word, without punctuation and with numbers as words. Rows
            without one are left out; a missing recording counts as silence.

        Returns
        -------
        float
            At most 1; negative where there are more errors than words. If nothing is
            said in any of y, 1 less the number of words that are heard.

        Raises
        ------
        MediaError
            As of `transform`, or if a transcript is no text.
        ValueError
            If y holds no transcripts, or of another number than X.
        """
        check_is_fitted(self)
        return word_accuracy(read_column(X), y, partial(transcribe_all, self))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the name of the column of texts.

        Parameters
        ----------
        input_features : ignored
        """
        return np.array(["text"], dtype=object)
