import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import (
    additive_chi2_kernel,
    cosine_similarity,
    euclidean_distances,
    manhattan_distances,
    polynomial_kernel,
)

from mmclassic.fusion._row_kernel import (
    PartScorer,
    RowKernel,
    check_kernels,
    choose_kernel,
    compare,
)

KINDS = ["linear", "rbf", "laplacian", "chi2", polynomial_kernel]
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def blocks():
    rng = np.random.default_rng(0)
    return rng.random((30, 7)), rng.random((5, 7))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("linear", cosine_similarity),
        ("rbf", lambda A, B: euclidean_distances(A, B, squared=True)),
        ("laplacian", manhattan_distances),
        ("chi2", lambda A, B: -additive_chi2_kernel(A, B)),
    ],
)
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, np.float32])
def test_rows_are_compared_as_scikit_learn_does(blocks, kind, expected, form):
    rows, others = blocks
    rows[3] = 0.0
    found = compare(form(others), form(rows), kind)
    np.testing.assert_allclose(found, expected(others, rows), rtol=1e-5, atol=1e-6)


def test_a_wide_block_is_compared_a_part_of_its_columns_at_a_time():
    block = np.random.default_rng(0).normal(size=(4, 9000)).astype(np.float32)
    np.testing.assert_allclose(
        compare(block, block, "linear"), cosine_similarity(block), atol=1e-6
    )


def test_a_callable_is_brought_to_a_likeness_of_1_of_each_row_with_itself(blocks):
    rows, others = blocks
    values = compare(others, rows, polynomial_kernel)
    whole = polynomial_kernel(np.vstack([others, rows]))
    sizes = np.sqrt(np.diagonal(whole))
    np.testing.assert_allclose(values, (whole / sizes / sizes[:, None])[:5, 5:])


@every_kind
def test_the_matrix_is_centred_and_of_mean_square_1(blocks, kind):
    weights = np.arange(1.0, 31.0)
    matrix = RowKernel(kind).fit_matrix(compare(blocks[0], blocks[0], kind), weights)
    np.testing.assert_allclose(matrix @ weights, 0, atol=1e-10)
    assert np.diagonal(matrix) @ weights / weights.sum() == pytest.approx(1)


@every_kind
def test_weights_are_repetitions(blocks, kind):
    rows = blocks[0]
    counts = np.arange(30) % 3 + 1
    places = np.repeat(np.arange(30), counts)
    weighted = RowKernel(kind).fit_matrix(compare(rows, rows, kind), counts * 1.0)
    repeated = rows[places]
    expected = RowKernel(kind).fit_matrix(
        compare(repeated, repeated, kind), np.ones(len(places))
    )
    if kind in ("rbf", "laplacian", "chi2"):
        # The mean distance leaves out a row's with itself, but not with its copy.
        assert np.corrcoef(weighted[places][:, places].ravel(), expected.ravel())[
            0, 1
        ] == pytest.approx(1, abs=1e-3)
    else:
        np.testing.assert_allclose(weighted[places][:, places], expected, atol=1e-10)


@every_kind
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_scores_are_the_centred_kernel_times_the_duals(blocks, kind, form):
    rows = form(blocks[0])
    raw = compare(rows, rows, kind)
    kernel = RowKernel(kind)
    matrix = kernel.fit_matrix(raw, np.ones(30))
    duals = np.random.default_rng(1).normal(size=(30, 2))
    duals[4] = 0.0
    uncentred, constant = kernel.uncentred(duals)
    np.testing.assert_allclose(
        kernel.likeness(raw) @ uncentred + constant, matrix @ duals, atol=1e-10
    )
    scorer = PartScorer(kernel, rows, uncentred, constant)
    np.testing.assert_allclose(scorer(rows), matrix @ duals, atol=1e-6)


def test_a_linear_scorer_keeps_no_rows(blocks):
    kernel = RowKernel("linear")
    kernel.fit_matrix(compare(blocks[0], blocks[0], "linear"), np.ones(30))
    scorer = PartScorer(kernel, blocks[0], np.ones((30, 2)), np.zeros(2))
    assert scorer.rows is None
    assert scorer.coefficients.shape == (7, 2)


@every_kind
def test_rows_that_are_all_alike_tell_nothing(kind):
    block = np.ones((6, 3))
    matrix = RowKernel(kind).fit_matrix(compare(block, block, kind), np.ones(6))
    np.testing.assert_allclose(matrix, 0, atol=1e-10)


def test_one_row_is_no_obstacle():
    block = np.ones((1, 3))
    for kind in KINDS:
        matrix = RowKernel(kind).fit_matrix(compare(block, block, kind), np.ones(1))
        np.testing.assert_allclose(matrix, 0, atol=1e-10)


def test_the_kernel_suits_the_block_unless_it_is_named():
    narrow, wide = np.ones((10, 30)), np.ones((10, 31))
    assert choose_kernel("auto", "a", narrow) == "rbf"
    assert choose_kernel("auto", "a", wide) == "linear"
    assert choose_kernel("auto", "a", sparse.csr_matrix(narrow)) == "linear"
    assert choose_kernel("chi2", "a", wide) == "chi2"
    named = {"a": "laplacian", "b": polynomial_kernel}
    assert choose_kernel(named, "a", wide) == "laplacian"
    assert choose_kernel(named, "b", wide) is polynomial_kernel
    assert choose_kernel(named, "c", wide) == "linear"


def test_kernels_of_no_part_or_no_name_are_refused():
    check_kernels({"a": "rbf", "b": polynomial_kernel}, ["a", "b"])
    with pytest.raises(ValueError, match="names 'c', which is no part"):
        check_kernels({"c": "rbf"}, ["a"])
    with pytest.raises(ValueError, match="kernel of 'a' must be .* Got 'popcorn'"):
        check_kernels({"a": "popcorn"}, ["a"])
