"""A Chinese text to its words."""

import re
import warnings
from threading import Lock
from typing import Any

__all__ = ["chinese_tokenizer"]

_WORD = re.compile(r"\w")
_lock = Lock()
_segmenter: Any = None


def chinese_tokenizer(text: str) -> list[str]:
    """Return the words of a Chinese text, in order.

    A function that a vectorizer takes as its ``tokenizer``; give
    ``token_pattern=None`` beside it, which scikit-learn otherwise warns to be unused.
    Words are found by jieba with its own dictionary and its model of unknown words.
    The dictionary is read once a process, in about a second. Needs
    ``pip install 'mmclassic[chinese]'``.

    Parameters
    ----------
    text : str
        Words of other scripts in it are kept whole.

    Returns
    -------
    list of str
        Without white space and punctuation.

    Raises
    ------
    ImportError
        If jieba is not installed.

    Examples
    --------
    >>> from mmclassic.text import TfidfVectorizer, chinese_tokenizer
    >>> chinese_tokenizer("房间很大，服务不错！")
    ['房间', '很大', '服务', '不错']
    >>> vectorizer = TfidfVectorizer(tokenizer=chinese_tokenizer, token_pattern=None)
    >>> vectorizer.fit(["房间很大", "服务不错"]).get_feature_names_out()
    array(['不错', '很大', '房间', '服务'], dtype=object)
    """
    words = _load_segmenter().lcut(text)
    return [word for word in words if _WORD.search(word)]


def _load_segmenter() -> Any:
    """Return the process's segmenter, made on the first call."""
    global _segmenter
    with _lock:
        if _segmenter is None:
            _segmenter = _make_segmenter()
    return _segmenter


def _make_segmenter() -> Any:
    try:
        with warnings.catch_warnings():
            # Of its source (invalid escapes) and of pkg_resources, which it imports.
            warnings.simplefilter("ignore")
            import jieba
    except ImportError as error:
        raise ImportError(
            "chinese_tokenizer needs jieba: pip install 'mmclassic[chinese]'"
        ) from error
    # Of our own: the shared one takes what other code adds to it, logs to stderr, and
    # reads its dictionary from a file that anyone may put into the temporary folder.
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    return segmenter
