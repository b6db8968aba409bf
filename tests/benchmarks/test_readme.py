"""The README shows the figures of time as they were measured."""

from pathlib import Path

from benchmarks.__main__ import GROUPS, main
from benchmarks.results import read_results

ROOT = Path(__file__).parents[2]
STORED = ROOT / "benchmarks" / "measured.json"


def test_the_readme_shows_the_stored_figures(capsys):
    main(["--from", str(STORED), "--markdown"])
    shown = capsys.readouterr().out.strip()
    assert len(shown.splitlines()) > 40
    assert shown in (ROOT / "README.md").read_text()


def test_the_stored_figures_are_all_of_them_in_full_and_of_real_data():
    measured = read_results(STORED)
    elsewhere = {"accuracy", "fusion", "missing"}
    assert {each.group for each in measured} == set(GROUPS) - elsewhere
    assert not any(each.quick for each in measured)
    made = [row.name for each in measured for row in each.rows if not row.real]
    assert set(made) <= {
        "import",
        "first mfcc",
        "first mfcc of a file",
        "plain C, threads",
    }
