"""FitBar: a fit's tree of tasks to one line that names the step and how far it is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["FitBar", "fit_bars"]

BAR_WIDTH = 16  # columns; all of it fits into 80 with the longest description
STEP_DEPTH = 2  # of the steps of a fusion, in a pipeline


@contextmanager
def fit_bars() -> Iterator[list[Any]]:
    """Give the callbacks to set on a pipeline: one, on a terminal, otherwise none.

    A bar for each task, as scikit-learn's ProgressBar shows, would fill the terminal.
    """
    if not sys.stderr.isatty():
        yield []
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(BAR_WIDTH),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        redirect_stdout=False,
    )
    with bar:
        yield [FitBar(bar)]


class FitBar:
    """A callback that shows the step of a fusion's fit, and the innermost task there.

    Parameters
    ----------
    bar : rich.progress.Progress
    """

    max_propagation_depth = None

    def __init__(self, bar: Any) -> None:
        self.bar = bar
        self.title = ""
        self.shown = bar.add_task("Fitting", total=None)

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing: the bar is there."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing: the bar goes with its context."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Show a task that has tasks of its own, and a step of the fusion."""
        path = _path(context)
        if context.max_subtasks or len(path) == STEP_DEPTH + 1:
            self._show(path)

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Count a task where it belongs."""
        path = _path(context)
        if len(path) > STEP_DEPTH:
            self._show(path[:-1], n_done=context.task_id + 1)
        elif len(path) == 1:
            self.bar.update(self.shown, description="Fitted", total=1, completed=1)

    def _show(self, path: list[Any], n_done: int = 0) -> None:
        title = "Fitting"
        if len(path) > STEP_DEPTH:
            step, inner = path[STEP_DEPTH], path[-1]
            title += f": {step.source_task_name or step.task_name}"
            if inner is not step:
                title += f", {inner.estimator_name}"
        is_new = title != self.title
        self.title = title
        self.bar.update(
            self.shown,
            description=title,
            total=path[-1].max_subtasks or None,
            completed=n_done,
            refresh=is_new,  # a short step would pass between two drawings
        )


def _path(context: Any) -> list[Any]:
    path = [context]
    while path[0].parent is not None:
        path.insert(0, path[0].parent)
    return path
