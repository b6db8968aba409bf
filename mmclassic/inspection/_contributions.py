"""How much each modality brings to a model's answer in each row."""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from mmclassic.inspection._game import check_coalitions
from mmclassic.inspection._shapley import shapley_coalitions
from mmclassic.inspection._take_apart import Model, Rows, take_apart
from mmclassic.inspection._targets import OUTPUTS, choose_output, target_of

__all__ = ["contributions_of", "modality_contributions"]

BATCH = 4096  # rows that are answered at once, unless there are more


@validate_params(
    {
        "output": [StrOptions(set(OUTPUTS))],
        "max_coalitions": [Interval(Integral, 4, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def modality_contributions(
    model: Any,
    X: Any,
    *,
    target: Any = None,
    output: str = "auto",
    max_coalitions: int = 1024,
    random_state: Any = None,
) -> Bunch:
    """Split a fitted model's answer in each row into what each modality brings.

    The contributions are Shapley values [1]_: in every row they sum to the answer with
    all that the row has, less the answer with nothing. A modality that a row lacks
    contributes 0.

    Parameters
    ----------
    model : fitted estimator
        A Pipeline of :func:`~mmclassic.make_multimodal_pipeline`, a late fusion, or a
        search such as GridSearchCV over one.
    X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        Each item is described once.
    target : class, array-like of shape (n_samples,) or None, default=None
        The class whose chance is explained: one, or one a row; None for the class
        that the model predicts. None for a regressor.
    output : {"auto", "log_odds", "probability", "decision", "value"}, default="auto"
        What is split: log p/(1 - p) of the target, in which evidence adds up; p; the
        target's ``decision_function``; or a regressor's value. "auto" is the first of
        "log_odds", "decision" and "value" that the model has.
    max_coalitions : int, default=1024
        Beyond that many, those of 10 modalities, orders are drawn instead of all; the
        sum stays exact.
    random_state : int, RandomState instance or None, default=None
        Of the orders drawn.

    Returns
    -------
    Bunch
        contributions : ndarray of shape (n_samples, n_modalities)
        baseline : ndarray of shape (n_samples,)
            The answer with nothing.
        answer : ndarray of shape (n_samples,)
            The answer with all: ``baseline + contributions.sum(axis=1)``.
        names : list of str
        target : ndarray of shape (n_samples,) or None
            The class explained in each row.
        output : str
        exact : bool
            False where orders were drawn.

    Raises
    ------
    TypeError
        If there is no fusion in the model, or nothing that decides.
    ValueError
        If the target is no class, the model has no such output, or it refuses rows
        that lack a modality.

    See Also
    --------
    modality_importance : What each modality brings to the score.
    explain_row : What mattered inside each modality of one row.

    References
    ----------
    .. [1] Shapley, "A value for n-person games", 1953. :doi:`10.1515/9781400881970-018`

    Examples
    --------
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.inspection import modality_contributions
    >>> X, y = make_multimodal(60, random_state=0, return_X_y=True)
    >>> model = make_multimodal_pipeline(
    ...     text="text", audio="audio", fusion="late", random_state=0
    ... ).fit(X[:50], y[:50])
    >>> result = modality_contributions(model, X[50:])
    >>> result.contributions.shape, result.output
    ((10, 2), 'log_odds')
    """
    parted = take_apart(model)
    parted.check_takes_missing("Fit it with missing='zero'.")
    check_coalitions(max_coalitions, len(parted.names))
    chosen = choose_output(parted, output)
    rng = check_random_state(random_state)
    return contributions_of(
        parted, parted.describe(X), target, chosen, max_coalitions, rng
    )


def contributions_of(
    parted: Model,
    rows: Rows,
    target: Any,
    output: str,
    max_coalitions: int,
    rng: np.random.RandomState,
) -> Bunch:
    """Return the same of rows that are described.

    Parameters
    ----------
    parted : Model
    rows : Rows
    target, output, max_coalitions
        As modality_contributions takes; output as chosen.
    rng : RandomState

    Returns
    -------
    Bunch
    """
    played = shapley_coalitions(len(parted.names), max_coalitions, rng)
    answers = parted.answers(rows.outputs, rows.places)
    explained = target_of(parted, answers, output, target)
    shares = np.zeros((len(rows.places), len(parted.names)))
    at_once = max(1, BATCH // max(1, len(shares)))  # coalitions
    for start in range(0, len(played.members) - 1, at_once):
        # The last coalition is whole, and answered already.
        members = played.members[start : min(start + at_once, len(played.members) - 1)]
        places = np.where(members[:, None], rows.places, np.nan)
        asked = parted.answers(rows.outputs, places.reshape(-1, len(parted.names)))
        each = explained.tiled(len(members)).values(asked).reshape(len(members), -1)
        shares += each.T @ played.coefficients[start : start + len(members)]
        if start == 0:
            baseline = each[0]
    values = explained.values(answers)
    shares += values[:, None] * played.coefficients[-1]
    shares[np.isnan(rows.places)] = 0.0  # in place of sums that round to nearly that
    classes = None
    if explained.classes is not None:
        classes = answers.classes_[explained.classes]
    return Bunch(
        contributions=shares,
        baseline=baseline,
        answer=values,
        names=list(parted.names),
        target=classes,
        output=output,
        exact=played.exact,
    )
