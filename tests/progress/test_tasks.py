"""Callbacks are told of a fit as a tree of tasks, down to chunks of items."""

import warnings
from collections import Counter
from copy import copy

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmclassic import make_multimodal_pipeline
from mmclassic._execution import n_item_tasks
from mmclassic._feature_union import FeatureUnion
from mmclassic.datasets import make_multimodal
from mmclassic.encoding import BagOfWords, StatisticsPooling
from mmclassic.exceptions import MediaError
from mmclassic.fusion import EarlyFusion, LateFusionClassifier, LateFusionRegressor
from mmclassic.image import HOG, DenseSIFT
from mmclassic.persistence import load, save
from mmclassic.text import Word2VecVectorizer
from tests.progress.recording import Recording, has_traces, pictures

N = 40
COLUMNS = {"text": "text", "image": "image", "audio": "audio"}


@pytest.fixture
def recording(tmp_path):
    return Recording(tmp_path / "tasks.jsonl")


@pytest.fixture(scope="module")
def table():
    return make_multimodal(N, missing=0.05, random_state=0, return_X_y=True)


def words(**params):
    return BagOfWords(DenseSIFT(step=8), n_words=8, random_state=0, **params)


def hog():
    return HOG(size=(32, 32))


@pytest.mark.parametrize("n_items", [0, 1, 3, 4, 7, 8, 33, 150, 1600, 1601, 10**7])
def test_tasks_of_items_are_few_and_of_many_items_each(n_items):
    n_tasks = n_item_tasks(n_items)
    assert min(n_items, 4) <= n_tasks <= min(n_items, 50)
    if n_items > 128:
        assert n_tasks <= -(-n_items // 32)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_an_encoder_tells_of_its_sample_of_learning_and_of_encoding(
    recording, method, n_jobs
):
    items = [*pictures(100), None, None]
    encoder = words(n_jobs=n_jobs).set_callbacks(recording)
    getattr(encoder, method)(items)
    recording.check_all_ended()
    n_tasks = n_item_tasks(len(items))
    expected = {"BagOfWords describe sample": n_tasks, "BagOfWords learn": 1}
    if method == "fit_transform":
        expected["BagOfWords encode"] = n_tasks
    assert recording.names("BagOfWords fit") == expected
    assert not has_traces(encoder)


def test_an_encoder_that_needs_few_items_tells_of_no_more(recording):
    StatisticsPooling(hog()).set_callbacks(recording).fit(pictures(400))
    recording.check_all_ended()
    names = recording.names("StatisticsPooling fit")
    assert names["StatisticsPooling describe sample"] < n_item_tasks(400)


def test_a_descriptor_that_learns_is_a_task_of_its_encoder(recording):
    texts = ["red kettle", "blue bike", "red bike", "blue kettle"] * 5
    vectors = Word2VecVectorizer(vector_size=4, min_count=1, epochs=1, random_state=0)
    encoder = StatisticsPooling(vectors).set_callbacks(recording)
    encoder.fit_transform(texts)
    recording.check_all_ended()
    assert recording.names("fit descriptor: Word2VecVectorizer fit") == {
        "Word2VecVectorizer epoch": 1
    }


def test_a_descriptor_tells_of_items_in_a_pipeline(recording):
    model = make_pipeline(hog(), StandardScaler()).set_callbacks(recording)
    model.fit(pictures(N))
    recording.check_all_ended()
    assert recording.names("fit-transform-hog: HOG fit") == {
        "HOG describe": n_item_tasks(N)
    }
    assert not has_traces(model)


@pytest.mark.parametrize("kind", ["descriptor", "encoder"])
def test_worker_processes_get_no_callback(kind):
    class Unsendable(Recording):
        def __reduce__(self):
            raise TypeError("a callback that can't be sent")

    def make():
        return hog() if kind == "descriptor" else words()

    plain = make().fit_transform(pictures(N))
    told = make().set_params(n_jobs=2)
    with parallel_config(backend="loky"):
        rows = told.set_callbacks(Unsendable("/dev/null")).fit_transform(pictures(N))
        again = told.transform(pictures(N))
    np.testing.assert_array_equal(rows, plain)
    np.testing.assert_array_equal(again, plain)


