"""Word2VecVectorizer: texts to the pooled vectors of their words."""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._base import CACHE_CONSTRAINTS
from mmclassic._execution import Cache, fit_task
from mmclassic._kernels.word_pooling import remove_directions
from mmclassic._local_features import LocalFeatures
from mmclassic.media import load_text
from mmclassic.text._texts import read_texts, read_texts_to_fit, tag_text
from mmclassic.text._word2vec_learning import (
    fitted_identity,
    learn_once,
    pool,
    splitter_of,
    unfitted_identity,
)
from mmclassic.text._word_vectors import pack_words, unpack_words
from mmclassic.text._words import WORDS

__all__ = ["Word2VecVectorizer"]


class Word2VecVectorizer(
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    r"""Map texts to the pooled vectors of their words, trained in `fit` or pretrained.

    Words without a vector are skipped. A text none of whose words has one is a row of
    zeros, a missing text (None, NaN, ``pandas.NA``) a row of NaN. To an encoder, as in
    ``FisherVector(Word2VecVectorizer())``, it gives the words' vectors one by one.

    Parameters
    ----------
    vectors : KeyedVectors, str, PathLike, tuple (words, array) or None, default=None
        Pretrained vectors: gensim's object; a file of word2vec (.bin), of text (any
        other name; GloVe's too), either with .gz, or of gensim (.kv: a pickle, which
        may run code); or the words and an array of shape (n_words, vector_size).
        ``clone`` copies an object, so give a path to a search over large ones. If
        None, gensim's Word2Vec [1]_ is trained on X.
    vector_size : int, default=100
        Length of a trained vector.
    window : int, default=5
        Words to either side that a word is trained with.
    min_count : int, default=2
        Words that occur less often in X get no vector.
    sg : {0, 1}, default=1
        Whether to train by skip-gram (1) or continuous bag of words (0).
    epochs : int, default=20
        Passes over X in training.
    pooling : {"mean", "idf", "sif"}, default="mean"
        The mean of the vectors; the mean weighted by inverse document frequency; or by
        a / (a + frequency), less its projection on the leading direction [2]_. The
        texts of `fit` give the frequencies and the direction.
    sif_smoothing : float, default=1e-3
        a of "sif".
    remove_components : int, default=1
        How many leading directions "sif" removes.
    tokenizer : callable or None, default=None
        Of a text, returns its words; by default, what ``token_pattern`` finds.
    token_pattern : str, default=r"\w+"
        Regular expression of a word.
    lowercase : bool, default=True
        Whether to lowercase texts; pretrained vectors may need False.
    random_state : int, RandomState instance or None, default=None
        Of the training, which with an int repeats exactly, in any process.
    cache : str, path-like, FeatureCache or None, default=None
        Where what `fit` learns is kept for equal texts and parameters, in every fold,
        candidate and process; see `mmclassic.cache.FeatureCache`. That is so where an
        int seeds the training, or ``vectors`` is a file of text or word2vec; the
        others are as quick to take again. Rows are not kept: to pool a text's vectors
        takes less time than to look its row up.

    Attributes
    ----------
    vocabulary_ : dict
        Word to row of ``vectors_``.
    vectors_ : ndarray of shape (n_words, n_features), float32
        The words' vectors.
    weights_ : ndarray of shape (n_words,), float64
        Weight of each word in the pooling.
    components_ : ndarray of shape (n_components, n_features), float64
        The directions that are removed, orthonormal; none unless ``pooling="sif"``.
    loadings_ : ndarray of shape (n_words, n_components), float64
        Each word's vector projected on them.

    References
    ----------
    .. [1] Mikolov et al., "Distributed representations of words and phrases and their
       compositionality", NIPS 2013. :doi:`10.48550/arXiv.1310.4546`
    .. [2] Arora, Liang & Ma, "A simple but tough-to-beat baseline for sentence
       embeddings", ICLR 2017. https://openreview.net/forum?id=SyK00v5xx

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.text import Word2VecVectorizer
    >>> pretrained = (["red", "green"], np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> vectorizer = Word2VecVectorizer(pretrained)
    >>> vectorizer.fit_transform(["Red or green", "red", "", None])
    array([[0.5, 0.5],
           [1. , 0. ],
           [0. , 0. ],
           [nan, nan]], dtype=float32)
    >>> len(vectorizer.describe("Red or green"))
    2
    """

    _parameter_constraints: dict[str, Any] = {
        "vectors": "no_validation",  # _word_vectors checks it
        "vector_size": [Interval(Integral, 1, None, closed="left")],
        "window": [Interval(Integral, 1, None, closed="left")],
        "min_count": [Interval(Integral, 1, None, closed="left")],
        "sg": [Options(Integral, {0, 1})],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "pooling": [StrOptions({"mean", "idf", "sif"})],
        "sif_smoothing": [Interval(Real, 0, None, closed="neither")],
        "remove_components": [Interval(Integral, 0, None, closed="left")],
        "tokenizer": [callable, None],
        "token_pattern": [str],
        "lowercase": ["boolean"],
        "random_state": ["random_state"],
        "cache": CACHE_CONSTRAINTS,
    }
    describes_texts = True  # so that no cache takes a text for the path of a file

    def __init__(
        self,
        vectors: Any = None,
        *,
        vector_size: int = 100,
        window: int = 5,
        min_count: int = 2,
        sg: int = 1,
        epochs: int = 20,
        pooling: str = "mean",
        sif_smoothing: float = 1e-3,
        remove_components: int = 1,
        tokenizer: Callable[[str], list[str]] | None = None,
        token_pattern: str = WORDS,
        lowercase: bool = True,
        random_state: Any = None,
        cache: Cache = None,
    ) -> None:
        self.vectors = vectors
        self.vector_size = vector_size
        self.window = window
        self.min_count = min_count
        self.sg = sg
        self.epochs = epochs
        self.pooling = pooling
        self.sif_smoothing = sif_smoothing
        self.remove_components = remove_components
        self.tokenizer = tokenizer
        self.token_pattern = token_pattern
        self.lowercase = lowercase
        self.random_state = random_state
        self.cache = cache

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "Word2VecVectorizer":
        """Train or read the vectors, and learn the words' weights from X.

        Parameters
        ----------
        X : column of n_samples texts
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        MediaError
            If a cell is no text, naming its row.
        ValueError
            If all is missing, no word is frequent enough, or vectors can't be read.
        """
        self._validate_params()
        texts = read_texts_to_fit(X, type(self).__name__)[0]
        n_epochs = self.epochs if self.vectors is None else 0
        with fit_task(self, n_epochs, X, y) as task:
            with task.items("epoch", n_epochs, n_epochs):
                learn_once(self, texts)
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Return the pooled vector of each text.

        Parameters
        ----------
        X : column of n_samples texts

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32
            Zeros for a text without known words, NaN for a missing one.

        Raises
        ------
        MediaError
            If a cell is no text, naming its row.
        """
        check_is_fitted(self)
        texts, present = read_texts(X)
        tokens, ends, _ = splitter_of(self).number(texts, self.vocabulary_)
        pooled = pool(self, tokens, ends, self.vectors_)
        if len(self.components_):
            scores = pool(self, tokens, ends, self.loadings_)
            remove_directions(pooled, scores, self.components_)
        rows = np.full((len(present), self._n_features_out), np.nan, dtype=np.float32)
        rows[present] = pooled
        return rows

    def describe(self, item: str) -> LocalFeatures:
        """Return the vectors of one text's words, in order.

        Parameters
        ----------
        item : str

        Returns
        -------
        LocalFeatures
            Descriptors of shape (n_known_words, n_features), and each word's place
            among all of the text's, in (0, 1).

        Raises
        ------
        MediaError
            If it is no text.
        """
        check_is_fitted(self)
        (words,) = splitter_of(self).split([load_text(item)])
        rows = np.array([self.vocabulary_.get(word, -1) for word in words], np.intp)
        places = (np.arange(len(words), dtype=np.float32) + 0.5) / max(len(words), 1)
        known = rows >= 0
        return LocalFeatures(self.vectors_[rows[known]], places[known, np.newaxis])

    def _identity(self) -> Any:
        """Return what `fit` learns depends on besides the texts."""
        return unfitted_identity(self)

    def _fitted_identity(self) -> Any:
        """Return what `describe` depends on besides the text."""
        return fitted_identity(self)

    @property
    def _n_features_out(self) -> int:
        return self.vectors_.shape[1]

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without gensim's object, and the words as one text."""
        return pack_words(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(unpack_words(state))

    def __sklearn_tags__(self) -> Any:
        return tag_text(super().__sklearn_tags__())
