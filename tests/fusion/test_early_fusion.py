import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.fusion import EarlyFusion
from tests.fusion.conftest import Letters


def dense(block):
    return block.toarray() if sparse.issparse(block) else np.asarray(block)


def parts_of(fusion, block):
    """Return the columns of each part."""
    names = [name.split("__")[0] for name in fusion.get_feature_names_out()]
    return {
        name: block[:, [each == name for each in names]]
        for name in dict.fromkeys(names)
    }


def test_blocks_are_those_of_the_parts_scaled(table, describers):
    full = table.dropna()
    fusion = EarlyFusion(describers)
    blocks = parts_of(fusion, dense(fusion.fit_transform(full)))
    for name, part, column in describers:
        alone = dense(clone(part).fit_transform(full[column]))
        ratios = blocks[name][alone != 0] / alone[alone != 0]
        np.testing.assert_allclose(ratios, ratios[0], rtol=1e-5)
        assert (blocks[name] ** 2).sum(axis=1).mean() == pytest.approx(1, rel=1e-5)


def test_parts_learn_from_the_rows_that_have_them(table, describers):
    fusion = EarlyFusion(describers).fit(table)
    assert fusion.modality_counts_ == {"title": 58, "code": 57, "size": 58}
    scaler = StandardScaler().fit(table[["height", "width"]].dropna())
    np.testing.assert_allclose(fusion.parts_[2][1].mean_, scaler.mean_)


def test_presence_says_which_row_has_what(table, describers):
    table.loc["r5", "height"] = np.nan  # its width is there
    present = EarlyFusion(describers).fit(table).modality_presence(table)
    assert present.shape == (60, 3)
    assert present[:4].tolist() == [
        [True, False, True],
        [False, True, True],
        [True, True, False],
        [False, False, False],
    ]
    assert present[5].all()


@pytest.mark.parametrize("method", ["concatenate", "sum", "product"])
@pytest.mark.parametrize("missing", ["zero", "mean", "indicator", "nan"])
def test_every_kind_of_table_gives_the_same(table, describers, method, missing):
    fusion = EarlyFusion(
        describers, method=method, missing=missing, n_components=3, random_state=0
    )
    expected = dense(fusion.fit_transform(table))
    assert expected.shape == (60, len(fusion.get_feature_names_out()))
    from_polars = clone(fusion).fit_transform(pl.from_pandas(table))
    by_position = [
        (name, part, [2, 3] if name == "size" else list(table).index(column))
        for name, part, column in describers
    ]
    cells = table.to_numpy()
    arrays = clone(fusion).set_params(parts=by_position)
    np.testing.assert_allclose(dense(from_polars), expected, atol=1e-12)
    from_cells = clone(arrays).fit_transform(cells)
    np.testing.assert_allclose(dense(from_cells), expected, atol=1e-12)
    np.testing.assert_allclose(
        dense(clone(arrays).fit_transform(cells.tolist())), expected, atol=1e-12
    )
    np.testing.assert_allclose(dense(fusion.transform(table)), expected, atol=1e-6)


def test_zero_fills_with_zeros(table, describers):
    fusion = EarlyFusion(describers, missing="zero")
    blocks = parts_of(fusion, dense(fusion.fit_transform(table)))
    assert (blocks["code"][[0, 3, 10]] == 0).all()
    assert (blocks["title"][[1, 3]] == 0).all()
    assert (blocks["title"][4:] != 0).any(axis=1).all()


def test_mean_fills_with_the_mean_of_the_training_rows(table, describers):
    fusion = EarlyFusion(describers)
    blocks = parts_of(fusion, dense(fusion.fit_transform(table)))
    present = fusion.modality_presence(table)
    for i, block in enumerate(blocks.values()):
        means = block[present[:, i]].mean(axis=0)
        np.testing.assert_allclose(block[3], means, atol=1e-6)
    half = dense(fusion.transform(table.iloc[:4]))[3]
    np.testing.assert_allclose(half, np.hstack([b[3] for b in blocks.values()]))


