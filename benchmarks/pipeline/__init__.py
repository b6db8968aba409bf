"""Whole tasks, from the files to the features or the score, beside plain code."""

from collections.abc import Callable

from benchmarks.common import Context, Row
from benchmarks.pipeline.evaluate import evaluate
from benchmarks.pipeline.files import hog_from_files, mfcc_from_files

# Printed under the table.
NOTE = (
    "One thread each. Times from files are medians of a file, read before; the ratio "
    "is of\nthe times that the same files took in turn: its median and quartiles."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "mfcc": mfcc_from_files,
    "hog": hog_from_files,
    "evaluate": evaluate,
}
