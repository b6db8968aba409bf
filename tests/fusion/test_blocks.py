"""Blocks of the rows that have a modality, placed among all rows."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from mmclassic.fusion._blocks import place


@pytest.mark.parametrize("fill", [0.0, np.nan, np.array([0.0, 2.0, 0.0, -1.0])])
def test_sparse_blocks_are_placed_as_dense_ones_are(fill):
    block = np.array([[1.0, 0, 0, 2], [0, 3, 0, 0]])
    rows = np.array([False, True, False, False, True])
    placed = place(sparse.csr_matrix(block), rows, fill)
    assert sparse.issparse(placed)
    np.testing.assert_array_equal(placed.toarray(), place(block, rows, fill))


def test_rows_that_lack_a_wide_sparse_block_cost_no_memory():
    n_rows, n_features = 500, 40_000  # 160 MB as a dense array
    block = sparse.random(n_rows, n_features, 1e-4, format="csr", random_state=0)
    rows = np.zeros(2 * n_rows, dtype=bool)
    rows[::2] = True
    tracemalloc.start()
    placed = place(block, rows, 0.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert placed.nnz == block.nnz
    assert peak < 5_000_000
