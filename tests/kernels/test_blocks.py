"""Blocks of rows: what they hold, and that their size is one."""

import numpy as np
import pytest

from mmclassic._kernels.blocks import BLOCK_ROWS, padded_blocks


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


@pytest.mark.parametrize(("n", "n_blocks"), [(0, 0), (1, 1), (256, 1), (300, 2)])
def test_blocks_are_of_one_size(n, n_blocks):
    blocks = padded_blocks(np.ones((n, 3), dtype=np.float32))
    assert [len(block) for _, _, block in blocks] == [BLOCK_ROWS] * n_blocks
