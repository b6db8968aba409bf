"""Texts to what a Word2VecVectorizer learns from them, once for equal texts."""

import json
import os
from copy import deepcopy
from hashlib import sha256
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from mmclassic._execution import (
    Libraries,
    Remembered,
    as_cache,
    content_digest,
    single_threaded,
)
from mmclassic._kernels.word_pooling import (
    leading_directions,
    pool_words,
    project,
    word_weights,
)
from mmclassic.text._word_vectors import read_word_vectors, train_word_vectors
from mmclassic.text._words import Splitter, index_words

__all__ = ["fitted_identity", "learn_once", "pool", "splitter_of", "unfitted_identity"]

LARGEST_SEED = 2**31 - 1
LIBRARIES = Libraries(("numpy", "scipy", "gensim", "jieba"))
LEARNED = ("vectors_", "weights_", "components_", "loadings_")
GENSIMS = (".kv", ".model")  # may be but one of several files


def learn_once(vectorizer: Any, texts: list[str]) -> None:
    """Fit a Word2VecVectorizer, or set what an equal one learned from equal texts.

    Parameters
    ----------
    vectorizer : Word2VecVectorizer
    texts : list of str
    """
    is_learned = False

    def learn(_: Any) -> dict[str, Any]:
        nonlocal is_learned
        _learn(vectorizer, texts)
        is_learned = True
        words = json.dumps(list(vectorizer.vocabulary_))
        arrays = {name: getattr(vectorizer, name) for name in LEARNED}
        return {"words": words, **deepcopy(arrays)}

    cache = as_cache(vectorizer.cache)
    identity = ("fit", unfitted_identity(vectorizer))
    remembered = Remembered(learn, identity, cache=cache)
    if not remembered.key:  # there is no place
        _learn(vectorizer, texts)
        return
    content: Any = sha256(json.dumps(texts).encode()).digest()
    if isinstance(vectorizer.vectors, str | os.PathLike):
        # Beside the texts, so that a file that changes meanwhile is noticed.
        content = content, os.fspath(vectorizer.vectors)
    learned = remembered(content)
    if is_learned:
        return
    words = json.loads(learned["words"])
    vectorizer.vocabulary_ = {word: row for row, word in enumerate(words)}
    for name in LEARNED:
        setattr(vectorizer, name, learned[name].copy())


def unfitted_identity(vectorizer: Any) -> Any:
    """Return what the vectorizer learns depends on besides the texts.

    Parameters
    ----------
    vectorizer : Word2VecVectorizer

    Returns
    -------
    tuple, or an object that has no lasting identity
        The latter where training does not repeat, and for gensim's objects and
        files and for arrays, which a file of features could only copy.
    """
    parameters = vectorizer.get_params(deep=False)
    del parameters["cache"]
    vectors = parameters["vectors"]
    if vectors is None:
        repeats = isinstance(vectorizer.random_state, Integral)
    else:
        repeats = isinstance(vectors, str | os.PathLike)
        repeats = repeats and Path(vectors).suffix not in GENSIMS
        parameters["random_state"] = None
        parameters["vectors"] = repeats and content_digest(vectors)
    if not repeats or parameters["vectors"] is False:
        return object()
    return type(vectorizer), parameters, LIBRARIES


def fitted_identity(vectorizer: Any) -> Any:
    """Return what the words' vectors that a fitted vectorizer gives depend on.

    Parameters
    ----------
    vectorizer : Word2VecVectorizer

    Returns
    -------
    tuple
    """
    words = json.dumps(list(vectorizer.vocabulary_)).encode()
    names = ("tokenizer", "token_pattern", "lowercase")
    parameters = {name: getattr(vectorizer, name) for name in names}
    known = np.frombuffer(words, np.uint8), vectorizer.vectors_
    return type(vectorizer), parameters, known, LIBRARIES


def splitter_of(vectorizer: Any) -> Splitter:
    """Return what finds the words of texts."""
    return Splitter(
        vectorizer.tokenizer, vectorizer.token_pattern, vectorizer.lowercase
    )


def pool(
    vectorizer: Any,
    tokens: NDArray[np.intp],
    ends: NDArray[np.intp],
    vectors: NDArray[Any],
) -> NDArray[np.float64]:
    """Return the pooled vectors of texts, of which each ends at one of ``ends``."""
    by_weight = vectorizer.pooling == "idf"  # "mean" has weights of 1: the same, slower
    return pool_words(tokens, ends, vectors, vectorizer.weights_, by_weight=by_weight)


def _learn(vectorizer: Any, texts: list[str]) -> None:
    splitter = splitter_of(vectorizer)
    if vectorizer.vectors is None:
        split = splitter.split(texts)
        words, vectors = _train(vectorizer, split)
        vocabulary = {word: row for row, word in enumerate(words)}
        tokens, ends, n_tokens = index_words(split, vocabulary)
    else:
        words, vectors = read_word_vectors(vectorizer.vectors)
        vocabulary = {word: row for row, word in enumerate(words)}
        tokens, ends, n_tokens = splitter.number(texts, vocabulary)
    vectorizer.vocabulary_, vectorizer.vectors_ = vocabulary, vectors
    vectorizer.weights_ = word_weights(
        tokens,
        ends,
        len(words),
        vectorizer.pooling,
        n_tokens,
        vectorizer.sif_smoothing,
    )
    vectorizer.components_ = np.empty((0, vectors.shape[1]))
    with single_threaded():
        n_removed = vectorizer.remove_components
        if vectorizer.pooling == "sif" and n_removed > 0:
            pooled = pool(vectorizer, tokens, ends, vectors)
            vectorizer.components_ = leading_directions(pooled, n_removed)
        vectorizer.loadings_ = project(vectors, vectorizer.components_)


def _train(vectorizer: Any, texts: list[list[str]]) -> tuple[list[str], NDArray[Any]]:
    random_state = check_random_state(vectorizer.random_state)
    return train_word_vectors(
        texts,
        vector_size=vectorizer.vector_size,
        window=vectorizer.window,
        min_count=vectorizer.min_count,
        sg=vectorizer.sg,
        epochs=vectorizer.epochs,
        seed=int(random_state.randint(LARGEST_SEED)),
    )
