import numpy as np
import pytest
from scipy import sparse
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmclassic.fusion import BlockScaler

SCALINGS = ["norm", "center", "standard", "rows"]


@parametrize_with_checks([BlockScaler(scaling) for scaling in SCALINGS])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def block(seed=0):
    rng = np.random.RandomState(seed)
    return rng.normal(size=(50, 6)) * [1, 10, 100, 0.1, 1, 1] + 5


def mean_squared_length(X):
    return float((X**2).sum(axis=1).mean())


@pytest.mark.parametrize("scaling", SCALINGS)
def test_rows_have_a_mean_squared_length_of_one(scaling):
    scaled = BlockScaler(scaling).fit_transform(block())
    assert mean_squared_length(scaled) == pytest.approx(1)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_factor_of_the_block_changes_nothing(scaling):
    scaled = BlockScaler(scaling).fit_transform(block())
    np.testing.assert_allclose(
        BlockScaler(scaling).fit_transform(block() * 1e4), scaled
    )


def test_standard_gives_each_feature_the_same_spread():
    scaled = BlockScaler("standard").fit_transform(block())
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 6**-0.5)


def test_norm_divides_every_feature_by_one_number():
    X = block()
    ratios = X / BlockScaler("norm").fit_transform(X)
    np.testing.assert_allclose(ratios, ratios[0, 0])


@pytest.mark.parametrize("scaling", ["norm", "rows"])
def test_sparse_equals_dense(scaling):
    X = np.where(block() > 6, block(), 0.0)
    scaled = BlockScaler(scaling).fit_transform(sparse.csr_matrix(X))
    assert sparse.issparse(scaled)
    np.testing.assert_allclose(scaled.toarray(), BlockScaler(scaling).fit_transform(X))


@pytest.mark.parametrize("scaling", ["center", "standard"])
def test_a_sparse_block_is_not_centred(scaling):
    X = sparse.csr_matrix(np.where(block() > 6, block(), 0.0))
    scaler = BlockScaler(scaling).fit(X)
    assert scaler.mean_ is None
    assert scaler.transform(X).nnz == X.nnz
    assert mean_squared_length(scaler.transform(X).toarray()) == pytest.approx(1)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_rows_of_nan_change_nothing_for_the_others(scaling):
    X = block()
    gaps = np.vstack([X, np.full((7, 6), np.nan)])
    scaled = BlockScaler(scaling).fit_transform(gaps)
    np.testing.assert_allclose(scaled[:50], BlockScaler(scaling).fit_transform(X))
    assert np.isnan(scaled[50:]).all()


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_block_of_zeros_stays_zero(scaling):
    assert (BlockScaler(scaling).fit_transform(np.zeros((4, 3))) == 0).all()


@pytest.mark.parametrize("scaling", ["center", "standard"])
def test_a_constant_feature_becomes_zero(scaling):
    X = np.column_stack([np.full(9, 0.1), np.arange(9.0)])
    assert (np.abs(BlockScaler(scaling).fit_transform(X)[:, 0]) < 1e-12).all()


@pytest.mark.parametrize("scaling", SCALINGS)
def test_one_row_is_scaled(scaling):
    assert np.isfinite(BlockScaler(scaling).fit_transform([[3.0, 4.0]])).all()


def test_an_unknown_scaling_is_named():
    with pytest.raises(ValueError, match="'scaling' parameter of BlockScaler"):
        BlockScaler("loud").fit(block())
