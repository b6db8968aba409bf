"""A search over real pictures does each piece of work once, in one process or two."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from mmclassic.cache import FeatureCache
from tests.cache.counting import LOG, CountingBag, CountingSIFT

N_A_CLASS = 3
N_FOLDS = 3
GRID = {
    "svc__C": [1.0, 3.0, 10.0, 30.0, 100.0, 300.0],
    "svc__kernel": ["linear", "rbf"],
}


@pytest.fixture(scope="module")
def scenes(data_folder):
    """Pictures, all different, and their classes."""
    table = pd.read_csv(data_folder / "scene15" / "items.csv")
    table = table[table["split"] == "train"].groupby("label").head(N_A_CLASS)
    paths = [str(data_folder / "scene15" / path) for path in table["image"]]
    return paths, table["label"].to_numpy()


def search(scenes, cache, n_jobs=None):
    bag = CountingBag(CountingSIFT(), n_words=16, random_state=0, cache=cache)
    model = make_pipeline(bag, SVC())
    return GridSearchCV(model, GRID, cv=N_FOLDS, n_jobs=n_jobs).fit(*scenes)


@pytest.fixture(scope="module")
def uncached(scenes, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LOG, str(tmp_path_factory.mktemp("log") / "log"))
        return search(scenes, None)


@pytest.mark.parametrize("n_jobs", [None, 2], ids=["one process", "two processes"])
def test_a_search_of_twelve_candidates_does_nothing_twice_and_scores_the_same(
    scenes, uncached, tmp_path, monkeypatch, n_jobs
):
    log = tmp_path / "log"
    monkeypatch.setenv(LOG, str(log))
    get_reusable_executor().shutdown()  # older workers know no log
    with parallel_config(backend="loky"):
        found = search(scenes, tmp_path / "cache", n_jobs)
    done, n = log.read_text().split(), len(scenes[0])
    counts = {kind: done.count(kind) for kind in set(done)}
    n_fits = N_FOLDS + 1
    assert counts == {"describe": n, "learn": n_fits, "encode": n_fits * n}
    n_entries = FeatureCache(tmp_path / "cache").info()["entries"]
    assert n_entries == n + n_fits + n_fits * n
    names = [
        name for name in found.cv_results_ if "score" in name and "_time" not in name
    ]
    assert len(names) == N_FOLDS + 3
    for name in names:
        np.testing.assert_array_equal(
            found.cv_results_[name], uncached.cv_results_[name]
        )
    assert found.best_params_ == uncached.best_params_
    assert found.best_score_ > 3 / 15
