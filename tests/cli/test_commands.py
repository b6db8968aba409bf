"""fit, predict and evaluate on tables on disk, and what they print."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmclassic import make_multimodal_pipeline
from mmclassic.audio import MFCC
from mmclassic.cli._tables import predict_frame
from mmclassic.datasets import make_multimodal
from mmclassic.persistence import load


@pytest.fixture(scope="module")
def text_model(tables, tmp_path_factory):
    """A model of the text alone, late fusion."""
    from click.testing import CliRunner

    from mmclassic.cli import main

    path = tmp_path_factory.mktemp("model") / "text.skops"
    command = ["fit", tables / "items.csv", "--label", "label", "--text", "text"]
    result = CliRunner().invoke(main, [*map(str, command), "-o", str(path)])
    assert result.exit_code == 0, result.output
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_model_is_fitted_and_predicts_from_another_folder(tables, run, suffix):
    here = os.getcwd()
    table = tables / f"items.{suffix}"
    columns = ("--label", "label", "--text", "text", "--audio", "audio")
    fitted = run("fit", table, *columns, "-o", "model.skops")
    assert fitted.exit_code == 0, fitted.output
    assert "Fitted text, audio to 40 rows of 4 classes. Saved" in fitted.output
    predicted = run("predict", "model.skops", table, "-o", f"out.{suffix}")
    assert predicted.exit_code == 0, predicted.output
    assert "Wrote 40 rows" in predicted.output
    assert os.getcwd() == here
    out = (pd.read_csv if suffix == "csv" else pd.read_parquet)(f"out.{suffix}")
    source = pd.read_csv(tables / "items.csv")
    assert list(out.columns) == [*source.columns, "prediction"]
    assert (out["prediction"] == source["label"]).mean() > 0.8
    assert sorted(os.listdir()) == ["model.skops", f"out.{suffix}"]


def test_probabilities_are_a_column_a_class(tables, text_model, run):
    result = run("predict", text_model, tables / "items.csv", "--proba", "-o", "o.csv")
    assert result.exit_code == 0
    out = pd.read_csv("o.csv")
    probabilities = out.filter(like="probability_")
    classes = sorted(out["label"].unique())
    assert list(probabilities) == [f"probability_{name}" for name in classes]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_probabilities_that_a_model_lacks_are_an_error(tables, run):
    table = tables / "items.csv"
    columns = ("--label", "label", "--text", "text", "--fusion", "early")
    assert run("fit", table, *columns, "-o", "m.skops").exit_code == 0
    result = run("predict", "m.skops", table, "--proba", "-o", "o.csv")
    assert result.exit_code == 1
    assert "no probabilities; fit one with --fusion late" in result.output
    assert not Path("o.csv").exists()


def test_split_fits_on_the_training_rows_alone(tables, run):
    columns = ("--label", "label", "--text", "text", "--split", "split")
    result = run("fit", tables / "items.csv", *columns, "-o", "m.skops")
    assert "to 30 rows of 4 classes" in result.output
    model = load("m.skops")
    assert model[0].modality_counts_["text"] <= 30


def test_groups_and_boosting_are_taken(tables, run):
    columns = ("--label", "label", "--tabular", "size", "--groups", "pair")
    boosting = ("--classifier", "gradient_boosting")
    for fusion in ("early", "late"):
        result = run(
            *("fit", tables / "items.parquet", *columns, *boosting),
            *("--fusion", fusion, "-o", f"{fusion}.skops"),
        )
        assert result.exit_code == 0, result.output


def test_columns_are_listed_or_named(tables, run):
    texts = {"text,label": ["text", "label"], "a=text, b=label": ["a", "b"]}
    for given, names in texts.items():
        columns = ("--label", "label", "--text", given, "--tabular", "size,split")
        result = run("fit", tables / "items.csv", *columns, "-o", "m.skops")
        assert result.exit_code == 0, result.output
        assert f"Fitted {', '.join(names)}, tabular to" in result.output
        assert [part[0] for part in load("m.skops")[0].parts_][:2] == names
    result = run("fit", tables / "items.csv", "--label", "label", "--text", "a,,b")
    assert result.exit_code == 2
    assert "names an empty column" in result.output


def test_evaluate_prints_every_modality_and_fusion(tables, run):
    columns = ("--label", "label", "--text", "text", "--audio", "audio")
    result = run("evaluate", tables / "items.csv", *columns, "--cv", 2)
    assert result.exit_code == 0, result.output
    assert "Accuracy over 2 folds" in result.output
    rows = [line.split("│")[1:-1] for line in result.output.splitlines() if "│" in line]
    assert [row[0].strip() for row in rows] == ["text", "audio", "early", "late"]
    for _, mean, std, seconds in rows:
        assert 0 <= float(mean) <= 1
        assert float(std) >= 0
        assert float(seconds) >= 0
    assert os.listdir() == []


def test_evaluate_by_split_and_by_groups(tables, run):
    columns = ("--label", "label", "--text", "text")
    table = tables / "items.parquet"
    by_split = run("evaluate", table, *columns, "--split", "split", "--groups", "pair")
    assert by_split.exit_code == 0, by_split.output
    assert "Accuracy on the test rows" in by_split.output
    assert "nan" not in by_split.output
    by_group = run("evaluate", table, *columns, "--groups", "pair", "--cv", 2)
    assert "Accuracy over 2 folds" in by_group.output


def test_the_demo_shows_the_fusions_and_reloads_its_model(run):
    result = run("demo", "--n-samples", 40, "--n-jobs", 1)
    assert result.exit_code == 0, result.output
    for name in ("text", "image", "audio", "early", "late"):
        assert f"│ {name} " in result.output
    assert "the predictions are equal" in result.output
    assert os.listdir() == []


def test_help_imports_neither_numpy_nor_scikit_learn():
    code = (
        "import sys\n"
        "from mmclassic.cli import main\n"
        "for command in ([], ['fit'], ['evaluate'], ['predict'], ['demo']):\n"
        "    main([*command, '--help'], standalone_mode=False)\n"
        "print(sorted({'numpy', 'sklearn', 'pandas', 'cv2'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "Usage:" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_probabilities_cost_no_second_description(monkeypatch):
    described = []
    original = MFCC._describe

    def spy(self, item):
        described.append(len(item))
        return original(self, item)

    X, y = make_multimodal(24, n_classes=2, random_state=0, return_X_y=True)
    model = make_multimodal_pipeline(audio="audio", random_state=0).fit(X, y)
    monkeypatch.setattr(MFCC, "_describe", spy)
    frame = predict_frame(model, X, proba=True)
    assert len(described) == len(X)
    probabilities = frame.filter(like="probability_")
    np.testing.assert_array_equal(probabilities, model.predict_proba(X))
    np.testing.assert_array_equal(frame["prediction"], model.predict(X))
