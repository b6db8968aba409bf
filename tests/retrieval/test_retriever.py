"""CrossModalRetriever on rows whose modalities share what they are of."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mmclassic.encoding import StatisticsPooling
from mmclassic.image import ColorHistogram
from mmclassic.persistence import load, save
from mmclassic.retrieval import CrossModalRetriever
from mmclassic.text import TfidfVectorizer

N = 60
PLAIN = {"kernels": "linear", "shrinkage": 0.01, "power": 0.0}


def vectors():
    return StatisticsPooling("precomputed", statistics=("mean",))


def make(**parameters):
    parts = [("image", vectors(), "photo"), ("text", vectors(), "words")]
    return CrossModalRetriever(parts, **{**PLAIN, **parameters})


@pytest.fixture(scope="module")
def data():
    """Return two views of five hidden numbers, which the class is in, with noise."""
    rng = np.random.default_rng(0)
    y = np.arange(N) % 3
    hidden = rng.standard_normal((N, 5)) + 3 * np.eye(3, 5)[y]
    photo = hidden @ rng.standard_normal((5, 12)) + 0.1 * rng.standard_normal((N, 12))
    words = hidden @ rng.standard_normal((5, 8)) + 0.1 * rng.standard_normal((N, 8))
    frame = pd.DataFrame({"photo": list(photo), "words": list(words)})
    return frame, np.array(["cat", "dog", "owl"])[y]


@pytest.mark.parametrize("metric", ["cosine", "nc", "centered", "l1"])
def test_the_row_of_a_query_is_nearest_where_the_modalities_agree(data, metric):
    X, _ = data
    retriever = make(metric=metric, n_components=5).fit(X)
    for modality, column in (("image", "photo"), ("text", "words")):
        distances, rows = retriever.kneighbors(
            X[column], modality=modality, n_neighbors=3
        )
        assert distances.shape == rows.shape == (N, 3)
        assert (np.diff(distances) >= 0).all()
        assert (rows == np.arange(N)[:, np.newaxis]).any(axis=1).mean() > 0.8


@pytest.mark.parametrize("method", ["semantic", "both"])
@pytest.mark.parametrize("kernels", ["linear", "rbf"])
def test_classes_are_found_by_their_probabilities(data, method, kernels):
    X, y = data
    retriever = make(method=method, kernels=kernels).fit(X[:40], y[:40])
    assert retriever.score(X[40:], y[40:]) > 0.9
    found = retriever.transform(X[40:])
    np.testing.assert_allclose(found.sum(axis=1), 2)
    assert list(retriever.get_feature_names_out()[:3]) == [
        "image__cat",
        "image__dog",
        "image__owl",
    ]


def test_distances_are_those_of_the_coordinates(data):
    X, _ = data
    retriever = make().fit(X)
    image, text = np.split(retriever.transform(X), 2, axis=1)
    distances, rows = retriever.kneighbors(
        X["words"], modality="text", n_neighbors=None
    )
    cosines = np.einsum("ij,ikj->ik", text, image[rows])
    cosines /= np.linalg.norm(text, axis=1)[:, np.newaxis]
    cosines /= np.linalg.norm(image, axis=1)[rows]
    np.testing.assert_allclose(distances, 1 - cosines, atol=1e-5)
    assert (np.sort(rows, axis=1) == np.arange(N)).all()


@pytest.mark.parametrize("metric", ["cosine", "l1"])
def test_distances_of_pairs_are_those_of_the_search_and_tell_shuffled_pairs(
    data, metric
):
    X, _ = data
    retriever = make(metric=metric).fit(X)
    pairs = retriever.paired_distances(X)
    distances, rows = retriever.kneighbors(
        X["words"], modality="text", n_neighbors=None
    )
    own = rows == np.arange(N)[:, np.newaxis]
    np.testing.assert_allclose(pairs[:, 0], distances[own], atol=1e-5)
    shuffled = X.assign(words=np.roll(X["words"], 1))
    assert np.mean(retriever.paired_distances(shuffled) > pairs) > 0.9
    lacking = X.assign(words=X["words"].where(X.index != 3, None))
    assert np.flatnonzero(np.isnan(retriever.paired_distances(lacking))).tolist() == [3]


def test_the_index_is_what_was_indexed_last(data):
    X, _ = data
    retriever = make().fit(X[:40])
    assert retriever.indexed_ == {"image": 40, "text": 40}
    retriever.index(X[40:])
    assert retriever.indexed_ == {"image": 20, "text": 20}
    rows = retriever.kneighbors(X["words"][40:], modality="text")[1]
    assert (rows[:, 0] == np.arange(20)).mean() > 0.7


def test_an_index_needs_only_the_column_that_is_to_be_found(data):
    X, _ = data
    retriever = make().fit(X)
    expected = retriever.kneighbors(X["words"], modality="text")[1]
    retriever.index(X[["photo"]])
    assert retriever.indexed_ == {"image": N}
    found = retriever.kneighbors(X["words"], modality="text")[1]
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match="No indexed row has the modality 'text'"):
        retriever.kneighbors(X["photo"], modality="image")
    with pytest.raises(ValueError, match="columns of no modality"):
        retriever.index(pd.DataFrame({"sound": [1.0]}))


def test_rows_without_a_modality_are_not_found_by_it(data):
    X, _ = data
    lacking = X.copy()
    lacking.loc[::2, "photo"] = None
    lacking.loc[1::10, "words"] = None
    retriever = make().fit(lacking)
    assert retriever.modality_counts_ == retriever.indexed_ == {"image": 30, "text": 54}
    rows = retriever.kneighbors(X["words"], modality="text", n_neighbors=30)[1]
    assert set(rows.ravel()) == set(range(1, N, 2))
    found = retriever.transform(lacking)
    half = found.shape[1] // 2
    assert np.isnan(found[::2, :half]).all() and not np.isnan(found[1::2, :half]).any()


def test_more_than_two_modalities_are_searched_by_name(data):
    X, _ = data
    X = X.assign(sound=[words[::-1] + 1 for words in X["words"]])
    parts = [*make().parts, ("audio", vectors(), "sound")]
    retriever = CrossModalRetriever(parts, **PLAIN).fit(X)
    with pytest.raises(ValueError, match="Name the 'target' .* 'image', 'audio'"):
        retriever.kneighbors(X["words"], modality="text")
    for target in ("audio", "image", "text"):
        rows = retriever.kneighbors(X["words"], modality="text", target=target)[1]
        assert (rows[:, 0] == np.arange(N)).mean() > 0.7
    assert len(retriever.evaluate(X)) == 6
    with pytest.raises(ValueError, match="at least two that aren't 'drop'"):
        clone(retriever).set_params(audio="drop", text="drop").fit(X)


def test_raw_cells_and_columns_of_numbers_are_found():
    rng = np.random.default_rng(0)
    colors = {"red": (230, 30, 20), "green": (20, 220, 40), "blue": (30, 20, 240)}
    names = [list(colors)[i % 3] for i in range(30)]
    pictures = [
        np.clip(np.array(colors[n]) + rng.integers(-9, 9, (8, 8, 3)), 0, 255)
        for n in names
    ]
    X = pd.DataFrame(
        {
            "photo": [picture.astype(np.uint8) for picture in pictures],
            "title": [f"a {name} thing" for name in names],
            "r": [colors[name][0] for name in names],
            "b": [colors[name][2] for name in names],
        }
    )
    retriever = CrossModalRetriever(
        [
            ("image", ColorHistogram(4, root=True), "photo"),
            ("text", TfidfVectorizer(), "title"),
            ("light", FunctionTransformer(), ["r", "b"]),
        ],
        n_components=4,
    ).fit(X)
    rows = retriever.kneighbors(["green"], modality="text", target="image")[1]
    assert {names[row] for row in rows[0]} == {"green"}
    picture = np.full((5, 5, 3), colors["blue"], dtype=np.uint8)
    rows = retriever.kneighbors([picture], modality="image", target="text")[1]
    assert {names[row] for row in rows[0]} == {"blue"}
    for queries in ([[230, 20]], pd.DataFrame({"b": [20], "r": [230]})):
        rows = retriever.kneighbors(queries, modality="light", target="text")[1]
        assert {names[row] for row in rows[0]} == {"red"}
    with pytest.raises(ValueError, match="has 2 columns. Got 3"):
        retriever.kneighbors([[1, 2, 3]], modality="light", target="text")


def test_what_can_not_be_searched_is_named(data):
    X, y = data
    retriever = make()
    with pytest.raises(NotFittedError):
        retriever.kneighbors(X["words"], modality="text")
    retriever.fit(X)
    with pytest.raises(ValueError, match="'modality' .* 'image', 'text'. Got 'smell'"):
        retriever.kneighbors(X["words"], modality="smell")
    with pytest.raises(ValueError, match="'target' .* Got 'smell'"):
        retriever.kneighbors(X["words"], modality="text", target="smell")
    with pytest.raises(ValueError, match="Row 1 of the queries lacks .* 'text'"):
        retriever.kneighbors([X["words"][0], None], modality="text")
    with pytest.raises(TypeError, match="wrap it in a list"):
        retriever.kneighbors("one", modality="text")
    with pytest.raises(ValueError, match="n_neighbors = 61, n_indexed = 60"):
        retriever.kneighbors(X["words"], modality="text", n_neighbors=61)
    with pytest.raises(ValueError, match="'n_neighbors' .* Got 0"):
        retriever.kneighbors(X["words"], modality="text", n_neighbors=0)
    with pytest.raises(ValueError, match="no row with any modality"):
        retriever.index(X[:0])
    with pytest.raises(ValueError, match="requires y"):
        make(method="semantic").fit(X)
    with pytest.raises(ValueError, match="at least two classes. Got only 'cat'"):
        make(method="both").fit(X, ["cat"] * N)
    with pytest.raises(ValueError, match="CrossModalRetriever names 'taste'"):
        make(kernels={"taste": "rbf"}).fit(X)
    with pytest.raises(ValueError, match="needs n_hub_neighbors=0. Got 5"):
        make(search="faiss", metric="l1", n_hub_neighbors=5).fit(X)
    with pytest.raises(ValueError, match="'shrinkage' .* names 'taste'"):
        make(shrinkage={"taste": 0.5}).fit(X)
    with pytest.raises(ValueError, match=r"shrinkage of 'text' .* \[0, 1\]. Got 2"):
        make(shrinkage={"text": 2}).fit(X)


def test_distances_to_hubs_are_corrected_by_their_nearest_training_rows(data):
    X, _ = data
    plain = make().fit(X[:40]).index(X)
    retriever = make(n_hub_neighbors=7).fit(X[:40]).index(X)
    image, text = np.split(retriever.transform(X), 2, axis=1)
    image /= np.linalg.norm(image, axis=1, keepdims=True)
    text /= np.linalg.norm(text, axis=1, keepdims=True)
    nearest = np.sort(1 - image @ text[:40].T, axis=1)[:, :7]
    expected = 1 - text @ image.T - nearest.mean(axis=1) / 2
    distances, rows = retriever.kneighbors(
        X["words"], modality="text", n_neighbors=None
    )
    np.testing.assert_allclose(
        distances, np.take_along_axis(expected, rows, axis=1), atol=1e-5
    )
    assert (np.diff(distances) >= 0).all()
    np.testing.assert_array_equal(
        retriever.paired_distances(X), plain.paired_distances(X)
    )


def test_a_hub_is_found_less_often(data):
    X, _ = data
    rng = np.random.default_rng(1)
    photos = [photo + 2 * rng.standard_normal(12) for photo in X["photo"]]
    X = X.assign(photo=photos)

    def most_often(**parameters):
        retriever = make(**parameters).fit(X[:40]).index(X[40:])
        rows = retriever.kneighbors(X["words"], modality="text", n_neighbors=1)[1]
        return np.bincount(rows.ravel(), minlength=20).max()

    assert most_often(n_hub_neighbors=10) < most_often()


def test_more_hub_neighbours_than_training_rows_are_all_of_them(data, tmp_path):
    X, _ = data
    every, more = (make(n_hub_neighbors=n).fit(X[:40]) for n in (40, 4000))
    expected = every.kneighbors(X["words"], modality="text")
    found = more.kneighbors(X["words"], modality="text")
    np.testing.assert_array_equal(found[0], expected[0])
    assert more.score(X) == every.score(X)
    save(more, tmp_path / "index.skops")
    again = load(tmp_path / "index.skops").kneighbors(X["words"], modality="text")
    np.testing.assert_array_equal(again[1], found[1])


def test_numbers_and_classes_that_lack_are_named(data):
    X, y = data
    table = pd.DataFrame({"words": X["words"], "r": np.arange(N), "b": np.arange(N)})
    table = table.astype({"r": float})
    parts = [
        ("text", vectors(), "words"),
        ("light", FunctionTransformer(), ["r", "b"]),
    ]
    retriever = CrossModalRetriever(parts, **PLAIN).fit(table)
    table.loc[4, "r"] = np.nan
    with pytest.raises(ValueError, match="Row 4: the part gave NaN.* imputer"):
        clone(retriever).fit(table)
    with pytest.raises(ValueError, match="Row 1: the part gave NaN"):
        retriever.kneighbors(table[3:6], modality="light")
    y = y.astype(object)
    y[[5, 7]] = None
    with pytest.raises(ValueError, match="no class of row 5, and of 2 rows in all"):
        make(method="both").fit(X, y)


def test_queries_of_several_columns_need_no_names(data):
    X, _ = data
    table = pd.DataFrame({"words": X["words"], "r": np.arange(N), "b": np.ones(N)})
    parts = [
        ("text", vectors(), "words"),
        ("light", StandardScaler(), ["r", "b"]),
    ]
    retriever = CrossModalRetriever(parts, **PLAIN).fit(table)
    named = retriever.kneighbors(table[["r", "b"]][:3], modality="light")
    bare = retriever.kneighbors([[0, 1], [1, 1], [2, 1]], modality="light")
    np.testing.assert_array_equal(named[1], bare[1])


def test_hubs_are_corrected_no_more_once_they_are_not_to_be(data):
    X, _ = data
    retriever = make(n_hub_neighbors=5).fit(X)
    retriever.set_params(n_hub_neighbors=0).index(X)
    found = retriever.kneighbors(X["words"], modality="text")
    expected = make().fit(X).kneighbors(X["words"], modality="text")
    np.testing.assert_array_equal(found[1], expected[1])


def test_cells_that_do_not_fit_are_named(data):
    X, _ = data
    retriever = make().fit(X)
    with pytest.raises(ValueError, match="Row 1 .* of 7 numbers, .* have 8"):
        retriever.kneighbors([np.zeros(8), np.zeros(7)], modality="text")
    narrow = X.copy()
    narrow.at[3, "photo"] = np.zeros(11)
    with pytest.raises(ValueError, match="Row 3 .* of 11 numbers, .* have 12"):
        retriever.index(narrow)
    assert retriever.indexed_ == {"image": N, "text": N}  # what was indexed stays
    with pytest.raises(ValueError, match="Row 0 .* NaN or infinite"):
        retriever.kneighbors([np.full(8, np.inf)], modality="text")
    with pytest.raises(ValueError, match="Row 1 of the queries lacks"):
        retriever.kneighbors(
            pd.Series([X["words"][0], None], index=["a", "b"]), modality="text"
        )
    with pytest.raises(ValueError, match="expecting 2 features"):
        retriever.index(X[["photo"]].to_numpy())


@pytest.mark.parametrize("method", ["correlation", "both"])
def test_rows_that_hold_one_modality_each_teach_no_correlation(data, method):
    X, y = data
    apart = X.assign(
        photo=X["photo"].where(X.index < 31, None),
        words=X["words"].where(X.index >= 30, None),
    )
    with pytest.raises(ValueError, match=r"'image' shares 1 row\(s\) with any other"):
        make(method=method).fit(apart, y)
    assert make(method="semantic").fit(apart, y).score(X, y) > 0.9
    with pytest.raises(ValueError, match="shares 1 row"):
        make().fit(X[:1])
    make().fit(X[:2])


def test_a_query_of_which_nothing_is_known_is_warned_of():
    X = pd.DataFrame({"a": ["red cup", "blue hat"] * 4, "b": ["rot", "blau"] * 4})
    parts = [("a", TfidfVectorizer(), "a"), ("b", TfidfVectorizer(), "b")]
    retriever = CrossModalRetriever(parts).fit(X)
    with pytest.warns(UserWarning, match="2 of the queries .* part 'a' .* row 1") as w:
        retriever.kneighbors(["red", "zebra", ""], modality="a", n_neighbors=2)
    assert w[0].filename == __file__
    retriever.index(X.assign(a=["zebra"] * 8))  # of rows nothing is said


def test_no_query_has_no_neighbours(data):
    X, _ = data
    distances, rows = make().fit(X).kneighbors([], modality="text", n_neighbors=2)
    assert distances.shape == rows.shape == (0, 2)


def test_a_class_of_which_a_modality_has_no_row_is_never_said_by_it(data):
    X, y = data
    X = X.assign(words=X["words"].where(y != "owl", None))
    found = make(method="semantic").fit(X, y).transform(X)
    assert np.nanmax(found[:, 5]) < 1e-6  # text__owl
    found = make(method="semantic").fit(
        X.assign(words=X["words"].where(y == "cat", None)), y
    )
    np.testing.assert_allclose(found.transform(X)[0, 3:], [1, 0, 0], atol=1e-6)


def test_a_part_may_be_shrunk_by_itself(data):
    X, _ = data
    alike = make(shrinkage=0.7).fit_transform(X)
    named = make(shrinkage={"image": 0.7}).fit_transform(X)  # 0.7 is of others too
    np.testing.assert_array_equal(named, alike)
    other = make(shrinkage={"image": 0.7, "text": 0.1}).fit_transform(X)
    assert not np.allclose(other, alike)


def test_axes_of_some_rows_serve_all(data):
    X, _ = data
    few = make(max_rows=30, max_axes=5, n_components=5).fit(X)
    assert few.indexed_["image"] == N
    assert few.score(X) > 0.8


def test_a_search_over_its_parameters_scores_held_out_rows(data):
    X, y = data
    search = GridSearchCV(
        make(method="both"), {"shrinkage": [0.1, 0.9], "metric": ["cosine", "l1"]}, cv=3
    ).fit(X, y)
    assert search.best_score_ > 0.8


@pytest.mark.parametrize("n_hub_neighbors", [0, 9])
def test_faiss_finds_what_an_exact_search_finds(data, tmp_path, n_hub_neighbors):
    pytest.importorskip("faiss")
    X, _ = data
    hubs = {"n_hub_neighbors": n_hub_neighbors}
    exact, fast = make(**hubs).fit(X), make(search="faiss", **hubs).fit(X)
    expected = exact.kneighbors(X["words"], modality="text")
    found = fast.kneighbors(X["words"], modality="text")
    np.testing.assert_allclose(found[0], expected[0], atol=1e-5)
    np.testing.assert_array_equal(found[1], expected[1])
    save(fast, tmp_path / "index.skops")  # although faiss has made its index
    again = load(tmp_path / "index.skops").kneighbors(X["words"], modality="text")
    np.testing.assert_array_equal(again[1], found[1])


@pytest.fixture(scope="module")
def many():
    """Return a table of 26,000 rows in 200 groups, and a query beside each tenth."""
    rng = np.random.default_rng(0)
    groups = 3 * rng.standard_normal((200, 8))
    rows = groups[rng.integers(200, size=26_000)] + rng.standard_normal((26_000, 8))
    names = [f"{view}{i}" for view in "ab" for i in range(8)]
    queries = rows[::130] + 0.1 * rng.standard_normal((200, 8))
    return pd.DataFrame(np.hstack([rows, rows]), columns=names), queries


@pytest.mark.parametrize(
    "settings", [{}, {"metric": "l1"}, {"n_hub_neighbors": 20}], ids=str
)
def test_faiss_finds_nearly_all_among_many_rows(many, settings):
    pytest.importorskip("faiss")
    table, queries = many
    parts = [(v, FunctionTransformer(), [f"{v}{i}" for i in range(8)]) for v in "ab"]
    exact = CrossModalRetriever(parts, **PLAIN, **settings).fit(table[:300])
    exact.index(table)
    fast = CrossModalRetriever(parts, **PLAIN, **settings, search="faiss")
    fast.fit(table[:300]).index(table)
    expected = exact.kneighbors(queries, modality="a")[1]
    distances, rows = fast.kneighbors(queries, modality="a")
    assert (np.diff(distances) >= 0).all()
    found = [
        np.isin(own, other).mean() for own, other in zip(expected, rows, strict=True)
    ]
    assert 0.9 < np.mean(found)
    # More than the lists looked into hold: every row is compared, as if exactly.
    expected = exact.kneighbors(queries[:3], modality="a", n_neighbors=None)
    got = fast.kneighbors(queries[:3], modality="a", n_neighbors=None)
    np.testing.assert_array_equal(np.sort(got[1]), [np.arange(26_000)] * 3)
    np.testing.assert_allclose(got[0], expected[0], atol=1e-5)


def test_polars_is_searched_as_pandas_is():
    polars = pytest.importorskip("polars")
    X = pd.DataFrame(
        {
            "title": ["red cup", "blue cup", "red hat", None] * 3,
            "height": [1.0, 1.2, 8.0, 9.0] * 3,
        }
    )
    parts = [
        ("text", TfidfVectorizer(), "title"),
        ("size", FunctionTransformer(), ["height"]),
    ]
    found = [
        CrossModalRetriever(parts, kernels="rbf")
        .fit(table)
        .kneighbors(table[["title"]][:2], modality="text", n_neighbors=4)
        for table in (X, polars.from_pandas(X))
    ]
    np.testing.assert_array_equal(found[0][1], found[1][1])
    np.testing.assert_array_equal(found[0][0], found[1][0])
