"""Rows as a table: what was reached, what was asked, and what was missed."""

from dataclasses import replace

import pytest

from benchmarks.common import Row, three_digits
from benchmarks.tables import format_markdown, format_table


def test_a_row_below_its_floor_is_marked_in_the_table():
    below = Row("words", "Scene-15, all of it", 65.9, floor=66.0)
    above = Row("pyramid", "the same", 76.0, floor=76.0, peers={"plain": 71.64})
    lines = format_table([below, above]).splitlines()
    assert below.missed and not above.missed
    assert lines[0].split() == ["figure", "ours", "peers", "asked"]
    assert ">= 66 % MISSED" in lines[2]
    assert "MISSED" not in lines[3] and "plain 71.6" in lines[3]
    assert any("Scene-15, all of it" in line for line in lines[4:])


def test_a_ratio_out_of_its_bounds_is_marked_in_the_table(measured):
    reached, missed, bounded = (each.rows[0] for each in measured[:3])
    assert [row.missed for row in (reached, missed, bounded)] == [False, True, False]
    table = format_table([reached, missed, bounded])
    lines = [" ".join(line.split()) for line in table.splitlines()]
    assert "4.00x (3.90-4.20) >= 4x 3e-05 dB" in lines[2]
    assert "7.00x (6.50-7.50) >= 8x MISSED" in lines[3]
    assert "1.20x the time (1.10-1.30) <= 1.25x" in lines[4]
    assert "MISSED" not in lines[2] + lines[4]
    over = replace(bounded, ratio=(1.26, 1.1, 1.3))
    assert over.missed and "<= 1.25x MISSED" in format_table([over])


def test_a_value_above_its_ceiling_is_marked_in_the_table():
    kept = Row("import", "over numpy", 20.0, unit="ms", ceiling=20.0)
    over = replace(kept, ours=20.4)
    assert over.missed and not kept.missed and not over.misses_ratio
    assert "20.4 ms  <= 20 ms MISSED" in format_table([over])
    assert not over.without_bounds().missed


def test_a_quick_row_asks_for_nothing(measured):
    missed = measured[1].rows[0].without_bounds()
    assert not missed.missed
    assert "MISSED" not in format_table([missed])


def test_markdown_has_a_line_a_row_and_tells_what_was_measured(measured):
    rows = [measured[0].rows[0], replace(measured[1].rows[0], protocol="a | b")]
    lines = format_markdown(rows).splitlines()
    assert lines[:3] == [
        "| work | ours | peer | ratio | asked | parity |",
        "| --- | --- | --- | --- | --- | --- |",
        "| mfcc 5 s | 1.25 ms | librosa 5.00 | 4.00x (3.90-4.20) | >= 4x | 3e-05 dB |",
    ]
    assert lines[3].startswith("| hog 64 |") and "MISSED" in lines[3]
    assert r"- hog 64: a \| b" in lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (0.1234, "0.123"),
        (1, "1.00"),
        (12.34, "12.3"),
        (9.996, "10.0"),
        (1234, "1234"),
    ],
)
def test_values_are_written_with_three_digits(value, text):
    assert three_digits(value) == text
