"""Word2VecVectorizer: training that repeats, pretrained vectors, pooling."""

import gzip
import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from gensim.models import KeyedVectors
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from mmclassic.encoding import BagOfWords, FisherVector, StatisticsPooling
from mmclassic.exceptions import MediaError
from mmclassic.persistence import load, save
from mmclassic.text import Word2VecVectorizer

WORDS = ["red", "green", "blue", "kettle"]
VECTORS = np.array(
    [[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [-1.0, 2.0, 0.5], [3.0, 1.0, 0.5]], np.float32
)
PRETRAINED = (WORDS, VECTORS)
TEXTS = ["Red kettle", "green, blue and red!", "kettle red red", "nothing known"]
SMALL = {"vector_size": 6, "min_count": 1, "epochs": 3, "random_state": 0}
REPEAT = """
import hashlib
from mmclassic.text import Word2VecVectorizer
texts = ["red kettle boils", "a blue bike", "the green house", "red house"] * 5
vectorizer = Word2VecVectorizer(vector_size=8, min_count=1, random_state=0)
rows = vectorizer.fit_transform(texts)
print(list(vectorizer.vocabulary_), hashlib.sha256(rows.tobytes()).hexdigest())
"""


def keyed_vectors():
    vectors = KeyedVectors(3)
    vectors.add_vectors(WORDS, VECTORS)
    return vectors


def test_training_repeats_whatever_the_hash_seed_of_the_process():
    def run(hash_seed):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", REPEAT]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout

    first = run("1")
    assert "kettle" in first
    assert run("2") == first


def test_training_repeats_for_a_random_state_and_differs_for_another():
    first, again = (Word2VecVectorizer(**SMALL).fit_transform(TEXTS) for _ in "12")
    np.testing.assert_array_equal(first, again)
    other = Word2VecVectorizer(**{**SMALL, "random_state": 1}).fit_transform(TEXTS)
    assert not np.array_equal(first, other)


def test_trained_vectors_of_words_in_like_places_are_alike():
    rng = np.random.default_rng(0)
    pets, cars = ["cat", "dog"], ["truck", "van"]
    texts = [
        f"{rng.choice(names)} {verb} {' '.join(rng.permutation(context))}"
        for _ in range(150)
        for names, verb, context in (
            (pets, "eats", ["fur", "paw", "tail", "bone"]),
            (cars, "drives", ["road", "wheel", "fuel", "brake"]),
        )
    ]
    vectorizer = Word2VecVectorizer(vector_size=16, random_state=0).fit(texts)
    cat, dog, van = vectorizer.transform(["cat", "dog", "van"])

    def cosine(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    assert cosine(cat, dog) > cosine(cat, van) + 0.03


def test_words_past_ten_thousand_in_one_text_are_trained_too():
    texts = ["common " * 10_000 + "late late late", "red"]
    vectorizer = Word2VecVectorizer(**{**SMALL, "min_count": 3}).fit(texts)
    assert list(vectorizer.vocabulary_) == ["common", "late"]


def test_the_vocabulary_begins_with_the_most_frequent_word():
    vectorizer = Word2VecVectorizer(**SMALL).fit(["b c b", "c c a", "d"])
    assert list(vectorizer.vocabulary_)[:2] == ["c", "b"]
    assert set(vectorizer.vocabulary_) == set("abcd")


@pytest.mark.parametrize(
    "source", ["object", "tuple", "bin", "txt", "glove", "gz", "txt.gz", "kv"]
)
def test_pretrained_vectors_may_come_in_any_form(source, tmp_path):
    vectors = keyed_vectors()
    path = (
        tmp_path / f"vectors.{ {'glove': 'txt', 'gz': 'bin.gz'}.get(source, source) }"
    )
    if source == "kv":
        vectors.save(str(path))
    elif source == "glove":
        rows = zip(WORDS, VECTORS, strict=True)
        path.write_text("".join(f"{w} {' '.join(map(str, v))}\n" for w, v in rows))
    elif source == "txt.gz":
        vectors.save_word2vec_format(str(tmp_path / "plain"))
        path.write_bytes(gzip.compress((tmp_path / "plain").read_bytes()))
    elif source not in ("object", "tuple"):
        vectors.save_word2vec_format(str(path), binary=source in ("bin", "gz"))
    given = {"object": vectors, "tuple": PRETRAINED}.get(source, path)
    vectorizer = Word2VecVectorizer(given).fit(TEXTS)
    assert vectorizer.vocabulary_ == {word: i for i, word in enumerate(WORDS)}
    np.testing.assert_array_equal(vectorizer.vectors_, VECTORS)
    assert vectorizer.vectors_.dtype == np.float32


def test_words_of_a_text_file_may_hold_spaces_and_repeat(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("red 1 2\n. . . 3 4\nred 5 6 \n")
    vectorizer = Word2VecVectorizer(path).fit(TEXTS)
    assert vectorizer.vocabulary_ == {"red": 0, ". . .": 1}
    np.testing.assert_array_equal(vectorizer.vectors_, [[1, 2], [3, 4]])


def test_mean_pooling_is_the_mean_over_known_words():
    rows = Word2VecVectorizer(PRETRAINED).fit_transform(TEXTS)
    red, green, blue, kettle = VECTORS
    expected = [
        (red + kettle) / 2,
        (green + blue + red) / 3,
        (kettle + 2 * red) / 3,
        0 * red,
    ]
    np.testing.assert_allclose(rows, expected, rtol=1e-6)
    assert rows.dtype == np.float32


def test_idf_pooling_weights_rare_words_up():
    vectorizer = Word2VecVectorizer(PRETRAINED, pooling="idf").fit(TEXTS)
    in_texts = np.array([3, 1, 1, 2])
    weights = np.log(5 / (1 + in_texts)) + 1
    np.testing.assert_allclose(vectorizer.weights_, weights)
    row = vectorizer.transform(["red blue"])[0]
    expected = np.average(VECTORS[[0, 2]], axis=0, weights=weights[[0, 2]])
    np.testing.assert_allclose(row, expected, rtol=1e-6)


def sif_by_hand(texts, a, n_removed):
    """Return Arora et al.'s algorithm 1, in the plainest form."""
    tokens = [text.lower().replace(",", "").replace("!", "").split() for text in texts]
    everything = [word for words in tokens for word in words]
    vector = dict(zip(WORDS, VECTORS.astype(float), strict=True))
    rows = []
    for words in tokens:
        known = [word for word in words if word in vector]
        terms = [
            a / (a + everything.count(w) / len(everything)) * vector[w] for w in known
        ]
        rows.append(np.sum(terms, axis=0) / len(known) if known else np.zeros(3))
    rows = np.array(rows)
    directions = np.linalg.svd(rows, full_matrices=False)[2][:n_removed]
    return rows - rows @ directions.T @ directions


@pytest.mark.parametrize("n_removed", [0, 1, 2])
@pytest.mark.parametrize("a", [1e-3, 0.1])
def test_sif_pooling_follows_arora(a, n_removed):
    vectorizer = Word2VecVectorizer(
        PRETRAINED, pooling="sif", sif_smoothing=a, remove_components=n_removed
    )
    rows = vectorizer.fit_transform(TEXTS)
    expected = sif_by_hand(TEXTS, a, n_removed)
    np.testing.assert_allclose(rows, expected, atol=1e-6 * np.abs(expected).max())
    assert vectorizer.components_.shape == (n_removed, 3)


def test_sif_removes_no_more_directions_than_there_are():
    vectorizer = Word2VecVectorizer(PRETRAINED, pooling="sif", remove_components=5)
    rows = vectorizer.fit_transform(["red", "green"])
    assert vectorizer.components_.shape == (2, 3)
    np.testing.assert_allclose(rows, 0, atol=1e-6)
    assert vectorizer.fit(["unknown"]).components_.shape == (0, 3)


@pytest.mark.parametrize("pooling", ["mean", "idf", "sif"])
def test_a_row_does_not_depend_on_the_texts_beside_it(pooling):
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(50)]
    vectors = rng.standard_normal((50, 33))
    texts = [" ".join(rng.choice(words, rng.integers(0, 40))) for _ in range(60)]
    vectorizer = Word2VecVectorizer((words, vectors), pooling=pooling).fit(texts)
    batch = vectorizer.transform(texts)
    single = np.concatenate([vectorizer.transform([text]) for text in texts])
    np.testing.assert_array_equal(batch, single)
    np.testing.assert_array_equal(vectorizer.transform(texts[::-1]), batch[::-1])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA], ids=repr)
