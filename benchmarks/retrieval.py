"""Search across modalities: what is found, and how long it takes among many items."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.common import Context, NoDataError, Row
from benchmarks.timing import compare
from mmclassic.encoding import StatisticsPooling
from mmclassic.retrieval import (
    CrossModalMatcher,
    CrossModalRetriever,
    ranking_scores,
)
from mmclassic.retrieval._default_parts import (
    HUB_NEIGHBORS,
    SHRINKAGE,
    make_parts,
)

NOTE = (
    "MAP over all ranks, R@10 the share of queries whose own photo is among ten. Peers "
    "were\nmeasured once, by plain code of scikit-learn."
)
N_ITEMS, N_COORDINATES = 100_000, 128
CAPTIONS = [f"caption_{i}" for i in range(1, 6)]


def wikipedia(context: Context) -> list[Row]:
    """Return what is found of the other modality among 693 articles, by class.

    Parameters
    ----------
    context : Context
        If quick, every eighth row.

    Returns
    -------
    list of Row
    """
    path = context.data and context.data / "wikipedia" / "features.npz"
    if path is None or not path.is_file():
        raise NoDataError(
            "needs the real data (wikipedia/features.npz). Name its folder in "
            "MMCLASSIC_DATA."
        )
    every = 8 if context.quick else 1
    with np.load(path) as stored:
        tables = {
            split: pd.DataFrame(
                {
                    "image": list(_shares(stored[f"image_{split}"][::every])),
                    "text": list(stored[f"text_{split}"][::every]),
                    "label": stored[f"label_{split}"][::every],
                }
            )
            for split in ("train", "test")
        }
    vectors = StatisticsPooling("precomputed", statistics=("mean",))
    retriever = CrossModalRetriever(
        [("image", vectors, "image"), ("text", vectors, "text")],
        method="both",
        kernels="chi2",
        C=0.1,
        max_axes=200,
    ).fit(tables["train"], tables["train"]["label"])
    scores = 100 * retriever.evaluate(tables["test"], tables["test"]["label"])["MAP"]
    bounds = {"image -> text": (32.0, 27.5, 30.5), "text -> image": (25.0, 22.8, 24.0)}
    return [
        Row(
            f"wikipedia {direction}",
            "MAP of 693 queries, 2173 to learn from; correlation, then classes",
            float(scores[direction]),
            floor=floor,
            peers={"plain SCM": plain, "logistic regression": semantic},
            real=True,
        )
        for direction, (floor, plain, semantic) in bounds.items()
    ]


def _shares(counts: Any) -> Any:
    return counts / counts.sum(axis=1, keepdims=True)


def flickr8k(context: Context) -> list[Row]:
    """Return which photos captions find.

    Parameters
    ----------
    context : Context
        If quick, 60 photos to learn from and 30 to find.

    Returns
    -------
    list of Row
    """
    train, test = _photos(context)
    parts = _parts(context)
    shrinkage = {name: SHRINKAGE[name] for name, *_ in parts}
    retriever = CrossModalRetriever(
        parts, shrinkage=shrinkage, n_hub_neighbors=HUB_NEIGHBORS
    )
    retriever.fit(train).index(test)
    n, rows = len(test), []
    for name, texts, own in (
        ("a caption", test[CAPTIONS].to_numpy().ravel(), np.arange(n).repeat(5)),
        ("all five captions", test["text"], np.arange(n)),
    ):
        _, found = retriever.kneighbors(texts, modality="text", n_neighbors=None)
        scores = ranking_scores(found, own)
        rows.append(
            Row(
                f"flickr8k by {name}",
                f"R@10 of {len(texts)} queries over {n} photos, {len(train)} to learn "
                f"from; median rank {scores['median rank']:.0f}",
                100 * scores["R@10"],
                spread=100 * _error(scores["R@10"], n),
                spread_of=f"s.e., {n} photos",
                floor=35.0,
                peers={"chance": 1000 / n},
                real=True,
            )
        )
    return rows


def _photos(context: Context) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the photos to learn from, and to find, with all captions as one text."""
    table = context.table("flickr8k/items.csv")
    if context.quick:
        halves = {"train": 60, "test": 30}
        table = pd.concat(
            [table[table["split"] == split][:n] for split, n in halves.items()]
        )
    table["text"] = table[CAPTIONS].agg("\n".join, axis=1)
    train, test = (table[table["split"] == split] for split in ("train", "test"))
    return train.reset_index(drop=True), test.reset_index(drop=True)


