"""What mattered inside each modality of a row, by taking pieces of it away."""

from collections.abc import Sequence
from itertools import chain
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from mmclassic._execution import rows_within
from mmclassic.fusion._tables import as_table, n_rows, select
from mmclassic.inspection._contributions import contributions_of
from mmclassic.inspection._effects import (
    Setting,
    as_column,
    batched,
    effects_of,
    effects_of_words,
    emptied,
)
from mmclassic.inspection._game import check_coalitions
from mmclassic.inspection._kinds import kind_of_part, rate_of_part
from mmclassic.inspection._pieces import Picture, Text, read_content
from mmclassic.inspection._row_explanation import PartExplanation, RowExplanation
from mmclassic.inspection._take_apart import Model, Rows, take_apart
from mmclassic.inspection._targets import OUTPUTS, choose_output, target_of
from mmclassic.inspection._terms import linear_terms
from mmclassic.inspection._word_terms import shares_of_terms, vectorizers_of

__all__ = ["explain", "explain_row"]

MOST_WORDS = 5000


@validate_params(
    {
        "row": [Interval(Integral, 0, None, closed="left")],
        "modalities": ["array-like", None],
        "output": [StrOptions(set(OUTPUTS))],
        "n_pieces": [Interval(Integral, 1, None, closed="left")],
        "max_coalitions": [Interval(Integral, 4, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def explain_row(
    model: Any,
    X: Any,
    row: int = 0,
    *,
    target: Any = None,
    modalities: Sequence[str] | None = None,
    output: str = "auto",
    n_pieces: int = 64,
    max_coalitions: int = 1024,
    random_state: Any = None,
) -> RowExplanation:
    """Tell which words, regions of the picture and moments of the clip mattered.

    Each piece is taken away in turn, and the model asked again [1]_: a word is left
    out, a window of the picture is blurred away, a moment of the clip is cut out, a
    column of a table is emptied, a visual word's descriptors are left out [2]_. What
    the answer loses is the piece's effect. Where the model is linear in a modality's
    features, its terms are given too, exactly, and a word's effect is its share of
    those that it stands in.

    Parameters
    ----------
    model : fitted estimator
        A Pipeline of :func:`~mmclassic.make_multimodal_pipeline`, a late fusion, or a
        search such as GridSearchCV over one.
    X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
    row : int, default=0
        Position of the row in X.
    target : class or None, default=None
        The class whose chance is explained; None for the predicted one.
    modalities : sequence of str or None, default=None
        Which to look into; None for all.
    output : {"auto", "log_odds", "probability", "decision", "value"}, default="auto"
        As in :func:`modality_contributions`.
    n_pieces : int, default=64
        About how many pieces of a text, picture or clip, and the most visual words:
        each costs its description anew. Windows and moments overlap by a half. Words
        whose terms are known cost nothing, and are all looked at.
    max_coalitions : int, default=1024
        As in :func:`modality_contributions`.
    random_state : int, RandomState instance or None, default=None
        As in :func:`modality_contributions`.

    Returns
    -------
    RowExplanation
        ``contributions`` of the modalities and, in ``parts``, ``labels``, ``effects``
        and ``terms`` of each; ``parts["image"].draw()`` is the picture with what
        mattered, and ``draw_words()`` the same by visual words. Shows itself in a
        notebook.

    Raises
    ------
    TypeError
        If there is no fusion in the model, or nothing that decides.
    ValueError
        If the row or a modality isn't there, or the target is no class.
    MediaError
        If an item can't be read.

    See Also
    --------
    modality_contributions : What each modality brings, in every row.

    Notes
    -----
    Effects are of single pieces: two regions that say the same have little effect
    each, and together much. They need not sum to the modality's contribution. Terms,
    and what words share of them, are counted in the score of the linear model: the
    modality's own in a late fusion.

    References
    ----------
    .. [1] Zeiler & Fergus, "Visualizing and understanding convolutional networks",
       ECCV 2014. :doi:`10.1007/978-3-319-10590-1_53`
    .. [2] Sivic & Zisserman, "Video Google", ICCV 2003.
       :doi:`10.1109/ICCV.2003.1238663`

    Examples
    --------
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.inspection import explain_row
    >>> X, y = make_multimodal(60, random_state=0, return_X_y=True)
    >>> model = make_multimodal_pipeline(
    ...     text="text", audio="audio", fusion="late", random_state=0
    ... ).fit(X, y)
    >>> explained = explain_row(model, X, 3)
    >>> X["text"][3].split()[:3] == explained.parts["text"].labels[:3]
    True
    """
    parted = take_apart(model)
    parted.check_takes_missing("Fit it with missing='zero'.")
    check_coalitions(max_coalitions, len(parted.names))
    return explain(
        parted,
        X,
        int(row),
        target=target,
        names=_wanted(parted, modalities),
        output=choose_output(parted, output),
        n_pieces=n_pieces,
        max_coalitions=max_coalitions,
        rng=check_random_state(random_state),
    )


def explain(
    parted: Model,
    X: Any,
    row: int,
    *,
    target: Any,
    names: Sequence[str],
    output: str,
    n_pieces: int,
    max_coalitions: int,
    rng: np.random.RandomState,
    with_words: bool = True,
    described: Rows | None = None,
) -> RowExplanation:
    """Return the same of a model that is taken apart, its parameters checked.

    Parameters
    ----------
    parted : Model
    X, row, target, output, n_pieces, max_coalitions
        As explain_row takes; output as chosen.
    names : sequence of str
        The modalities to look into.
    rng : RandomState
    with_words : bool, default=True
        Whether to look at visual words.
    described : Rows or None, default=None
        All rows of X, described before; None to describe the one.

    Returns
    -------
    RowExplanation
    """
    one = _one_row(as_table(X), row)
    if described is None:
        with rows_within(np.array([row])):
            rows = parted.describe(one)
    else:
        rows = Rows(described.outputs, described.places[[row]])
    split = contributions_of(parted, rows, target, output, max_coalitions, rng)
    answers = parted.answers(rows.outputs, rows.places)
    explained = target_of(parted, answers, output, target)
    setting = Setting(parted, rows, row, explained)
    table = parted.table(one)
    return RowExplanation(
        row=row,
        target=None if split.target is None else split.target.tolist()[0],
        output=output,
        answer=float(split.answer[0]),
        baseline=float(split.baseline[0]),
        contributions=dict(
            zip(parted.names, split.contributions[0].tolist(), strict=True)
        ),
        parts={
            name: _explain_part(setting, table, name, n_pieces, with_words)
            for name in names
            if not np.isnan(rows.places[0, parted.names.index(name)])
        },
    )


def _wanted(parted: Model, modalities: Sequence[str] | None) -> list[str]:
    if modalities is None:
        return parted.names
    unknown = [name for name in modalities if name not in parted.names]
    if unknown:
        raise ValueError(
            f"{unknown[0]!r} is no modality of the model. They are: "
            f"{', '.join(map(repr, parted.names))}."
        )
    return list(modalities)


def _one_row(table: Any, row: int) -> Any:
    if row >= n_rows(table):
        raise ValueError(f"X has {n_rows(table)} rows; there is no row {row}.")
    if isinstance(table, np.ndarray):
        return table[[row]]
    return table.iloc[[row]] if hasattr(table, "iloc") else table[[row]]


def _explain_part(
    setting: Setting, table: Any, name: str, n_pieces: int, with_words: bool
) -> PartExplanation:
    parted, target = setting.parted, setting.target
    part = parted.uncached(name)
    positions = parted.positions(table)[name]
    cells = select(table, positions, np.ones(1, dtype=bool))
    kind = kind_of_part(part)
    content = None
    if not isinstance(positions, list):
        (cell,) = list(cells)
        content = read_content(kind, cell, n_pieces, rate_of_part(part))
    position = None if target.classes is None else int(target.classes[0])
    terms = linear_terms(parted, table, name, cells, position)
    pieces: list[Any] = []
    effects: NDArray[np.float64] | None = None
    if isinstance(positions, list) and kind == "values":
        try:
            effects = effects_of(setting, name, emptied(cells))
            pieces = [_column_name(table, position) for position in positions]
        except (ValueError, TypeError):  # the part takes no row with an empty column
            pass
    if isinstance(content, Text) and terms is not None:
        text = Text.read(content.text, MOST_WORDS)  # shares cost nothing
        vectorizers = list(vectorizers_of(part, "" if parted.is_late else f"{name}__"))
        effects = shares_of_terms(text.text, text.pieces, terms, vectorizers)
        content = content if effects is None else text
    if content is not None:
        pieces = list(content.pieces)
        if effects is None:
            variants = chain([content.whole], content.without())
            batches = (as_column(batch, cells) for batch in batched(variants))
            effects = effects_of(setting, name, batches)
    words = None
    if with_words and isinstance(content, Picture):
        words = effects_of_words(setting, name, cells, n_pieces)
    return PartExplanation(
        name=name,
        kind=kind,
        pieces=pieces,
        labels=pieces if content is None else content.labels(),
        effects=np.zeros(0) if effects is None else effects,
        terms=terms,
        words=words,
        content=content,
    )


def _column_name(table: Any, position: int) -> str:
    columns = getattr(table, "columns", None)
    return f"column {position}" if columns is None else str(columns[position])
