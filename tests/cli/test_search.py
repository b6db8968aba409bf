"""The commands that index a table and search it, as they are typed."""

import pandas as pd
import pytest

from mmclassic.persistence import load

LIGHT = "--features", "light"


@pytest.fixture(scope="module")
def index(tables, tmp_path_factory):
    from click.testing import CliRunner

    from mmclassic.cli import main

    path = tmp_path_factory.mktemp("index") / "index.skops"
    command = "index", tables / "items.csv", "-o", path, "--text", "text"
    done = CliRunner().invoke(main, [*map(str, command), "--image", "image", *LIGHT])
    assert done.exit_code == 0, done.output
    assert "Indexed 40 rows" in done.output
    return path


def test_a_text_finds_pictures_and_a_picture_texts(run, index, tables, frame):
    row = frame.dropna(subset=["text", "image"]).index[0]
    done = run("search", index, "--text", frame["text"][row], "-k", "3")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert len(lines) == 3
    assert f"row {row} " in done.output and frame["image"][row] in done.output
    done = run("search", index, "--image", tables / frame["image"][row], "-k", "3")
    assert f"row {row} " in done.output and frame["text"][row][:20] in done.output


def test_more_results_than_rows_are_all_of_them(run, index, frame):
    done = run("search", index, "--text", "red", "-k", "1000")
    assert len(done.output.splitlines()) == frame["image"].notna().sum()


@pytest.fixture(scope="module")
def holes(tables, tmp_path_factory):
    """Return the index of a table some of whose cells are missing, and the table."""
    from click.testing import CliRunner

    from mmclassic.cli import main

    frame = pd.read_csv(tables / "items.csv").dropna(subset=["text", "image"])[:24]
    frame["image"] = [str(tables / name) for name in frame["image"]]
    frame.iloc[1, frame.columns.get_loc("image")] = None
    frame.iloc[2, frame.columns.get_loc("image")] = "gone.png"
    frame.iloc[3, frame.columns.get_loc("text")] = None
    folder = tmp_path_factory.mktemp("holes")
    frame.to_csv(folder / "items.csv", index=False)
    command = "index", folder / "items.csv", "-o", folder / "index.skops", *LIGHT
    columns = "--text", "text", "--image", "image"
    runner = CliRunner()
    stopped = runner.invoke(main, [*map(str, command), *columns])
    assert stopped.exit_code == 1 and "Row 2 ('gone.png')" in stopped.output
    done = runner.invoke(main, [*map(str, command), *columns, "--invalid", "missing"])
    assert done.exit_code == 0, done.output
    assert "rows 2. The first: Row 2 ('gone.png') does not exist" in done.output
    assert "Indexed 24 rows (23 by text, 22 by image)" in done.output
    return folder / "index.skops", frame


def test_rows_with_holes_are_found_by_what_they_have(run, holes):
    index, frame = holes
    lines = run("search", index, "--text", "red", "-k", "1000").output.splitlines()
    rows = {int(line.split()[3]) for line in lines}
    assert rows == set(range(24)) - {1, 2}
    done = run("search", index, "--image", frame["image"].iloc[0], "-k", "1000")
    rows = {int(line.split()[3]) for line in done.output.splitlines()}
    assert rows == set(range(24)) - {3}


@pytest.mark.filterwarnings("default:1 of the queries:UserWarning")
@pytest.mark.parametrize("text", ["", "zyxq"])
def test_a_text_of_which_nothing_is_known_is_warned_of(run, index, text):
    done = run("search", index, "--text", text, "-k", "2")
    assert done.exit_code == 0
    assert "Warning: 1 of the queries hold nothing that the part 'text'" in done.output


def test_classes_splits_and_several_texts_make_an_index(run, tables, tmp_path):
    frame = pd.read_csv(tables / "items.csv")
    path = tmp_path / "classes.skops"
    done = run(
        *("index", tables / "items.csv", "-o", path, "--text", "text,label"),
        *("--image", "image", "--label", "label", "--split", "split", *LIGHT),
    )
    assert done.exit_code == 0, done.output
    retriever = load(path)["retriever"]
    assert retriever.method == "both"
    assert retriever.indexed_["image"] == frame["image"].notna().sum()
    assert retriever.modality_counts_["text"] == (frame["split"] == "train").sum()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", "a", "--image", "{index}"), "Ask by one of"),
        ((), "Ask by one of"),
        (("--text", "a", "--target", "smell"), "Got 'smell' instead"),
        (("--text", "a", "--target", "audio"), "Got 'audio' instead"),
        (("--audio", "{index}"), "'modality' of a query must be"),
        (("--image", "/absent.png"), "'/absent.png' does not exist"),
        (("--image", "{index}"), "index.skops"),
    ],
)
def test_what_can_not_be_searched_is_said(run, index, arguments, message):
    done = run("search", index, *(a.format(index=index) for a in arguments))
    assert done.exit_code != 0
    assert message in done.output and "Traceback" not in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", "text"), "two modalities"),
        (("--text", "text", "--image", "absent"), "no column 'absent'"),
        ((), "Name a column"),
    ],
)
def test_what_can_not_be_indexed_is_said(run, tables, arguments, message):
    done = run("index", tables / "items.csv", "-o", "index.skops", *arguments)
    assert done.exit_code != 0
    assert message in done.output and "Traceback" not in done.output


def test_a_model_is_no_index(run, tables, tmp_path):
    from sklearn.svm import SVC

    from mmclassic.persistence import save

    save(SVC(), tmp_path / "model.skops")
    done = run("search", tmp_path / "model.skops", "--text", "a")
    assert done.exit_code == 1 and "is no index" in done.output
