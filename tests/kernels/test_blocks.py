"""Blocks of rows: what they hold, and how little is padded."""

import numpy as np
import pytest

from mmclassic._kernels.blocks import padded_blocks


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_blocks_hold_every_row_in_order_and_zeros_after_the_last(dtype):
    rows = np.arange(1, 2 * 300 + 1).reshape(300, 2).astype(dtype)
    kept = []
    for start, n, block in padded_blocks(rows):
        assert block.dtype == np.float32
        assert not block[n:].any()
        assert start == sum(map(len, kept))
        kept.append(block[:n].copy())
    assert np.array_equal(np.concatenate(kept), rows)


def test_blocks_of_an_order_hold_its_rows():
    rows = np.arange(40.0)[:, np.newaxis]
    order = np.array([7, 3, 3, 39])
    ((_, n, block),) = padded_blocks(rows, order)
    assert block[:n, 0].tolist() == [7, 3, 3, 39]


@pytest.mark.parametrize(
    ("multiple", "n", "sizes"),
    [
        (256, 0, []),
        (256, 1, [256]),
        (256, 300, [256, 256]),
        (16, 1, [16]),
        (16, 48, [48]),
        (16, 300, [256, 48]),
    ],
)
def test_the_last_block_is_padded_to_the_multiple(multiple, n, sizes):
    rows = np.ones((n, 3), dtype=np.float32)
    blocks = padded_blocks(rows, multiple=multiple)
    assert [len(block) for _, _, block in blocks] == sizes
