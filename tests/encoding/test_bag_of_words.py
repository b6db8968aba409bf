"""BagOfWords against brute force and scikit-learn's k-means."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances

from mmclassic._kernels.codebook import nearest_words, soft_words
from mmclassic._kernels.kmeans import lloyd
from mmclassic._kernels.normalization import normalize_rows
from mmclassic.encoding import BagOfWords

from .toys import Dots, make_items


@pytest.fixture(scope="module")
def descriptors():
    return np.concatenate(make_items(40))


@pytest.mark.parametrize("n", [1, 255, 256, 257])
def test_nearest_words_are_those_of_brute_force(descriptors, n):
    codebook = descriptors[::50]
    expected = pairwise_distances(descriptors[:n], codebook).argmin(axis=1)
    assert np.array_equal(nearest_words(descriptors[:n], codebook), expected)


def test_a_descriptor_has_its_word_whatever_stands_beside_it(descriptors):
    rng = np.random.default_rng(0)
    many = rng.normal(size=(700, 40)).astype(np.float32)
    codebook = rng.normal(size=(33, 40)).astype(np.float32)
    words, weights = soft_words(many, codebook, 4, 0.5)
    for start, stop in ((0, 1), (100, 137), (300, 700)):
        part_words, part_weights = soft_words(many[start:stop], codebook, 4, 0.5)
        assert np.array_equal(part_words, words[start:stop])
        assert np.array_equal(part_weights, weights[start:stop])


def test_lloyd_is_that_of_scikit_learn(descriptors):
    start = descriptors[:7]
    oracle = KMeans(7, init=start, n_init=1, max_iter=50, tol=0).fit(descriptors)
    ours = lloyd(descriptors, start, 50)
    np.testing.assert_allclose(ours, oracle.cluster_centers_, rtol=1e-4, atol=1e-4)


def test_a_word_that_nothing_is_near_to_stays():
    start = np.array([[0.0], [100.0]], dtype=np.float32)
    words = lloyd(np.array([[1.0], [2.0]], dtype=np.float32), start, 5)
    assert words.tolist() == [[1.5], [100]]


def test_the_codebook_finds_separated_clusters():
    rng = np.random.default_rng(0)
    centres = 50.0 * np.arange(12)[:, np.newaxis]
    items = [centres + rng.normal(size=(12, 1)) for _ in range(30)]
    bag = BagOfWords("precomputed", n_words=12, random_state=0).fit(items)
    np.testing.assert_allclose(np.sort(bag.codebook_, 0), centres, atol=1)


def test_counts_are_those_of_brute_force():
    items = make_items(10)
    bag = BagOfWords("precomputed", n_words=5, power=1, norm=None, random_state=0)
    counts = bag.fit_transform(items)
    for item, row in zip(items, counts, strict=True):
        words = pairwise_distances(item, bag.codebook_).argmin(axis=1)
        assert np.array_equal(row, np.bincount(words, minlength=5))


def test_regions_of_a_grid_add_up_to_the_whole():
    bag = BagOfWords(
        Dots(),
        n_words=5,
        power=1,
        norm=None,
        pyramid=("1x1", "2x2", "3x1"),
        random_state=0,
    )
    whole, quarters, thirds = np.split(
        bag.fit_transform(make_items(10)).reshape(10, 8, 5), [1, 5], axis=1
    )
    assert np.array_equal(quarters.sum(axis=1), whole[:, 0])
    assert np.array_equal(thirds.sum(axis=1), whole[:, 0])
    assert not quarters[:, [1, 2]].any()  # dots lie on the diagonal


def test_soft_weights_are_gaussians_of_the_distance(descriptors):
    codebook = descriptors[::100]
    words, weights = soft_words(descriptors, codebook, 3, 2.0)
    distances = pairwise_distances(descriptors, codebook)
    expected = np.sort(distances, axis=1)[:, :3]
    found = np.take_along_axis(distances, words, axis=1)
    np.testing.assert_allclose(np.sort(found, axis=1), expected, rtol=1e-3, atol=1e-3)
    gaussians = np.exp(-(found**2) / 8)
    gaussians /= gaussians.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights, gaussians, atol=1e-4)


def test_soft_assignment_of_a_narrow_band_is_hard():
    items = make_items(10)
    hard = BagOfWords("precomputed", n_words=8, random_state=0)
    soft = BagOfWords(
        "precomputed", n_words=8, assignment="soft", bandwidth=1e-3, random_state=0
    )
    expected = hard.fit_transform(items)
    np.testing.assert_allclose(soft.fit_transform(items), expected, atol=1e-3)


def test_more_nearest_words_than_words_is_all_of_them():
    bag = BagOfWords(
        "precomputed", n_words=3, assignment="soft", n_nearest=5, power=1, norm="l1"
    )
    np.testing.assert_allclose(bag.fit_transform(make_items(4)).sum(axis=1), 1, 1e-6)


@pytest.mark.parametrize(("power", "norm"), [(1, "l1"), (0.5, "l2"), (0.3, None)])
def test_rows_are_signed_powers_over_their_norm(power, norm):
    rows = np.array([[4.0, -9.0, 0.0], [0.0, 0.0, 0.0]])
    powers = np.array([4**power, -(9**power), 0])
    divisor = {"l1": np.abs(powers).sum(), "l2": np.sqrt((powers**2).sum()), None: 1}
    expected = [powers / divisor[norm], [0, 0, 0]]
    np.testing.assert_allclose(normalize_rows(rows, power, norm), expected, rtol=1e-6)


def _large_items(n_items=40):
    """Return items of enough descriptors, and enough of them, to search by cells."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(1100, 1500, size=n_items)
    return [rng.normal(size=(length, 6)).astype(np.float32) for length in lengths]


