"""A grid search over classifiers of visual words, with the cache and without."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from benchmarks.cache.counted import DONE, CountedBag, CountedSIFT
from benchmarks.common import Context, Row
from benchmarks.real_or_made import scenes
from benchmarks.timing import one_thread, row_of_times

if TYPE_CHECKING:
    import pandas as pd

CANDIDATES = {
    "svm__C": [1.0, 3.0, 10.0, 30.0, 100.0, 300.0],
    "svm__kernel": ["linear", "rbf"],
}
N_CANDIDATES = 12
N_FOLDS, N_FOLDS_QUICK = 5, 2
N_WORDS, N_WORDS_QUICK = 512, 8
LEAST = 8.0  # times as fast


def grid_search(context: Context) -> list[Row]:
    """Return the time, the scores and the work of a search, beside one without cache.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    with scenes(context) as source, TemporaryDirectory() as folder, one_thread():
        table = source.table[source.table["split"] == "train"]
        n_folds = N_FOLDS_QUICK if context.quick else N_FOLDS
        n_words = N_WORDS_QUICK if context.quick else N_WORDS
        # The one without between two with: what slows the machine down slows all.
        caches = [str(Path(folder) / "a"), None, str(Path(folder) / "b")]
        runs = [_run(table, n_folds, n_words, cache) for cache in caches]
        n_distinct = len({Path(path).read_bytes() for path in table["image"]})
        n_encodings = len(table) * (n_folds + 1)
    (seconds, search, done), (slow, plain, plainly_done), (again, _, _) = runs
    about = (
        f"GridSearchCV of {N_CANDIDATES} candidates of SVC after BagOfWords("
        f"DenseSIFT(), n_words={n_words}) over {n_folds} folds of the {len(table)} "
        f"training pictures of {source.title}, from an empty cache, with the refit"
    )
    split_scores = [_split_scores(each) for each in (search, plain)]
    best, other = (100 * float(each.best_score_) for each in (search, plain))
    assert search.best_params_ == plain.best_params_
    work = {
        "descriptions of an image": ("described", n_distinct, 1),
        "codebooks": ("fitted", 1, n_folds + 1),
        "encodings of an image by a codebook": ("encoded", n_encodings, 1),
    }
    return [
        row_of_times(
            "grid search",
            f"{about}; peer: the same search without a cache, in full, between two "
            "with",
            [seconds, again],
            [slow, slow],
            peer_name="without cache",
            at_least=LEAST,
            error=float(np.abs(split_scores[0] - split_scores[1]).max()),
            error_of="in a score",
            real=source.real,
        ),
        Row(
            "grid search, accuracy",
            "the best candidate's mean over the folds, the same with the cache and "
            "without",
            best,
            floor=other,
            ceiling=other,
            peers={"without cache": other},
            real=source.real,
        ),
        *(
            Row(
                f"grid search, {name}",
                f"of the {n_distinct} different pictures among them",
                done[kind] / n,
                unit="times",
                ceiling=most,
                peers={"without cache": plainly_done[kind] / n},
                real=source.real,
            )
            for name, (kind, n, most) in work.items()
        ),
    ]


def _run(
    table: "pd.DataFrame", n_folds: int, n_words: int, cache: str | None
) -> tuple[float, GridSearchCV, dict[str, int]]:
    """Return the seconds of a search, the search, and the work that it did."""
    bag = CountedBag(CountedSIFT(), n_words=n_words, random_state=0, cache=cache)
    search = GridSearchCV(
        Pipeline([("words", bag), ("svm", SVC())]), CANDIDATES, cv=n_folds
    )
    DONE.clear()
    start = time.perf_counter()
    search.fit(table["image"], table["label"])
    return time.perf_counter() - start, search, dict(DONE)


def _split_scores(search: Any) -> Any:
    results = search.cv_results_
    return np.array(
        [results[name] for name in results if name.startswith("split")], dtype=float
    )
