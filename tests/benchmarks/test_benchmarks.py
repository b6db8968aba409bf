"""The benchmarks run, small, and say what they measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


def run(*arguments, data=None):
    environment = {**os.environ, "MMCLASSIC_DATA": str(data or ROOT / "absent")}
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def read_rows(path):
    return {row["name"]: row for row in json.loads(path.read_text())["rows"]}


def test_kernels_run_on_made_data_and_equal_their_peers(tmp_path):
    done = run("kernels", "--quick", "--json", tmp_path / "rows.json")
    assert done.returncode == 0, done.stderr
    rows = read_rows(tmp_path / "rows.json")
    assert len(rows) == 9
    for name, row in rows.items():
        assert name in done.stdout
        assert row["ours"] > 0 and all(value > 0 for value in row["peers"].values())
        bound = {"mfcc": 1e-3, "hog ": 1e-6, "dens": 0.02}[name[:4]]
        assert 0 <= row["error"] < bound, name


def test_accuracies_run_on_a_sample_of_the_real_data(tmp_path, data_folder):
    written = tmp_path / "rows.json"
    done = run("accuracy", "--quick", "--json", written, data=data_folder)
    assert done.returncode == 0, done.stderr
    rows = read_rows(written)
    assert len(rows) == 21
    for name, row in rows.items():
        assert name in done.stdout
        assert 0 <= row["ours"] <= 100
        assert row["protocol"]
    # Even a sample tells classes apart: by chance these are 10, 10 and 7 percent.
    assert rows["fsdd MFCC"]["ours"] > 50
    assert rows["esc10"]["ours"] > 30
    assert rows["scene15 Fisher, pyramid"]["ours"] > 30


def test_accuracies_without_the_real_data_say_that_they_need_it():
    done = run("accuracy", "fsdd", "--quick")
    assert done.returncode == 1
    assert "needs the real data (fsdd/items.csv)" in done.stderr
    assert "MMCLASSIC_DATA" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_figure_is_refused_by_name_and_the_known_are_listed():
    done = run("kernels", "sift")
    assert done.returncode == 2
    assert "no figure of kernels is named sift; choose from mfcc, hog" in done.stderr


def test_a_row_below_its_floor_is_marked_in_the_table():
    from benchmarks.common import Row, format_table

    below = Row("words", "Scene-15, all of it", 65.9, floor=66.0)
    above = Row("pyramid", "the same", 76.0, floor=76.0, peers={"plain": 71.64})
    lines = format_table([below, above]).splitlines()
    assert below.missed and not above.missed
    assert lines[0].split() == ["figure", "ours", "floor", "peers"]
    assert "66.0 MISSED" in lines[2]
    assert "MISSED" not in lines[3] and "plain 71.6" in lines[3]
    assert any("Scene-15, all of it" in line for line in lines[4:])


def test_the_spread_of_one_score_is_its_standard_error_and_of_several_over_seeds():
    from benchmarks.accuracy.scoring import from_scores

    one = from_scores("a", "", 0.9, 900)
    several = from_scores("a", "", [0.8, 0.9], 900)
    assert one.spread == pytest.approx(1.0)
    assert several.spread == pytest.approx(10 / 2**0.5)
    assert several.ours == pytest.approx(85.0)


def test_pairs_give_the_ratio_of_the_two_times():
    import time

    from benchmarks.common import Context
    from benchmarks.timing import compare

    row = compare(
        "naps",
        "",
        lambda: time.sleep(0.001),
        lambda: time.sleep(0.01),
        lambda ours, peer: 0.5,
        "",
        Context(None, quick=True),
    )
    middle, low, high = row.ratio
    assert 1 < low <= middle <= high
    assert row.error == 0.5