@pytest.mark.parametrize("pooling", ["mean", "idf", "sif"])
def test_a_missing_text_is_nan_and_a_text_without_known_words_zero(missing, pooling):
    vectorizer = Word2VecVectorizer(PRETRAINED, pooling=pooling)
    present = [*TEXTS, "", "?"]
    rows = vectorizer.fit_transform([missing, *present])
    assert np.isnan(rows[0]).all()
    np.testing.assert_array_equal(rows[4:], 0)
    np.testing.assert_array_equal(rows[1:], clone(vectorizer).fit_transform(present))


def test_a_missing_text_changes_nothing_in_training():
    whole = Word2VecVectorizer(**SMALL).fit(TEXTS)
    gaps = Word2VecVectorizer(**SMALL).fit([None, TEXTS[0], np.nan, *TEXTS[1:]])
    np.testing.assert_array_equal(whole.vectors_, gaps.vectors_)


def test_only_missing_or_no_texts_transform_to_nan_and_to_no_rows():
    vectorizer = Word2VecVectorizer(PRETRAINED, pooling="sif").fit(TEXTS)
    assert np.isnan(vectorizer.transform([None, None])).all()
    assert vectorizer.transform([]).shape == (0, 3)


@pytest.mark.parametrize(
    "column",
    [
        np.array,
        pd.Series,
        lambda texts: pd.DataFrame({"title": texts}),
        lambda texts: pl.DataFrame({"title": texts}),
    ],
)
def test_a_column_may_be_of_any_kind(column):
    vectorizer = Word2VecVectorizer(PRETRAINED).fit(TEXTS)
    np.testing.assert_array_equal(
        vectorizer.transform(column(TEXTS)), vectorizer.transform(TEXTS)
    )


