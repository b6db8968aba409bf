"""``mmclassic report``: a page from a saved model and a table."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

FIT = ("--label", "label", "--text", "text", "--image", "image", "--audio", "audio")


@pytest.fixture
def model(tables, run):
    result = run(
        "fit", tables / "items.csv", *FIT, "--features", "light", "-o", "m.skops"
    )
    assert result.exit_code == 0, result.output
    return Path("m.skops")


def test_a_report_finds_the_label_and_the_files(tables, run, model):
    result = run("report", model, tables / "items.csv", "-o", "r.html")
    assert result.exit_code == 0, result.output
    assert "Reported on 40 rows" in result.output
    html = Path("r.html").read_text(encoding="utf-8")
    assert "<title>m.skops on items.csv</title>" in html
    for name in ("text", "image", "audio", "all together"):
        assert f">{name}<" in html
    assert sorted(os.listdir()) == ["m.skops", "r.html"]


def test_a_report_of_the_test_rows_names_rows_of_the_table(tables, frame, run):
    table = tables / "split.csv"
    # The test rows' labels are turned round, so that all of them are mistakes.
    labels = sorted(frame["label"].unique())
    turned = dict(zip(labels, labels[1:] + labels[:1], strict=True))
    test = frame["split"] == "test"
    frame.assign(label=frame["label"].where(~test, frame["label"].map(turned))).to_csv(
        table, index=False
    )
    columns = ("--label", "label", "--text", "text", "--split", "split")
    assert run("fit", table, *columns, "-o", "m.skops").exit_code == 0
    result = run(
        "report", "m.skops", table, "--split", "split", "--mistakes", 2, "-o", "r.html"
    )
    assert result.exit_code == 0, result.output
    assert "Reported on 10 rows" in result.output
    html = Path("r.html").read_text(encoding="utf-8")
    assert html.count("<article>") == 2
    rows = [int(part.split("<")[0]) for part in html.split(">row ")[1:]]
    assert rows and all(test[row] for row in rows)


def test_the_label_is_named_where_several_columns_may_be_it(tables, frame, run, model):
    table = tables / "two.csv"
    frame.assign(prediction=frame["label"]).to_csv(table, index=False)
    result = run("report", model, table, "-o", "r.html", "--mistakes", 0)
    assert result.exit_code == 0, result.output
    renamed = frame.assign(prediction=frame["label"]).rename(columns={"label": "kind"})
    renamed.to_csv(table, index=False)
    result = run("report", model, table, "-o", "r.html")
    assert result.exit_code == 1
    message = " ".join(result.output.split())
    assert "--label. Columns that hold the model's classes: 'kind', 'predict" in message
    result = run(
        "report", model, table, "--label", "kind", "-o", "r.html", "--mistakes", 0
    )
    assert result.exit_code == 0, result.output
    frame.drop(columns="label").to_csv(table, index=False)
    result = run("report", model, table, "-o", "r.html")
    assert "classes: none" in " ".join(result.output.split())
    frame.assign(label=None).to_csv(table, index=False)
    result = run("report", model, table, "--label", "label", "-o", "r.html")
    assert "40 row(s) have no 'label'" in result.output


def test_what_is_wrong_is_one_sentence_and_leaves_no_page(tables, frame, run, model):
    def said(*arguments):
        result = run("report", *arguments)
        assert result.exit_code == 1
        assert "Traceback" not in result.output
        return " ".join(result.output.split())

    table = tables / "items.csv"
    assert "must end in .html" in said(model, table, "-o", "r.pdf")
    assert "does not exist. Make it first" in said(model, table, "-o", "no/r.html")
    assert "no column 'kind'" in said(model, table, "--label", "kind", "-o", "r.html")
    assert "no column 'kind'" in said(model, table, "--split", "kind", "-o", "r.html")
    train = tables / "train.csv"
    frame.assign(split="train").to_csv(train, index=False)
    assert "says 'test' in no row" in said(
        model, train, "--split", "split", "-o", "r.html"
    )
    broken = tables / "gone.csv"
    frame.assign(image=["gone.png", *frame["image"][1:]]).to_csv(broken, index=False)
    assert "Row 0 ('gone.png')" in said(model, broken, "-o", "r.html")
    Path("none.skops").write_bytes(b"not a model")
    assert "is not a model file" in said("none.skops", table, "-o", "r.html")
    assert not Path("r.html").exists()


def test_stamps_are_reported_on(data_folder, tmp_path, run):
    folder = data_folder / "stamps"
    rows = pd.read_csv(folder / "items.csv").iloc[::6]
    rows = rows.assign(
        image=[folder / path for path in rows["image"]],
        speech_fr=[folder / path for path in rows["speech_fr"]],
        split=["test" if fold == 0 else "train" for fold in rows["fold"]],
    )
    rows.to_csv("stamps.csv", index=False)
    columns = ("--label", "label", "--text", "text", "--image", "image")
    columns += ("--audio", "speech_fr", "--split", "split", "--features", "light")
    assert run("fit", "stamps.csv", *columns, "-o", "s.skops").exit_code == 0
    result = run(
        "report", "s.skops", "stamps.csv", "--split", "split", "-o", "stamps.html"
    )
    assert result.exit_code == 0, result.output
    page = Path("stamps.html").read_text(encoding="utf-8")
    n_mistakes = page.count("<article>")
    assert n_mistakes > 0
    assert page.count("<audio") == n_mistakes
    assert page.count("alt='the picture'") == n_mistakes
    assert len(page) < 2_000_000


def test_help_imports_nothing_of_weight():
    code = (
        "import sys\n"
        "from mmclassic.cli import main\n"
        "main(['report', '--help'], standalone_mode=False)\n"
        "print(sorted({'numpy', 'sklearn', 'pandas', 'cv2'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "how MODEL does on TABLE" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
