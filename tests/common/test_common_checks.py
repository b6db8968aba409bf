"""What holds of every public estimator, whatever its stage."""

import inspect
import pickle
import re
from importlib import import_module

import numpy as np
import pytest
from joblib import parallel_config
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmclassic.fusion import BlockScaler
from mmclassic.persistence import load, save
from mmclassic.summarization import VideoSummarizer
from tests.progress.recording import Recording, has_traces

from .registry import REGISTRY, N, labels

pytestmark = pytest.mark.filterwarnings("ignore:.*n_words.*:UserWarning")

PUBLIC_MODULES = (
    "audio",
    "encoding",
    "fusion",
    "image",
    "retrieval",
    "summarization",
    "text",
    "transcription",
    "video",
)
DECIDING = ("Kernel", "Late", "VideoS", "WordR")
TRANSFORMERS = [name for name in REGISTRY if not name.startswith(DECIDING)]
PARALLEL = [n for n, entry in REGISTRY.items() if "n_jobs" in entry.make().get_params()]
OF_ONE_TEXT = ("SpeechTranscriber", "TextReader")  # a row: an array of one dimension
HELD_OUT = ("CrossModalMatcher",)  # fit_transform gives rows as new ones are seen
# The fits of the others are of one piece.
TELLING = [name for name in REGISTRY if name not in ("BlockScaler", "TfidfVectorizer")]
every_estimator = pytest.mark.parametrize("name", REGISTRY)
every_transformer = pytest.mark.parametrize("name", TRANSFORMERS)


def output(estimator, X):
    """Return what the estimator says of X as one dense array."""
    method = "transform" if hasattr(estimator, "transform") else "predict"
    if hasattr(estimator, "predict_proba"):
        method = "predict_proba"
    result = getattr(estimator, method)(X)
    if isinstance(estimator, VideoSummarizer):
        shares = np.linspace(0, 1, 50, endpoint=False)
        result = [
            np.r_[each.importance_at(times), each.is_chosen_at(times), each.seconds]
            for each, times in ((each, shares * each.video.duration) for each in result)
        ]
    return result.toarray() if sparse.issparse(result) else np.asarray(result)


def rows(X, positions):
    return X.iloc[positions] if hasattr(X, "iloc") else X[positions]


@pytest.fixture
def entry(name):
    return REGISTRY[name]


def test_the_registry_holds_every_public_estimator():
    public = set()
    for module in PUBLIC_MODULES:
        for name in import_module(f"mmclassic.{module}").__all__:
            value = getattr(import_module(f"mmclassic.{module}"), name)
            if inspect.isclass(value) and issubclass(value, BaseEstimator):
                public.add(name)
    assert public == set(REGISTRY)


@every_estimator
def test_a_clone_has_the_same_parameters_and_init_only_stores_them(entry):
    estimator = entry.make()
    copy = clone(estimator)
    assert repr(copy) == repr(estimator)
    for parameter, value in estimator.get_params(deep=False).items():
        assert getattr(estimator, parameter) is value


@every_estimator
def test_parameters_are_set_and_got(entry):
    estimator = entry.make()
    for parameter, value in estimator.get_params().items():
        assert estimator.set_params(**{parameter: value}) is estimator
    with pytest.raises(ValueError, match="[Ii]nvalid parameter"):
        estimator.set_params(no_such_parameter=1)


@every_estimator
def test_the_first_parameter_is_positional_and_the_rest_by_keyword(entry):
    kinds = [
        parameter.kind
        for name, parameter in inspect.signature(
            type(entry.make()).__init__
        ).parameters.items()
        if name != "self"
    ]
    keyword = inspect.Parameter.KEYWORD_ONLY
    assert all(kind == keyword for kind in kinds[1:])


@every_estimator
def test_fitting_again_gives_the_same(entry):
    X, y = entry.X(), labels()
    first = output(entry.make().fit(X, y), X)
    estimator = entry.make().fit(X, y)
    np.testing.assert_array_equal(output(estimator, X), first)
    np.testing.assert_array_equal(output(estimator.fit(X, y), X), first)


@every_estimator
def test_fit_leaves_the_parameters_and_the_data_as_they_were(entry):
    estimator, X = entry.make(), entry.X()
    before, copy = repr(estimator), pickle.dumps(X)
    estimator.fit(X, labels())
    assert repr(estimator) == before
    assert pickle.dumps(X) == copy


@every_estimator
def test_rows_in_another_order_give_the_same_rows_in_that_order(entry):
    X = entry.X()
    estimator = entry.make().fit(X, labels())
    order = np.random.default_rng(0).permutation(N)
    np.testing.assert_array_equal(
        output(estimator, rows(X, order)), output(estimator, X)[order]
    )