def test_a_sparse_mean_keeps_its_largest_values():
    rng = np.random.RandomState(0)
    texts = [" ".join(f"w{v}" for v in rng.zipf(1.3, 5) % 997) for _ in range(400)]
    X = pd.DataFrame({"text": [*texts, None]})
    fusion = EarlyFusion([("text", TfidfVectorizer(), "text")])
    block = fusion.fit_transform(X)
    longest, filled = block[:400].mean(axis=0), block[400].toarray().ravel()
    kept = np.flatnonzero(filled)
    assert 0 < len(kept) <= 8 * -(-block[:400].nnz // 400) < np.count_nonzero(longest)
    mean = np.asarray(longest).ravel()
    np.testing.assert_allclose(filled[kept], mean[kept])
    assert np.delete(mean, kept).max() <= mean[kept].min()


def test_a_mean_leaves_nan_out():
    X = np.arange(12.0).reshape(4, 3)
    X[1, 1] = X[3] = np.nan
    X[:, 2] = np.nan
    part = FunctionTransformer(lambda cells: cells)
    block = EarlyFusion([("a", part, [0, 1, 2])], scaling=None).fit_transform(X)
    np.testing.assert_array_equal(block[3], [3.0, 4.0, 0.0])


def test_indicator_marks_what_is_missing(table, describers):
    fusion = EarlyFusion(describers, missing="indicator")
    marks = dense(fusion.fit_transform(table))[:, -3:]
    assert (marks == ~fusion.modality_presence(table)).all()
    assert list(fusion.get_feature_names_out()[-3:]) == [
        "title__missing",
        "code__missing",
        "size__missing",
    ]


def test_nan_fills_with_nan(table, describers):
    fusion = EarlyFusion(describers, missing="nan")
    block = fusion.fit_transform(table)
    assert isinstance(block, np.ndarray)
    assert np.isnan(block[3]).all()
    assert np.isfinite(block[4:10]).all()


def test_error_names_the_row_and_the_modality(table, describers):
    with pytest.raises(ValueError, match="Row 0 lacks the modality 'code'"):
        EarlyFusion(describers, missing="error").fit(table)


def test_a_row_with_nothing_is_zero_whatever_the_method(table, describers):
    for method in ("concatenate", "sum", "product"):
        fusion = EarlyFusion(describers, method=method, missing="zero")
        block = dense(fusion.fit_transform(table))
        assert (block[3] == 0).all()
        assert (block[4:] != 0).any()


def two_sizes(**params):
    parts = [("a", StandardScaler(), ["height"]), ("b", StandardScaler(), ["width"])]
    return EarlyFusion(parts, **params)


def test_sum_adds_what_concatenate_puts_side_by_side(table):
    side = two_sizes().fit_transform(table)
    total = two_sizes(method="sum", projection="pca").fit_transform(table)
    np.testing.assert_allclose(total[:, 0], side.sum(axis=1))


def test_product_multiplies_ones_and_a_quarter_of_each_value(table):
    a, b = two_sizes().fit_transform(table).T
    product = two_sizes(method="product", projection="pca").fit_transform(table)
    np.testing.assert_allclose(
        product[:, 0], ((1 + a / 4) * (1 + b / 4) - 1) * 4, atol=1e-12
    )
    heavy = two_sizes(method="product", projection="pca", weights={"a": 4.0})
    np.testing.assert_allclose(
        heavy.fit_transform(table)[:, 0], ((1 + a) * (1 + b / 4) - 1) * 4, atol=1e-12
    )


@pytest.mark.parametrize("method", ["sum", "product"])
def test_sum_and_product_agree_on_axes_unless_told(table, describers, method):
    fusion = EarlyFusion(describers, method=method, n_components=2, random_state=0)
    expected = clone(fusion).set_params(projection="cca").fit_transform(table)
    np.testing.assert_array_equal(fusion.fit_transform(table), expected)
    alone = EarlyFusion(describers[:1], method=method, n_components=2, random_state=0)
    assert alone.fit_transform(table).shape == (60, 2)


def test_a_missing_factor_leaves_the_product_to_the_others(table):
    table.loc["r7", "height"] = np.nan
    side = two_sizes().fit(table).transform(table)
    fusion = two_sizes(method="product", projection="pca").fit(table)
    np.testing.assert_allclose(fusion.transform(table)[7], side[7, 1])


def test_large_weights_leave_the_product_alone():
    X = np.random.RandomState(0).normal(size=(300, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    parts = [("a", StandardScaler(), [0]), ("b", StandardScaler(), [1])]
    weights = {"a": 100.0, "b": 100.0}
    scores = {}
    for method in ("sum", "product"):
        fusion = EarlyFusion(parts, method=method, projection="pca", weights=weights)
        model = make_pipeline(fusion, StandardScaler(), LinearSVC())
        scores[method] = cross_val_score(model, X, y).mean()
    assert scores["sum"] < 0.65
    assert scores["product"] > 0.9


@pytest.mark.parametrize("method", ["sum", "product"])
def test_wide_blocks_are_reduced_to_a_common_size(table, describers, method):
    fusion = EarlyFusion(describers, method=method, n_components=3, random_state=0)
    block = fusion.fit_transform(table)
    assert block.shape == (60, 3)
    assert list(fusion.get_feature_names_out()) == [f"{method}{i}" for i in range(3)]
    again = clone(fusion).fit(table).transform(table)
    np.testing.assert_allclose(again, block, atol=1e-6)


def test_weights_multiply_blocks_and_are_parameters(table, describers):
    fusion = EarlyFusion(describers)
    plain = parts_of(fusion, dense(fusion.fit_transform(table)))
    fusion.set_params(weights__title=3.0)
    heavy = parts_of(fusion, dense(fusion.fit_transform(table)))
    np.testing.assert_allclose(heavy["title"], 3 * plain["title"])
    np.testing.assert_allclose(heavy["size"], plain["size"])
    assert fusion.weights == {"title": 3.0}
    assert fusion.get_params()["weights__size"] == 1.0
    assert clone(fusion).weights == {"title": 3.0}


def test_weights_of_unknown_parts_are_refused(describers):
    with pytest.raises(ValueError, match="'photo', which is no part"):
        EarlyFusion(describers).set_params(weights__photo=2.0)


def test_a_part_can_be_dropped_and_reached_by_name(table, describers):
    fusion = EarlyFusion(describers).set_params(
        code="drop", title__lowercase=False, size__with_mean=False
    )
    fusion.fit(table)
    assert fusion.parts_[1][:2] == ("code", "drop")
    assert list(fusion.modality_counts_) == ["title", "size"]
    assert fusion.modality_presence(table).shape == (60, 2)
    assert fusion.get_params()["title__lowercase"] is False
    assert fusion.transform(table.drop(columns="code")).shape[0] == 60


def test_feature_names(table, describers):
    fusion = EarlyFusion(describers).fit(table)
    assert list(fusion.get_feature_names_out()) == [
        "title__blue",
        "title__cup",
        "title__kettle",
        "title__red",
        "title__tin",
        "code__a",
        "code__b",
        "size__height",
        "size__width",
    ]
    short = fusion.set_params(verbose_feature_names_out=False).get_feature_names_out()
    assert list(short[-4:]) == ["a", "b", "height", "width"]


def test_equal_short_names_are_refused(table, describers):
    twice = [describers[0], ("again", TfidfVectorizer(), "title")]
    fusion = EarlyFusion(twice, verbose_feature_names_out=False).fit(table)
    with pytest.raises(ValueError, match="not unique"):
        fusion.get_feature_names_out()


def test_features_without_names_are_numbered(table):
    part = FunctionTransformer(lambda column: np.ones((len(column), 2)))
    fusion = EarlyFusion([("one", part, "code")]).fit(table)
    assert list(fusion.get_feature_names_out()) == ["one__0", "one__1"]


def test_set_output_gives_frames(table, describers):
    fusion = EarlyFusion(describers).set_output(transform="pandas")
    frame = fusion.fit_transform(table)
    assert list(frame.columns) == list(fusion.get_feature_names_out())
    assert list(frame.index) == list(table.index)
    assert isinstance(
        fusion.set_output(transform="polars").transform(table), pl.DataFrame
    )


def test_mostly_zeros_stay_sparse(table):
    words = ("title", TfidfVectorizer(analyzer="char", ngram_range=(1, 5)), "title")
    size = ("size", StandardScaler(), ["height", "width"])
    fusion = EarlyFusion([words, size])
    block = fusion.fit_transform(table)
    assert sparse.issparse(block) and block.format == "csr"
    solid = clone(fusion).set_params(sparse_threshold=0.0).fit_transform(table)
    assert isinstance(solid, np.ndarray)
    np.testing.assert_allclose(block.toarray(), solid)
    frame = fusion.set_output(transform="pandas").transform(table)
    np.testing.assert_allclose(frame.to_numpy(), solid)


def test_all_rows_missing_at_transform(table, describers):
    fusion = EarlyFusion(describers, missing="zero")
    width = fusion.fit_transform(table).shape[1]
    blank = table.assign(title=None, code=None)
    block = dense(fusion.transform(blank))
    assert block.shape == (60, width)
    assert (block[:, :-2] == 0).all()


def test_an_invalid_item_is_named_by_its_row_in_x(table, describers):
    table.loc["r5", "code"] = "bad"
    with pytest.raises(MediaError, match=r"Row 5 \('bad', index 'r5'\)") as caught:
        EarlyFusion(describers).fit(table)
    assert caught.value.row == 5
    assert "part 'code'" in caught.value.__notes__[0]
    without = table.reset_index(drop=True).drop(columns=["height", "width"])
    fusion = EarlyFusion(describers[:2]).fit(without.drop(5))
    for n_jobs in (None, 2):
        with pytest.raises(MediaError, match="Row 5"):
            fusion.set_params(n_jobs=n_jobs).transform(table)


def test_an_invalid_item_can_count_as_missing(table, describers):
    table.loc["r5", "code"] = "bad"
    fusion = EarlyFusion(describers, missing="indicator")
    fusion.set_params(code__invalid="missing")
    with pytest.warns(InvalidItemWarning, match="rows 5"):
        block = dense(fusion.fit_transform(table))
    assert np.isfinite(block).all()
    assert fusion.modality_counts_["code"] == 56
    assert block[5, -3:].tolist() == [0, 1, 0]
    expected = table.copy()
    expected.loc["r5", "code"] = None
    alone = dense(EarlyFusion(describers, missing="indicator").fit_transform(expected))
    np.testing.assert_allclose(block, alone)


def test_a_modality_that_no_row_has_is_named(table, describers):
    with pytest.raises(ValueError, match="No row of X has the modality 'title'"):
        EarlyFusion(describers).fit(table.assign(title=None))
    fusion = EarlyFusion([("code", Letters("missing"), "code")])
    with pytest.warns(InvalidItemWarning):
        with pytest.raises(ValueError, match="No row of X has the modality 'code'"):
            fusion.fit(table.assign(code="bad"))


def test_columns_are_found_by_name_in_any_order(table, describers):
    fusion = EarlyFusion(describers).fit(table)
    expected = dense(fusion.transform(table))
    turned = table[table.columns[::-1]].assign(more=1)
    np.testing.assert_array_equal(dense(fusion.transform(turned)), expected)


def test_absent_columns_are_named(table, describers):
    with pytest.raises(ValueError, match="column 'code' of the part 'code' isn't in X"):
        EarlyFusion(describers).fit(table.drop(columns="code"))
    fusion = EarlyFusion(describers).fit(table)
    with pytest.raises(ValueError, match="columns are missing: 'height'"):
        fusion.transform(table.drop(columns="height"))
    with pytest.raises(ValueError, match="X has 3 features, but EarlyFusion"):
        fusion.transform(table.to_numpy()[:, :3])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "at least one part"),
        ([("a", StandardScaler())], "triple"),
        (
            [("a", StandardScaler(), ["x"]), ("a", StandardScaler(), ["x"])],
            "not unique",
        ),
        ([("a__b", StandardScaler(), ["x"])], "must not contain __"),
        ([("weights", StandardScaler(), ["x"])], "conflict"),
        ([("a", "drop", "x")], "at least one part"),
        ([("a", StandardScaler(), ["z"])], "column 'z' of the part 'a' isn't in X"),
        ([("a", StandardScaler(), [3])], "column 3 of the part 'a'"),
        ([("a", StandardScaler(), [])], "must be a str, an int or a list"),
        ([("a", StandardScaler(), slice(2))], "must be a str, an int or a list"),
    ],
)
def test_wrong_parts_are_refused(parts, message):
    X = pd.DataFrame({"x": [1.0, 2.0]})
    with pytest.raises(ValueError, match=message):
        EarlyFusion(parts).fit(X)


