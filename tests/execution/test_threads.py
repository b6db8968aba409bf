"""``single_threaded`` holds every library, whenever it was loaded."""

import os
import subprocess
import sys

SCRIPT = """
from threadpoolctl import threadpool_info
from mmclassic._execution import single_threaded

def threads():
    return [library["num_threads"] for library in threadpool_info()]

with single_threaded():
    early = threads()
import scipy.linalg, sklearn.cluster
before = threads()
with single_threaded():
    inside = threads()
assert len(inside) > len(early), "no library was loaded in between"
assert set(inside) == {1}, inside
assert threads() == before
"""


def test_libraries_that_are_loaded_later_are_held_too():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


IN_THREADS = """
from joblib import Parallel, delayed
import cv2, sklearn.cluster
from threadpoolctl import threadpool_info
from mmclassic._execution import map_items, read_column, single_threaded

def threads(cell=None):
    return [library["num_threads"] for library in threadpool_info()]

def threads_of_call():
    with single_threaded():
        return threads()

before = threads()
assert max(before) == 2, before
with single_threaded():
    calls = Parallel(2, prefer="threads")(delayed(threads_of_call)() for _ in "abcd")
items = map_items(threads, read_column(list("abcd")), n_jobs=2)
assert {count for counts in calls + items for count in counts} == {1}, (calls, items)
assert threads() == before
"""


def test_openmp_is_held_in_worker_threads_whose_limit_is_their_own():
    done = subprocess.run(
        [sys.executable, "-c", IN_THREADS],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    )
    assert done.returncode == 0, done.stderr
