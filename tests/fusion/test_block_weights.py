import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from mmclassic.fusion import BlockScaler, EarlyFusion
from mmclassic.fusion import _block_weights as block_weights
from mmclassic.fusion._block_weights import align_blocks
from mmclassic.persistence import load, save


def made(n=90, seed=0):
    """Return a telling block, a less telling one, one of noise, and three classes."""
    rng = np.random.RandomState(seed)
    y = rng.randint(3, size=n)
    centres = 2 * rng.normal(size=(3, 12))
    blocks = [
        centres[y] + rng.normal(size=(n, 12)),
        0.5 * centres[y] + rng.normal(size=(n, 12)),
        rng.normal(size=(n, 4)),
    ]
    return [BlockScaler().fit_transform(block) for block in blocks], y


def everywhere(n, n_blocks=3):
    return np.ones((n, n_blocks), dtype=bool)


def by_the_formula(blocks, targets):
    """Return weights of kernels without their diagonals, by trying every support."""
    n = len(targets)
    others = ~np.eye(n, dtype=bool)
    kernels = [(Z - Z.mean(axis=0)) @ (Z - Z.mean(axis=0)).T for Z in blocks]
    wanted = (targets - targets.mean(axis=0)) @ (targets - targets.mean(axis=0)).T
    a = np.array([(K * wanted)[others].mean() for K in kernels])
    M = np.array([[(K * L)[others].mean() for L in kernels] for K in kernels])
    best, least = None, np.inf
    for bits in range(1, 2 ** len(blocks)):
        some = [i for i in range(len(blocks)) if bits >> i & 1]
        v = np.zeros(len(blocks))
        v[some] = np.linalg.solve(M[np.ix_(some, some)], a[some])
        if (v >= 0).all() and v @ M @ v - 2 * v @ a < least:
            best, least = v, v @ M @ v - 2 * v @ a
    best = np.maximum(best / best.sum(), 1e-3 / len(blocks))
    return np.sqrt(len(blocks) * best / best.sum())


def test_weights_of_classes_are_those_of_the_formula():
    blocks, y = made()
    members = np.eye(3)[y]
    expected = by_the_formula(blocks, members / np.sqrt(members.mean(axis=0)))
    found = align_blocks(blocks, everywhere(90), np.array(["a", "b", "c"])[y])
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    assert found[0] > found[1] > found[2]


def test_weights_of_numbers_are_those_of_the_formula():
    blocks, _ = made()
    y = blocks[0][:, 0] + 0.1 * blocks[1][:, 1]
    expected = by_the_formula(blocks, y[:, None])
    np.testing.assert_allclose(
        align_blocks(blocks, everywhere(90), y), expected, rtol=1e-8
    )
    several = np.column_stack([y, 100 * blocks[1][:, 0]])
    expected = by_the_formula(blocks, several / several.std(axis=0))
    np.testing.assert_allclose(
        align_blocks(blocks, everywhere(90), several), expected, rtol=1e-8
    )


def test_weights_of_labels_are_those_of_the_formula():
    blocks, _ = made()
    y = np.column_stack([blocks[0][:, :2] > 0.2, blocks[1][:, 0] > 0]).astype(int)
    expected = by_the_formula(blocks, y / np.sqrt(y.mean(axis=0)))
    np.testing.assert_allclose(
        align_blocks(blocks, everywhere(90), y), expected, rtol=1e-8
    )


def test_labels_may_be_sparse(table, describers):
    y = np.random.RandomState(0).rand(60, 3) < 0.5
    fusion = EarlyFusion(describers, weights="alignment").fit(table, y.astype(int))
    again = clone(fusion).fit(table, sparse.csr_matrix(y.astype(int)))
    assert again.weights_ == fusion.weights_


def test_two_outputs_of_classes_count_alike():
    blocks, y = made()
    once = align_blocks(blocks, everywhere(90), y)
    twice = align_blocks(blocks, everywhere(90), np.column_stack([y, y]))
    np.testing.assert_allclose(once, twice)