def test_what_is_no_transformer_is_refused(table):
    with pytest.raises(
        TypeError, match="part 'a' of EarlyFusion must be a transformer"
    ):
        EarlyFusion([("a", "passthrough", "title")]).fit(table)
    with pytest.raises(TypeError, match="estimator instance"):
        EarlyFusion([("a", StandardScaler, ["width"])]).fit(table)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("a table", TypeError, "must be a pandas or polars DataFrame"),
        (["a", "b"], ValueError, "must be a list of cells"),
        ([["a", 1.0], ["b"]], ValueError, "one length"),
        (np.zeros(3), ValueError, "Expected 2D array, got 1D"),
        (sparse.eye(3).tocsr(), TypeError, "sparse matrix"),
        (np.empty((0, 2)), ValueError, "Found array with 0 sample"),
    ],
)
def test_what_is_no_table_is_refused(X, error, message):
    with pytest.raises(error, match=message):
        EarlyFusion([("a", StandardScaler(), [0])]).fit(X)


def test_one_row_is_fused(table, describers):
    assert EarlyFusion(describers).fit_transform(table.iloc[[5]]).shape[0] == 1


def test_cells_may_be_arrays():
    stack = FunctionTransformer(lambda column: np.stack(list(column)))
    rows = [[np.arange(3.0), "a"], [None, "b"], [np.ones(3), "c"]]
    block = EarlyFusion([("v", stack, 0)], scaling=None).fit_transform(rows)
    np.testing.assert_array_equal(block, [[0, 1, 2], [0.5, 1, 1.5], [1, 1, 1]])


