"""Inside ``remembering`` a stateless function is called once a cell."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mmclassic._execution import Remembered, SharedMemory, remembering


class Counting:
    """Returns an array of one number, and counts its calls by cell."""

    def __init__(self):
        self.calls = []

    def __call__(self, cell):
        self.calls.append(cell)
        return np.zeros(1)


def test_each_cell_is_computed_once_inside_the_context():
    count = Counting()
    with remembering(2**20):
        first = [Remembered(count, "a")(cell) for cell in ("x", "y", "x")]
        again = Remembered(count, "a")("x")
    assert count.calls == ["x", "y"]
    assert again is first[0] is first[2]


def test_outside_of_it_nothing_is_remembered():
    count = Counting()
    with remembering(2**20):
        Remembered(count, "a")("x")
    for _ in range(2):
        Remembered(count, "a")("x")
    assert len(count.calls) == 3


def test_other_parameters_are_another_function():
    count = Counting()
    with remembering(2**20):
        for identity in ({"step": 4}, {"step": 5}, {"step": 4}):
            Remembered(count, identity)("x")
    assert len(count.calls) == 2


def test_equal_paths_and_bytes_are_one_cell_and_equal_arrays_are_two():
    count = Counting()
    cells = [Path("a"), "a", b"a", bytes(bytearray(b"a")), np.ones(1), np.ones(1)]
    with remembering(2**20):
        for cell in cells:
            Remembered(count, "a")(cell)
    assert len(count.calls) == 4


def test_arrays_known_by_identity_are_kept_alive():
    count = Counting()
    with remembering(2**20):
        for i in range(20):  # each would take the freed place of the one before
            Remembered(count, "a")(np.full(3, i))
    assert len(count.calls) == 20


def test_what_exceeds_the_bound_is_computed_every_time():
    count = Counting()
    with remembering(3 * 8):
        for _ in range(2):
            for cell in "vwxyz":
                Remembered(count, "a")(cell)
    assert len(count.calls) == 5 + 2


def test_remembered_arrays_can_not_be_changed():
    with remembering(2**20):
        result = Remembered(Counting(), "a")("x")
    with pytest.raises(ValueError, match="read-only"):
        result[0] = 1


def test_threads_that_work_for_it_share_what_is_remembered_and_others_do_not():
    count = Counting()

    def help_out(memory):
        with memory.entered():
            return Remembered(count, "a")("x")

    with remembering(2**20), ThreadPoolExecutor(1) as pool:
        Remembered(count, "a")("x")
        pool.submit(help_out, SharedMemory()).result()
        assert count.calls == ["x"]
        pool.submit(lambda: Remembered(count, "a")("x")).result()
    assert count.calls == ["x", "x"]


def test_a_worker_process_gets_the_function_without_the_memory():
    with remembering(2**20):
        Remembered(abs, "a")(np.ones(1))
        shipped = pickle.dumps((Remembered(abs, "a"), SharedMemory()))
    assert len(shipped) < 500
    function, memory = pickle.loads(shipped)
    assert function(-2) == 2
    with memory.entered():
        assert Remembered(abs, "a").memory is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
def test_a_forked_process_does_not_go_on_with_the_memory():
    with remembering(2**20):
        child = os.fork()
        if child == 0:
            os._exit(Remembered(abs, "a").memory is not None)
        assert os.waitpid(child, 0)[1] == 0


def test_the_users_own_array_stays_writeable():
    cell = np.ones(3)
    with remembering(2**20):
        assert Remembered(lambda cell: cell, "a")(cell) is cell
        Remembered(lambda cell: cell[1:], "b")(cell)
    cell[0] = 2


def test_an_error_is_raised_every_time():
    def fail(cell):
        raise ValueError(cell)

    with remembering(2**20):
        for _ in range(2):
            with pytest.raises(ValueError, match="x"):
                Remembered(fail, "a")("x")
