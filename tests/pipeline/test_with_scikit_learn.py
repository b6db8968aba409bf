"""Whole pipelines inside what scikit-learn offers around an estimator."""

import re

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble import HistGradientBoostingClassifier, StackingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_validate
from sklearn.pipeline import Pipeline

from mmclassic import make_multimodal_pipeline
from mmclassic.fusion import LateFusionClassifier
from mmclassic.image import TextReader


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_cross_validation_is_better_than_chance(made, build, fusion):
    scores = cross_validate(build(fusion=fusion), *made, cv=2, error_score="raise")
    assert scores["test_score"].mean() > 0.5


def documented_paths():
    """Return the paths of the docstring: of early fusion's table, and of the text."""
    notes = make_multimodal_pipeline.__doc__.split("Notes\n")[1].split("Examples\n")[0]
    table = [line for line in notes.splitlines() if line.lstrip().startswith("``")]
    in_table = [re.match(r"\s*``(\S+)``", line)[1] for line in table if "``  " in line]
    everywhere = re.findall(r"``((?:fusion|classifier)__\w+(?:<part>)?\w*)", notes)
    return in_table, everywhere


def in_full(path):
    full = path.replace("<part>", "text")
    full = full.replace("encoder__...", "encoder__n_components")
    return full.replace("reader__...", "reader__words")


def test_every_documented_path_is_a_parameter():
    columns = {
        **{"image": "image", "audio": "audio", "video": "video"},
        "text": {"text": "text", "words": (TextReader(), "image")},
        **{"vectors": "vectors", "tabular": ["a", "b"]},
    }
    params = {
        (fusion, classifier): make_multimodal_pipeline(
            **columns, fusion=fusion, classifier=classifier
        ).get_params()
        for fusion in ("early", "late")
        for classifier in ("svm", "gradient_boosting")
    }
    late = make_multimodal_pipeline(**columns, fusion=LateFusionClassifier([]))
    late.set_params(fusion__weights=None)
    assert "fusion__weights__text" not in params["early", "svm"]
    in_table, everywhere = documented_paths()
    assert len(in_table) >= 10
    for path in map(in_full, in_table):
        assert path in params["early", "svm"], path
    kernel = make_multimodal_pipeline(**columns, fusion="kernel")
    known = set(late.get_params()).union(*params.values(), kernel.get_params())
    assert len(everywhere) > len(in_table)
    for path in everywhere:
        if path.endswith(("encoder__", "reader__")):  # of "...", seen in the table
            continue
        assert in_full(path) in known, path
    reduced = "features__words__ngram_range"
    assert f"fusion__text__{reduced}" in params["early", "gradient_boosting"]
    assert f"fusion__text__features__{reduced}" in params["late", "gradient_boosting"]


def test_a_grid_over_early_fusion_is_searched(made, build):
    grid = {
        "classifier__C": [0.01, 1.0],
        "fusion__weights": [None],
        "fusion__weights__audio": [0.5, 1.0],
        "fusion__image": ["drop"],
        "fusion__audio__encoder__descriptor__n_mfcc": [13],
        "fusion__text__words__ngram_range": [(1, 1)],
    }
    search = GridSearchCV(build(fusion="early"), grid, cv=2, error_score="raise")
    search.fit(*made)
    assert search.best_estimator_[0].parts_[1][1] == "drop"
    assert search.best_estimator_[0].parts_[2][1][0].descriptor.n_mfcc == 13
    assert search.best_score_ > 0.4


def test_a_grid_over_late_fusion_is_searched(made, build):
    grid = {
        "fusion__text__classifier__C": [0.3, 1.0],
        "fusion__method": ["product", "mean"],
        "fusion__image": ["drop"],
    }
    model = build(fusion="late").set_params(fusion__cv=2)
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(*made)
    fusion = search.best_estimator_[0]
    assert fusion.method == search.best_params_["fusion__method"]
    assert (
        fusion.parts_[0][1][1].C == search.best_params_["fusion__text__classifier__C"]
    )


def test_a_grid_is_halved(made, build):
    grid = {"classifier__C": [0.01, 1.0], "fusion__missing": ["zero", "mean"]}
    model = build(text="text", audio="audio", fusion="early")
    search = HalvingGridSearchCV(
        model,
        grid,
        factor=2,
        cv=2,
        min_resources=20,
        random_state=0,
        error_score="raise",
    )
    assert search.fit(*made).n_iterations_ == 2
    assert search.best_params_ in search.cv_results_["params"]


def test_a_stacking_classifier_holds_pipelines(made, build):
    members = [
        ("early", build(text="text", audio="audio", fusion="early")),
        ("late", build(text="text", image="image").set_params(fusion__cv=2)),
    ]
    stack = StackingClassifier(members, LogisticRegression(), cv=2)
    assert stack.fit(*made).score(*made) > 0.8


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_a_clone_is_unfitted_and_fits_to_equal_predictions(made, build, fusion):
    X, y = made
    model = build(fusion=fusion).fit(X, y)
    copy = clone(model)
    assert str(copy.get_params()) == str(model.get_params())
    with pytest.raises(NotFittedError):
        copy.predict(X)
    np.testing.assert_array_equal(copy.fit(X, y).predict(X), model.predict(X))


def test_the_early_block_is_a_named_frame(made, build):
    X, y = made
    model = build(fusion="early").set_output(transform="pandas").fit(X, y)
    block = model[:-1].transform(X)
    names = model[:-1].get_feature_names_out()
    assert list(block.columns) == list(names)
    assert list(block.index) == list(X.index)
    assert len(set(names)) == len(names)
    assert {name.split("__")[0] for name in names} == {"text", "image", "audio"}
    plain = build(fusion="early").fit(X, y)
    np.testing.assert_array_equal(plain.predict(X), model.predict(X))


def test_late_fusion_takes_set_output_and_predicts_the_same(made, build):
    X, y = made
    model = build(text="text", audio="audio").set_output(transform="pandas").fit(X, y)
    plain = build(text="text", audio="audio").fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))


def test_the_pipeline_is_a_stock_one_and_tells_its_kind(build):
    for fusion in ("early", "late"):
        assert type(build(fusion=fusion)) is Pipeline
        assert is_classifier(build(fusion=fusion))
        assert not is_regressor(build(fusion=fusion))


def test_boosting_gets_reduced_blocks(made, build):
    X, y = made
    boosting = HistGradientBoostingClassifier(max_iter=3, random_state=0)
    model = build(fusion="early", classifier=boosting)
    model.set_params(fusion__text__reduction__n_components=8)
    model.set_params(fusion__image__reduction__n_components=8)
    assert model.fit(X, y)[0].transform(X).shape[1] < 8 + 8 + 1000
    late = build(fusion="late", classifier=boosting).set_params(fusion__cv=2)
    assert late.fit(X, y).predict(X).shape == (40,)
