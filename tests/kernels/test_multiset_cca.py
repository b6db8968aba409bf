import numpy as np
import pytest
from scipy import linalg
from sklearn.cross_decomposition import CCA

from mmclassic._kernels.multiset_cca import fit_multiset_cca


def views(n=200, widths=(6, 5, 4), seed=0):
    """Return views that share three hidden features, and noise."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(n, 3))
    return [
        hidden @ rng.normal(size=(3, width)) + 0.5 * rng.normal(size=(n, width)) + width
        for width in widths
    ]


def every_row(blocks):
    return [np.arange(len(block)) for block in blocks]


def fit(blocks, n_components=3, shrinkage=0.3, rows=None):
    rows = every_row(blocks) if rows is None else rows
    return fit_multiset_cca(blocks, rows, n_components, shrinkage)


def moments(blocks, shrinkage):
    """Return the matrices of the generalised eigenproblem, of the definition."""
    whole = np.cov(np.hstack(blocks).T)
    inside = [np.cov(block.T) for block in blocks]
    shrunk = [
        (1 - shrinkage) * S
        + shrinkage * np.trace(S) / min(len(S), len(blocks[0]) - 1) * np.eye(len(S))
        for S in inside
    ]
    between = whole - linalg.block_diag(*inside)
    return between / len(blocks), linalg.block_diag(*shrunk) / len(blocks)


@pytest.mark.parametrize("widths", [(6, 5), (6, 5, 4), (3, 3, 3, 3)])
@pytest.mark.parametrize("shrinkage", [0.01, 0.5, 1.0])
def test_it_solves_the_generalised_eigenproblem(widths, shrinkage):
    blocks = views(widths=widths)
    means, weights, agreements = fit(blocks, shrinkage=shrinkage)
    A, B = moments(blocks, shrinkage)
    values, vectors = linalg.eigh(A, B)
    np.testing.assert_allclose(agreements, values[::-1][:3], atol=1e-9)
    ours, theirs = np.vstack(weights), vectors[:, ::-1][:, :3]
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-7)
    for block, mean in zip(blocks, means, strict=True):
        np.testing.assert_allclose(mean, block.mean(axis=0))


@pytest.mark.parametrize("n_views", [2, 3])
@pytest.mark.parametrize("shrinkage", [0.0, 0.4])
def test_two_and_more_views_are_as_cca_zoo_finds_them(n_views, shrinkage):
    linear = pytest.importorskip("cca_zoo.linear", reason="cca-zoo is not installed")
    blocks = [
        # Of a mean variance of 1, for cca-zoo shrinks to the identity.
        (b - b.mean(axis=0)) / np.sqrt(np.trace(np.cov(b.T)) / b.shape[1])
        for b in views()[:n_views]
    ]
    _, weights, _ = fit(blocks, shrinkage=shrinkage)
    theirs = linear.MCCA(n_components=3, shrinkage=shrinkage).fit(blocks).weights_
    np.testing.assert_allclose(
        np.abs(np.vstack(weights)), np.abs(np.vstack(theirs)), atol=1e-8
    )


def test_two_views_correlate_as_scikit_learn_finds_them():
    blocks = views()[:2]
    means, weights, agreements = fit(blocks, shrinkage=1e-9)
    ours = [(b - m) @ w for b, m, w in zip(blocks, means, weights, strict=True)]
    theirs = CCA(3, max_iter=5000, tol=1e-12).fit(*blocks).transform(*blocks)
    for k in range(3):
        correlation = np.corrcoef(ours[0][:, k], ours[1][:, k])[0, 1]
        expected = np.corrcoef(theirs[0][:, k], theirs[1][:, k])[0, 1]
        assert correlation == pytest.approx(expected, abs=1e-6)
        assert agreements[k] == pytest.approx(expected, abs=1e-6)


def test_a_view_of_more_features_than_rows_is_solved_by_its_rows():
    blocks = views(20, (60, 50))
    _, weights, agreements = fit(blocks, shrinkage=0.3)
    A, B = moments(blocks, 0.3)
    values = linalg.eigh(A, B, eigvals_only=True)
    np.testing.assert_allclose(agreements, values[::-1][:3], atol=1e-9)
    assert weights[0].shape == (60, 3)


def test_components_are_uncorrelated_and_of_the_size_that_is_asked():
    blocks = views()
    _, weights, _ = fit(blocks, n_components=4)
    _, B = moments(blocks, 0.3)
    whole = np.vstack(weights)
    np.testing.assert_allclose(whole.T @ B @ whole, np.eye(4), atol=1e-9)


def test_units_of_a_view_change_nothing_but_its_weights():
    blocks = views()
    _, weights, agreements = fit(blocks)
    scaled = [1000 * blocks[0], *blocks[1:]]
    _, others, same = fit(scaled)
    np.testing.assert_allclose(same, agreements, rtol=1e-9)
    np.testing.assert_allclose(np.abs(1000 * others[0]), np.abs(weights[0]), rtol=1e-6)


def test_rows_in_another_order_and_turned_views_agree_the_same():
    blocks = views()
    agreements = fit(blocks)[2]
    order = np.random.default_rng(1).permutation(200)
    np.testing.assert_allclose(fit([b[order] for b in blocks])[2], agreements)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]
    np.testing.assert_allclose(fit([blocks[0] @ turn, *blocks[1:]])[2], agreements)


def test_rows_that_lack_a_view_tell_of_the_others():
    blocks = views(600)
    _, weights, agreements = fit(blocks)
    rows = [np.arange(600), np.arange(200, 600), np.r_[0:100, 300:600]]
    some = [block[own] for block, own in zip(blocks, rows, strict=True)]
    _, found, close = fit(some, rows=rows)
    np.testing.assert_allclose(close, agreements, rtol=0.15)
    whole, part = np.vstack(weights)[:, 0], np.vstack(found)[:, 0]
    assert np.abs(whole @ part) > 0.97 * np.linalg.norm(whole) * np.linalg.norm(part)


def test_views_without_common_rows_have_nothing_to_agree_on():
    blocks = views()[:2]
    halves = [blocks[0][:100], blocks[1][100:]]
    rows = [np.arange(100), np.arange(100, 200)]
    np.testing.assert_allclose(fit(halves, rows=rows)[2], 0, atol=1e-12)


def test_chance_agrees_less_on_new_rows_the_more_is_shrunk():
    def agreement(shrinkage):
        rng = np.random.default_rng(0)
        hidden = rng.normal(size=(400, 1))
        blocks = [
            np.hstack([2 * hidden, np.zeros((400, 29))]) + rng.normal(size=(400, 30))
            for _ in range(2)
        ]
        train = [block[:40] for block in blocks]
        means, weights, _ = fit(train, 1, shrinkage)
        a, b = (
            (block[40:] - m) @ w
            for block, m, w in zip(blocks, means, weights, strict=True)
        )
        return np.corrcoef(a[:, 0], b[:, 0])[0, 1]

    assert agreement(0.9) > agreement(0.0) + 0.1


def test_no_more_components_come_than_there_are_axes():
    _, weights, agreements = fit(views(widths=(2, 1)), n_components=10)
    assert weights[0].shape == (2, 3)
    assert len(agreements) == 3


@pytest.mark.parametrize("n_rows", [1, 2])
def test_constant_views_and_single_rows_are_no_obstacle(n_rows):
    blocks = [np.ones((n_rows, 3)), np.arange(2.0 * n_rows).reshape(n_rows, 2)]
    _, weights, _ = fit(blocks)
    assert all(np.isfinite(each).all() for each in weights)
    assert [len(each) for each in weights] == [3, 2]
