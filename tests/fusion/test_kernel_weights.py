import numpy as np
import pytest
from scipy.optimize import minimize

from mmclassic.fusion._kernel_easy_mkl import EASY_LAMBDA, easy_mkl
from mmclassic.fusion._kernel_sums import inverse_shares, sum_kernels
from mmclassic.fusion._kernel_weights import align_kernels
from mmclassic.fusion._row_kernel import RowKernel, compare

N = 60


def centred(block):
    return RowKernel("rbf").fit_matrix(
        compare(block, block, "rbf"), np.ones(len(block))
    )


@pytest.fixture
def data():
    """Return kernels of which the first tells most and the last nothing, and codes."""
    rng = np.random.default_rng(0)
    codes = np.arange(N) % 3
    blocks = [
        np.eye(3)[codes] * size + rng.normal(size=(N, 3)) for size in (3.0, 1.5, 0.0)
    ]
    return [centred(block) for block in blocks], codes


def aligned(kernels, codes, present=None, weights=None):
    present = np.ones((len(codes), len(kernels)), bool) if present is None else present
    weights = np.ones(len(codes)) if weights is None else weights
    return align_kernels(kernels, present, codes, weights)


def easy(kernels, codes, present=None, weights=None):
    present = np.ones((len(codes), len(kernels)), bool) if present is None else present
    weights = np.ones(len(codes)) if weights is None else weights
    equal = np.ones(len(kernels))
    scales = inverse_shares(present, equal)
    together = sum_kernels(kernels, equal / len(kernels), scales)
    return easy_mkl(kernels, present, together, codes, weights)


@pytest.mark.parametrize("learn", [aligned, easy])
def test_what_tells_more_weighs_more(data, learn):
    weights = learn(*data)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 1.5 * weights[1] > 1.5 * 1.5 * weights[2]


def test_aligned_weights_are_the_best_alignment_of_pairs_of_different_rows(data):
    kernels, codes = data
    classes = np.eye(3)[codes] - 1 / 3
    off = ~np.eye(N, dtype=bool)
    target = (classes @ classes.T)[off]

    def misalignment(weights):
        values = np.tensordot(weights, kernels, 1)[off]
        return -values @ target / np.linalg.norm(values)

    best = minimize(misalignment, np.ones(3), bounds=[(0, None)] * 3, tol=1e-12).x
    np.testing.assert_allclose(aligned(*data), best / best.sum(), atol=1e-3)


def test_the_classes_own_kernel_takes_all_the_weight(data):
    kernels, codes = data
    classes = np.eye(3)[codes] - 1 / 3
    weights = aligned([*kernels, 1.5 * classes @ classes.T], codes)
    np.testing.assert_allclose(weights, [0, 0, 0, 1], atol=1e-6)


def test_a_row_is_no_evidence_of_likeness_with_itself(data):
    kernels, codes = data
    identity = (np.eye(N) - 1 / N) * N / (N - 1)  # unique a row, and like no other
    assert aligned([kernels[0], identity], codes)[1] < 0.02


@pytest.mark.parametrize("learn", [aligned, easy])
def test_a_small_class_counts_as_much_as_a_large_one(learn):
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], [100, 20, 20])
    few = np.where(codes == 2, 3.0, 0.0)[:, None] + rng.normal(size=(140, 3))
    other = np.where(codes == 1, 3.0, 0.0)[:, None] + rng.normal(size=(140, 3))
    weights = learn([centred(few), centred(other)], codes)
    np.testing.assert_allclose(weights, 0.5, atol=0.08)


@pytest.mark.parametrize("learn", [aligned, easy])
def test_rows_that_lack_a_modality_do_not_lower_its_weight(learn):
    rng = np.random.default_rng(0)
    codes = np.arange(400) % 2
    blocks = [codes[:, None] * 2 + rng.normal(size=(400, 3)) for _ in range(2)]
    present = np.ones((400, 2), dtype=bool)
    present[:200, 0] = False
    kernels = [centred(blocks[0]), centred(blocks[1])]
    kernels[0] = np.zeros((400, 400))
    kernels[0][200:, 200:] = centred(blocks[0][200:])
    np.testing.assert_allclose(learn(kernels, codes, present), 0.5, atol=0.1)


@pytest.mark.parametrize("learn", [aligned, easy])
def test_where_nothing_tells_the_weights_are_equal(learn):
    kernels = [np.zeros((6, 6))] * 2
    np.testing.assert_allclose(learn(kernels, np.arange(6) % 2), 0.5)


@pytest.mark.parametrize("learn", [aligned, easy])
def test_rows_of_no_weight_tell_nothing(data, learn):
    kernels, codes = data
    kept = np.arange(N) < 45
    subset = [kernel[np.ix_(kept, kept)] for kernel in kernels]
    misled = np.where(kept, codes, (codes + 1) % 3)
    np.testing.assert_allclose(
        learn(kernels, misled, weights=kept * 1.0),
        learn(subset, codes[kept]),
        atol=2e-3,
    )


def test_easy_mkl_measures_by_the_nearest_points_of_the_classes():
    rng = np.random.default_rng(0)
    codes = np.arange(30) % 2
    kernels = [
        centred(codes[:, None] * size + rng.normal(size=(30, 2))) for size in (2, 0.5)
    ]
    signs = np.where(codes == 1, 1.0, -1.0)
    system = (1 - EASY_LAMBDA) * sum(kernels) / 2 + EASY_LAMBDA * np.eye(30)
    best = minimize(
        lambda g: (g * signs) @ system @ (g * signs),
        np.full(30, 2 / 30),
        bounds=[(0, 1)] * 30,
        constraints=[
            {"type": "eq", "fun": lambda g, k=k: g[codes == k].sum() - 1}
            for k in (0, 1)
        ],
        options={"maxiter": 500, "ftol": 1e-12},
    ).x
    distances = np.array([(best * signs) @ k @ (best * signs) for k in kernels])
    np.testing.assert_allclose(easy(kernels, codes), distances / distances.sum(), 1e-3)


def test_easy_mkl_takes_weights_as_repetitions(data):
    kernels, codes = data
    counts = np.arange(N) % 3 + 1
    places = np.repeat(np.arange(N), counts)
    repeated = [kernel[np.ix_(places, places)] for kernel in kernels]
    np.testing.assert_allclose(
        easy(kernels, codes, weights=counts * 1.0),
        easy(repeated, codes[places]),
        rtol=5e-3,
    )


def test_easy_mkl_takes_all_rows_where_a_class_lacks_the_modality(data):
    kernels, codes = data
    present = np.ones((N, 3), dtype=bool)
    present[codes == 2, 0] = False
    kernels[0][codes == 2] = 0.0
    kernels[0][:, codes == 2] = 0.0
    weights = easy(kernels, codes, present)
    assert np.isfinite(weights).all()
    assert 0 < weights[0] < 1