def test_any_n_jobs_gives_the_same(table, describers):
    expected = dense(EarlyFusion(describers).fit_transform(table))
    several = EarlyFusion(describers, n_jobs=2).fit_transform(table)
    np.testing.assert_array_equal(dense(several), expected)


@pytest.mark.parametrize("missing", ["zero", "mean"])
@pytest.mark.parametrize("columns", [["title"], ["title", "code", "size"]])
def test_sparse_blocks_that_no_row_has_leave_the_result_sparse(
    table, describers, columns, missing
):
    parts = [part for part in describers if part[0] in columns]
    parts = [part for part in parts if part[0] != "size"] + [
        (name, StandardScaler(), ["height", "width"])
        for name in ("size", "form")
        if "size" in columns
    ]
    params = {"missing": missing}
    fusion = EarlyFusion(parts, sparse_threshold=1.0, **params).fit(table)
    lacking = table.assign(title=None)
    solid = EarlyFusion(parts, sparse_threshold=0.0, **params).fit(table)
    expected = solid.transform(lacking)
    if sparse.issparse(expected):
        expected = expected.toarray()
    block = fusion.transform(lacking)
    assert sparse.issparse(block)
    np.testing.assert_allclose(block.toarray(), expected)
    assert block.toarray()[:, :4].any() == (missing == "mean")


@pytest.mark.parametrize(
    "params",
    [{"method": "sum", "projection": "cca"}, {"method": "bilinear"}, {}],
)
def test_a_modality_that_no_row_has_is_as_wide_as_in_fit(table, describers, params):
    fusion = EarlyFusion(describers, n_components=2, random_state=0, **params)
    width = fusion.fit_transform(table).shape[1]
    for column in ("title", "code"):
        block = fusion.transform(table.assign(**{column: None}))
        assert block.shape == (len(table), width)
        one = fusion.transform(table.assign(**{column: None}).iloc[[5]])
        np.testing.assert_allclose(dense(one)[0], dense(block)[5], atol=1e-9)
