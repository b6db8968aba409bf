"""Blocks reduced to a common size or common axes, and their products."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures
from sklearn.svm import LinearSVC

from mmclassic._kernels.multiset_cca import fit_multiset_cca
from mmclassic.fusion import BlockScaler, EarlyFusion
from mmclassic.fusion._bilinear import MOST_PRODUCTS
from mmclassic.persistence import load, save

METHODS = ["concatenate", "sum", "product", "bilinear"]
every_method = pytest.mark.parametrize("method", METHODS)


def dense(block):
    return block.toarray() if sparse.issparse(block) else np.asarray(block)


def turned(n=200, width=8, seed=0):
    """Return two modalities of the same hidden features, each turned its own way."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    hidden = rng.normal(size=(n, 3)) + y[:, None] * [1.0, -1.0, 1.0]
    X = [
        hidden @ rng.normal(size=(3, width)) + 0.3 * rng.normal(size=(n, width))
        for _ in range(2)
    ]
    return np.hstack(X), y


def two_parts(width=8):
    return [
        ("a", FunctionTransformer(), list(range(width))),
        ("b", FunctionTransformer(), list(range(width, 2 * width))),
    ]


@every_method
@pytest.mark.parametrize("projection", ["pca", "cca"])
@pytest.mark.parametrize("missing", ["zero", "mean", "indicator", "nan"])
def test_every_projection_joins_by_every_method(
    table, describers, method, projection, missing
):
    fusion = EarlyFusion(
        describers,
        method=method,
        projection=projection,
        n_components=2,
        missing=missing,
        random_state=0,
    )
    block = dense(fusion.fit_transform(table))
    width = {"concatenate": 6, "bilinear": 26}.get(method, 2)
    assert block.shape == (60, width + 3 * (missing == "indicator"))
    assert len(set(fusion.get_feature_names_out())) == block.shape[1]
    assert np.isfinite(block[4:10]).all()
    assert np.isnan(block[3]).any() == (missing == "nan")
    again = dense(clone(fusion).fit(table).transform(table))
    np.testing.assert_array_equal(again, block)
    lone = dense(fusion.transform(table.iloc[[7]]))
    np.testing.assert_allclose(lone[0], block[7], atol=1e-10)


def test_canonical_axes_are_those_of_the_scaled_blocks():
    X, _ = turned()
    fusion = EarlyFusion(
        two_parts(), projection="cca", n_components=3, shrinkage=0.2
    ).fit(X)
    views = [
        BlockScaler().fit_transform(X[:, :8]),
        BlockScaler().fit_transform(X[:, 8:]),
    ]
    means, axes, _ = fit_multiset_cca(views, [np.arange(200)] * 2, 3, 0.2)
    block = fusion.transform(X)
    for m in range(2):
        expected = (views[m] - means[m]) @ axes[m]
        found = block[:, 3 * m : 3 * m + 3]
        assert (found**2).sum(axis=1).mean() == pytest.approx(1)
        np.testing.assert_allclose(
            found * np.linalg.norm(expected) / np.linalg.norm(found),
            expected,
            atol=1e-9,
        )


def test_a_sum_on_canonical_axes_adds_what_is_alike():
    X, y = turned()
    model = make_pipeline(
        EarlyFusion(
            two_parts(),
            method="sum",
            projection="pca",
            n_components=3,
            random_state=0,
        ),
        LogisticRegression(),
    )
    by_variance = cross_val_score(model, X, y, cv=5).mean()
    model.set_params(earlyfusion__projection="cca")
    assert cross_val_score(model, X, y, cv=5).mean() > max(0.78, by_variance + 0.1)


def test_a_row_of_one_modality_lands_near_whole_rows():
    X, _ = turned()
    fusion = EarlyFusion(two_parts(), method="sum", projection="cca", n_components=3)
    whole = fusion.fit_transform(X)
    half = X.copy()
    half[:, 8:] = np.nan
    part = fusion.transform(half)
    for k in range(3):
        assert np.corrcoef(whole[:, k], part[:, k])[0, 1] > 0.8


