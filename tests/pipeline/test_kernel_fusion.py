import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge

from mmclassic import make_multimodal_pipeline
from mmclassic.evaluation import compare_modalities
from mmclassic.fusion import KernelFusionClassifier
from mmclassic.persistence import load, save

TWO = {"text": "text", "audio": "audio"}


def test_kernels_of_every_modality_are_fused(made, build, tmp_path):
    X, y = made
    model = build(fusion="kernel").fit(X, y)
    assert list(model.named_steps) == ["fusion"]
    assert list(model[-1].scorers_) == ["text", "image", "audio"]
    assert model.score(X, y) > 0.95
    expected = model.predict_proba(X)
    repeated = clone(model).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(repeated, expected)
    save(model, tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(loaded.predict_proba(X), expected)


def test_a_given_kernel_fusion_gets_the_parts_and_its_paths_are_reached(made):
    X, y = made
    fusion = KernelFusionClassifier([], weights=None, cv=None)
    model = make_multimodal_pipeline(**TWO, fusion=fusion, random_state=0)
    model.set_params(fusion__weights__text=3.0, fusion__kernels={"audio": "laplacian"})
    model.fit(X, y, fusion__groups=np.arange(40) // 2)
    np.testing.assert_allclose(model[-1].weights_, [0.75, 0.25])
    assert model[-1].scorers_["audio"].kernel == "laplacian"
    assert fusion.parts == []


def test_kernels_are_compared_with_other_fusions(made):
    X, y = made
    table = compare_modalities(X, y, **TWO, fusions=["kernel", "late"], cv=2)
    assert list(table.index) == ["text", "audio", "kernel", "late"]
    assert table.loc["kernel", "mean"] > 0.5


@pytest.mark.parametrize("classifier", ["gradient_boosting", LogisticRegression()])
def test_another_classifier_is_refused(classifier):
    with pytest.raises(ValueError, match="classifier must be 'svm'"):
        make_multimodal_pipeline(**TWO, fusion="kernel", classifier=classifier)


def test_a_regressor_is_refused():
    with pytest.raises(ValueError, match="KernelFusionClassifier needs a classifier"):
        make_multimodal_pipeline(**TWO, fusion="kernel", classifier=Ridge())