def test_a_large_codebook_is_searched_by_cells_and_repeats_bitwise():
    items = _large_items()
    bag = BagOfWords("precomputed", n_words=256, power=1, norm=None, random_state=0)
    rows = bag.fit_transform(items)
    assert bag.cell_words_.shape == (len(bag.cell_centres_), 256)
    assert 0.05 < bag.cell_words_.mean() < 0.6
    assert (bag.cell_words_.sum(axis=1) % 16 == 0).all()
    assert np.array_equal(rows.sum(axis=1), [len(item) for item in items])
    assert np.array_equal(bag.transform(items[:3]), rows[:3])
    assert np.array_equal(bag.transform(items[2:3]), rows[2:3])
    bag.set_params(n_jobs=2)
    assert np.array_equal(bag.fit_transform(items), rows)


def test_the_words_found_by_cells_are_nearly_always_the_nearest():
    items = _large_items()
    bag = BagOfWords("precomputed", n_words=256, power=1, norm=None, random_state=0)
    rows = bag.fit(items[:36]).transform(items[36:])
    for item, row in zip(items[36:], rows, strict=True):
        nearest = np.bincount(nearest_words(item, bag.codebook_), minlength=256)
        assert 0 < np.abs(row - nearest).sum() / 2 < 0.03 * len(item)


def test_words_learned_from_few_descriptors_are_all_searched():
    items = _large_items(10)
    bag = BagOfWords("precomputed", n_words=256, power=1, norm=None, random_state=0)
    row = bag.fit(items).transform(items[:1])[0]
    assert bag.cell_words_.shape == (1, 256)
    nearest = np.bincount(nearest_words(items[0], bag.codebook_), minlength=256)
    assert np.array_equal(row, nearest)


def test_words_are_numbered_in_the_names():
    bag = BagOfWords("precomputed", n_words=2, pyramid=("1x1", "2x1"))
    assert bag.fit(make_items(3)).get_feature_names_out().tolist() == [
        f"bagofwords_{region}_word{word}"
        for region in ("1x1_0", "2x1_0", "2x1_1")
        for word in range(2)
    ]