def test_integers_that_seldom_come_twice_are_numbers():
    blocks, _ = made()
    prices = np.argsort(np.argsort(blocks[0][:, 0]))
    np.testing.assert_allclose(
        align_blocks(blocks, everywhere(90), prices),
        align_blocks(blocks, everywhere(90), prices.astype(float)),
    )


def test_sparse_blocks_weigh_as_dense_ones():
    blocks, y = made()
    blocks[1] = np.where(blocks[1] > 0.2, blocks[1], 0)
    expected = align_blocks(blocks, everywhere(90), y)
    blocks[1] = sparse.csr_matrix(blocks[1])
    np.testing.assert_allclose(align_blocks(blocks, everywhere(90), y), expected)


def test_wide_blocks_are_centred_in_pieces(monkeypatch):
    blocks, y = made()
    expected = align_blocks(blocks, everywhere(90), y)
    monkeypatch.setattr(block_weights, "COLUMNS", 5)
    np.testing.assert_allclose(align_blocks(blocks, everywhere(90), y), expected)


def test_nan_count_as_the_mean_of_their_feature():
    blocks, y = made()
    blocks[0][7, 3] = np.nan
    filled = blocks[0].copy()
    filled[7, 3] = np.nanmean(blocks[0][:, 3])
    np.testing.assert_allclose(
        align_blocks(blocks, everywhere(90), y),
        align_blocks([filled, *blocks[1:]], everywhere(90), y),
    )


def test_blocks_weigh_the_same_by_the_rows_that_have_them():
    blocks, y = made(400)
    whole = align_blocks(blocks, everywhere(400), y)
    present = np.random.RandomState(0).rand(400, 3) < 0.6
    some = [block[rows] for block, rows in zip(blocks, present.T, strict=True)]
    np.testing.assert_allclose(align_blocks(some, present, y), whole, atol=0.15)


def test_a_draw_of_many_rows_weighs_nearly_as_all(monkeypatch):
    blocks, _ = made(1200)
    y = np.arange(1200) % 3  # of every third row, there would be one class
    blocks = [block + 2 * np.eye(3, block.shape[1])[y] for block in blocks]
    whole = align_blocks(blocks, everywhere(1200), y)
    monkeypatch.setattr(block_weights, "MOST_ROWS", 400)
    drawn = align_blocks(blocks, everywhere(1200), y)
    np.testing.assert_allclose(drawn, whole, atol=0.1)
    np.testing.assert_array_equal(drawn, align_blocks(blocks, everywhere(1200), y))


@pytest.mark.parametrize("y", [np.zeros(90, int), np.full(90, 0.5)])
def test_of_equal_targets_blocks_weigh_the_same(y):
    np.testing.assert_allclose(align_blocks(made()[0], everywhere(90), y), 1)


def test_a_target_that_is_not_finite_is_refused():
    y = np.arange(90.0)
    y[3] = np.nan
    with pytest.raises(ValueError, match="Input y contains NaN"):
        align_blocks(made()[0], everywhere(90), y)


def test_without_y_the_remedy_is_named(table, describers):
    with pytest.raises(ValueError, match=r"y=None instead. Call fit\(X, y\)"):
        EarlyFusion(describers, weights="alignment").fit(table)


def test_weights_are_kept_and_give_the_same_block(table, labels, describers):
    learned = EarlyFusion(describers, weights="alignment")
    block = learned.fit_transform(table, labels)
    assert list(learned.weights_) == ["title", "code", "size"]
    assert np.mean(np.square(list(learned.weights_.values()))) == pytest.approx(1)
    given = EarlyFusion(describers, weights=learned.weights_)
    np.testing.assert_allclose(given.fit_transform(table), block)
    assert given.weights_ == learned.weights_
    np.testing.assert_allclose(learned.transform(table), block, atol=1e-6)
    plain = EarlyFusion(describers, weights={"code": 2.0}).fit(table)
    assert plain.weights_ == {"title": 1.0, "code": 2.0, "size": 1.0}


