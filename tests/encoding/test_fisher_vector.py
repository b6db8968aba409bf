"""FisherVector against scikit-image and scikit-learn, and by hand."""

import numpy as np
import pytest
from skimage.feature import fisher_vector
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from mmclassic._kernels.gaussian_mixture import fit_mixture, posterior_moments
from mmclassic._kernels.principal_axes import fit_axes, project
from mmclassic.encoding import FisherVector

from .toys import Dots, make_items


@pytest.fixture(scope="module")
def descriptors():
    return np.concatenate(make_items(80)).astype(np.float32)


def _oracle_mixture(fisher):
    mixture = GaussianMixture(len(fisher.weights_), covariance_type="diag")
    mixture.weights_ = fisher.weights_
    mixture.means_ = fisher.means_
    mixture.covariances_ = fisher.variances_
    mixture.precisions_cholesky_ = 1 / np.sqrt(fisher.variances_)
    return mixture


@pytest.mark.parametrize("pca", [None, 4])
def test_fisher_vectors_are_those_of_scikit_image(pca):
    items = make_items(12)
    fisher = FisherVector(
        "precomputed", n_components=3, pca=pca, append_positions=False, random_state=0
    )
    rows = fisher.fit_transform(items)
    oracle = _oracle_mixture(fisher)
    for item, row in zip(items, rows, strict=True):
        projected = project(item, fisher.mean_, fisher.axes_)
        expected = fisher_vector(projected, oracle, improved=True)
        # scikit-image's begins with the gradients of the weights, and has those of
        # the deviations with the opposite sign.
        _, means, deviations = np.split(expected, [3, 3 + len(row) // 2])
        gradients = np.concatenate([means, -deviations])
        np.testing.assert_allclose(
            row, gradients / np.linalg.norm(gradients), rtol=1e-3, atol=1e-4
        )


def test_regions_have_the_fisher_vector_of_their_descriptors():
    items = make_items(12)
    fisher = FisherVector(
        "precomputed",
        n_components=3,
        append_positions=False,
        pyramid=("1x1", "2x1"),
        random_state=0,
    )
    rows = fisher.fit_transform(items).reshape(12, 3, -1)
    for item, row in zip(items, rows, strict=True):
        halves = np.arange(len(item)) + 0.5 >= len(item) / 2
        for region, members in ((0, halves | True), (1, ~halves), (2, halves)):
            alone = fisher.transform([item[members]]).reshape(3, -1)[0]
            np.testing.assert_allclose(row[region], alone, rtol=1e-3, atol=1e-4)


def test_the_mixture_is_as_likely_as_that_of_scikit_learn(descriptors):
    start = descriptors[:4]
    labels = np.linalg.norm(descriptors[:, None] - start, axis=2).argmin(axis=1)
    ours, n_iter = fit_mixture(descriptors, labels, 4, max_iter=900, tol=1e-6)
    assert n_iter < 900
    _, log_likelihood = posterior_moments(descriptors, *ours.linear_form())
    resp = np.eye(4)[labels]
    weights = resp.mean(axis=0)
    means = resp.T @ descriptors / resp.sum(axis=0)[:, np.newaxis]
    squares = resp.T @ descriptors**2 / resp.sum(axis=0)[:, np.newaxis]
    oracle = GaussianMixture(
        4,
        covariance_type="diag",
        tol=1e-6,
        max_iter=900,
        weights_init=weights,
        means_init=means,
        precisions_init=1 / (squares - means**2),
    ).fit(descriptors)
    assert log_likelihood / len(descriptors) == pytest.approx(
        oracle.score(descriptors), abs=1e-3
    )
    np.testing.assert_allclose(ours.means, oracle.means_, rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(ours.variances, oracle.covariances_, rtol=5e-2)


def test_a_component_on_equal_descriptors_keeps_some_variance():
    rows = np.concatenate(
        [np.zeros((50, 2)), np.random.default_rng(0).normal(5, 1, (50, 2))]
    )
    mixture, _ = fit_mixture(
        rows.astype(np.float32), np.arange(100) // 50, 2, max_iter=50
    )
    assert (mixture.variances > 1e-6).all()
    assert np.isfinite(mixture.linear_form()[0]).all()


def test_axes_are_principal_components(descriptors):
    mean, axes = fit_axes(descriptors, 3)
    oracle = PCA(3).fit(descriptors.astype(float))
    np.testing.assert_allclose(mean, oracle.mean_, rtol=1e-4, atol=1e-4)
    cosines = np.abs((axes * oracle.components_.T).sum(axis=0))
    np.testing.assert_allclose(cosines, 1, rtol=1e-4)


def test_flat_directions_are_left_out_of_the_axes():
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(500, 2)) @ rng.normal(size=(2, 8))
    _, axes = fit_axes(plane.astype(np.float32), 5)
    assert axes.shape == (8, 2)


def test_positions_become_two_more_dimensions():
    items = make_items(20)
    fisher = FisherVector(
        Dots(), n_components=3, pca=4, append_positions=True, random_state=0
    )
    rows = fisher.fit_transform(items)
    assert fisher.means_.shape == (3, 6)
    assert rows.shape == (20, 3 * 6 * 2)
    # Dots lie on the diagonal, evenly from 0 to 1: their mean is the middle.
    middle = fisher.weights_ @ fisher.means_
    np.testing.assert_allclose(middle[4:], 0, atol=1e-3)


def test_short_descriptors_are_not_reduced():
    fisher = FisherVector("precomputed", n_components=2, pca=64, random_state=0)
    fisher.fit(make_items(10))
    assert np.array_equal(fisher.axes_, np.eye(6))


def test_features_are_named_by_gradient_component_and_dimension():
    fisher = FisherVector("precomputed", n_components=2, append_positions=False)
    names = fisher.fit(make_items(4, d=1)).get_feature_names_out()
    assert names.tolist() == [
        "fishervector_1x1_0_mean0_0",
        "fishervector_1x1_0_mean1_0",
        "fishervector_1x1_0_deviation0_0",
        "fishervector_1x1_0_deviation1_0",
    ]


def test_iterations_are_bounded_and_end_where_nothing_is_gained(descriptors):
    fisher = FisherVector("precomputed", n_components=20, max_iter=3, random_state=0)
    assert fisher.fit([descriptors]).n_iter_ == 3
    fisher.set_params(max_iter=500).fit([descriptors])
    assert 3 < fisher.n_iter_ < 500