def search_of(table, recording, n_jobs):
    X, y = table
    fusion = LateFusionClassifier(
        [
            ("image", make_pipeline(words(), LinearSVC()), "image"),
            ("text", make_pipeline(FeatureUnion(texts()), LinearSVC()), "text"),
        ],
        cv=2,
        refit_features=False,
    )
    model = Pipeline([("fusion", fusion)])
    grid = {"fusion__image__linearsvc__C": [0.1, 1.0]}
    search = GridSearchCV(model, grid, cv=KFold(2), n_jobs=n_jobs)
    return search.set_callbacks(recording).fit(X, y)


def texts():
    return [
        ("means", StatisticsPooling(Word2VecVectorizer(vector_size=4, min_count=1)))
    ]


@pytest.mark.parametrize(
    ("backend", "n_jobs"), [("threading", 1), ("threading", 2), ("loky", 2)]
)
def test_a_search_tells_of_every_level_down_to_items(recording, backend, n_jobs):
    table = make_multimodal(N, random_state=0, return_X_y=True)
    with parallel_config(backend=backend):
        search = search_of(table, recording, n_jobs)
    recording.check_all_ended()
    names = recording.names(
        "GridSearchCV fit",
        "GridSearchCV search",
        "candidate-split-evaluation: Pipeline fit",
        "fit-final-estimator: LateFusionClassifier fit",
        "describe image: BagOfWords fit",
    )
    n_tasks, n_fits = n_item_tasks(N // 2), 4
    assert names["BagOfWords learn"] == n_fits
    assert names["BagOfWords describe sample"] == n_fits * n_tasks
    assert names["BagOfWords encode"] == n_fits * n_tasks
    # The part of text, the union in it and the encoder in that, and the refit too.
    learned = recording.names("FeatureUnion fit", "means: StatisticsPooling fit")
    assert learned["StatisticsPooling learn"] == n_fits + 1
    folds = recording.names("LateFusionClassifier inner folds")
    assert folds == {
        f"LateFusionClassifier fold {fold}, {part}": n_fits + 1
        for fold in range(2)
        for part in ("image", "text")
    }
    if backend == "loky":
        assert len(recording.processes()) > 1
    assert not has_traces(search.best_estimator_)


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("kind", ["early", "late", "regression"])
def test_parts_fitted_at_once_tell_of_the_same_tasks(tmp_path, table, kind, backend):
    X, y = table
    told = []
    for n_jobs in (1, 2):
        recording = Recording(tmp_path / f"{n_jobs}.jsonl")
        parts = [("image", words(), "image"), ("outline", hog(), "image")]
        if kind == "early":
            fusion, target = EarlyFusion(parts, n_jobs=n_jobs), y
        else:
            final = LinearSVC() if kind == "late" else Ridge()
            parts = [
                (name, make_pipeline(part, final), column)
                for name, part, column in parts
            ]
            fusion = LateFusionClassifier(parts, cv=2, n_jobs=n_jobs)
            target = y
            if kind == "regression":
                fusion = LateFusionRegressor(parts, cv=2, n_jobs=n_jobs)
                target = np.arange(N, dtype=float)
        fusion.set_callbacks(recording)
        with parallel_config(backend=backend):
            fusion.fit(X, target)
        recording.check_all_ended()
        assert not has_traces(fusion)
        told.append(recording)
    assert told[0].tasks("begin") == told[1].tasks("begin")
    assert len(told[0].processes()) == 1
    if backend == "loky":
        assert len(told[1].processes()) > 1


def test_features_that_are_refitted_are_told_of_in_each_inner_fold(recording, table):
    X, y = table
    parts = [("image", make_pipeline(words(), LinearSVC()), "image")]
    fusion = LateFusionClassifier(parts, cv=3, method="stacking")
    fusion.set_callbacks(recording).fit(X, y)
    recording.check_all_ended()
    for fold in range(3):
        names = recording.names("inner folds", f"fold {fold}, image", "BagOfWords fit")
        assert names["BagOfWords learn"] == 1
    assert recording.names("fit image", "bagofwords: BagOfWords fit")


def test_a_part_of_one_step_is_told_of_as_what_it_is(recording, table):
    X, y = table
    numbers = X.assign(a=np.arange(N) % 7, b=1.0)
    inner = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    fusion = LateFusionClassifier([("numbers", inner, ["a", "b"])], weights=None)
    fusion.set_callbacks(recording).fit(numbers, y)
    recording.check_all_ended()
    assert recording.names("fit numbers: GridSearchCV fit")["GridSearchCV search"] == 1


def test_a_union_whose_transformers_are_fitted_at_once_tells_of_them(recording):
    union = FeatureUnion([("a", hog()), ("b", words())], n_jobs=2)
    plain = clone(union).fit_transform(pictures(N))
    union.set_callbacks(recording)
    np.testing.assert_array_equal(union.fit_transform(pictures(N)), plain)
    recording.check_all_ended()
    assert set(recording.names("FeatureUnion fit")) == {
        "a: HOG fit",
        "b: BagOfWords fit",
    }


@pytest.mark.parametrize("fusion", ["early", "late"])
@pytest.mark.parametrize("classifier", ["svm", "boosting"])
def test_a_pipeline_is_the_same_with_callbacks_and_does_not_warn(
    recording, table, fusion, classifier
):
    X, y = table
    if classifier == "boosting":
        classifier = HistGradientBoostingClassifier(max_iter=2, random_state=0)
    settings = {
        **COLUMNS,
        "fusion": fusion,
        "classifier": classifier,
        "features": "light",
        "random_state": 0,
    }
    plain = make_multimodal_pipeline(**settings).fit(X, y)
    told = make_multimodal_pipeline(**settings).set_callbacks(recording)
    filters = copy(warnings.filters)
    if fusion == "early" and classifier != "svm":
        # The Pipeline's own warning, of its last step.
        with pytest.warns(UserWarning, match="HistGradientBoosting.* does not support"):
            told.fit(X, y)
    else:
        told.fit(X, y)
    assert warnings.filters == filters
    recording.check_all_ended()
    method = "predict_proba"
    if fusion == "early" and classifier == "svm":
        method = "decision_function"
    np.testing.assert_array_equal(getattr(told, method)(X), getattr(plain, method)(X))
    n_tasks = n_item_tasks(X["image"].notna().sum())
    assert recording.names("encoder: FisherVector fit") == {
        "FisherVector describe sample": n_tasks,
        "FisherVector learn": 1,
        "FisherVector encode": n_tasks,
    }


def test_what_does_not_support_callbacks_warns_outside_of_fusions_only(
    recording, table
):
    X, y = table
    fusion = EarlyFusion(
        [("image", make_pipeline(words(), PCA(2, random_state=0)), "image")]
    )
    fusion.set_callbacks(recording).fit(X, y)
    recording.check_all_ended()
    alone = make_pipeline(words(), PCA(2, random_state=0)).set_callbacks(recording)
    with pytest.warns(UserWarning, match="PCA does not support callbacks"):
        alone.fit(X["image"].dropna())


def test_propagation_goes_as_deep_as_the_callback_wants(tmp_path, table):
    X, y = table
    recording = Recording(tmp_path / "tasks.jsonl", max_propagation_depth=1)
    parts = [("image", words(), "image")]
    model = make_pipeline(EarlyFusion(parts), LinearSVC())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The estimator LinearSVC")
        model.set_callbacks(recording).fit(X, y)
    recording.check_all_ended()
    assert recording.names("EarlyFusion fit") == {
        "EarlyFusion describe image": 1,
        "EarlyFusion join": 1,
    }


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_fit_that_fails_is_torn_down_and_leaves_nothing(recording, table, fusion):
    X, y = table
    broken = X.copy()
    row = int(np.flatnonzero(X["image"].notna())[7])
    broken.at[row, "image"] = b"no picture"
    model = make_multimodal_pipeline(
        image="image", fusion=fusion, features="light", random_state=0
    )
    model.set_callbacks(recording)
    with pytest.raises(MediaError, match=f"^Row {row} "):
        model.fit(broken, y)
    assert recording.tasks("setup").total() == recording.tasks("teardown").total() == 1
    begun, ended = recording.tasks("begin"), recording.tasks("end")
    stopped = [[name for _, name in task] for task in begun - ended]
    assert not ended - begun
    # The item's task and all those that it is in, as in scikit-learn.
    assert sorted(map(len, stopped)) == list(range(1, len(stopped) + 1))
    assert not has_traces(model)
    recording.path.write_text("")
    model.fit(X, y)
    recording.check_all_ended()


def test_what_is_recalled_from_a_cache_is_told_of_as_it_is(tmp_path):
    recordings = [Recording(tmp_path / f"{i}.jsonl") for i in range(2)]
    rows = []
    for recording in recordings:
        encoder = words(cache=tmp_path / "cache").set_callbacks(recording)
        rows.append(encoder.fit_transform(pictures(N)))
        recording.check_all_ended()
    np.testing.assert_array_equal(*rows)
    n_tasks = n_item_tasks(N)
    assert recordings[0].names("BagOfWords fit")["BagOfWords learn"] == 1
    assert recordings[1].names("BagOfWords fit") == {"BagOfWords encode": n_tasks}


def test_callbacks_stay_on_a_clone_and_are_not_saved(recording, tmp_path, table):
    X, y = table
    fusion = EarlyFusion([("image", words(), "image")])
    fusion.set_callbacks(recording).fit(X, y)
    assert clone(fusion)._skl_callbacks == [recording]
    save(fusion, tmp_path / "fusion.skops")
    loaded = load(tmp_path / "fusion.skops")
    assert not [name for name in vars(loaded) if "callback" in name]
    np.testing.assert_array_equal(loaded.transform(X), fusion.transform(X))


def test_a_part_with_a_callback_of_its_own_shows_it_the_whole_tree(tmp_path, table):
    class Local:
        """A callback that stays where it is set."""

        setup = Recording.setup
        teardown = Recording.teardown
        on_fit_task_begin = Recording.on_fit_task_begin
        on_fit_task_end = Recording.on_fit_task_end
        _note = Recording._note

        def __init__(self, path):
            self.path = path

    X, y = table
    path = tmp_path / "tasks.jsonl"
    encoder = words().set_callbacks(Local(path))
    EarlyFusion([("image", encoder, "image")]).fit(X, y)
    recorded = Recording(path)
    assert Counter(task[0][1] for task in recorded.tasks("begin")).keys() == {
        "EarlyFusion fit"
    }


def test_rows_are_frames_with_callbacks_too(recording):
    encoder = words().set_output(transform="pandas").set_callbacks(recording)
    rows = encoder.fit_transform(pd.Series(pictures(N), index=range(5, N + 5)))
    assert list(rows.index) == list(range(5, N + 5))
    outline = hog().set_output(transform="pandas").set_callbacks(recording)
    rows = outline.fit_transform(pd.Series(pictures(N)))
    assert list(rows) == list(outline.get_feature_names_out())


def test_word_vectors_tell_of_epochs_where_they_are_trained(tmp_path):
    texts = ["red kettle", "blue bike", "red bike", "blue kettle"] * 5
    trained = Recording(tmp_path / "trained.jsonl")
    vectors = Word2VecVectorizer(vector_size=4, min_count=1, epochs=3, random_state=0)
    vectors.set_callbacks(trained).fit(texts)
    trained.check_all_ended()
    assert trained.names("Word2VecVectorizer fit") == {"Word2VecVectorizer epoch": 3}
    given = Recording(tmp_path / "given.jsonl")
    words = (list(vectors.vocabulary_), vectors.vectors_)
    Word2VecVectorizer(words).set_callbacks(given).fit(texts)
    given.check_all_ended()
    assert given.names("Word2VecVectorizer fit") == {}
