"""The README shows the figures of time, and of the applications, as measured."""

from pathlib import Path

import pytest

from benchmarks.__main__ import GROUPS, main
from benchmarks.results import read_results

ROOT = Path(__file__).parents[2]
OF_APPLICATIONS = {"retrieval", "transcription", "video"}
# The README has the figures of these in tables of its own.
ELSEWHERE = {"accuracy", "fusion", "missing"}
GROUPS_OF = {
    "measured.json": {*GROUPS} - OF_APPLICATIONS - ELSEWHERE,
    "measured_applications.json": OF_APPLICATIONS,
}
MADE = {
    "import",
    "first mfcc",
    "first mfcc of a file",
    "learned from a colour",
    "learned from a pitch",
    "plain C, threads",
    "search of 100000 items",
}


@pytest.mark.parametrize("name", GROUPS_OF)
def test_the_readme_shows_the_stored_figures(name, capsys):
    main(["--from", str(ROOT / "benchmarks" / name), "--markdown"])
    shown = capsys.readouterr().out.strip()
    assert len(shown.splitlines()) > 40
    assert shown in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", GROUPS_OF)
def test_the_stored_figures_are_all_of_them_in_full_and_of_real_data(name):
    measured = read_results(ROOT / "benchmarks" / name)
    assert {each.group for each in measured} == GROUPS_OF[name]
    assert not any(each.quick for each in measured)
    made = [row.name for each in measured for row in each.rows if not row.real]
    assert set(made) <= MADE
