"""Figures in a file: as they were, one run beside another."""

from dataclasses import replace

import pytest

from benchmarks.results import (
    describe_setting,
    name_setting,
    read_results,
    write_results,
)


def test_figures_are_read_as_they_were_written(tmp_path, measured):
    write_results(measured, tmp_path / "rows.json")
    assert read_results(tmp_path / "rows.json") == measured


def test_a_later_run_renews_its_figures_and_keeps_the_others(tmp_path, measured):
    path = tmp_path / "rows.json"
    write_results(measured[:2], path)
    renewed = replace(measured[1], rows=measured[0].rows)
    write_results([renewed, *measured[2:]], path)
    assert read_results(path) == [measured[0], renewed, *measured[2:]]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["{}", "[1]", '{"figures": [{}]}', "text"])
def test_a_file_of_something_else_is_refused_and_left_alone(
    tmp_path, measured, content
):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"other\.json' holds no figures"):
        write_results(measured, path)
    assert path.read_text() == content


def test_the_setting_tells_the_machine_and_the_versions(measured):
    import numpy

    setting = describe_setting()
    line = name_setting([replace(measured[0], setting=setting)])
    assert setting["processor"] and setting["processor"] in line
    assert setting["cpus"] >= 1
    assert f"numpy {numpy.__version__}" in line
    assert name_setting(measured).count("\n") == 0
    assert name_setting([measured[0], replace(measured[1], setting=setting)]).count(
        "\n"
    )
