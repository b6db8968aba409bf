"""What scikit-learn's callbacks cost a fit that tells them of every chunk of items."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from sklearn.callback import ProgressBar

from benchmarks.common import Context, Row
from benchmarks.pipeline.evaluate import trimodal
from benchmarks.real_or_made import scenes
from benchmarks.timing import one_thread, row_of_times
from mmclassic import make_multimodal_pipeline
from mmclassic.encoding import BagOfWords
from mmclassic.image import DenseSIFT

AT_MOST = 1.02
N_TURNS = 5
N_PICTURES = 600
N_WORDS, N_WORDS_QUICK = 256, 16
NOTE = (
    "Seconds of the processor. What the callbacks take of them is clocked from inside: "
    "two\nfits differ by more, from one time to the next. Nearly all of it is the "
    "bars' own\nthread, which draws ten times a second by the clock: where other work "
    "slows the fit, it\ntakes a larger share."
)


def pipeline(context: Context) -> list[Row]:
    """Return what progress bars cost a fit of text, pictures and sound, late fusion.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    with trimodal(context) as source:
        table = source.table

        def make() -> Any:
            return make_multimodal_pipeline(
                text="text",
                image="image",
                audio="audio",
                features="light",
                random_state=0,
            )

        def fit(model: Any) -> None:
            model.fit(table, table["label"])

        title = f"{source.title}, {len(table)} rows, late fusion of light features"
        name = "callbacks of a pipeline"
        return [_row(name, title, make, fit, context, real=source.real)]


def words(context: Context) -> list[Row]:
    """Return what progress bars cost a fit of words of dense SIFT.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    with scenes(context) as source:
        table = source.table[source.table["split"] == "train"]
        pictures = table["image"].sample(frac=1, random_state=0)[:N_PICTURES]
        n_words = N_WORDS_QUICK if context.quick else N_WORDS

        def make() -> Any:
            return BagOfWords(DenseSIFT(), n_words=n_words, random_state=0)

        def fit(encoder: Any) -> None:
            encoder.fit_transform(pictures)

        title = f"{source.title}, {len(pictures)} pictures, BagOfWords(DenseSIFT())"
        name = "callbacks of an encoder"
        return [_row(name, title, make, fit, context, real=source.real)]


FIGURES = {"pipeline": pipeline, "words": words}


class Clocked:
    """A callback that counts tasks, passes them on and clocks what that takes.

    Parameters
    ----------
    callback : callback or None, default=None
        What to pass tasks on to.
    """

    max_propagation_depth = None

    def __init__(self, callback: Any = None) -> None:
        self.callback = callback
        self.n_tasks = 0
        self.seconds = 0.0

    def setup(self, estimator: Any, context: Any) -> None:
        """Pass on."""
        self._call("setup", estimator, context)

    def teardown(self, estimator: Any, context: Any) -> None:
        """Pass on."""
        self._call("teardown", estimator, context)

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Count a task, and pass it on."""
        self.n_tasks += 1
        self._call("on_fit_task_begin", estimator, context)

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Pass on."""
        self._call("on_fit_task_end", estimator, context)

    def _call(self, hook: str, estimator: Any, context: Any) -> None:
        start = time.thread_time()
        if self.callback is not None:
            getattr(self.callback, hook)(estimator, context)
        self.seconds += time.thread_time() - start


def _row(
    name: str,
    title: str,
    make: Callable[[], Any],
    fit: Callable[[Any], None],
    context: Context,
    *,
    real: bool,
) -> Row:
    with_bars, without = [], []
    with one_thread(), _to_nowhere():
        fit(make())  # warms up
        for _ in range(1 if context.quick else N_TURNS):
            clocked = Clocked(ProgressBar(max_propagation_depth=None))
            model = make().set_callbacks(clocked)
            start, start_here = time.process_time(), time.thread_time()
            fit(model)
            seconds = time.process_time() - start
            others = seconds - (time.thread_time() - start_here)  # the bars' thread
            with_bars.append(seconds)
            without.append(seconds - others - clocked.seconds)
    return row_of_times(
        name,
        f"fit to {title}, with ProgressBar(max_propagation_depth=None), told of "
        f"{clocked.n_tasks} tasks; peer: the same fit without what the callback and "
        f"its thread take; {len(without)} turns",
        with_bars,
        without,
        peer_name="without",
        at_most=AT_MOST,
        real=real,
    )


@contextmanager
def _to_nowhere() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        yield
