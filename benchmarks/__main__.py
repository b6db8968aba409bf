"""A group of figures, by name, to a table on the screen and a file of JSON."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.common import Context, NoDataError, Row, format_table, write_json

# Each is a module of this folder with FIGURES, name -> function of a Context to Rows,
# and NOTE.
GROUPS = {
    "accuracy": "what the features reach on the real data",
    "kernels": "time and parity of the pure functions, beside their peers",
}
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
        0; 1 where a floor is missed or the real data is not there.
    """
    parser = _make_parser()
    options = parser.parse_intermixed_args(arguments)
    group = import_module(f"benchmarks.{options.group}")
    figures = group.FIGURES
    unknown = sorted(set(options.names) - set(figures))
    if unknown:
        parser.error(
            f"no figure of {options.group} is named {', '.join(unknown)}; choose from "
            f"{', '.join(figures)}"
        )
    context = Context(_data_folder(), options.quick, options.jobs, options.seeds)
    rows: list[Row] = []
    for name in options.names or figures:
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        start = time.perf_counter()
        try:
            new = figures[name](context)
        except NoDataError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
        rows += [row.without_bounds() for row in new] if options.quick else new
        if options.json:  # a long run that is stopped keeps what it has
            write_json(rows, options.json, options.group, context)
    if options.quick:
        print("Quick: a sample of the work. The figures only show that it runs.")
    print(f"{format_table(rows)}\n\n{group.NOTE}")
    return int(any(row.missed for row in rows))


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure a group of figures.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="groups:\n"
        + "\n".join(f"  {group:<10} {about}" for group, about in GROUPS.items())
        + "\n\nThe real data is looked for in the folder that MMCLASSIC_DATA names.",
    )
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument("names", nargs="*", metavar="NAME", help="figures; all if none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here")
    parser.add_argument("--quick", action="store_true", help="a sample, in seconds")
    parser.add_argument("--jobs", type=int, default=1, help="workers (default: 1)")
    parser.add_argument(
        "--seeds", type=int, default=1, help="fits, where chance enters (default: 1)"
    )
    return parser


def _data_folder() -> Path | None:
    folder = Path(os.environ.get("MMCLASSIC_DATA") or DEFAULT_DATA)
    return folder if folder.is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
