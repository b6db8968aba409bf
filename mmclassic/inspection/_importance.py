"""How much of a model's score each modality brings."""

from numbers import Integral
from typing import Any

from sklearn import config_context
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from mmclassic.inspection._game import Game
from mmclassic.inspection._take_apart import take_apart

__all__ = ["modality_importance"]


@validate_params(
    {
        "method": [StrOptions({"shapley", "permutation", "drop"})],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "max_coalitions": [Interval(Integral, 4, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def modality_importance(
    model: Any,
    X: Any,
    y: Any,
    *,
    method: str = "shapley",
    scoring: Any = None,
    n_repeats: int = 10,
    max_coalitions: int = 1024,
    sample_weight: Any = None,
    random_state: Any = None,
) -> Bunch:
    """Measure how much of a fitted model's score each modality brings.

    Rows that the model was not fitted on tell what it brings to new ones.

    Parameters
    ----------
    model : fitted estimator
        A Pipeline of :func:`~mmclassic.make_multimodal_pipeline`, a late fusion, or a
        search such as GridSearchCV over one.
    X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        Each item is described once, whatever the method.
    y : array-like of shape (n_samples,)
    method : {"shapley", "permutation", "drop"}, default="shapley"
        "shapley": the mean gain of score as the modality joins the others, over all
        orders in which they may join [1]_ [2]_; the values of the modalities sum to
        the score less what is reached with none of them. "drop": the loss of score
        where it is missing from every row. "permutation": the loss where it is
        shuffled among the rows [3]_. "shapley" and "drop" take the model's own way
        with missing modalities.
    scoring : str, callable or None, default=None
        As in :func:`sklearn.metrics.check_scoring`: None is the model's own score. A
        callable gets row numbers in the place of X.
    n_repeats : int, default=10
        Shuffles for "permutation"; otherwise draws of rows with replacement, within
        classes, for the spread.
    max_coalitions : int, default=1024
        For "shapley": beyond that many coalitions, those of 10 modalities, orders are
        drawn instead; the sum stays exact.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows in the score.
    random_state : int, RandomState instance or None, default=None
        Of what is shuffled or drawn. An int makes repeated calls equal.

    Returns
    -------
    Bunch
        importances_mean : ndarray of shape (n_modalities,)
            Of all rows; of "permutation" the mean over the shuffles.
        importances_std : ndarray of shape (n_modalities,)
            Over the repeats.
        importances : ndarray of shape (n_modalities, n_repeats)
        names : list of str
            The modalities, in the order of the fusion's parts.
        score : float
            With all modalities.
        baseline_score : float
            With none; NaN for "permutation".
        coalition_scores : dict of tuple of str to float
            The score with each coalition, such as ("text", "image"), that was played.
        coalition_scores_std : dict of tuple of str to float
            Their spread over draws of the rows; empty for "permutation".
        method : str
        exact : bool
            False where orders were drawn.

    Raises
    ------
    TypeError
        If there is no fusion in the model, or nothing that decides.
    ValueError
        If the model refuses missing modalities and the method needs them.
    MediaError
        If an item can't be read, naming its row.

    See Also
    --------
    modality_contributions : What each modality brings to the answer in each row.
    ModalityImportanceDisplay : The same, drawn.

    References
    ----------
    .. [1] Shapley, "A value for n-person games", 1953. :doi:`10.1515/9781400881970-018`
    .. [2] Strumbelj & Kononenko, "An efficient explanation of individual
       classifications using game theory", JMLR 11, 2010.
    .. [3] Breiman, "Random forests", 2001. :doi:`10.1023/A:1010933404324`

    Examples
    --------
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.inspection import modality_importance
    >>> X, y = make_multimodal(90, random_state=0, return_X_y=True)
    >>> model = make_multimodal_pipeline(
    ...     text="text", audio="audio", fusion="late", random_state=0
    ... ).fit(X[:60], y[:60])
    >>> result = modality_importance(model, X[60:], y[60:], random_state=0)
    >>> result.names
    ['text', 'audio']
    >>> gained = result.score - result.baseline_score
    >>> bool(abs(result.importances_mean.sum() - gained) < 1e-12)
    True
    """
    game = Game(take_apart(model), X, y, scoring, sample_weight)
    rng = check_random_state(random_state)
    with config_context(enable_metadata_routing=False):
        if method == "permutation":
            return game.by_permutation(n_repeats, rng)
        return game.by_coalitions(method, n_repeats, max_coalitions, rng)
