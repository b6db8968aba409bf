"""What all groups share: where a figure runs, and a row of results."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# The highest resident memory of a process, for the source that a new one runs: what the
# resource module tells, on Linux, is the parent's where that is higher.
PEAK_BYTES = """
def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
            return int(line.split()[1]) * 1024
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""


class NoDataError(Exception):
    """A figure needs the real data, which is not there."""


@dataclass(frozen=True)
class Context:
    """Where a figure runs.

    Parameters
    ----------
    data : Path or None
        Folder of the real data.
    quick : bool
        Whether a sample of the work is enough: it shows that the figure runs.
    n_jobs : int
        Workers, for figures that aren't of time.
    n_seeds : int
        Fits, of models that chance enters.
    """

    data: Path | None
    quick: bool = False
    n_jobs: int = 1
    n_seeds: int = 1

    def table(self, path: str) -> "pd.DataFrame":
        """Read a table of the real data, the paths in it made complete.

        Parameters
        ----------
        path : str
            Relative to the folder of data.

        Returns
        -------
        DataFrame

        Raises
        ------
        NoDataError
            If there is no such file.
        """
        import pandas as pd

        if self.data is None or not (self.data / path).is_file():
            raise NoDataError(
                f"needs the real data ({path}). Name its folder in MMCLASSIC_DATA."
            )
        table = pd.read_csv(self.data / path)
        folder = (self.data / path).parent
        for column in {"audio", "image", "speech_fr"} & set(table):
            table[column] = [str(folder / cell) for cell in table[column]]
        return table

    def sample(
        self, table: "pd.DataFrame", by: Sequence[str], n: int
    ) -> "pd.DataFrame":
        """Return the first n rows of each group if quick, otherwise the table.

        Parameters
        ----------
        table : DataFrame
        by : sequence of str
            Columns that make a group.
        n : int
            Rows to keep of a group.

        Returns
        -------
        DataFrame
        """
        if self.quick:
            table = table.groupby(list(by), sort=False).head(n)
        return table.reset_index(drop=True)


@dataclass(frozen=True)
class Row:
    """One measured figure.

    Parameters
    ----------
    name : str
    protocol : str
        What was measured, on what.
    ours : float
    unit : str
        Of `ours`, its bounds and `peers`: "%", "ms", "s" or "MiB".
    spread : float or None
        Standard deviation, or standard error, of `ours`.
    spread_of : str
        What the spread is over: "5 folds", "3 seeds", "2985 rows".
    floor, ceiling : float or None
        What `ours` must reach, and what it must not exceed.
    peers : dict of str to float
        What others reach at the same.
    ratio : (float, float, float) or None
        To the peer: median and quartiles.
    ratio_of : {"speed", "time", "memory"}
        Of "speed", how many times we are faster than the peer, so that more is better;
        of "time" or "memory", how many times we take what the peer takes.
    at_least, at_most : float or None
        Bounds that the median of the ratio must keep.
    differences : dict of str to (float, float)
        From others on the same rows or folds, paired: the mean, and its standard error.
    error, error_of : float or None, str
        Distance of our numbers from the peer's, and its definition.
    real : bool
        Whether it was measured on the real data, not on made data.
    """

    name: str
    protocol: str
    ours: float
    unit: str = "%"
    spread: float | None = None
    spread_of: str = ""
    floor: float | None = None
    ceiling: float | None = None
    peers: dict[str, float] = field(default_factory=dict)
    ratio: tuple[float, float, float] | None = None
    ratio_of: str = "speed"
    at_least: float | None = None
    at_most: float | None = None
    differences: dict[str, tuple[float, float]] = field(default_factory=dict)
    error: float | None = None
    error_of: str = ""
    real: bool = False

    @property
    def missed(self) -> bool:
        """Whether `ours` or the ratio is out of its bounds."""
        return _is_out(self.ours, self.floor, self.ceiling) or self.misses_ratio

    @property
    def misses_ratio(self) -> bool:
        """Whether the median of the ratio is out of its bounds."""
        return self.ratio is not None and _is_out(
            self.ratio[0], self.at_least, self.at_most
        )

    def without_bounds(self) -> "Row":
        """Return the row without what it must reach, which a sample can't tell."""
        return replace(self, floor=None, ceiling=None, at_least=None, at_most=None)

    def cells(self) -> dict[str, str]:
        """Return what a table shows of the row, by column; empty where it has none.

        Returns
        -------
        dict of str to str
        """
        show = "{:.1f}".format if self.unit == "%" else three_digits
        spread = "" if self.spread is None else show(self.spread)
        ratio = ""
        if self.ratio is not None:
            middle, low, high = map(three_digits, self.ratio)
            what = "" if self.ratio_of == "speed" else f" the {self.ratio_of}"
            ratio = f"{middle}x{what} ({low}-{high})"
        bounds = (
            (">=", self.floor, f" {self.unit}"),
            ("<=", self.ceiling, f" {self.unit}"),
            (">=", self.at_least, "x"),
            ("<=", self.at_most, "x"),
        )
        asked = [
            f"{sign} {round(bound, 2):g}{of}"
            for sign, bound, of in bounds
            if bound is not None
        ]
        return {
            "figure": self.name,
            "ours": f"{show(self.ours)} {self.unit}",
            "+-": f"{spread} ({self.spread_of})" if spread else "",
            "peers": "; ".join(
                f"{peer} {show(value)}" for peer, value in self.peers.items()
            ),
            "ratio": ratio,
            "differences": "; ".join(
                f"{other} {mean:+.1f} +- {error:.1f}"
                for other, (mean, error) in self.differences.items()
            ),
            "asked": " ".join([*asked, *["MISSED"] * self.missed]),
            "error": f"{self.error:.2g} {self.error_of}" if self.error_of else "",
        }


def _is_out(value: float, low: float | None, high: float | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def three_digits(value: float) -> str:
    """Write a value with three significant digits: 0.123, 1.23, 12.3, 123.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    value = float(f"{value:.3g}") if abs(value) < 1000 else value
    decimals = next((n for n, size in enumerate((100, 10, 1)) if abs(value) >= size), 3)
    return f"{value:.{decimals}f}"
