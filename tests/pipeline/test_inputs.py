"""Tables of every form, and columns of every modality."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.svm import SVC

from mmclassic import make_multimodal_pipeline
from mmclassic.datasets import make_multimodal

POSITIONS = {"text": 0, "image": 1, "audio": 2}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The made table with paths to files."""
    folder = tmp_path_factory.mktemp("made")
    data = make_multimodal(32, missing=0.05, folder=folder, random_state=0)
    return data.data, data.target.to_numpy()


def decisions(model, X):
    decide = "predict_proba" if "classifier" not in model.named_steps else None
    return getattr(model, decide or "decision_function")(X)


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_every_form_of_table_gives_equal_decisions(files, build, fusion):
    X, y = files
    expected = decisions(build(fusion=fusion).fit(X, y), X)
    forms = [
        (pl.from_pandas(X), {}),
        (X.to_numpy(dtype=object), POSITIONS),
        (X.to_numpy(dtype=object).tolist(), POSITIONS),
        (X.set_axis([0, 1, 2], axis=1), POSITIONS),
        (X.set_axis([f"row {i}" for i in range(len(X))], axis=0), {}),
    ]
    for form, columns in forms:
        model = build(fusion=fusion, **columns).fit(form, y)
        np.testing.assert_array_equal(decisions(model, form), expected)


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_any_number_of_workers_gives_equal_decisions(files, build, fusion):
    X, y = files
    one = build(fusion=fusion).fit(X, y)
    two = build(fusion=fusion, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(decisions(two, X), decisions(one, X))


def test_a_fusion_given_as_an_estimator_repeats_for_a_random_state(files, build):
    from mmclassic.fusion import EarlyFusion

    X, y = files
    fusion = EarlyFusion([], method="sum", n_components=8)
    models = [build(fusion=fusion, n_jobs=2).fit(X, y) for _ in range(2)]
    assert models[0][0].get_params()["random_state"] == 0
    np.testing.assert_array_equal(decisions(models[0], X), decisions(models[1], X))
    assert fusion.parts == [] and fusion.random_state is None


def test_a_fusions_own_settings_stand(build):
    from mmclassic.fusion import EarlyFusion

    fusion = EarlyFusion([], missing="mean", random_state=7, n_jobs=1)
    built = build(fusion=fusion, n_jobs=2)[0]
    assert (built.missing, built.random_state, built.n_jobs) == ("mean", 7, 1)


@pytest.fixture(scope="module")
def mixed():
    """Words, vectors, numbers, categories, truth values: 40 rows of two classes."""
    rng = np.random.RandomState(0)
    y = np.array(["cup", "hat"])[np.arange(40) % 2]
    X = pd.DataFrame(
        {
            "text": [f"a {label} of tin" for label in y],
            "vector": [rng.normal(size=4) + 3 * (label == "cup") for label in y],
            "size": rng.normal(size=40) + (y == "cup"),
            "tone": ["red" if label == "cup" else "blue" for label in y],
            "new": np.arange(40) % 3 == 0,
            "kind": pd.Categorical(np.array(["p", "q"])[np.arange(40) // 2 % 2]),
        }
    )
    X["count"] = pd.array([None, *range(39)], dtype="Int64")
    X.loc[3, ["size", "tone"]] = None
    X.loc[4, "size"] = np.nan
    X.at[5, "vector"] = None
    X.loc[6, "text"] = None
    return X, y


TABULAR = ["size", "tone", "new", "kind", "count"]


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_numbers_and_categories_are_one_part(mixed, build, fusion):
    X, y = mixed
    assert X["tone"].dtype == "str" or X["tone"].dtype == object
    model = build(tabular=TABULAR, fusion=fusion).fit(X[:30], y[:30])
    assert model.score(X[30:], y[30:]) >= 0.9
    part = model[0].parts_[0][1]
    table = part[0] if fusion == "late" else part
    numbers, categories = table.transformers_[0][2], table.transformers_[1][2]
    assert [TABULAR[at] for at in numbers] == ["size", "count"]
    assert [TABULAR[at] for at in categories] == ["tone", "new", "kind"]


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_tables_without_names_tell_numbers_from_categories(mixed, build, fusion):
    X, y = mixed
    chosen = X[["text", "size", "tone"]]
    named = build(text="text", tabular=["size", "tone"], fusion=fusion).fit(chosen, y)
    for form in (chosen.to_numpy(dtype=object), chosen.to_numpy(object).tolist()):
        model = build(text=0, tabular=[1, 2], fusion=fusion).fit(form, y)
        np.testing.assert_array_equal(decisions(model, form), decisions(named, chosen))
    frame = pl.from_pandas(chosen)
    model = build(text="text", tabular=["size", "tone"], fusion=fusion).fit(frame, y)
    np.testing.assert_array_equal(decisions(model, frame), decisions(named, chosen))


def test_an_unseen_category_counts_for_nothing(mixed, build):
    X, y = mixed
    model = build(text="text", tabular=["tone"]).fit(X, y)
    new = pd.DataFrame({"text": ["a cup of tin"], "tone": ["never seen"]})
    assert model.predict(new).tolist() == ["cup"]


def test_a_column_without_any_number_counts_for_nothing(mixed, build):
    X, y = mixed
    empty = X.assign(nothing=np.nan)
    model = build(tabular=["size", "nothing"]).fit(empty, y)
    plain = build(tabular=["size"]).fit(X, y)
    probabilities = model.predict_proba(empty)
    np.testing.assert_allclose(probabilities, plain.predict_proba(X), atol=0.01)


@pytest.mark.parametrize("given", ["tone", ["tone"], {"t": "tone"}, {"t": ["tone"]}])
def test_one_tabular_column_in_any_form(mixed, build, given):
    X, y = mixed
    assert build(tabular=given).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_cells_of_vectors_are_a_modality(mixed, build, fusion):
    X, y = mixed
    model = build(vectors="vector", text="text", fusion=fusion).fit(X, y)
    assert model.score(X, y) == 1.0
    assert model[0].modality_counts_ == {"text": 39, "vectors": 39}


def test_a_list_column_of_parquet_is_a_modality(mixed, build, tmp_path):
    X, y = mixed
    X[["vector"]].to_parquet(tmp_path / "x.parquet")
    expected = build(vectors="vector").fit(X, y).predict_proba(X)
    for read in (pd.read_parquet, pl.read_parquet):
        table = read(tmp_path / "x.parquet")
        model = build(vectors="vector").fit(table, y)
        np.testing.assert_allclose(model.predict_proba(table), expected)


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_several_columns_are_parts_of_their_own(files, build, fusion):
    X, y = files
    wide = X.assign(title=X["text"], noise=X["audio"])
    model = build(text=["text", "title"], audio={"s": "audio", "n": "noise"})
    assert list(model.fit(wide, y)[0].modality_counts_) == ["text", "title", "s", "n"]
    names = [name for name, *_ in build(text=[0, 3], audio=[2])[0].parts]
    assert names == ["text0", "text3", "audio2"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": ["a", "a"]}, "Two parts are named 'a'"),
        ({"text": "a", "audio": {"text": "b"}}, "Two parts are named 'text'"),
        ({"text": ["first__name"]}, "can't be named 'first__name'.*without '__'"),
        ({"text": ["weights"]}, "'weights', which is a parameter of LateFusion"),
        ({"text": {0: "a"}}, "can't be named 0"),
        ({"text": []}, "at least one modality"),
        ({"text": "a", "missing": "drop"}, "'missing' parameter .* 'zero', 'mean'"),
        ({"text": "a", "features": "few"}, "'features' parameter .* 'full', 'light'"),
        ({"text": "a", "invalid": "skip"}, "'invalid' parameter .* 'error', 'missing'"),
        ({"text": "a", "fusion": "middle"}, "'fusion' parameter .* Got 'middle'"),
        ({"text": "a", "fusion": SVC()}, "a fusion estimator with parts=\\[\\]"),
        ({"text": "a", "classifier": "tree"}, "'classifier' parameter .* Got 'tree'"),
        ({"text": "a", "fusion": "early", "missing": "nan"}, "SVM takes no NaN"),
    ],
)
def test_settings_that_make_no_pipeline_say_why(build, columns, message):
    with pytest.raises(ValueError, match=message):
        build(**columns)


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_light_features_describe_fewer_points_by_shorter_vectors(fusion):
    def encoder(features):
        model = make_multimodal_pipeline(image="a", fusion=fusion, features=features)
        found = [
            value
            for path, value in model.get_params().items()
            if path.endswith("local__encoder")
        ]
        return found[0]

    light, full = encoder("light"), encoder("full")
    assert light.n_components < full.n_components
    assert light.pca < full.pca
    assert light.descriptor.step > full.descriptor.step
