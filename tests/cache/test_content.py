"""Cells of equal content have one digest, others another."""

import os

import numpy as np
import pytest
from PIL import Image

from mmclassic._execution._cache._content import content_digest
from mmclassic.audio import Waveform
from mmclassic.encoding import LocalFeatures


def test_a_path_its_text_its_bytes_and_a_copy_are_one_content(tmp_path):
    first, copy = tmp_path / "a.png", tmp_path / "b.png"
    first.write_bytes(b"content")
    copy.write_bytes(b"content")
    cells = [first, str(first), copy, b"content", bytearray(b"content")]
    cells += [{"bytes": b"content", "path": None}, {"path": str(first)}]
    assert len({content_digest(cell) for cell in cells}) == 1


def test_a_file_of_the_same_size_and_times_is_another_content(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old!")
    status = os.stat(path)
    before = content_digest(path)
    path.write_bytes(b"new!")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert os.stat(path).st_mtime_ns == status.st_mtime_ns
    assert os.stat(path).st_ino == status.st_ino
    assert content_digest(path) != before


def test_arrays_differ_by_type_shape_and_values():
    arrays = [
        np.zeros(4),
        np.zeros(4, np.float32),
        np.zeros((2, 2)),
        np.array([0.0, 0.0, 0.0, 1.0]),
        np.zeros(0),
        np.zeros(8, np.uint8).view(np.bool_),
    ]
    assert len({content_digest(array) for array in arrays}) == len(arrays)
    strided = np.arange(20).reshape(4, 5)[:, ::2]
    assert content_digest(strided) == content_digest(strided.copy())


def test_sounds_differ_by_their_rate():
    samples = np.zeros(10, np.float32)
    cells = [Waveform(samples, 8000), Waveform(samples, 16000), samples]
    cells += [{"array": samples, "sampling_rate": rate} for rate in (8000, 16000)]
    assert len({content_digest(cell) for cell in cells}) == len(cells)
    again = Waveform(samples.copy(), 8000)
    assert content_digest(again) == content_digest(cells[0])


def test_pil_images_differ_by_pixels_mode_palette_and_orientation():
    grey = Image.new("L", (4, 4), 7)
    palette = grey.convert("P")
    other = palette.copy()
    other.putpalette([255 - i for i in range(256) for _ in range(3)])
    turned = grey.copy()
    turned.getexif()[274] = 6
    images = [grey, grey.convert("RGB"), palette, other, turned, Image.new("L", (2, 8))]
    assert len({content_digest(image) for image in images}) == len(images)
    assert content_digest(grey.copy()) == content_digest(grey)


def test_local_features_differ_by_their_positions():
    descriptors = np.zeros((2, 3))
    first, second = (
        LocalFeatures(descriptors, np.full((2, 1), place)) for place in (0.0, 1.0)
    )
    assert content_digest(first) != content_digest(second)


def test_the_order_of_several_cells_counts_and_missing_ones_do():
    a, b = np.zeros(1), np.ones(1)
    orders = [(a, b), (b, a), (a, b, None), (a, None, b), (a,)]
    assert len({content_digest(cells) for cells in orders}) == len(orders)


@pytest.mark.parametrize(
    "cell",
    [object(), "no such file", "", np.array([None]), 7, {"other": 1}, (b"a", object())],
    ids=str,
)
def test_what_has_no_known_content_has_no_digest(cell):
    assert content_digest(cell) is None


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert content_digest(tmp_path / "pipe") is None
