"""What a result depends on besides the cell has one digest in every process."""

import subprocess
import sys
from functools import cache
from importlib import import_module

import numpy as np
import pytest

from mmclassic._execution import Libraries
from mmclassic._execution._cache import _identity
from mmclassic._execution._cache._identity import identity_digest
from mmclassic.image import HOG, DenseSIFT

MINE = """
from mmclassic.image import HOG

class Mine(HOG):
    EXTRA = {extra}
"""


def test_equal_parameters_are_one_identity_whatever_their_integer_type_and_order():
    assert identity_digest({"a": 4, "b": (1, 2)}) == identity_digest(
        {"b": [np.int64(1), 2], "a": np.int32(4)}
    )


def test_other_values_types_and_nestings_are_another_identity():
    identities = [4, 5, 4.5, "4", b"4", True, None, (4,), ((4,),), {"a": 4}, {"b": 4}]
    identities += [(1, (2, 3)), ((1, 2), 3), [1, 2, 3], np.zeros(2), np.ones(2)]
    identities += [("a", "b"), ("ab",), HOG, DenseSIFT, HOG(), HOG(orientations=8)]
    digests = [identity_digest(identity) for identity in identities]
    assert None not in digests
    assert len(set(digests)) == len(identities)


def test_workers_caches_and_handling_of_errors_are_no_part_of_an_identity(tmp_path):
    other = DenseSIFT(n_jobs=2, cache=tmp_path, invalid="missing")
    assert identity_digest(other) == identity_digest(DenseSIFT())


def test_another_process_finds_the_same_digest():
    code = (
        "from mmclassic._execution._cache._identity import identity_digest as d;"
        "from mmclassic.image import HOG; print(d(('x', HOG(mode='rgb'))).hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == identity_digest(("x", HOG(mode="rgb"))).hex()


def test_a_lambda_and_a_class_inside_a_function_have_no_identity():
    class Local(HOG):
        pass

    for identity in (lambda: 0, Local, Local(), (1, {"a": lambda: 0}), object()):
        assert identity_digest(identity) is None


def test_a_class_of_ones_own_counts_with_its_file(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "mmclassic_own_descriptor.py"
    digests = []
    for extra in (1, 2):
        file.write_text(MINE.format(extra=extra))
        _identity._source.cache_clear()
        own = import_module("mmclassic_own_descriptor").Mine
        digests.append(identity_digest(own()))
    assert None not in digests
    assert digests[0] != digests[1]


def test_another_version_of_a_library_that_matters_is_another_identity(monkeypatch):
    hog = HOG()
    before = identity_digest(hog)
    versions = {"numpy": "0.0"}
    original = _identity._version
    monkeypatch.setattr(
        _identity, "_version", lambda name: versions.get(name) or original(name)
    )
    assert identity_digest(hog) != before
    versions = {"soxr": "0.0"}
    assert identity_digest(hog) == before  # no picture is resampled by it
    assert identity_digest(Libraries(("soxr",))) is not None


def test_another_version_of_the_code_is_another_identity(monkeypatch):
    before = identity_digest(HOG())
    monkeypatch.setattr(_identity, "__version__", "0.0.0")
    monkeypatch.setattr(_identity, "_code", cache(_identity._code.__wrapped__))
    assert identity_digest(HOG()) != before


@pytest.mark.parametrize("library", ["numpy", "cv2", "soundfile", "no-such-library"])
def test_every_library_has_a_version(library):
    assert _identity._version(library)
