"""What a process that is killed has kept is not computed again."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from mmclassic.cache import FeatureCache
from tests.cache.counting import LOG, PAUSE, CountingBag, CountingSIFT

WORK = """
import sys
from tests.cache import test_interrupted

getattr(test_interrupted, sys.argv[1])(sys.argv[2], sys.argv[3:])
"""


def transform(cache, pictures):
    """Describe pictures."""
    return CountingSIFT(step=8, cache=cache).transform(pictures)


def search(cache, pictures):
    """Return the scores of two candidates over three folds."""
    bag = CountingBag(CountingSIFT(step=8), n_words=8, random_state=0, cache=cache)
    grid = {"svc__C": [0.1, 10.0]}
    y = np.arange(len(pictures)) % 2
    found = GridSearchCV(make_pipeline(bag, SVC()), grid, cv=3).fit(pictures, y)
    return found.cv_results_["mean_test_score"]


def _read(log):
    return log.read_text().split() if log.exists() else []


# The pieces of work that are to be done when the process is killed, of all there are.
@pytest.mark.parametrize(
    ("task", "n_before", "n_all"),
    [(transform, 7, 12), (search, 20, 64), (search, 45, 64)],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_task_that_was_killed_resumes_where_it_stopped(
    pictures, tmp_path, monkeypatch, task, n_before, n_all
):
    cache, log = FeatureCache(tmp_path / "cache"), tmp_path / "log"
    monkeypatch.setenv(LOG, str(log))
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, task.__name__, cache.path, *pictures],
        env=os.environ | {PAUSE: "0.03"},
        stderr=subprocess.PIPE,
    )
    while len(_read(log)) < n_before and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    error = process.communicate()[1].decode()
    assert process.returncode == -signal.SIGKILL, error
    done = len(_read(log))
    n_kept = cache.info()["entries"]
    # What is worked at together, and the last half second, may be lost.
    assert done - 3 * 2 - 1 <= n_kept <= done < n_all
    assert n_kept
    os.unlink(log)
    results = task(cache.path, pictures)
    assert len(_read(log)) == n_all - n_kept
    assert cache.info()["entries"] == n_all
    np.testing.assert_array_equal(results, task(None, pictures))
    cache.close()