def test_describe_gives_known_words_in_order_with_their_places():
    vectorizer = Word2VecVectorizer(PRETRAINED).fit(TEXTS)
    features = vectorizer.describe("A red, RED unknown kettle")
    np.testing.assert_array_equal(features.descriptors, VECTORS[[0, 0, 3]])
    np.testing.assert_allclose(features.positions, [[0.3], [0.5], [0.9]], rtol=1e-6)
    assert features.positions.dtype == np.float32


@pytest.mark.parametrize("text", ["", "nothing known", "?"])
def test_a_text_without_known_words_describes_to_none(text):
    features = Word2VecVectorizer(PRETRAINED).fit(TEXTS).describe(text)
    assert features.descriptors.shape == (0, 3)
    assert features.positions.shape == (0, 1)


def test_describe_refuses_what_is_no_text():
    vectorizer = Word2VecVectorizer(PRETRAINED).fit(TEXTS)
    for item in (None, 5):
        with pytest.raises(MediaError, match="is not a text"):
            vectorizer.describe(item)


def test_a_tokenizer_replaces_the_pattern_and_case_may_be_kept():
    vectorizer = Word2VecVectorizer(PRETRAINED, tokenizer=lambda text: text.split("|"))
    np.testing.assert_array_equal(
        vectorizer.fit_transform(["red|Kettle"]), [VECTORS[[0, 3]].mean(axis=0)]
    )
    kept = Word2VecVectorizer(PRETRAINED, lowercase=False)
    np.testing.assert_array_equal(kept.fit_transform(["Red"]), [[0, 0, 0]])


@pytest.mark.parametrize("encoder", [BagOfWords, FisherVector, StatisticsPooling])
def test_encoders_take_it_as_their_descriptor(encoder):
    parameters = {BagOfWords: {"n_words": 2}, FisherVector: {"n_components": 2}}
    texts = ["red kettle green", "blue blue red", "green kettle", "", None] * 4
    encoded = encoder(
        Word2VecVectorizer(**SMALL),
        **parameters.get(encoder, {}),
        **({} if encoder is StatisticsPooling else {"random_state": 0}),
    )
    rows = np.asarray(encoded.fit_transform(texts))
    assert np.isfinite(rows[:3]).all()
    assert len({row.tobytes() for row in rows[:3]}) == 3
    np.testing.assert_array_equal(rows[3], 0)
    assert np.isnan(rows[4]).all()


def test_set_output_names_the_features_and_keeps_the_index():
    X = pd.Series(TEXTS, index=list("abcd"))
    vectorizer = Word2VecVectorizer(PRETRAINED).set_output(transform="pandas")
    frame = vectorizer.fit_transform(X)
    assert list(frame.columns) == [f"word2vecvectorizer{i}" for i in range(3)]
    assert list(frame.index) == list("abcd")


@pytest.mark.parametrize("given", [keyed_vectors, lambda: PRETRAINED, lambda: None])
@pytest.mark.parametrize("pooling", ["mean", "sif"])
def test_it_comes_back_from_a_file_without_gensims_objects(given, pooling, tmp_path):
    vectorizer = Word2VecVectorizer(given(), pooling=pooling, **SMALL).fit(TEXTS)
    expected = vectorizer.transform(TEXTS)
    save(vectorizer, tmp_path / "words.skops")
    assert b"gensim" not in (tmp_path / "words.skops").read_bytes()
    for again in (
        load(tmp_path / "words.skops"),
        pickle.loads(pickle.dumps(vectorizer)),
    ):
        np.testing.assert_array_equal(again.transform(TEXTS), expected)
        np.testing.assert_array_equal(clone(again).fit(TEXTS).vectors_, again.vectors_)
        assert again.vocabulary_ == vectorizer.vocabulary_


