"""``single_threaded`` holds every library, whenever it was loaded."""

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