def _parts(context: Context) -> list[tuple[str, Any, Any]]:
    return make_parts(
        {"text": "text", "image": "image"},
        features="light" if context.quick else "full",
        n_jobs=context.n_jobs,
        random_state=0,
    )


def matching(context: Context) -> list[Row]:
    """Return how often it is told whether a caption belongs to a photo.

    Parameters
    ----------
    context : Context
        If quick, 60 photos to learn from and 30 to ask about.

    Returns
    -------
    list of Row
    """
    train, test = _photos(context)
    parts = _parts(context)
    model = make_pipeline(
        CrossModalMatcher(
            parts, shrinkage={name: SHRINKAGE[name] for name, *_ in parts}
        ),
        LinearSVC(),
    )
    known = [_pairs(train, caption, seed) for seed, caption in enumerate(CAPTIONS)]
    model.fit(pd.concat([X for X, _ in known]), np.concatenate([y for _, y in known]))
    scores = [model.score(*_pairs(test, CAPTIONS[0], seed)) for seed in range(9, 14)]
    return [
        Row(
            "flickr8k, caption belongs",
            f"accuracy on {2 * len(test)} pairs, half of them shuffled, mean of "
            f"{len(scores)} shuffles (deviation {100 * np.std(scores):.1f}); "
            f"{len(train)} photos to learn from, with five captions",
            100 * float(np.mean(scores)),
            spread=100 * _error(float(np.mean(scores)), len(test)),
            spread_of=f"s.e., {len(test)} photos",
            floor=70.0,
            peers={"chance": 50.0},
            real=True,
        )
    ]


def _error(share: float, n: int) -> float:
    return float(np.sqrt(share * (1 - share) / n))


def _pairs(table: Any, caption: str, seed: int) -> tuple[pd.DataFrame, Any]:
    """Return each photo with a caption of its own, and one of another's."""
    n = len(table)
    others = np.roll(np.arange(n), 1 + np.random.default_rng(seed).integers(n - 1))
    own = table[caption].to_numpy()
    photos = table["image"].to_numpy()
    pairs = {"image": np.r_[photos, photos], "text": np.r_[own, own[others]]}
    return pd.DataFrame(pairs), np.repeat([1, 0], n)


def search(context: Context) -> list[Row]:
    """Return the time of one query among many items, beside scikit-learn's.

    Parameters
    ----------
    context : Context
        If quick, a hundredth of the items.

    Returns
    -------
    list of Row
    """
    rng = np.random.default_rng(0)
    n = N_ITEMS // 100 if context.quick else N_ITEMS
    n_known = 300
    items = rng.standard_normal((n, N_COORDINATES))
    noise = 0.5 * rng.standard_normal((n, N_COORDINATES))
    table = pd.DataFrame({"text": list(items), "image": list(items + noise)})
    vectors = StatisticsPooling("precomputed", statistics=("mean",))
    retriever = CrossModalRetriever(
        [("text", vectors, "text"), ("image", vectors, "image")], kernels="linear"
    )
    retriever.fit(table[:n_known]).index(table)
    query = [items[7]]
    text, image = np.split(retriever.transform(table), 2, axis=1)
    peer = NearestNeighbors(n_neighbors=10, metric="cosine", algorithm="brute")
    peer.fit(image.astype(np.float32))
    point = text[7:8].astype(np.float32)
    row = compare(
        f"search of {n} items",
        f"ten nearest of {image.shape[1]} coordinates, the query described too",
        lambda: retriever.kneighbors(query, modality="text")[0],
        lambda: peer.kneighbors(point)[0],
        lambda ours, theirs: np.abs(ours - theirs).max(),
        "at most",
        context,
        peer_name="scikit-learn",
    )
    return [replace(row, ceiling=50.0)]


FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "search": search,
    "wikipedia": wikipedia,
    "flickr8k": flickr8k,
    "matching": matching,
}