def test_a_path_comes_back_from_a_file_as_text(tmp_path):
    keyed_vectors().save_word2vec_format(str(tmp_path / "words.bin"), binary=True)
    vectorizer = Word2VecVectorizer(tmp_path / "words.bin").fit(TEXTS)
    save(vectorizer, tmp_path / "words.skops")
    again = load(tmp_path / "words.skops")
    assert again.vectors == str(tmp_path / "words.bin")
    np.testing.assert_array_equal(again.transform(TEXTS), vectorizer.transform(TEXTS))


def test_a_saved_file_names_no_type_of_gensim(tmp_path):
    from skops.io import get_untrusted_types

    save(Word2VecVectorizer(keyed_vectors()), tmp_path / "words.skops")
    types = get_untrusted_types(file=tmp_path / "words.skops")
    assert types == ["mmclassic.text._word2vec.Word2VecVectorizer"]


def test_clones_and_grid_searches_take_gensims_object():
    table = pd.Series(["red kettle", "green", "red", "blue green", None] * 6)
    y = [0, 1, 0, 1, 0] * 6
    model = make_pipeline(
        Word2VecVectorizer(keyed_vectors()), LogisticRegression(C=100)
    )
    search = GridSearchCV(
        model, {"word2vecvectorizer__pooling": ["mean", "idf", "sif"]}, cv=3
    )
    search.fit(table.dropna(), [y[i] for i in table.dropna().index])
    assert search.best_score_ == 1.0


def test_use_before_fit_is_an_error():
    vectorizer = Word2VecVectorizer()
    for use in (
        lambda: vectorizer.transform(TEXTS),
        lambda: vectorizer.describe("red"),
        lambda: vectorizer.get_feature_names_out(),
    ):
        with pytest.raises(NotFittedError):
            use()


def test_a_fit_without_any_text_says_so():
    with pytest.raises(ValueError, match="All 2 rows of X are missing"):
        Word2VecVectorizer().fit([None, np.nan])


@pytest.mark.parametrize("texts", [["one two three"], ["", "?"]])
def test_too_few_words_to_train_on_are_an_error_with_a_remedy(texts):
    with pytest.raises(ValueError, match=r"min_count=2 .*Lower min_count"):
        Word2VecVectorizer(min_count=2).fit(texts)


def test_a_cell_that_is_no_text_is_named_by_its_row():
    vectorizer = Word2VecVectorizer(PRETRAINED).fit(TEXTS)
    for method in (vectorizer.fit, vectorizer.transform):
        with pytest.raises(MediaError, match=r"Row 1 \(an int\) is not a text"):
            method(["red", 5])


@pytest.mark.parametrize(
    ("vectors", "error", "message"),
    [
        (5, TypeError, "'vectors' parameter of Word2VecVectorizer must be"),
        ("no/such/vectors.bin", FileNotFoundError, "no/such/vectors.bin.* not exist"),
        ((["red"], np.zeros((2, 3))), ValueError, r"shape \(2, 3\) for 1 words"),
        (([], np.zeros((0, 3))), ValueError, r"shape \(0, 3\) for 0 words"),
        ((["red", "red"], np.ones((2, 3))), ValueError, "'red' repeats"),
        ((["red"], [[np.nan]]), ValueError, "must be finite"),
    ],
)
def test_bad_vectors_are_an_error_that_says_what_they_must_be(vectors, error, message):
    with pytest.raises(error, match=message):
        Word2VecVectorizer(vectors).fit(TEXTS)


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt", "vectors.kv"])
@pytest.mark.parametrize("content", [b"", b"not word vectors at all\nx"])
def test_a_file_of_another_kind_is_named(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name}' can't be read as word vectors"):
        Word2VecVectorizer(tmp_path / name).fit(TEXTS)


@pytest.mark.parametrize(
    "bad",
    [
        {"vector_size": 0},
        {"min_count": 0},
        {"sg": 2},
        {"pooling": "max"},
        {"sif_smoothing": 0.0},
        {"remove_components": -1},
        {"token_pattern": None},
    ],
    ids=str,
)
def test_a_bad_parameter_is_named(bad):
    (name,) = bad
    with pytest.raises(ValueError, match=f"'{name}' parameter of Word2VecVectorizer"):
        Word2VecVectorizer(**bad).fit(TEXTS)


def test_reviews_are_told_apart_better_than_by_chance(data_folder):
    table = pd.read_csv(data_folder / "text" / "mr.csv.gz")
    train, test = (table[table["split"] == split] for split in ("train", "test"))
    train = train.sample(3000, random_state=0)
    vectorizer = Word2VecVectorizer(vector_size=50, epochs=10, random_state=0)
    classifier = LogisticRegression(C=100, max_iter=1000)
    classifier.fit(vectorizer.fit_transform(train["text"]), train["label"])
    assert classifier.score(vectorizer.transform(test["text"]), test["label"]) > 0.56
