"""Movie reviews, newswire, newsgroups and Chinese hotel reviews."""

from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer as PlainVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from benchmarks.accuracy.scoring import default_part, from_scores, halves
from benchmarks.common import Context, Row
from mmclassic.text import TfidfVectorizer, chinese_tokenizer

# Yao, Mao & Luo (2019), on the same splits.
PUBLISHED = {
    "mr": {"TF-IDF + LR": 74.59, "Text GCN": 76.74},
    "r8": {"TF-IDF + LR": 93.74, "Text GCN": 97.07},
    "20ng": {"TF-IDF + LR": 83.19, "Text GCN": 86.34},
}


def movies(context: Context) -> list[Row]:
    """Return sentences of movie reviews, for and against.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    return _english("mr", "MR", context, floor=76.0)


def reuters(context: Context) -> list[Row]:
    """Return eight classes of newswire.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    return _english("r8", "R8", context)


def newsgroups(context: Context) -> list[Row]:
    """Return twenty newsgroups, split by date.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    return _english("20ng", "20 newsgroups by date", context)


def hotels(context: Context) -> list[Row]:
    """Return Chinese hotel reviews by characters, and by characters and words.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    table = context.table("text/chnsenticorp.csv.gz")
    table["text"] = table["text"].fillna("")  # of one review; plain code stops at it
    halved = halves(context.sample(table, ["label", "split"], 10))
    characters = {"analyzer": "char", "ngram_range": (1, 3), "sublinear_tf": True}
    words = TfidfVectorizer(
        tokenizer=chinese_tokenizer,
        token_pattern=None,
        ngram_range=(1, 2),
        sublinear_tf=True,
    )
    plain = _score(PlainVectorizer(analyzer="char"), halved)
    joined = make_union(TfidfVectorizer(**characters), words)
    return [
        from_scores(
            f"chnsenticorp {name}",
            f"ChnSentiCorp, every fifth row tested: TF-IDF of {about}, LinearSVC. "
            "Peer: scikit-learn's of characters",
            _score(vectorizer, halved),
            len(halved[1]),
            peers={"plain": 100 * plain},
        )
        for name, about, vectorizer in (
            ("chars", "1 to 3 characters", TfidfVectorizer(**characters)),
            ("chars + words", "1 to 3 characters, and 1 to 2 words by jieba", joined),
        )
    ]


def _english(
    name: str, title: str, context: Context, floor: float | None = None
) -> list[Row]:
    table = context.table(f"text/{name}.csv.gz")
    train, test = halves(context.sample(table, ["label", "split"], 5))
    plain = _score(PlainVectorizer(), (train, test))
    peers = {"plain": 100 * plain, **PUBLISHED[name]}
    part = default_part("text", context).fit(train["text"], train["label"])
    return [
        from_scores(
            f"{name} TF-IDF",
            f"{title}, official split: TfidfVectorizer, LinearSVC, all defaults. "
            "Peers: the same by scikit-learn's TfidfVectorizer; Yao 2019",
            _score(TfidfVectorizer(), (train, test)),
            len(test),
            floor=floor,
            peers=peers,
        ),
        from_scores(
            f"{name} default",
            f"{title}, official split: the pipeline's default text part",
            part.score(test["text"], test["label"]),
            len(test),
            floor=floor,
            peers=peers,
        ),
    ]


def _score(vectorizer: Any, halved: Any) -> float:
    """Return the share of the test rows that a linear SVM, as it comes, finds."""
    train, test = halved
    model = make_pipeline(vectorizer, LinearSVC(random_state=0))
    model.fit(train["text"], train["label"])
    return float(model.score(test["text"], test["label"]))
