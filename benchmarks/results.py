"""Measured figures to a file of JSON and back, with the machine that measured them."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.common import Row

LIBRARIES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python",
    "librosa",
    "scikit-image",
    "gensim",
    "soundfile",
    "soxr",
)


@dataclass(frozen=True)
class Measured:
    """The rows of one figure, and what they were measured with.

    Parameters
    ----------
    group, figure : str
    rows : tuple of Row
    quick : bool
        Whether only a sample of the work was done.
    setting : dict
        The machine, Python's version and the libraries'; see describe_setting.
    """

    group: str
    figure: str
    rows: tuple[Row, ...]
    quick: bool
    setting: Mapping[str, Any]


def describe_setting() -> dict[str, Any]:
    """Return the processor, the number of CPUs to use, and the versions.

    Returns
    -------
    dict
        "processor", "cpus", "system", "python" and "versions".
    """
    return {
        "processor": _processor(),
        "cpus": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("mmclassic", *LIBRARIES)},
    }


def name_setting(measured: Iterable[Measured]) -> str:
    """Return a line that names the machine and the versions, one line each if several.

    Parameters
    ----------
    measured : iterable of Measured

    Returns
    -------
    str
    """
    lines = []
    for each in measured:
        setting = each.setting
        versions = ", ".join(f"{lib} {v}" for lib, v in setting["versions"].items())
        cpus = "1 CPU" if setting["cpus"] == 1 else f"{setting['cpus']} CPUs"
        lines.append(
            f"{setting['processor']}, {cpus}, {setting['system']}; "
            f"Python {setting['python']}, {versions}."
        )
    return "\n".join(dict.fromkeys(lines))


def write_results(measured: Iterable[Measured], path: Path) -> None:
    """Write figures into a file, in the place of figures of their names.

    Parameters
    ----------
    measured : iterable of Measured
    path : Path
        What it holds of other figures is kept.

    Raises
    ------
    ValueError
        If the file holds something else.
    """
    kept = {(each.group, each.figure): each for each in _read_if_there(path)}
    kept |= {(each.group, each.figure): each for each in measured}
    content = {"figures": [asdict(each) for each in kept.values()]}
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    partial.replace(path)


def read_results(path: Path) -> list[Measured]:
    """Read what write_results wrote.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of Measured

    Raises
    ------
    ValueError
        If the file holds something else.
    """
    try:
        figures = json.loads(path.read_text())["figures"]
        return [
            Measured(**{**figure, "rows": tuple(map(_row, figure["rows"]))})
            for figure in figures
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"{str(path)!r} holds no figures of this program. Name another file, or "
            "remove it and measure again."
        ) from error


def _read_if_there(path: Path) -> list[Measured]:
    return read_results(path) if path.exists() and path.stat().st_size else []


def _row(fields: dict[str, Any]) -> Row:
    ratio, differences = fields.get("ratio"), fields.get("differences", {})
    tuples = {
        "ratio": ratio and tuple(ratio),
        "differences": {name: tuple(pair) for name, pair in differences.items()},
    }
    return Row(**(fields | tuples))


def _processor() -> str:
    """Return the processor's name, as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor() or platform.machine()