def test_canonical_axes_are_found_on_rows_that_lack_some():
    X, _ = turned(400)
    gaps = X.copy()
    gaps[:100, :8] = np.nan
    gaps[300:, 8:] = np.nan
    fusion = EarlyFusion(two_parts(), method="sum", projection="cca", n_components=3)
    found = clone(fusion).fit(gaps).transform(X)
    expected = fusion.fit_transform(X)
    for k in range(2):
        assert abs(np.corrcoef(found[:, k], expected[:, k])[0, 1]) > 0.9
    assert fusion.fit(gaps).modality_counts_ == {"a": 300, "b": 300}


def test_canonical_axes_of_wide_and_sparse_blocks():
    rng = np.random.RandomState(0)
    words = [" ".join(f"w{v}" for v in rng.randint(700, size=9)) for _ in range(90)]
    names = [f"n{i}" for i in range(600)]
    X = pd.DataFrame(rng.normal(size=(90, 600)), columns=names).assign(words=words)
    parts = [
        ("words", TfidfVectorizer(), "words"),
        ("numbers", FunctionTransformer(), names),
    ]
    fusion = EarlyFusion(parts, projection="cca", n_components=4, random_state=0)
    assert fusion.fit_transform(X).shape == (90, 8)
    assert list(fusion.get_feature_names_out()[[0, 4]]) == [
        "words__cca0",
        "numbers__cca0",
    ]


def test_names_of_projected_features(table, describers):
    fusion = EarlyFusion(describers, projection="pca", n_components=2).fit(table)
    assert list(fusion.get_feature_names_out()) == [
        "title__pca0",
        "title__pca1",
        "code__a",
        "code__b",
        "size__height",
        "size__width",
    ]
    assert list(
        fusion.set_params(method="bilinear").fit(table).get_feature_names_out()
    )[::25] == ["bilinear0", "bilinear25"]


def test_one_part_has_nothing_to_agree_with(table, describers):
    with pytest.raises(ValueError, match="two parts or more. Got only 'title'"):
        EarlyFusion(describers[:1], projection="cca").fit(table)


def test_fewer_axes_than_components_are_filled(table):
    parts = [
        ("a", FunctionTransformer(), ["height"]),
        ("b", FunctionTransformer(), ["width"]),
    ]
    fusion = EarlyFusion(parts, method="sum", projection="cca", n_components=5)
    assert fusion.fit_transform(table).shape == (60, 2)


def test_bilinear_gives_the_products_of_two_blocks():
    X = np.random.RandomState(0).normal(size=(30, 4))
    parts = [("a", FunctionTransformer(), [0, 1]), ("b", FunctionTransformer(), [2, 3])]
    block = EarlyFusion(parts, method="bilinear", scaling=None).fit_transform(X)
    assert block.shape == (30, 8)
    a, b = X[:, :2], X[:, 2:]
    kernel = (1 + a @ a.T) * (1 + b @ b.T) - 1
    np.testing.assert_allclose(block @ block.T, kernel / 3, atol=1e-9)
    every = PolynomialFeatures(2, interaction_only=True, include_bias=False)
    wanted = every.fit_transform(X)
    for column in (block * np.sqrt(3)).T:
        assert np.isclose(wanted.T, column).all(axis=1).sum() == 1


def test_a_missing_block_leaves_the_features_of_the_others():
    X = np.random.RandomState(0).normal(size=(30, 4))
    parts = [("a", FunctionTransformer(), [0, 1]), ("b", FunctionTransformer(), [2, 3])]
    fusion = EarlyFusion(parts, method="bilinear", scaling=None, missing="zero").fit(X)
    X[5, 2:] = np.nan
    row = fusion.transform(X)[5] * np.sqrt(3)
    assert sorted(row[row != 0]) == sorted(X[5, :2])
    X[6] = np.nan
    assert (fusion.transform(X)[6] == 0).all()


