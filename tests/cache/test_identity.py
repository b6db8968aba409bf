"""What a result depends on besides the cell has one digest in every process."""

import subprocess
import sys
from copy import deepcopy
from functools import cache
from importlib import import_module, invalidate_caches

import numpy as np
import pytest
from sklearn.decomposition import PCA

from mmclassic._execution import Libraries
from mmclassic._execution._cache import _code, _identity
from mmclassic._execution._cache._identity import identity_digest
from mmclassic.image import HOG, DenseSIFT

MINE = """
from functools import cached_property, lru_cache, partial
from mmclassic.image import HOG

LIMIT = {n}
TABLE = ({n},)

def inner():
    n = {n}
    def _describe(self, item):
        return n
    return _describe

def helper(item):
    return item.shape + ({n},)

class Mine(HOG):
    EXTRA
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


def own_module(folder, monkeypatch, source):
    """Return a module of the user's own, made anew from a source."""
    name = "mmclassic_own_descriptor"
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    # A source of equal size, of the same second, would pass for the one before.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (folder / f"{name}.py").write_text(source)
    invalidate_caches()
    return import_module(name)


@pytest.mark.parametrize(
    "body",
    [
        "EXTRA = {n}",
        "def _describe(self, item): return super()._describe(item + {n})",
        "def _describe(self, item, n={n}): return super()._describe(item + n)",
        "def _describe(self, item): return helper(item)",
        "def _describe(self, item): return [TABLE for _ in item]",
        "def _describe(self, item): return LIMIT",
        "def _describe(self, item): return item in {{{n}, 7}}",
        "_describe = staticmethod(partial(max, {n}))",
        "_describe = inner()",
        "extra = property(lambda self: {n})",
        "extra = cached_property(lambda self: {n})",
        "@lru_cache\n    def _describe(self): return {n}",
    ],
)
def test_a_class_of_ones_own_counts_with_the_code_that_is_loaded(
    body, tmp_path, monkeypatch
):
    source = MINE.replace("EXTRA", body)
    digests = []
    for n in (1, 2, 1):
        # As a script's, whose file a worker process does not have.
        module = own_module(tmp_path, monkeypatch, source.format(n=n))
        monkeypatch.setattr(_code, "_module", lambda name: [])
        digests.append(identity_digest(module.Mine()))
    assert None not in digests
    assert digests[0] == digests[2] != digests[1]


def test_a_file_that_is_edited_after_the_import_is_another_identity(
    tmp_path, monkeypatch
):
    source = MINE.replace("EXTRA", "def _describe(self, item): return {n}")
    loaded = own_module(tmp_path, monkeypatch, source.format(n=1)).Mine
    before = identity_digest(loaded())
    (tmp_path / "mmclassic_own_descriptor.py").write_text(source.format(n=2))
    edited = identity_digest(loaded())
    after = identity_digest(
        own_module(tmp_path, monkeypatch, source.format(n=2)).Mine()
    )
    assert len({before, edited, after}) == 3


def test_a_class_of_a_script_is_the_same_in_its_worker_processes_until_it_changes(
    tmp_path,
):
    script = tmp_path / "script.py"
    digests = []
    for n in (1, 2):
        script.write_text(
            MINE.replace("EXTRA", "def _describe(self, item): return helper(item)")
            .format(n=n)
            .replace("LIMIT", "shape")
            + "\nfrom joblib import Parallel, delayed"
            "\nfrom mmclassic._execution import identity_digest"
            "\nif __name__ == '__main__':"
            "\n    here = identity_digest(Mine())"
            "\n    there, = Parallel(2)([delayed(identity_digest)(Mine())])"
            "\n    print(here.hex(), there.hex())"
        )
        done = subprocess.run(
            [sys.executable, script], capture_output=True, text=True, check=True
        )
        digests.append(done.stdout.split())
    (here, there), (edited, edited_there) = digests
    assert here == there != edited == edited_there


def test_an_estimator_in_a_parameter_counts_with_what_it_learned():
    rng = np.random.default_rng(0)
    first, second = (PCA(2).fit(rng.normal(size=(9, 3))) for _ in range(2))
    digests = [identity_digest({"pca": each}) for each in (first, second, PCA(2))]
    assert None not in digests
    assert len(set(digests)) == 3
    assert identity_digest({"pca": deepcopy(first)}) == digests[0]


def test_a_definition_that_holds_itself_has_no_identity():
    nested = []
    nested.append(nested)
    assert identity_digest(nested) is None


def test_another_version_of_a_library_that_matters_is_another_identity(monkeypatch):
    hog = HOG()
    before = identity_digest(hog)
    versions = {"numpy": "0.0"}
    original = _identity.version_of
    monkeypatch.setattr(
        _identity, "version_of", lambda name: versions.get(name) or original(name)
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
    assert _code.version_of(library)
