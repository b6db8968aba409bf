"""Word vectors are trained once for equal texts and parameters, never across a fold."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from mmclassic._execution import remembering
from mmclassic.cache import FeatureCache
from mmclassic.encoding import BagOfWords, FisherVector
from mmclassic.persistence import load, save
from mmclassic.text import Word2VecVectorizer, _word2vec_learning

KINDS = {"red": "kettle boils water", "green": "bicycle turns wheel"}
TEXTS = [
    f"the {color} {word} and {other}"
    for color, words in KINDS.items()
    for word in words.split()
    for other in words.split()
]
LABELS = [text.split()[1] for text in TEXTS]
LEARNED = ["vocabulary_", "vectors_", "weights_", "components_", "loadings_"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def trained(monkeypatch):
    """The texts of each training."""
    calls = []
    original = _word2vec_learning._train

    def spy(vectorizer, texts):
        calls.append(texts)
        return original(vectorizer, texts)

    monkeypatch.setattr(_word2vec_learning, "_train", spy)
    return calls


def small(**parameters):
    settings = {"vector_size": 6, "epochs": 2, "random_state": 0, **parameters}
    return Word2VecVectorizer(**settings)


def assert_same(vectorizer, expected):
    for name in LEARNED:
        learned, other = getattr(vectorizer, name), getattr(expected, name)
        assert type(learned) is type(other)
        if name == "vocabulary_":
            assert list(learned.items()) == list(other.items())
            continue
        assert learned.dtype == other.dtype
        np.testing.assert_array_equal(learned, other)
        assert learned.flags.writeable
    np.testing.assert_array_equal(
        vectorizer.transform(TEXTS[:5]), expected.transform(TEXTS[:5])
    )


@pytest.mark.parametrize("pooling", ["mean", "idf", "sif"])
def test_a_second_fit_trains_nothing_and_learns_the_same(trained, folder, pooling):
    expected = small(pooling=pooling).fit(TEXTS)
    trained.clear()
    for _ in range(3):
        assert_same(small(pooling=pooling, cache=folder).fit(TEXTS), expected)
    assert len(trained) == 1


def test_what_was_learned_is_each_ones_own(folder):
    small(cache=folder).fit(TEXTS)
    small(cache=folder).fit(TEXTS).vectors_[:] = 0
    assert small(cache=folder).fit(TEXTS).vectors_.any()


@pytest.mark.parametrize(
    "other",
    [{"vector_size": 5}, {"window": 2}, {"random_state": 1}, {"lowercase": False}],
    ids=str,
)
def test_other_parameters_are_trained_anew(trained, folder, other):
    small(cache=folder).fit(TEXTS)
    small(cache=folder).set_params(**other).fit(TEXTS)
    assert len(trained) == 2


def test_other_texts_or_another_order_are_trained_anew(trained, folder):
    whole = "".join(TEXTS[:2])
    for X in (TEXTS, TEXTS[::-1], TEXTS[1:], [whole, *TEXTS[2:]], [*TEXTS, "red"]):
        small(cache=folder).fit(X)
    assert len(trained) == 5
    small(cache=folder).fit([*TEXTS, None])  # a missing text changes nothing
    assert len(trained) == 5


def test_what_does_not_repeat_is_not_kept(trained, folder):
    for random_state in (None, np.random.RandomState(0)):
        for _ in range(2):
            small(random_state=random_state, cache=folder).fit(TEXTS)
    for _ in range(2):
        small(tokenizer=lambda text: text.split(), cache=folder).fit(TEXTS)
    assert len(trained) == 6
    assert not folder.exists()


def test_vectors_of_a_file_are_known_by_its_content(folder, tmp_path, monkeypatch):
    path = tmp_path / "vectors.txt"
    reads = []
    original = _word2vec_learning.read_word_vectors

    def spy(source):
        reads.append(source)
        return original(source)

    monkeypatch.setattr(_word2vec_learning, "read_word_vectors", spy)
    for content, n_reads in (
        ("red 1 0\nkettle 0 1\n", 1),
        ("red 1 0\nkettle 9 9\n", 2),
    ):
        path.write_text(content)
        expected = Word2VecVectorizer(path).fit(TEXTS)
        for _ in range(2):
            assert_same(Word2VecVectorizer(path, cache=folder).fit(TEXTS), expected)
        assert len(reads) == 2 * n_reads
    with pytest.raises(FileNotFoundError, match="do not exist"):
        Word2VecVectorizer(str(tmp_path / "absent.txt"), cache=folder).fit(TEXTS)


def test_objects_and_gensims_files_are_used_as_they_are(folder, tmp_path):
    words, vectors = ["red", "kettle"], np.eye(2, dtype=np.float32)
    keyed = KeyedVectors(2)
    keyed.add_vectors(words, vectors)
    keyed.save(str(tmp_path / "vectors.kv"))
    for source in ((words, vectors), keyed, tmp_path / "vectors.kv"):
        fitted = Word2VecVectorizer(source, cache=folder).fit(TEXTS)
        np.testing.assert_array_equal(fitted.vectors_, vectors)
    assert not folder.exists()


def test_a_grid_search_trains_once_a_fold_and_once_for_the_refit(trained, folder):
    def search(cache):
        model = make_pipeline(small(cache=cache), LogisticRegression())
        grid = {"logisticregression__C": [0.1, 1.0, 10.0]}
        return GridSearchCV(model, grid, cv=5).fit(TEXTS, LABELS)

    expected = search(None)
    assert len(trained) == 5 * 3 + 1
    trained.clear()
    found = search(folder)
    assert len(trained) == 5 + 1
    assert sorted(map(len, trained))[-1] == len(TEXTS) > sorted(map(len, trained))[-2]
    for name, scores in expected.cv_results_.items():
        if "score" in name and "time" not in name:
            np.testing.assert_array_equal(found.cv_results_[name], scores)


def test_a_comparisons_memory_keeps_training_too(trained):
    with remembering(2**24):
        first, second = small().fit(TEXTS), small().fit(TEXTS)
    assert len(trained) == 1
    assert_same(second, first)


@pytest.mark.parametrize(
    "encoder",
    [
        BagOfWords(small(), n_words=4, random_state=0),
        FisherVector(small(), n_components=2, pca=4, random_state=0),
    ],
    ids=lambda encoder: type(encoder).__name__,
)
def test_an_encoder_over_it_trains_and_encodes_once(trained, counted, folder, encoder):
    alone = clone(encoder)
    expected, rows = alone.fit_transform(TEXTS[:12]), alone.transform(TEXTS)
    trained.clear()
    counted.update(dict.fromkeys(counted, 0))
    for _ in range(3):
        again = clone(encoder).set_params(cache=folder)
        np.testing.assert_array_equal(again.fit_transform(TEXTS[:12]), expected)
        np.testing.assert_array_equal(again.transform(TEXTS), rows)
        assert again.descriptor_.cache is None
        assert_same(again.descriptor_, alone.descriptor_)
    assert len(trained) == 1
    assert counted["learn"] == 1
    assert counted["encode"] == len(TEXTS)


def test_an_encoders_rows_are_those_of_the_vectors_that_were_fitted(folder):
    bag = BagOfWords(small(), n_words=4, random_state=0, cache=folder)
    for fitted_to in (TEXTS[:12], TEXTS[4:], TEXTS[:12]):
        rows = clone(bag).fit(fitted_to).transform(TEXTS)
        expected = clone(bag).set_params(cache=None).fit(fitted_to).transform(TEXTS)
        np.testing.assert_array_equal(rows, expected)
    fitted = clone(bag).fit(TEXTS)
    before = deepcopy(fitted).transform(TEXTS)
    fitted.descriptor_.vectors_ += 1
    changed = fitted.transform(TEXTS)
    assert (changed != before).any()


@pytest.mark.parametrize("kind", [str, np.str_])
def test_a_text_is_not_taken_for_the_file_of_its_name(
    kind, folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "red").write_text("old")
    bag = BagOfWords(small(min_count=1), n_words=2, random_state=0)
    X = pd.Series([*map(kind, [*TEXTS, "red"]), None], dtype=object)
    expected = clone(bag).fit_transform(X)
    cached = clone(bag).set_params(cache=folder)
    np.testing.assert_array_equal(clone(cached).fit_transform(X), expected)
    entries = FeatureCache(folder).info()["entries"]
    (tmp_path / "red").write_text("new")
    np.testing.assert_array_equal(clone(cached).fit_transform(X), expected)
    assert FeatureCache(folder).info()["entries"] == entries


def test_a_saved_vectorizer_has_no_cache(folder, tmp_path):
    vectorizer = small(cache=str(folder)).fit(TEXTS)
    save(vectorizer, tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops")
    assert loaded.cache is None
    assert vectorizer.cache == str(folder)
    assert_same(loaded, vectorizer)
