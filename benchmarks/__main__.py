"""Groups of figures, by name, to a table on the screen, a file of JSON and a plot."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.common import Context, NoDataError, Row
from benchmarks.plot import check_plot, plot_ratios
from benchmarks.results import (
    Measured,
    describe_setting,
    name_setting,
    read_results,
    write_results,
)
from benchmarks.tables import format_markdown, format_table

# Each is a module of this folder with FIGURES, name -> function of a Context to Rows,
# and NOTE.
GROUPS = {
    "kernels": "time and parity of the pure functions, beside their peers",
    "encoders": "time and accuracy of encoded sets, beside plain code",
    "pipeline": "time of whole tasks from the files on, beside plain code",
    "scale": "time and memory as the table grows",
    "startup": "time of the import and the first result of a process",
    "accuracy": "what the features reach on the real data, which it needs",
    "fusion": "what every fusion reaches beside the best modality alone",
    "missing": "what is left of every fusion where cells are missing",
    "parallel": "time by two workers, threads and processes, beside one",
    "callbacks": "time that progress bars take of a fit",
    "cache": "what is kept on disk: time saved, and time that keeping takes",
    "retrieval": "search across modalities: what is found, and its time",
    "transcription": "speech to words: errors in prompts, and digits of new speakers",
    "video": "shots, described frames and summaries of videos, and their time",
    "distributed": "extraction by workers of a Dask cluster, and its memory",
}
# What runs only when it is named: it tells no time, or takes long.
BY_NAME = (
    "accuracy",
    "cache",
    "callbacks",
    "distributed",
    "fusion",
    "missing",
    "parallel",
    "retrieval",
    "transcription",
    "video",
)
OF_TIME = [group for group in GROUPS if group not in BY_NAME]
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line names; return the exit code.

    Parameters
    ----------
    arguments : sequence of str or None, default=None
        None takes the command line's.

    Returns
    -------
    int
        0; 1 where a floor or a ratio is missed or the real data is not there.
    """
    parser = _make_parser()
    options = parser.parse_intermixed_args(arguments)
    groups = [options.group] if options.group else OF_TIME
    try:
        if options.plot:
            check_plot(options.plot)
        if options.json:  # what could not be written at the end
            write_results([], options.json)
        measured = _read_stored(options) if options.stored else None
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    if measured is None:
        _check_names(parser, groups, options.names)
        try:
            measured = _measure(groups, options)
        except NoDataError as error:
            print(error, file=sys.stderr)
            return 1
    if options.plot:
        plot_ratios(measured, options.plot)
    _show(measured, markdown=options.markdown)
    return int(any(row.missed for each in measured for row in each.rows))


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure groups of figures. Without a group: all those of time.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="groups:\n"
        + "\n".join(f"  {group:<10} {about}" for group, about in GROUPS.items())
        + f"\n\nOf these {', '.join(BY_NAME)} run only when they are named: they take "
        "long. The real data is looked\nfor in the folder that MMCLASSIC_DATA names; "
        "where there is none, times are measured on\nmade data. A figure that misses "
        "what is asked of it is marked, and the exit code is 1.",
    )
    add = parser.add_argument
    add("group", choices=GROUPS, nargs="?", help="one group; all of time if none")
    add("names", nargs="*", metavar="NAME", help="figures of it; all if none")
    add("--json", type=Path, metavar="FILE", help="write figures, or renew them there")
    add("--plot", type=Path, metavar="FILE", help="draw the ratios, as PNG or SVG")
    add("--markdown", action="store_true", help="print the table as Markdown")
    add(
        "--from",
        dest="stored",
        type=Path,
        metavar="FILE",
        help="take the figures that --json wrote, and measure nothing",
    )
    add("--quick", action="store_true", help="a sample, in seconds")
    add("--jobs", type=int, default=1, help="workers, for accuracy (default: 1)")
    add("--seeds", type=int, default=1, help="fits, where chance enters (default: 1)")
    return parser


def _check_names(
    parser: argparse.ArgumentParser, groups: Iterable[str], names: Iterable[str]
) -> None:
    for group in groups:
        known = _figures(group)
        unknown = sorted(set(names) - set(known))
        if unknown:
            parser.error(
                f"no figure of {group} is named {', '.join(unknown)}; choose from "
                f"{', '.join(known)}"
            )


def _figures(group: str) -> dict[str, Callable[[Context], list[Row]]]:
    return import_module(f"benchmarks.{group}").FIGURES


def _measure(groups: Iterable[str], options: Any) -> list[Measured]:
    context = Context(_data_folder(), options.quick, options.jobs, options.seeds)
    setting = describe_setting()
    measured: list[Measured] = []
    for group in groups:
        figures = _figures(group)
        for name in options.names or figures:
            print(f"{group} {name} ...", end=" ", file=sys.stderr, flush=True)
            start = time.perf_counter()
            rows = figures[name](context)
            print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
            if options.quick:
                rows = [row.without_bounds() for row in rows]
            measured.append(Measured(group, name, tuple(rows), options.quick, setting))
            if options.json:  # a long run that is stopped keeps what it has
                write_results(measured, options.json)
    return measured


def _read_stored(options: Any) -> list[Measured]:
    kept = [
        each
        for each in read_results(options.stored)
        if options.group in (None, each.group)
        and (not options.names or each.figure in options.names)
    ]
    if not kept:
        raise ValueError(f"{str(options.stored)!r} holds no such figure.")
    order = list(GROUPS)
    return sorted(kept, key=lambda each: order.index(each.group))


def _show(measured: Sequence[Measured], *, markdown: bool) -> None:
    if any(each.quick for each in measured):
        print("Quick: a sample of the work. The figures only show that it runs.\n")
    if markdown:
        print(format_markdown(row for each in measured for row in each.rows))
    else:
        for group in dict.fromkeys(each.group for each in measured):
            own = (each.rows for each in measured if each.group == group)
            rows = list(chain.from_iterable(own))
            note = import_module(f"benchmarks.{group}").NOTE
            print(f"{group}\n\n{format_table(rows)}\n\n{note}\n")
    print(f"\n{name_setting(measured)}" if markdown else name_setting(measured))


def _data_folder() -> Path | None:
    folder = Path(os.environ.get("MMCLASSIC_DATA") or DEFAULT_DATA)
    return folder if folder.is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
