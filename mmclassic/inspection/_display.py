"""ModalityImportanceDisplay: what each modality brings, as bars."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._optional_dependencies import check_matplotlib_support

from mmclassic.inspection._importance import modality_importance

__all__ = ["ModalityImportanceDisplay"]

LABELS = {
    "shapley": "Share of the score (Shapley value)",
    "permutation": "Loss of score where shuffled",
    "drop": "Loss of score where left out",
}


class ModalityImportanceDisplay:
    """Bars of how much of a model's score each modality brings.

    Use :meth:`from_estimator`, or :meth:`from_importance` for what
    :func:`modality_importance` has returned. Needs matplotlib.

    Parameters
    ----------
    importance : Bunch
        As :func:`modality_importance` returns.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : matplotlib BarContainer

    See Also
    --------
    modality_importance : The figures.

    Examples
    --------
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.inspection import ModalityImportanceDisplay
    >>> X, y = make_multimodal(60, random_state=0, return_X_y=True)
    >>> model = make_multimodal_pipeline(
    ...     text="text", audio="audio", fusion="late", random_state=0
    ... ).fit(X[:50], y[:50])
    >>> display = ModalityImportanceDisplay.from_estimator(
    ...     model, X[50:], y[50:], random_state=0
    ... )
    >>> len(display.bars_)
    2
    """

    def __init__(self, importance: Bunch) -> None:
        self.importance = importance

    @classmethod
    def from_estimator(
        cls,
        model: Any,
        X: Any,
        y: Any,
        *,
        ax: Any = None,
        bar_kw: dict[str, Any] | None = None,
        **params: Any,
    ) -> "ModalityImportanceDisplay":
        """Measure the modalities of a fitted model, and draw them.

        Parameters
        ----------
        model : fitted estimator
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
        ax : matplotlib Axes, default=None
            A new figure's if None.
        bar_kw : dict, default=None
            Keywords of matplotlib's ``barh``.
        **params
            Those of :func:`modality_importance`: ``method=``, ``scoring=``, ...

        Returns
        -------
        ModalityImportanceDisplay
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        importance = modality_importance(model, X, y, **params)
        return cls.from_importance(importance, ax=ax, bar_kw=bar_kw)

    @classmethod
    def from_importance(
        cls, importance: Bunch, *, ax: Any = None, bar_kw: dict[str, Any] | None = None
    ) -> "ModalityImportanceDisplay":
        """Draw what :func:`modality_importance` has returned.

        Parameters
        ----------
        importance : Bunch
        ax : matplotlib Axes, default=None
            A new figure's if None.
        bar_kw : dict, default=None
            Keywords of matplotlib's ``barh``.

        Returns
        -------
        ModalityImportanceDisplay
        """
        return cls(importance).plot(ax=ax, bar_kw=bar_kw)

    def plot(
        self, *, ax: Any = None, bar_kw: dict[str, Any] | None = None
    ) -> "ModalityImportanceDisplay":
        """Draw the bars, the greatest on top, with the spread over the repeats.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            A new figure's if None.
        bar_kw : dict, default=None
            Keywords of matplotlib's ``barh``.

        Returns
        -------
        ModalityImportanceDisplay
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib import pyplot

        importance = self.importance
        if ax is None:
            height = 1.2 + 0.4 * len(importance.names)
            _, ax = pyplot.subplots(figsize=(6.4, height), layout="constrained")
        order = np.argsort(importance.importances_mean, kind="stable")
        style = {"color": "C0", "ecolor": "0.4", "capsize": 3, **(bar_kw or {})}
        self.bars_ = ax.barh(
            [importance.names[k] for k in order],
            importance.importances_mean[order],
            xerr=importance.importances_std[order],
            **style,
        )
        ax.axvline(0, color="0.4", linewidth=0.8)
        ax.set(xlabel=LABELS[importance.method], title=_title(importance))
        self.ax_ = ax
        self.figure_ = ax.figure
        return self


def _title(importance: Bunch) -> str:
    title = f"score {importance.score:.3g}"
    if np.isnan(importance.baseline_score):
        return title
    return f"{title}, with no modality {importance.baseline_score:.3g}"
