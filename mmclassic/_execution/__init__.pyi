from ._cache import (
    Cache,
    FeatureCache,
    Libraries,
    as_cache,
    content_digest,
    digest_of,
    identity_digest,
)
from ._caller import Caller
from ._columns import Column, read_column
from ._invalid import gathered, one_warning, treat_as_missing
from ._map import Staged, map_items, map_rows
from ._memory import SharedMemory, remembering
from ._nested import within_an_item
from ._progress import items_done, listening
from ._remembered import Remembered, remembered
from ._rows import original_row, rows_within
from ._tasks import NO_TASK, Task, fit_task, n_item_tasks, without_callbacks
from ._threads import single_threaded
from ._workers import is_worker_thread, kind_of_workers, workers_for

__all__ = [
    "NO_TASK",
    "Cache",
    "Caller",
    "Column",
    "FeatureCache",
    "Libraries",
    "Remembered",
    "SharedMemory",
    "Staged",
    "Task",
    "as_cache",
    "content_digest",
    "digest_of",
    "fit_task",
    "gathered",
    "identity_digest",
    "is_worker_thread",
    "items_done",
    "kind_of_workers",
    "listening",
    "map_items",
    "map_rows",
    "n_item_tasks",
    "one_warning",
    "original_row",
    "read_column",
    "remembered",
    "remembering",
    "rows_within",
    "single_threaded",
    "treat_as_missing",
    "within_an_item",
    "without_callbacks",
    "workers_for",
]
