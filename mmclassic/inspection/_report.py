"""A report of a fitted model as one page that needs nothing else."""

import os
from numbers import Integral
from pathlib import Path
from typing import Any

from sklearn import config_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from mmclassic._execution import one_warning
from mmclassic._files import written_whole
from mmclassic.inspection._explain import explain
from mmclassic.inspection._game import check_coalitions
from mmclassic.inspection._report_cards import Cards
from mmclassic.inspection._report_data import study
from mmclassic.inspection._report_page import page
from mmclassic.inspection._take_apart import take_apart
from mmclassic.inspection._targets import choose_output

__all__ = ["make_report"]


@validate_params(
    {
        "path": [str, os.PathLike],
        "title": [str, None],
        "n_mistakes": [Interval(Integral, 0, None, closed="left")],
        "n_pieces": [Interval(Integral, 0, None, closed="left")],
        "max_bytes": [Interval(Integral, 0, None, closed="left")],
        "max_coalitions": [Interval(Integral, 4, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_report(
    model: Any,
    X: Any,
    y: Any,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    scoring: Any = None,
    n_mistakes: int = 9,
    n_pieces: int = 36,
    max_bytes: int = 8 * 2**20,
    max_coalitions: int = 1024,
    random_state: Any = 0,
) -> Path:
    """Write one page about a fitted model: scores, modalities, gaps and mistakes.

    The page holds the score of each modality alone and of all together, what each
    brings, how the score falls as cells go missing, the confusions, and the worst
    mistakes with their picture, sound and text, and what in them mattered. It needs no
    network and no script, and reads on a phone.

    Parameters
    ----------
    model : fitted estimator
        A Pipeline of :func:`~mmclassic.make_multimodal_pipeline`, a late fusion, or a
        search such as GridSearchCV over one.
    X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        Rows that the model was not fitted on.
    y : array-like of shape (n_samples,)
    path : str or path-like
        The page's file, .html; an older one is replaced.
    title : str or None, default=None
        None for "What this model does".
    scoring : str, callable or None, default=None
        As in :func:`modality_importance`.
    n_mistakes : int, default=9
        The most mistakes that are shown.
    n_pieces : int, default=36
        As in :func:`explain_row`, for each mistake; 0 shows them unexplained.
    max_bytes : int, default=8 MiB
        Of pictures and sounds on the page. Each picture has 320 pixels at most, each
        clip 20 seconds.
    max_coalitions : int, default=1024
        As in :func:`modality_importance`.
    random_state : int, RandomState instance or None, default=0
        Of the draws of rows, and of the cells that are removed.

    Returns
    -------
    Path
        The page's file.

    Raises
    ------
    TypeError
        If there is no fusion in the model, or nothing that decides.
    ValueError
        If the model refuses rows that lack a modality.
    MediaError
        If an item can't be read and the model's ``invalid="error"``.
    FileNotFoundError
        If the file's folder does not exist.

    See Also
    --------
    modality_importance : What each modality brings to the score.
    explain_row : What mattered in one row.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.inspection import make_report
    >>> X, y = make_multimodal(60, random_state=0, return_X_y=True)
    >>> model = make_multimodal_pipeline(
    ...     text="text", audio="audio", fusion="late", random_state=0
    ... ).fit(X[:40], y[:40])
    >>> path = make_report(model, X[40:], y[40:], mkdtemp() + "/report.html")
    >>> path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    True
    """
    parted = take_apart(model)
    parted.check_takes_missing("Fit it with missing='zero'.")
    check_coalitions(max_coalitions, len(parted.names))
    rng = check_random_state(random_state)
    path = Path(path)
    settled = config_context(enable_metadata_routing=False)
    with settled, one_warning(), written_whole(path) as beside:
        data = study(parted, X, y, scoring, n_mistakes, max_coalitions, rng)
        cards = Cards(parted, parted.table(X), max_bytes)
        output = choose_output(parted, "auto")
        shown = []
        for mistake in data.mistakes:
            explained = None
            if n_pieces and output != "none":
                explained = explain(
                    parted,
                    X,
                    mistake.row,
                    target=None,
                    names=parted.names,
                    output=output,
                    n_pieces=n_pieces,
                    max_coalitions=max_coalitions,
                    rng=rng,
                    with_words=False,
                    described=data.rows,
                )
            shown.append(cards.card(mistake, explained))
        html = page(title or "What this model does", data, shown)
        beside.write_text(html, encoding="utf-8", errors="replace")
    return path
