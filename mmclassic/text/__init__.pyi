from ._chinese import chinese_tokenizer
from ._tfidf import TfidfVectorizer
from ._word2vec import Word2VecVectorizer

__all__ = ["TfidfVectorizer", "Word2VecVectorizer", "chinese_tokenizer"]
