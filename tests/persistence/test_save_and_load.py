"""Files come back as equal models, and crafted files are refused before they act."""

import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ProgressBar
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, OneClassSVM

from mmclassic.persistence import load, save
from mmclassic.persistence._trusted import OURS

MODELS = [
    SVC(),
    SVR(),
    OneClassSVM(),
    LinearSVC(),
    CalibratedClassifierCV(SVC(), ensemble=False),
    CalibratedClassifierCV(LinearSVC(), method="temperature"),
    HistGradientBoostingClassifier(max_iter=3),
    HistGradientBoostingRegressor(max_iter=3),
    GradientBoostingClassifier(n_estimators=3),
    RandomForestClassifier(3),
    ExtraTreesClassifier(3),
    StackingClassifier([("svm", SVC()), ("forest", RandomForestClassifier(3))]),
    make_pipeline(StandardScaler(), LogisticRegression()),
]


@pytest.fixture(scope="module")
def data():
    X, y = make_classification(120, n_informative=6, n_classes=3, random_state=0)
    return X, y


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model)[:40])
def test_a_loaded_model_predicts_as_the_saved_one(model, data, tmp_path):
    X, y = data
    model.fit(X, y)
    save(model, tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_a_metadata_request_is_left_out_and_stays_on_the_model(data, tmp_path):
    with config_context(enable_metadata_routing=True):
        model = SVC().set_fit_request(sample_weight=True).fit(*data)
        save(model, tmp_path / "model.skops")
        requested = model.get_metadata_routing().fit.requests
        load(tmp_path / "model.skops").predict(data[0])
    assert requested["sample_weight"] is True


def test_callbacks_are_left_out_and_stay_on_the_model(data, tmp_path):
    model = make_pipeline(StandardScaler(), SVC()).set_callbacks(ProgressBar())
    save(model, tmp_path / "model.skops")
    assert not hasattr(load(tmp_path / "model.skops"), "_skl_callbacks")
    assert len(model._skl_callbacks) == 1


def _first_letters(texts):
    return [text[:1] for text in texts]


def test_a_lambda_is_refused_by_name_and_place(tmp_path):
    model = make_pipeline(FunctionTransformer(lambda X: X), SVC())
    with pytest.raises(ValueError, match=r"steps\[0\]\[1\].func is the lambda"):
        save(model, tmp_path / "model.skops")
    assert not list(tmp_path.iterdir())


def test_a_function_of_the_users_own_loads_once_it_is_trusted(tmp_path):
    save(FunctionTransformer(_first_letters), tmp_path / "model.skops")
    name = f"{_first_letters.__module__}._first_letters"
    with pytest.raises(ValueError, match="asks for what is not trusted"):
        load(tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops", trusted=[name])
    assert loaded.transform(["red", "blue"]) == ["r", "b"]


def test_trusted_given_as_one_text_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="must be a list of names"):
        load(tmp_path / "model.skops", trusted="a.b")


def _rewrite(path, change):
    """Change the schema of a saved model, as one who crafts a file would."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(parts["schema.json"])
    change(schema)
    parts["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("mmclassic.persistence._skops", "os.replace"),
        ("mmclassic.persistence._skops", "Path"),
        ("mmclassic.image._hog", "map_items"),
        ("mmclassic._execution._map", "delayed"),
        ("mmclassic.persistence._skops", "load"),
    ],
)
def test_a_file_that_names_another_function_is_refused(module, name, tmp_path):
    save(FunctionTransformer(np.log1p), tmp_path / "model.skops")

    def change(schema):
        function = schema["content"]["content"]["func"]
        function.update(__class__=name, __module__=module, __loader__="FunctionNode")

    _rewrite(tmp_path / "model.skops", change)
    with pytest.raises(ValueError, match=f"not trusted: {module}.{name}"):
        load(tmp_path / "model.skops")


def _damaged(model, tmp_path):
    save(model, tmp_path / "model.skops")
    with pytest.raises(ValueError, match="is damaged|outside any model"):
        load(tmp_path / "model.skops")


@pytest.mark.parametrize("field", ["left", "right", "feature_idx"])
def test_histogram_boosting_that_reads_out_of_bounds_is_refused(field, data, tmp_path):
    model = HistGradientBoostingClassifier(max_iter=2).fit(*data)
    model._predictors[0][0].nodes[field][0] = 10**6
    _damaged(model, tmp_path)


def test_histogram_boosting_that_goes_in_circles_is_refused(data, tmp_path):
    model = HistGradientBoostingClassifier(max_iter=2).fit(*data)
    model._predictors[0][0].nodes["left"][0] = 0
    _damaged(model, tmp_path)


def test_histogram_boosting_with_a_false_category_is_refused(data, tmp_path):
    model = HistGradientBoostingClassifier(max_iter=2).fit(*data)
    model._predictors[0][0].nodes["is_categorical"][0] = 1
    _damaged(model, tmp_path)


def test_a_forest_whose_trees_want_more_features_is_refused(data, tmp_path):
    X, y = data
    model = RandomForestClassifier(2, random_state=0).fit(X, y)
    wide = RandomForestClassifier(2, random_state=0).fit(np.tile(X, 50), y)
    model.estimators_ = wide.estimators_
    _damaged(model, tmp_path)


def test_a_tree_that_lies_about_its_features_is_refused(data, tmp_path):
    X, y = data
    forest = RandomForestClassifier(1, random_state=0).fit(np.tile(X, 50), y)
    forest.n_features_in_ = forest.estimators_[0].n_features_in_ = 20
    _damaged(forest, tmp_path)


def test_a_tree_without_an_owner_is_refused(data, tmp_path):
    tree = RandomForestClassifier(1).fit(*data).estimators_[0].tree_
    _damaged(FunctionTransformer(kw_args={"tree": tree}), tmp_path)


def test_support_vectors_that_do_not_match_are_refused(data, tmp_path):
    model = SVC().fit(*data)
    model._intercept_ = model._intercept_[:1]
    _damaged(model, tmp_path)


def test_a_sparse_matrix_that_points_outside_is_refused(data, tmp_path):
    from scipy import sparse

    X, y = data
    model = SVC(kernel="linear").fit(sparse.csr_matrix(X), y)
    model.support_vectors_.indices[0] = 10**6
    _damaged(model, tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"label,text\n"])
def test_a_file_that_is_no_model_is_named(content, tmp_path):
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="model.skops' is not a model file"):
        load(path)


def test_an_archive_of_something_else_is_named(tmp_path):
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no model")
    with pytest.raises(ValueError, match="model.skops' is not a model file"):
        load(path)


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="model.skops"):
        load(tmp_path / "model.skops")
    with pytest.raises(FileNotFoundError, match="folder of .* does not exist"):
        save(SVC(), tmp_path / "missing" / "model.skops")


def test_a_failed_save_keeps_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "model.skops"
    save(SVC(C=2), path)

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save(SVC(C=3), path)
    assert load(path).C == 2
    assert [file.name for file in tmp_path.iterdir()] == ["model.skops"]


def test_a_file_has_the_permissions_that_the_user_asks_for(tmp_path):
    before = os.umask(0o027)
    try:
        save(SVC(), tmp_path / "model.skops")
    finally:
        os.umask(before)
    assert (tmp_path / "model.skops").stat().st_mode & 0o777 == 0o640


def test_a_grid_search_comes_back_in_a_fresh_process(data, tmp_path):
    X, y = data
    search = GridSearchCV(SVC(), {"C": [0.5, 2.0]}, cv=3).fit(X, y)
    save(search.best_estimator_, tmp_path / "model.skops")
    np.save(tmp_path / "X.npy", X)
    code = (
        "import numpy, sys; from mmclassic.persistence import load; "
        "model = load(sys.argv[1]); "
        "print(*model.predict(numpy.load(sys.argv[2])))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "model.skops", tmp_path / "X.npy"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.split() == [str(label) for label in search.predict(X)]


def test_every_trusted_name_of_ours_exists():
    from importlib import import_module

    for path in OURS:
        module, name = path.rsplit(".", 1)
        assert getattr(import_module(module), name).__module__ == module


@pytest.mark.parametrize("leftover", [0, -7, 2**30])
def test_a_regression_on_sparse_features_loads_whatever_libsvm_left(leftover, tmp_path):
    X = sparse.random_array((40, 5), density=0.5, format="csr", rng=0)
    model = SVR().fit(X, np.arange(40.0))
    model._n_support[:] = leftover  # libsvm never writes them
    save(model, tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    model.support_ = model.support_[1:]
    _damaged(model, tmp_path)
