"""A callback that writes to a file what it is told, from whatever process."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np

# Of threads too: a line of a file opened to append is written at once.


class Recording:
    """Note every hook that is called, and where in the tree of tasks."""

    def __init__(self, path, max_propagation_depth=None):
        self.path = Path(path)
        self.max_propagation_depth = max_propagation_depth
        self.path.touch()

    def setup(self, estimator, context):
        self._note("setup", context)

    def teardown(self, estimator, context):
        self._note("teardown", context)

    def on_fit_task_begin(self, estimator, context):
        assert type(estimator).__name__ == context.estimator_name
        assert context.max_subtasks is not None
        self._note("begin", context)

    def on_fit_task_end(self, estimator, context):
        self._note("end", context)

    def _note(self, hook, context):
        tasks = []
        while context is not None:
            name = f"{context.estimator_name} {context.task_name}"
            if context.source_task_name is not None:
                name = f"{context.source_task_name}: {name}"
            tasks.insert(0, (context.task_id, name))
            context = context.parent
        line = json.dumps([hook, tasks, os.getpid()]) + "\n"
        with self.path.open("ab", buffering=0) as file:
            file.write(line.encode())

    def tasks(self, hook):
        """Return the paths of the tasks that a hook was called for, and how often."""
        lines = [json.loads(line) for line in self.path.read_text().splitlines()]
        return Counter(
            tuple(map(tuple, tasks)) for told, tasks, _ in lines if told == hook
        )

    def processes(self):
        lines = self.path.read_text().splitlines()
        return {json.loads(line)[2] for line in lines}

    def names(self, *above):
        """Return the names of the tasks right beneath such ones, and how often."""
        counted = Counter()
        for task in self.tasks("begin"):
            *parents, name = [name for _, name in task]
            nearest = parents[-len(above) :]
            if len(nearest) == len(above) and all(
                map(str.__contains__, nearest, above)
            ):
                counted[name] += 1
        return counted

    def check_all_ended(self):
        begun, ended = self.tasks("begin"), self.tasks("end")
        assert begun == ended
        assert set(begun.values()) == {1}
        assert self.tasks("setup").total() == self.tasks("teardown").total() == 1


def has_traces(estimator):
    """Tell whether a fit has left its tasks on an estimator or on one in it."""
    inside = [estimator, *estimator.get_params().values()]
    for name, value in vars(estimator).items():
        if name.endswith("_") and isinstance(value, list):
            inside += [part for _, part, *_ in value]
    return any(
        name in vars(each)
        for each in inside
        if hasattr(each, "get_params") and not isinstance(each, type)
        for name in ("_parent_callback_ctx", "_callback_fit_ctx")
    )


def pictures(n):
    """Return grey pictures, of two kinds in turn."""
    rng = np.random.default_rng(0)
    made = rng.integers(0, 80, (n, 48, 48)).astype(np.uint8)
    made[::2, :, ::6] = 255
    return list(made)
