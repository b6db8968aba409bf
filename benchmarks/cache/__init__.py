"""What the cache saves, and what it costs: beside the same work without it."""

from collections.abc import Callable

from benchmarks.cache.first_pass import first_passes
from benchmarks.cache.grid_search import grid_search
from benchmarks.cache.second_process import second_processes
from benchmarks.common import Context, Row

# Printed under the table.
NOTE = (
    "One thread each, in turn. A first pass begins with an empty cache, and keeps "
    "everything;\nits ratio is of the time with the cache to the time without."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "first_pass": first_passes,
    "second_process": second_processes,
    "grid_search": grid_search,
}
