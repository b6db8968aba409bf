"""TextReader: pictures to the printed words in them, as text."""

from collections.abc import Sequence
from functools import cache
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._execution import fit_task, map_items, read_column, single_threaded
from mmclassic._kernels.letters import draw_letters, letter_features
from mmclassic.image._words_of_letters import ReadPicture

__all__ = ["TextReader"]

N_EACH = 4  # letters drawn of each face and stroke
SHRINKAGE = 0.1  # of the letters' covariance


class TextReader(CallbackSupportMixin, TransformerMixin, BaseEstimator):
    """Map pictures to the words that are printed in them.

    Regions that are darker or brighter than what is around them, and shaped as letters
    may be, are named by a linear discriminant of histograms of gradients [1]_, learned
    from letters of OpenCV's fonts. Those that stand side by side make a word.

    It reads a few large, level words in Latin letters, such as those of road signs and
    titles; no handwriting, no digits, and no pages of small print.

    Parameters
    ----------
    words : sequence of str, or None, default=None
        The words that there may be, to which what is read is corrected where a quarter
        of the letters differ; other words are left out. None keeps whatever is read of
        three letters or more, of which much is none.
    invalid : {"error", "missing"}, default="error"
        Whether `transform` stops at an invalid picture, or warns once and gives None.
    n_jobs : int or None, default=None
        Pictures read at once, as joblib's.

    Attributes
    ----------
    letters_ : ndarray of shape (n_letters,), str
    weights_ : ndarray of shape (n_features, n_letters)
        Of the discriminant.
    intercepts_ : ndarray of shape (n_letters,)

    Notes
    -----
    OpenCV 4 has no fonts but those of single strokes, and reads less by them than
    OpenCV 5 does.

    References
    ----------
    .. [1] Wang, Babenko & Belongie, "End-to-end scene text recognition" (2011): letters
       by gradients, words by a lexicon. :doi:`10.1109/ICCV.2011.6126402`

    Examples
    --------
    >>> import cv2
    >>> import numpy as np
    >>> from mmclassic.image import TextReader
    >>> sign = np.full((100, 300), 255, dtype=np.uint8)
    >>> _ = cv2.putText(sign, "STOP", (60, 70), cv2.FONT_HERSHEY_DUPLEX, 2.0, 0, 3)
    >>> TextReader(words=["stop", "yield"]).fit_transform([sign])
    array(['stop'], dtype=object)
    """

    _parameter_constraints = {
        "words": [list, tuple, set, frozenset, np.ndarray, None],
        "invalid": [StrOptions({"error", "missing"})],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        words: Sequence[str] | None = None,
        *,
        invalid: str = "error",
        n_jobs: int | None = None,
    ) -> None:
        self.words = words
        self.invalid = invalid
        self.n_jobs = n_jobs

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "TextReader":
        """Learn letters from drawn ones; the pictures are not looked at.

        Parameters
        ----------
        X : column of n_samples pictures
        y : ignored

        Returns
        -------
        self
        """
        self._validate_params()
        read_column(X)
        with fit_task(self, 0, X, y):
            known = _learned_letters()
        self.letters_, self.weights_, self.intercepts_ = (a.copy() for a in known)
        return self

    def transform(self, X: Any) -> NDArray[np.object_]:
        """Return the words in each picture.

        Parameters
        ----------
        X : column of n_samples pictures

        Returns
        -------
        ndarray of shape (n_samples,), object
            Words in lower case, line by line; an empty text where there are none, None
            for a missing picture.

        Raises
        ------
        MediaError
            If a picture is invalid, naming its row, and ``invalid="error"``.
        """
        check_is_fitted(self)
        words = None
        if self.words is not None:
            words = frozenset(word.lower() for word in self.words)
        read = ReadPicture(self.letters_, self.weights_, self.intercepts_, words)
        with single_threaded():
            results = map_items(
                read,
                read_column(X),
                n_jobs=self.n_jobs,
                invalid=self.invalid,  # type: ignore[arg-type]
            )
        texts = np.empty(len(results), dtype=object)
        texts[:] = results
        return texts

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the name of the column of texts.

        Parameters
        ----------
        input_features : ignored
        """
        return np.array(["text"], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags


@cache
def _learned_letters() -> tuple[NDArray[Any], ...]:
    """Return letters, and the weights and intercepts of their linear scores."""
    drawn = list(draw_letters(N_EACH, 0))
    features = np.array([letter_features(shape) for _, shape in drawn])
    with single_threaded():
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE)
        model.fit(features, [letter for letter, _ in drawn])
    return model.classes_, model.coef_.T, model.intercept_
