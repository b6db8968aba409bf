"""Values come back from bytes as they were, or not at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmclassic._execution._cache._values import DamagedError, pack, unpack
from mmclassic.encoding import LocalFeatures

KEY = b"k" * 20


def features(n=5):
    rng = np.random.default_rng(0)
    descriptors = rng.integers(0, 256, (n, 128), dtype=np.uint8)
    return LocalFeatures(descriptors, rng.random((n, 2), dtype=np.float32))


@pytest.mark.parametrize("n", [0, 1, 5])
def test_local_features_keep_their_types_and_values(n):
    given, back = features(n), unpack(pack(features(n), KEY), KEY)
    for name in ("descriptors", "positions"):
        expected, array = getattr(given, name), getattr(back, name)
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)


def test_uint8_descriptors_take_a_byte_each():
    assert sum(map(len, pack(features(1000), KEY))) < 1000 * (128 + 8) + 300


def test_rows_of_any_memory_order_come_back():
    row = np.arange(12, dtype=np.float32).reshape(3, 4).T
    back = unpack(pack(row, KEY), KEY)
    assert back.shape == (4, 3)
    np.testing.assert_array_equal(back, row)


def test_what_was_learned_keeps_the_types_of_its_numbers():
    learned = {
        "codebook_": np.ones((3, 2), np.float32),
        "bandwidth_": np.float64(0.1),
        "n_iter_": 7,
        "tolerance_": 1e-300,
        "kind_": "hard",
        "nothing_": None,
        "flag_": True,
    }
    back = unpack(pack(learned, KEY), KEY)
    assert list(back) == list(learned)
    for name, value in learned.items():
        assert type(back[name]) is type(value)
        np.testing.assert_array_equal(back[name], value)


@pytest.mark.parametrize(
    "value",
    [
        np.array([print, None], dtype=object),
        {"a": np.array(["text"], dtype=object)},
        {"a": print},
        [1, 2],
        "text",
    ],
    ids=str,
)
def test_objects_are_not_packed(value):
    with pytest.raises(TypeError, match="can't be kept"):
        pack(value, KEY)


@pytest.mark.parametrize(
    "value",
    [features(50), features(800), np.arange(7), {"a_": 1.5}],
    ids=["few", "many", "array", "dict"],
)
@given(data=st.data())
def test_any_flipped_byte_is_found(value, data):
    blobs = [bytearray(blob) for blob in pack(value, KEY)]
    blob = data.draw(st.sampled_from([blob for blob in blobs if blob]))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedError):
        unpack(blobs, KEY)


@given(st.integers(0, 2), st.integers(0, 10**6))
def test_a_value_cut_short_is_found(which, length):
    blobs = [bytes(blob) for blob in pack(features(50), KEY)]
    blobs[which] = blobs[which][: length % len(blobs[which])]
    with pytest.raises(DamagedError):
        unpack(blobs, KEY)


def test_blocks_in_another_order_are_found():
    for n in (100, 1000):
        header, first, second = pack(features(n), KEY)
        exchanged = np.concatenate([first[4096:8192], first[:4096], first[8192:]])
        with pytest.raises(DamagedError):
            unpack((header, exchanged, second), KEY)


@given(st.integers(0, 1599), st.integers(0, 1599), st.sampled_from([100, 1000]))
def test_exchanged_words_are_found(i, j, n):
    header, first, second = pack(features(n), KEY)
    words = first.copy().view(np.uint64)
    words[[i, j]] = words[[j, i]]
    if (words.view(np.uint8) == first).all():
        unpack((header, words, second), KEY)
        return
    with pytest.raises(DamagedError):
        unpack((header, words, second), KEY)


def test_arrays_that_are_kept_can_not_be_changed():
    row = np.zeros(3)
    pack(row, KEY)
    with pytest.raises(ValueError, match="read-only"):
        row[0] = 1


def test_a_value_under_another_key_is_found():
    with pytest.raises(DamagedError):
        unpack(pack(features(), KEY), b"l" * 20)
