"""A fit to a tree of tasks, of which scikit-learn's callbacks are told."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from threading import Lock
from typing import Any, TypeVar

from sklearn.base import clone

from mmclassic._execution._progress import listening

__all__ = ["NO_TASK", "Task", "fit_task", "n_item_tasks", "without_callbacks"]

T = TypeVar("T")

# A callback may take .2 ms a task: tasks are of at least so many items, unless items
# are few, and no more than so many, however long the table is. Progress bars are drawn
# ten times a second, each of them: tasks of items are their estimator's own, in which
# case it is the only bar.
ITEMS, MOST_TASKS, FEW_TASKS = 32, 50, 4


class Task:
    """A part of an estimator's fit that callbacks are told of when it begins and ends.

    A context manager of the time that it takes. A task that an error stops does not
    end, as in scikit-learn: callbacks hear of that by their ``teardown``.

    Parameters
    ----------
    estimator : estimator
        Whose fit it is.
    context : CallbackContext
    data : dict
        X and y, where they are known.
    """

    def __init__(self, estimator: Any, context: Any, **data: Any) -> None:
        self.estimator = estimator
        self.context = context
        self.data = data

    def __enter__(self) -> "Task":
        self.context.call_on_fit_task_begin(estimator=self.estimator, **self.data)
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if kind is None:
            self.context.call_on_fit_task_end(estimator=self.estimator, **self.data)

    def subtask(self, name: str, n_subtasks: int = 0) -> "Task":
        """Return a task of this one that has at most so many of its own."""
        context = self.context.subcontext(task_name=name, max_subtasks=n_subtasks)
        return Task(self.estimator, context)

    def undivided(self) -> "Task":
        """Return the same task for a fit of which nothing more is told."""
        return _Undivided(self.estimator, self.context, **self.data)

    @contextmanager
    def fitting(self, estimator: Any) -> Iterator[None]:
        """Fit another estimator inside the context: its tasks are this one's.

        Parameters
        ----------
        estimator : estimator
            What it fits itself counts too, where it supports callbacks and its fit is
            more than ``_is_one_task``. Where not, there is no warning: callbacks set
            on a fusion are for what can tell.
        """
        if not hasattr(estimator, "set_callbacks") or hasattr(
            estimator, "_is_one_task"
        ):
            with self:
                yield
            return
        quiet = _UNSUPPORTED if _is_told(self.estimator) else nullcontext()
        with quiet, self.context.propagate_callback_context(estimator), self:
            yield

    @contextmanager
    def items(self, name: str, n_items: int, n_tasks: int) -> Iterator[None]:
        """Map items inside the context, some in each of several tasks.

        Parameters
        ----------
        name : str
            Of each task.
        n_items : int
            Expected; there may be fewer.
        n_tasks : int
            At most.
        """
        if not _is_told(self.estimator) or not n_items:
            yield
            return
        chunks = _Chunks(self, name, n_items, min(n_items, n_tasks))
        with listening(chunks.advance):
            yield
        chunks.close()

    def __getstate__(self) -> dict[str, Any]:
        """Return what a worker process is told: not what an earlier fit learned."""
        return {**vars(self), "estimator": clone(self.estimator), "data": {}}


class _Chunks:
    """Items that are done to tasks that begin and end; see ``Task.items``."""

    def __init__(self, task: Task, name: str, n_items: int, n_tasks: int) -> None:
        self.task = task
        self.name = name
        self.n_items = n_items
        self.n_tasks = n_tasks
        self.n_done = self.n_begun = 0
        self._begin()

    def _begin(self) -> None:
        self.n_begun += 1
        self.chunk: Task | None = self.task.subtask(self.name).__enter__()

    def advance(self, n: int) -> None:
        self.n_done += n
        while self.chunk and self.n_done * self.n_tasks >= self.n_begun * self.n_items:
            self.close()
            if self.n_begun < self.n_tasks:
                self._begin()

    def close(self) -> None:
        if self.chunk is not None:
            self.chunk.__exit__(None, None, None)
            self.chunk = None


class _Undivided(Task):
    """A task that callbacks are told of, but not of those beneath."""

    def subtask(self, name: str, n_subtasks: int = 0) -> Task:
        return NO_TASK

    @contextmanager
    def fitting(self, estimator: Any) -> Iterator[None]:
        with self:
            yield


class _NoTask(Task):
    """A task that nobody is told of, nor of those beneath."""

    def __init__(self) -> None:
        super().__init__(None, None)

    def __enter__(self) -> Task:
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        pass

    def subtask(self, name: str, n_subtasks: int = 0) -> Task:
        return self

    @contextmanager
    def fitting(self, estimator: Any) -> Iterator[None]:
        yield

    @contextmanager
    def items(self, name: str, n_items: int, n_tasks: int) -> Iterator[None]:
        yield

    def __reduce__(self) -> str:
        return "NO_TASK"


NO_TASK = _NoTask()


@contextmanager
def fit_task(
    estimator: Any, n_subtasks: int, X: Any = None, y: Any = None
) -> Iterator[Task]:
    """Give the task that an estimator's fit is, to its end.

    The method must be ``with_callbacks``, or have scikit-learn's ``_fit_context``.

    Parameters
    ----------
    estimator : estimator with CallbackSupportMixin
    n_subtasks : int
        At most.
    X, y : object
        What it is fitted to.

    Yields
    ------
    Task
    """
    context = estimator._init_callback_context(max_subtasks=n_subtasks)
    with Task(estimator, context, X=X, y=y) as task:
        yield task


def n_item_tasks(n_items: int) -> int:
    """Return in how many tasks to tell of so many items."""
    size = max(1, min(ITEMS, n_items // FEW_TASKS))
    return min(MOST_TASKS, -(-n_items // size))


def without_callbacks(estimator: T) -> T:
    """Return what is shipped to workers: a shallow copy without callbacks and tasks."""
    names = [name for name in getattr(estimator, "__dict__", ()) if "callback" in name]
    if not names:
        return estimator
    bare = copy(estimator)
    for name in names:
        delattr(bare, name)
    return bare


def _is_told(estimator: Any) -> bool:
    """Tell whether callbacks are set, by the user or by what fits the estimator."""
    return hasattr(estimator, "_skl_callbacks")


class _Ignored:
    """A filter of warnings, there as long as some thread needs it.

    ``warnings.catch_warnings`` restores all filters, in one thread those of another.
    """

    def __init__(self, message: str) -> None:
        self.message = message
        self.lock = Lock()
        self.filter: Any = None
        self.n_entered = 0

    def __enter__(self) -> None:
        with self.lock:
            if self.filter not in warnings.filters:
                warnings.filterwarnings("ignore", self.message, UserWarning)
                self.filter = warnings.filters[0]
            self.n_entered += 1

    def __exit__(self, *_: Any) -> None:
        with self.lock:
            self.n_entered -= 1
            if self.n_entered == 0 and self.filter in warnings.filters:
                warnings.filters.remove(self.filter)  # type: ignore[attr-defined]


_UNSUPPORTED = _Ignored(
    r"The estimator \w+ does not support callbacks\. "
    r"|Callbacks are only supported in \w+ for solver="
)