@pytest.mark.parametrize("method", ["concatenate", "sum", "bilinear"])
@pytest.mark.parametrize("projection", ["pca", "cca"])
def test_noise_weighs_little_by_every_method(method, projection):
    rng = np.random.RandomState(0)
    y = np.arange(150) % 2
    X = rng.normal(size=(150, 9))
    X[:, :6] += y[:, None]
    parts = [
        (n, FunctionTransformer(), [3 * i + k for k in range(3)])
        for i, n in enumerate(["a", "b", "noise"])
    ]
    fusion = EarlyFusion(
        parts, weights="alignment", method=method, projection=projection
    ).fit(X, y)
    assert fusion.weights_["noise"] < 0.5 * min(
        fusion.weights_["a"], fusion.weights_["b"]
    )


def test_one_part_keeps_its_size(table, labels, describers):
    fusion = EarlyFusion(describers[:1], weights="alignment").fit(table, labels)
    assert fusion.weights_ == {"title": 1.0}


def one_of_three():
    """Return parts of twenty features each."""
    columns = np.arange(60).reshape(3, 20).tolist()
    return [
        (name, FunctionTransformer(), some)
        for name, some in zip(["telling", "noise", "more"], columns, strict=True)
    ]


def test_learned_weights_keep_noise_from_drowning_classes():
    y = np.arange(120) % 2
    learned, equal = [], []
    for seed in range(4):
        X = np.random.RandomState(seed).normal(size=(120, 60))
        X[:, :20] += 0.5 * y[:, None]
        for weights, scores in (("alignment", learned), (None, equal)):
            model = make_pipeline(
                EarlyFusion(one_of_three(), weights=weights), LinearSVC()
            )
            scores.append(cross_val_score(model, X, y).mean())
    assert np.mean(learned) > np.mean(equal) + 0.02


def test_learned_weights_keep_noise_from_drowning_numbers():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(120, 60))
    y = X[:, :20].sum(axis=1) + rng.normal(size=120)
    model = make_pipeline(EarlyFusion(one_of_three(), weights="alignment"), Ridge())
    learned = cross_val_score(model, X, y).mean()
    model.set_params(earlyfusion__weights=None)
    assert learned > cross_val_score(model, X, y).mean() + 0.05


def test_a_search_chooses_between_learned_and_given_weights(table, labels, describers):
    model = make_pipeline(EarlyFusion(describers, weights="alignment"), LinearSVC())
    grid = [
        {"earlyfusion__weights": ["alignment"]},
        {"earlyfusion__weights": [None], "earlyfusion__weights__size": [0.5, 1.0]},
    ]
    search = GridSearchCV(model, grid, cv=3, error_score="raise").fit(table, labels)
    assert len(search.cv_results_["params"]) == 3
    with pytest.raises(ValueError, match="needs weights=None or a dict"):
        model.set_params(earlyfusion__weights__size=2.0)


def test_a_file_keeps_learned_weights(table, labels, describers, tmp_path):
    fusion = EarlyFusion([describers[0], describers[2]], weights="alignment")
    fusion.fit(table, labels)
    save(fusion, tmp_path / "fusion.skops")
    loaded = load(tmp_path / "fusion.skops")
    assert loaded.weights_ == fusion.weights_
    np.testing.assert_array_equal(loaded.transform(table), fusion.transform(table))


def test_learning_repeats(table, labels, describers):
    words = [("title", TfidfVectorizer(analyzer="char"), "title"), *describers[1:]]
    fusion = EarlyFusion(words, weights="alignment").fit(table, labels)
    assert clone(fusion).fit(table, labels).weights_ == fusion.weights_
    two = clone(fusion).set_params(n_jobs=2).fit(table, labels)
    assert two.weights_ == fusion.weights_