@every_estimator
def test_one_item_gives_the_same_as_the_batch(entry):
    X = entry.X()
    estimator = entry.make().fit(X, labels())
    whole = output(estimator, X)
    single = np.concatenate([output(estimator, rows(X, [i])) for i in range(5)])
    if single.dtype == object:  # texts
        np.testing.assert_array_equal(single, whole[:5])
    else:
        np.testing.assert_allclose(single, whole[:5], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", PARALLEL)
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_any_number_of_workers_gives_the_same(entry, backend):
    estimator, X = entry.make(), entry.X()
    expected = output(estimator.fit(X, labels()), X)
    parallel = clone(estimator).set_params(n_jobs=2)
    with parallel_config(backend=backend):
        result = output(parallel.fit(X, labels()), X)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("name", [n for n in TRANSFORMERS if n not in HELD_OUT])
def test_fit_transform_equals_fit_then_transform(entry):
    X, y = entry.X(), labels()
    together = entry.make().fit_transform(X, y)
    if sparse.issparse(together):
        together = together.toarray()
    np.testing.assert_array_equal(together, output(entry.make().fit(X, y), X))


@pytest.mark.parametrize("name", [n for n in TRANSFORMERS if n not in OF_ONE_TEXT])
def test_features_have_as_many_distinct_names_as_there_are(entry):
    X = entry.X()
    estimator = entry.make().fit(X, labels())
    names = estimator.get_feature_names_out()
    assert names.dtype == object
    assert len(names) == len(set(names)) == output(estimator, X).shape[1]


@every_transformer
def test_output_can_be_a_pandas_table_with_the_index_of_x(entry, name):
    X = entry.X()
    if hasattr(X, "iloc"):
        X.index = [f"row {i}" for i in range(N)]
    estimator = entry.make()
    if name == "EarlyFusion":
        estimator.set_params(sparse_threshold=0.0)
    estimator = estimator.fit(X, labels()).set_output(transform="pandas")
    result = estimator.transform(X)
    assert list(result.columns) == list(estimator.get_feature_names_out())
    if hasattr(X, "iloc"):
        assert list(result.index) == list(X.index)


@every_estimator
def test_a_pickle_and_a_file_predict_as_the_model(entry, tmp_path):
    X = entry.X()
    estimator = entry.make().fit(X, labels())
    expected = output(estimator, X)
    unpickled = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(output(unpickled, X), expected)
    save(estimator, tmp_path / "model.skops")
    np.testing.assert_array_equal(output(load(tmp_path / "model.skops"), X), expected)


@pytest.mark.parametrize("name", TELLING)
@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_callbacks_are_told_of_every_task_and_change_nothing(
    entry, name, method, tmp_path
):
    X = entry.X()
    expected = output(entry.make().fit(X, labels()), X)
    recording = Recording(tmp_path / "tasks.jsonl")
    estimator = entry.make().set_callbacks(recording)
    fit = getattr(estimator, method, estimator.fit)  # a fusion of decisions only fits
    fit(X, labels())
    recording.check_all_ended()
    assert all(task[0][1].startswith(name) for task in recording.tasks("begin"))
    assert not has_traces(estimator)
    np.testing.assert_array_equal(output(estimator, X), expected)


@every_estimator
def test_use_before_fit_is_an_error_unless_nothing_is_learned(entry):
    estimator, X = entry.make(), entry.X()
    if not estimator.__sklearn_tags__().requires_fit:
        stateless = output(estimator, X)
        np.testing.assert_array_equal(stateless, output(estimator.fit(X), X))
        return
    with pytest.raises(NotFittedError):
        output(estimator, X)


@every_estimator
def test_a_bad_parameter_is_named_with_what_it_may_be(entry):
    estimator = entry.make().set_params(**entry.bad)
    (parameter,) = entry.bad
    with pytest.raises(
        ValueError, match=f"'{parameter}' parameter of .* must (be|hold)"
    ):
        estimator.fit(entry.X(), labels())


@every_estimator
def test_every_parameter_and_fitted_attribute_is_documented(entry):
    estimator = entry.make()
    documented = inspect.cleandoc(type(estimator).__doc__)  # as 3.13 keeps it
    # scikit-learn's own class documents what it brings.
    inherited = "".join(
        inspect.cleandoc(base.__doc__ or "")
        for base in type(estimator).__mro__[1:]
        if base.__module__.startswith("sklearn.feature_extraction")
    )
    estimator.fit(entry.X(), labels())
    learned = [
        name
        for name in vars(estimator)
        if name.endswith("_") and not name.startswith("_")
    ]
    for name in [*estimator.get_params(deep=False), *learned]:
        line = rf"\n(\w+, )*{name}(, \w+)* : "
        assert re.search(line, documented + inherited), name
    assert "\nExamples\n" in documented


@every_estimator
def test_one_row_is_enough_to_use_and_an_empty_x_gives_no_rows_or_says_so(entry):
    X = entry.X()
    estimator = entry.make().fit(X, labels())
    assert len(output(estimator, rows(X, [0]))) == 1
    try:
        empty = output(estimator, rows(X, []))
    except ValueError as error:
        assert "0 sample" in str(error) or "empty" in str(error)
    else:
        assert len(empty) == 0


@parametrize_with_checks([BlockScaler()])
def test_scikit_learns_own_checks_pass_on_2d_parts(estimator, check):
    check(estimator)


# Of a summarizer several numbers a row are scores of as many parts of a video.
OF_OUTPUTS = {*REGISTRY} - {*TRANSFORMERS, "VideoSummarizer"}


@pytest.mark.parametrize("name", sorted(OF_OUTPUTS))
def test_several_outputs_are_taken_where_the_tags_say_so(entry, tmp_path):
    estimator, X = entry.make(), entry.X()
    y = np.column_stack([labels(), np.arange(N) // 2 % 2, np.arange(N) % 3 == 0])
    y = y.astype(int)
    if not estimator.__sklearn_tags__().target_tags.multi_output:
        with pytest.raises(ValueError) as caught:
            estimator.fit(X, y)
        notes = getattr(caught.value, "__notes__", [])
        assert "3 outputs" in "\n".join([str(caught.value), *notes])
        return
    expected = estimator.fit(X, y).predict(X)
    assert expected.shape == y.shape
    single = np.concatenate([estimator.predict(rows(X, [i])) for i in range(5)])
    np.testing.assert_allclose(single, expected[:5])
    np.testing.assert_array_equal(clone(estimator).fit(X, y).predict(X), expected)
    save(estimator, tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(loaded.predict(X), expected)
