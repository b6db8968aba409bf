from ._columns import Column, read_column
from ._invalid import one_warning
from ._map import Staged, map_items, map_rows
from ._memory import Remembered, SharedMemory, remembered, remembering
from ._rows import original_row, rows_within
from ._threads import single_threaded

__all__ = [
    "Column",
    "Remembered",
    "SharedMemory",
    "Staged",
    "map_items",
    "map_rows",
    "one_warning",
    "original_row",
    "read_column",
    "remembered",
    "remembering",
    "rows_within",
    "single_threaded",
]
