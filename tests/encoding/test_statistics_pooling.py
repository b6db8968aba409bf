"""StatisticsPooling against scipy, and by hand."""

import numpy as np
import pytest
from scipy import stats

from mmclassic.encoding import LocalFeatures, StatisticsPooling

from .toys import make_items


@pytest.mark.parametrize(
    ("statistic", "oracle"),
    [
        ("mean", lambda x: x.mean(0)),
        ("std", lambda x: x.std(0)),
        ("skew", stats.skew),
        ("kurtosis", stats.kurtosis),
        ("min", lambda x: x.min(0)),
        ("max", lambda x: x.max(0)),
        ("median", lambda x: np.median(x, 0)),
        ("change", lambda x: np.abs(x[1:] - x[:-1]).sum(0) / (len(x) - 1)),
        ("quantile", lambda x: np.concatenate([np.quantile(x, q, 0) for q in QS])),
    ],
)
def test_statistics_are_those_of_scipy(statistic, oracle):
    items = make_items(8)
    pooled = StatisticsPooling("precomputed", statistics=[statistic], quantiles=QS)
    expected = [oracle(item.astype(float)) for item in items]
    np.testing.assert_allclose(pooled.fit_transform(items), expected, 1e-5, 1e-6)


QS = (0.1, 0.5)


def test_each_third_is_pooled_apart():
    item = np.arange(6.0)[:, np.newaxis]
    pooled = StatisticsPooling(
        "precomputed", statistics=("max",), pyramid=("1x1", "3x1")
    )
    assert pooled.fit_transform([item]).tolist() == [[5, 1, 3, 5]]


def test_an_empty_region_is_zero():
    item = LocalFeatures(np.full((2, 3), 7.0), np.zeros((2, 2), dtype=np.float32))
    pooled = StatisticsPooling("precomputed", statistics=("mean",), pyramid="2x1")
    assert pooled.fit_transform([item]).tolist() == [[7, 7, 7, 0, 0, 0]]


def test_one_descriptor_and_constants_have_no_spread():
    statistics = ("std", "skew", "kurtosis", "change")
    pooled = StatisticsPooling("precomputed", statistics=statistics)
    constant = np.full((9, 2), 0.1)
    assert not pooled.fit_transform([np.array([3.0, 0.1]), constant]).any()


def test_features_are_named_by_statistic_and_dimension():
    pooled = StatisticsPooling(
        "precomputed", statistics=("mean", "quantile"), quantiles=(0.25,)
    )
    assert pooled.fit(make_items(2, d=2)).get_feature_names_out().tolist() == [
        "statisticspooling_1x1_0_mean0",
        "statisticspooling_1x1_0_mean1",
        "statisticspooling_1x1_0_quantile25_0",
        "statisticspooling_1x1_0_quantile25_1",
    ]


@pytest.mark.parametrize(
    "bad", [{"statistics": ("total",)}, {"statistics": ()}, {"quantiles": (1.5,)}]
)
def test_unknown_statistics_and_levels_are_errors(bad):
    with pytest.raises(ValueError, match=f"'{next(iter(bad))}' parameter of Stat"):
        StatisticsPooling("precomputed", **bad).fit(make_items(2))
