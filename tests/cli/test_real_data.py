"""The commands on the real tables as they lie there, on some of their rows."""

import numpy as np
import pandas as pd
import pytest

STAMPS = {"text": "text", "image": "image", "audio": "speech_fr"}


@pytest.fixture
def some_rows(data_folder, tmp_path):
    """Write some rows of a real table, with absolute paths, and return its path."""

    def write(name, every, *paths):
        folder = data_folder / name
        rows = pd.read_csv(folder / "items.csv").iloc[::every]
        rows = rows.assign(**{c: [folder / p for p in rows[c]] for c in paths})
        rows.to_csv(tmp_path / f"{name}.csv", index=False)
        return tmp_path / f"{name}.csv"

    return write


def options(label, **columns):
    return ["--label", label, *(w for k, v in columns.items() for w in (f"--{k}", v))]


def means(output):
    rows = [line.split("│")[1:-1] for line in output.splitlines() if "│" in line]
    return {row[0].strip(): float(row[1]) for row in rows}


def test_stamps_of_three_modalities_are_evaluated_in_their_folds(some_rows, run):
    table = some_rows("stamps", 6, "image", "speech_fr")
    columns = options("label", **STAMPS, groups="fold", cv="2")
    result = run("evaluate", table, *columns)
    assert result.exit_code == 0, result.output
    scores = means(result.output)
    assert list(scores) == ["text", "image", "audio", "early", "late"]
    assert max(scores.values()) > 0.3  # the largest class is 0.23


def test_stamps_are_fitted_and_predicted(some_rows, run):
    table = some_rows("stamps", 6, "image", "speech_fr")
    columns = options("label", **STAMPS, groups="fold", fusion="early")
    assert run("fit", table, *columns, "-o", "stamps.skops").exit_code == 0
    assert run("predict", "stamps.skops", table, "-o", "o.csv").exit_code == 0
    out = pd.read_csv("o.csv")
    assert (out["prediction"] == out["label"]).mean() > 0.9


def test_the_stamps_own_table_is_read_in_place(data_folder, run):
    table = data_folder / "stamps" / "items.csv"
    columns = options("label", text="text")
    assert run("fit", table, *columns, "-o", "names.skops").exit_code == 0
    result = run("predict", "names.skops", table, "--proba", "-o", "o.parquet")
    assert result.exit_code == 0, result.output
    out = pd.read_parquet("o.parquet")
    np.testing.assert_allclose(out.filter(like="probability_").sum(axis=1), 1)


def test_digits_are_evaluated_by_their_split(some_rows, run):
    table = some_rows("fsdd", 7, "audio")
    columns = options("label", audio="audio", split="split")
    result = run("evaluate", table, *columns)
    assert result.exit_code == 0, result.output
    assert means(result.output)["audio"] > 0.9
    assert run("fit", table, *columns, "-o", "digits.skops").exit_code == 0
    assert run("predict", "digits.skops", table, "-o", "o.csv").exit_code == 0
    out = pd.read_csv("o.csv")
    test = out["split"] == "test"
    assert (out["prediction"] == out["label"])[test].mean() > 0.9


def test_scenes_are_evaluated_by_their_split(some_rows, run):
    table = some_rows("scene15", 15, "image")
    columns = options("label", image="image", split="split")
    result = run("evaluate", table, *columns)
    assert result.exit_code == 0, result.output
    assert means(result.output)["image"] > 0.4
