"""TfidfVectorizer: scikit-learn's numbers, missing rows, every kind of column."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer as Reference
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import LinearSVC

from mmclassic._execution import rows_within
from mmclassic.exceptions import MediaError
from mmclassic.persistence import load, save
from mmclassic.text import TfidfVectorizer

TEXTS = [
    "The red kettle boils.",
    "A blue car, a red car!",
    "kettle",
    "",
    "Boil the kettle; park the car.",
    "?",
]
PARAMETERS = [
    {},
    {"ngram_range": (1, 2), "sublinear_tf": True},
    {"analyzer": "char_wb", "ngram_range": (2, 5)},
    {"analyzer": "char", "ngram_range": (1, 3), "norm": None},
    {"min_df": 2, "max_df": 0.9, "use_idf": False},
    {"max_features": 4, "binary": True, "dtype": np.float32},
    {"vocabulary": ["car", "kettle"]},
    {"tokenizer": str.split, "token_pattern": None, "stop_words": ["the"]},
]


def assert_same(matrix, expected):
    assert matrix.dtype == expected.dtype
    np.testing.assert_array_equal(matrix.toarray(), expected.toarray())


@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
def test_whole_texts_give_scikit_learns_numbers(parameters):
    ours, reference = TfidfVectorizer(**parameters), Reference(**parameters)
    weights = ours.fit_transform(TEXTS)
    expected = reference.fit_transform(TEXTS).toarray()
    tolerance = 4 * np.finfo(weights.dtype).eps
    np.testing.assert_allclose(weights.toarray(), expected, rtol=tolerance)
    assert_same(weights, reference.transform(TEXTS))
    new = ["a red boat", "the kettle's car"]
    assert_same(ours.transform(new), reference.transform(new))
    assert_same(clone(ours).fit(TEXTS).transform(new), reference.transform(new))
    assert ours.vocabulary_ == reference.vocabulary_
    assert list(ours.get_feature_names_out()) == list(reference.get_feature_names_out())


def test_it_has_scikit_learns_parameters_and_defaults():
    assert TfidfVectorizer().get_params() == Reference().get_params()


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, float("nan")], ids=repr)
@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
def test_a_missing_text_is_a_row_of_zeros_and_no_document(missing, parameters):
    X = [missing, *TEXTS[:3], missing, *TEXTS[3:], missing]
    present = [1, 2, 3, 5, 6, 7]
    ours = TfidfVectorizer(**parameters)
    weights = ours.fit_transform(X)
    expected = Reference(**parameters).fit(TEXTS).transform(TEXTS)
    assert sparse.issparse(weights)
    assert weights.shape == (9, expected.shape[1])
    np.testing.assert_array_equal(weights[present].toarray(), expected.toarray())
    assert weights[[0, 4, 8]].nnz == 0
    assert_same(ours.transform(X), weights)


def test_only_missing_or_no_texts_transform_to_zeros_and_to_no_rows():
    vectorizer = TfidfVectorizer().fit(TEXTS)
    n_features = len(vectorizer.vocabulary_)
    assert vectorizer.transform([None, np.nan]).shape == (2, n_features)
    assert vectorizer.transform([None, np.nan]).nnz == 0
    assert vectorizer.transform([]).shape == (0, n_features)


@pytest.mark.parametrize(
    "column",
    [
        np.array,
        lambda texts: np.array(texts, dtype=object),
        lambda texts: np.array(texts)[:, np.newaxis],
        pd.Series,
        lambda texts: pd.Series(texts, index=range(10, 10 + len(texts)), dtype=object),
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: pd.DataFrame({"title": texts}),
        pl.Series,
        lambda texts: pl.DataFrame({"title": texts}),
        tuple,
    ],
)
def test_a_column_may_be_of_any_kind(column):
    expected = Reference().fit(TEXTS).transform(TEXTS)
    assert_same(TfidfVectorizer().fit_transform(column(TEXTS)), expected)


def test_missing_texts_are_seen_in_tables_of_pandas_and_polars():
    texts = ["red kettle", None, "red car"]
    expected = TfidfVectorizer().fit_transform(texts)
    for column in (
        pd.Series(texts),
        pd.Series(texts, dtype="string"),
        pd.DataFrame({"title": texts}),
        pl.DataFrame({"title": texts}),
    ):
        assert_same(TfidfVectorizer().fit_transform(column), expected)


def test_bytes_are_decoded_as_scikit_learn_does():
    X = [text.encode("utf-16") for text in TEXTS]
    weights = TfidfVectorizer(encoding="utf-16").fit_transform(X)
    assert_same(weights, Reference().fit(TEXTS).transform(TEXTS))


def test_a_path_is_a_text_unless_the_input_is_named_a_file(tmp_path):
    path = tmp_path / "kettle.txt"
    path.write_text("red car")
    names = TfidfVectorizer().fit(["kettle.txt"]).get_feature_names_out()
    assert list(names) == ["kettle", "txt"]
    vectorizer = TfidfVectorizer(input="filename")
    weights = vectorizer.fit_transform([str(path), None])
    assert list(vectorizer.get_feature_names_out()) == ["car", "red"]
    assert weights.shape == (2, 2)


@pytest.mark.parametrize("cell", [5, 2.5, ["red"], True, {"path": "a.txt"}], ids=repr)
@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform"])
def test_a_cell_that_is_no_text_is_named_by_its_row(cell, method):
    vectorizer = TfidfVectorizer().fit(TEXTS)
    with pytest.raises(MediaError, match=r"Row 2 \(.*\) is not a text"):
        getattr(vectorizer, method)(["red", None, cell])


def test_the_row_is_that_of_the_table_around_it():
    X = pd.Series(["red", 7], index=["a", "b"], dtype=object)
    with (
        rows_within(np.array([3, 8])),
        pytest.raises(MediaError, match=r"Row 8 \(an int, index 'b'\)"),
    ):
        TfidfVectorizer().fit(X)


def test_one_text_alone_is_no_column():
    with pytest.raises(TypeError, match="wrap it in a list"):
        TfidfVectorizer().fit("red kettle")


def test_a_fit_without_any_text_says_so():
    with pytest.raises(ValueError, match="All 2 rows of X are missing"):
        TfidfVectorizer().fit([None, np.nan])


@pytest.mark.parametrize("texts", [["", " "], ["a", "?"]])
def test_texts_without_a_term_say_what_a_term_is(texts):
    with pytest.raises(ValueError, match="None of the 2 texts .* token_pattern"):
        TfidfVectorizer().fit([*texts, None])


def test_other_errors_are_scikit_learns_own():
    with pytest.raises(ValueError, match="no terms remain"):
        TfidfVectorizer(min_df=2).fit(["red", "blue"])
    with pytest.raises(ValueError, match="'min_df' parameter"):
        TfidfVectorizer(min_df=-1).fit(TEXTS)


def test_transform_before_fit_is_an_error():
    with pytest.raises(NotFittedError):
        TfidfVectorizer().transform(["red"])


def test_set_output_gives_a_dense_pandas_frame_with_the_index_of_x():
    X = pd.Series(["red kettle", None, "red car"], index=[7, 8, 9])
    vectorizer = TfidfVectorizer().set_output(transform="pandas")
    frame = vectorizer.fit_transform(X)
    assert list(frame.columns) == ["car", "kettle", "red"]
    assert list(frame.index) == [7, 8, 9]
    np.testing.assert_array_equal(
        frame.to_numpy(), TfidfVectorizer().fit_transform(X).toarray()
    )
    pd.testing.assert_frame_equal(vectorizer.transform(X), frame)


def test_set_output_gives_a_polars_frame():
    vectorizer = TfidfVectorizer().set_output(transform="polars")
    frame = vectorizer.fit_transform(pl.Series("title", ["red kettle", None]))
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == ["kettle", "red"]


def test_set_output_reaches_it_in_unions_and_column_transformers():
    table = pd.DataFrame({"title": TEXTS, "size": range(6)}, index=range(6, 0, -1))
    union = FeatureUnion(
        [("word", TfidfVectorizer()), ("char", TfidfVectorizer(analyzer="char"))]
    )
    columns = ColumnTransformer([("text", union, "title"), ("n", "passthrough", [1])])
    frame = columns.set_output(transform="pandas").fit_transform(table)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.index) == list(table.index)
    assert {"text__word__kettle", "text__char__k", "n__size"} <= set(frame.columns)
    assert sparse.issparse(
        FeatureUnion([("word", TfidfVectorizer())]).fit_transform(table["title"])
    )


def test_a_grid_search_over_n_grams_runs_with_missing_texts():
    texts = ["red kettle", "blue car", None, "red red", "blue blue", "a kettle"] * 4
    y = [0, 1, 0, 0, 1, 0] * 4
    search = GridSearchCV(
        make_pipeline(TfidfVectorizer(), LinearSVC()),
        {"tfidfvectorizer__ngram_range": [(1, 1), (1, 2)]},
        cv=3,
    ).fit(pd.Series(texts), y)
    assert search.best_score_ > 0.9


def test_it_comes_back_from_a_file(tmp_path):
    vectorizer = TfidfVectorizer(ngram_range=(1, 2)).fit([*TEXTS, None])
    save(vectorizer, tmp_path / "tfidf.skops")
    again = load(tmp_path / "tfidf.skops")
    assert_same(again.transform(TEXTS), vectorizer.transform(TEXTS))


def test_movie_reviews_reach_77_percent(data_folder):
    table = pd.read_csv(data_folder / "text" / "mr.csv.gz")
    train = table["split"] == "train"
    words = {"ngram_range": (1, 2), "sublinear_tf": True}
    characters = {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True}
    model = make_pipeline(
        FeatureUnion(
            [
                ("words", TfidfVectorizer(**words)),
                ("characters", TfidfVectorizer(**characters)),
            ]
        ),
        LinearSVC(C=0.3, random_state=0),
    )
    model.fit(table["text"][train], table["label"][train])
    assert model.score(table["text"][~train], table["label"][~train]) >= 0.77
