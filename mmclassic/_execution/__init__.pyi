from ._cache import Cache, FeatureCache, Libraries, as_cache, digest_of
from ._columns import Column, read_column
from ._invalid import one_warning
from ._map import Staged, map_items, map_rows
from ._memory import SharedMemory, remembering
from ._remembered import Remembered, remembered
from ._rows import original_row, rows_within
from ._threads import single_threaded
from ._workers import is_worker_thread, workers_for

__all__ = [
    "Cache",
    "Column",
    "FeatureCache",
    "Libraries",
    "Remembered",
    "SharedMemory",
    "Staged",
    "as_cache",
    "digest_of",
    "is_worker_thread",
    "map_items",
    "map_rows",
    "one_warning",
    "original_row",
    "read_column",
    "remembered",
    "remembering",
    "rows_within",
    "single_threaded",
    "workers_for",
]
