"""TfidfVectorizer: texts, some of them missing, to weighted counts of their terms."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer as _TfidfVectorizer
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import check_is_fitted

from mmclassic.media import load_text
from mmclassic.text._texts import read_texts, read_texts_to_fit, tag_text

__all__ = ["TfidfVectorizer"]


class TfidfVectorizer(TransformerMixin, _TfidfVectorizer):
    """Map texts to TF-IDF weights of their terms; a missing text to zeros.

    scikit-learn's ``TfidfVectorizer``, with its parameters, its defaults and, where
    every text is there, its numbers. Beyond that,

    - a missing text (None, NaN, ``pandas.NA``) is a row of zeros, and counts neither
      as a document nor towards any document frequency in ``fit``;
    - X may be a list, an array, a Series or a DataFrame of one column, of pandas or
      polars;
    - ``set_output`` works, and makes the matrix dense, since no data frame holds a
      sparse one: limit ``max_features`` there;
    - a cell that is no text is an error that names its row.

    A cell is the text itself, or its bytes in ``encoding``; a path in place of a text
    is taken for the text, unless ``input="filename"``.

    Parameters
    ----------
    **params
        Those of :class:`sklearn.feature_extraction.text.TfidfVectorizer`.

    Attributes
    ----------
    vocabulary_ : dict
        Term to column.
    idf_ : ndarray of shape (n_features,)
        Inverse document frequency of each term, if ``use_idf``.
    fixed_vocabulary_ : bool
        Whether the vocabulary was given.

    See Also
    --------
    Word2VecVectorizer : Few dense features, close for words of like meaning.

    Examples
    --------
    >>> from mmclassic.text import TfidfVectorizer
    >>> texts = ["red kettle", None, "red car"]
    >>> vectorizer = TfidfVectorizer()
    >>> vectorizer.fit_transform(texts).toarray().round(2)
    array([[0.  , 0.81, 0.58],
           [0.  , 0.  , 0.  ],
           [0.81, 0.  , 0.58]])
    >>> vectorizer.get_feature_names_out()
    array(['car', 'kettle', 'red'], dtype=object)
    """

    def fit(self, raw_documents: Any, y: Any = None) -> "TfidfVectorizer":
        """Learn the vocabulary and document frequencies.

        Parameters
        ----------
        raw_documents : column of n_samples texts
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        MediaError
            If a cell is no text, naming its row.
        ValueError
            If every text is missing, or none holds a term.
        """
        self._fit(raw_documents)
        return self

    def fit_transform(self, raw_documents: Any, y: Any = None) -> Any:
        """Learn the vocabulary and document frequencies, and return the weights.

        Parameters
        ----------
        raw_documents : column of n_samples texts
        y : ignored

        Returns
        -------
        sparse matrix of shape (n_samples, n_features)
            Bit for bit what `transform` of the same texts returns.

        Raises
        ------
        MediaError
            If a cell is no text, naming its row.
        ValueError
            If every text is missing, or none holds a term.
        """
        return self._finish(*self._fit(raw_documents))

    def transform(self, raw_documents: Any) -> Any:
        """Return the weights of the terms that `fit` found.

        Parameters
        ----------
        raw_documents : column of n_samples texts

        Returns
        -------
        sparse matrix of shape (n_samples, n_features)
            Zeros for a missing text. Dense, in a data frame, after ``set_output``.

        Raises
        ------
        MediaError
            If a cell is no text, naming its row.
        """
        check_is_fitted(self)
        documents, present = read_texts(raw_documents, self._load)
        # scikit-learn refuses to transform no text at all.
        weights = super().transform(documents or [""])[: len(documents)]
        return self._finish(weights, present)

    def _fit(self, raw_documents: Any) -> tuple[Any, NDArray[np.bool_]]:
        """Return the weights of the texts that are there, and which rows they are."""
        documents, present = read_texts_to_fit(
            raw_documents, type(self).__name__, self._load
        )
        try:
            # By name: super()'s is TransformerMixin's, which calls fit.
            weights = _TfidfVectorizer.fit_transform(self, documents)
        except ValueError as error:
            if not str(error).startswith("empty vocabulary"):
                raise
            raise ValueError(
                f"None of the {len(documents)} texts of X holds a term. With "
                "analyzer='word' a term has the form of token_pattern, by default two "
                "letters or more, and is not in stop_words. Change these, or take "
                "analyzer='char_wb'."
            ) from error
        return weights, present

    def _sort_features(self, X: Any, vocabulary: dict[str, int]) -> Any:
        # Within each row too: scikit-learn's fit_transform sums a row in another order
        # than its transform, and the two differ in the last bit.
        X = super()._sort_features(X, vocabulary)
        X.sort_indices()
        return X

    @property
    def _load(self) -> Callable[[Any], Any]:
        return _load_document if self.input == "content" else _as_is

    def _finish(self, weights: Any, present: NDArray[np.bool_]) -> Any:
        """Return the rows with one of zeros for each missing text."""
        if not present.all():
            weights = _with_empty_rows(weights, present)
        if _get_output_config("transform", self)["dense"] == "default":
            return weights
        return weights.toarray()

    def __sklearn_tags__(self) -> Any:
        return tag_text(super().__sklearn_tags__())


def _load_document(cell: Any) -> str | bytes:
    return cell if isinstance(cell, bytes) else load_text(cell)


def _as_is(cell: Any) -> Any:
    return cell


def _with_empty_rows(matrix: Any, present: NDArray[np.bool_]) -> Any:
    """Return a CSR matrix whose rows stand where present is True, zeros elsewhere."""
    indptr = np.zeros(len(present) + 1, dtype=matrix.indptr.dtype)
    indptr[1:][present] = np.diff(matrix.indptr)
    np.cumsum(indptr, out=indptr)
    return type(matrix)(
        (matrix.data, matrix.indices, indptr), shape=(len(present), matrix.shape[1])
    )