def test_products_that_are_many_are_sketched_to_nearly_the_same_likeness():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(40, 150))
    parts = [
        (name, FunctionTransformer(), list(range(50 * i, 50 * i + 50)))
        for i, name in enumerate("abc")
    ]
    fusion = EarlyFusion(parts, method="bilinear", missing="zero", random_state=0).fit(
        X
    )
    block = fusion.transform(X)
    assert block.shape == (40, MOST_PRODUCTS)
    kernel = 1.0
    for i in range(3):
        Z = BlockScaler().fit_transform(X[:, 50 * i : 50 * i + 50])
        kernel = kernel * (1 + Z @ Z.T)
    np.testing.assert_allclose(block @ block.T, (kernel - 1) / 7, atol=0.1)
    X[5, 50:100] = X[9] = np.nan
    gaps = fusion.transform(X)
    np.testing.assert_allclose(gaps[9], 0, atol=1e-12)
    Z = [
        BlockScaler().fit(X[:, c : c + 50]).transform(X[[5], c : c + 50])
        for c in (0, 100)
    ]
    expected = np.prod([1 + (z**2).sum() for z in Z]) - 1
    assert (gaps[5] ** 2).sum() == pytest.approx(expected / 7, abs=0.1)
    again = clone(fusion).fit(X[10:]).transform(X[:5])
    other = clone(fusion).set_params(random_state=1).fit(X[10:]).transform(X[:5])
    assert not np.allclose(again, other)


def test_products_of_a_sparse_block_are_sketched_as_those_of_a_dense_one():
    rng = np.random.RandomState(0)
    words = [" ".join(f"w{v}" for v in rng.randint(900, size=9)) for _ in range(40)]
    X = pd.DataFrame(rng.normal(size=(40, 40))).rename(columns=str).assign(words=words)
    X.loc[3, "words"] = None
    dense_words = make_pipeline(TfidfVectorizer(), FunctionTransformer(dense))
    blocks = [
        EarlyFusion(
            [("words", part, "words"), ("n", FunctionTransformer(), list(X)[:40])],
            method="bilinear",
            missing="zero",
            random_state=0,
        ).fit_transform(X)
        for part in (TfidfVectorizer(), dense_words)
    ]
    assert blocks[0].shape == (40, MOST_PRODUCTS)
    np.testing.assert_allclose(blocks[0], blocks[1], atol=1e-12)


def test_products_tell_what_single_features_do_not():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(300, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    parts = [("a", FunctionTransformer(), [0]), ("b", FunctionTransformer(), [1])]
    side = make_pipeline(EarlyFusion(parts), LinearSVC())
    products = make_pipeline(EarlyFusion(parts, method="bilinear"), LinearSVC())
    assert cross_val_score(side, X, y).mean() < 0.65
    assert cross_val_score(products, X, y).mean() > 0.95


@every_method
def test_a_pickle_and_a_file_join_as_the_fusion(table, describers, method, tmp_path):
    parts = [describers[0], describers[2]]
    fusion = EarlyFusion(
        parts, method=method, projection="cca", n_components=2, random_state=0
    ).fit(table)
    expected = dense(fusion.transform(table))
    unpickled = pickle.loads(pickle.dumps(fusion))
    np.testing.assert_array_equal(dense(unpickled.transform(table)), expected)
    save(fusion, tmp_path / "fusion.skops")
    loaded = load(tmp_path / "fusion.skops")
    np.testing.assert_array_equal(dense(loaded.transform(table)), expected)


def test_canonical_axes_of_noise_stay_at_chance():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(120, 16)), np.arange(120) % 2
    for method in METHODS:
        fusion = EarlyFusion(two_parts(), method=method, projection="cca")
        model = make_pipeline(fusion, LinearSVC(max_iter=20000))
        assert 0.3 < cross_val_score(model, X, y, cv=3).mean() < 0.65
