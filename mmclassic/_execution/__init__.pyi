from ._columns import Column, read_column
from ._invalid import one_warning
from ._map import map_items, map_rows
from ._memory import Remembered, remembering
from ._rows import original_row, rows_within
from ._threads import single_threaded

__all__ = [
    "Column",
    "Remembered",
    "map_items",
    "map_rows",
    "one_warning",
    "original_row",
    "read_column",
    "remembering",
    "rows_within",
    "single_threaded",
]
