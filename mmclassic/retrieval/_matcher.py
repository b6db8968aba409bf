"""CrossModalMatcher: rows of a table to how well their modalities go together."""

from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from mmclassic._execution import fit_task, single_threaded
from mmclassic.fusion._blocks import check_transformer, describe, fit_describe
from mmclassic.fusion._fusion import Column, Fusion
from mmclassic.fusion._row_kernel import KERNELS
from mmclassic.retrieval._agreement import (
    agreement_names,
    agreements,
    check_belonging,
    compare_held_out,
    moments,
)
from mmclassic.retrieval._checks import check_settings, read_belonging, shrinkages
from mmclassic.retrieval._pairs import (
    distinct_cells,
    items_of,
    left_out_folds,
    valid_cells,
)
from mmclassic.retrieval._search import prepare

__all__ = ["CrossModalMatcher"]


class CrossModalMatcher(TransformerMixin, Fusion):
    """Compare the modalities of each row, so that it shows whether they go together.

    Does this text belong to this picture? From the rows that are known to belong
    together a common space is learned, as by :class:`CrossModalRetriever`. The features
    of a row are how similar its items are in that space, and how similar each is to
    others. A classifier after it learns which similarities tell.

    Parameters
    ----------
    parts : list of (name, transformer, column)
        Two at least, as in :class:`mmclassic.fusion.EarlyFusion`. They learn without y.
    kernels : str, callable or dict of them, default="auto"
        As in :class:`mmclassic.fusion.KernelFusionClassifier`.
    n_components : int, default=128
        Axes that correlate, at most.
    shrinkage : float or dict of str to float, default=0.9
        From 0, where few rows agree by chance, to 1, where only axes of much variance
        count. Of a dict ``{name: shrinkage}`` a part not named has 0.7.
    nearest : float, default=0.05
        The share of the known items, the most similar ones, by which it is judged how
        similar an item is to others.
    pos_label : int, float, bool or str, default=1
        The y of rows that belong together.
    cv : int, default=6
        Inner folds of the items. ``fit_transform`` compares a row in a space that is
        learned without all that is of its items, as new rows are.
    max_axes : int, default=1000
        Principal axes that a kernel is reduced to.
    max_rows : int, default=3000
        Training rows that these axes are found from, evenly spaced among more.
    n_jobs : int or None, default=None
        Parts at a time, as joblib's.

    Attributes
    ----------
    parts_ : list of (name, fitted transformer, column)
        "drop" for a part left out.
    scorers_ : dict of str to PartScorer
        What gives each part's rows their coordinates.
    mean_, scale_ : ndarray of shape (n_features,)
        By which features are standardised.
    modality_counts_ : dict of str to int
        How many training rows have each modality.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where all are strings.

    See Also
    --------
    CrossModalRetriever : Finds what belongs to an item.

    Notes
    -----
    Equal texts, paths, bytes and arrays are one cell, which is described once; cells of
    rows that belong together, such as a photo and each of its captions, are one item.
    As many of the ``cv`` folds of items as a row has items of are left out at a time.

    Where rows are made by shuffling, cross-validate with shuffles inside each fold: a
    text that occurs in a true pair among the training rows is known not to belong to
    another picture. Pass the folds as ``groups`` of the outer splitter.

    A row that lacks one of two modalities gets the mean of the training rows.

    References
    ----------
    .. [1] Rasiwasia et al., "A new approach to cross-modal multimedia retrieval"
       (2010): the common space. :doi:`10.1145/1873951.1873987`
    .. [2] Conneau et al., "Word translation without parallel data" (2018): how similar
       others are. :arxiv:`1710.04087`

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import LinearSVC
    >>> from mmclassic.retrieval import CrossModalMatcher
    >>> from mmclassic.text import TfidfVectorizer
    >>> X = pd.DataFrame({"title": ["red cup", "blue cup", "red hat", "blue hat"] * 6,
    ...                   "height": [1, 1.2, 8, 9] * 3 + [9, 8, 1.2, 1] * 3})
    >>> y = [1] * 12 + [0] * 12
    >>> model = make_pipeline(
    ...     CrossModalMatcher([("text", TfidfVectorizer(), "title"),
    ...                        ("looks", StandardScaler(), ["height"])]),
    ...     LinearSVC())
    >>> asked = pd.DataFrame({"title": ["a blue hat"] * 2, "height": [8.5, 1.1]})
    >>> model.fit(X, y).predict(asked).tolist()
    [1, 0]
    """

    _parameter_constraints = {
        "parts": [list],
        "kernels": [StrOptions({"auto", *KERNELS}), callable, dict],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "shrinkage": [Interval(Real, 0, 1, closed="both"), dict],
        "nearest": [Interval(Real, 0, 1, closed="right")],
        "pos_label": [Real, str, "boolean"],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "max_axes": [Interval(Integral, 1, None, closed="left")],
        "max_rows": [Interval(Integral, 2, None, closed="left")],
        "n_jobs": [Integral, None],
    }
    weights: Any = "none"  # which no part of a comparison has

    def __init__(
        self,
        parts: list[tuple[str, Any, Column]],
        *,
        kernels: Any = "auto",
        n_components: int = 128,
        shrinkage: float | dict[str, float] = 0.9,
        nearest: float = 0.05,
        pos_label: Any = 1,
        cv: int = 6,
        max_axes: int = 1000,
        max_rows: int = 3000,
        n_jobs: int | None = None,
    ) -> None:
        self.parts = parts
        self.kernels = kernels
        self.n_components = n_components
        self.shrinkage = shrinkage
        self.nearest = nearest
        self.pos_label = pos_label
        self.cv = cv
        self.max_axes = max_axes
        self.max_rows = max_rows
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None, *, groups: Any = None) -> "CrossModalMatcher":
        """Fit the parts, and the space in which what belongs together is similar.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), default=None
            Which rows belong together; None if all do.
        groups : array-like of shape (n_samples,), default=None
            Items of rows of a group that belong together are left out together.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If too few rows belong together.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        self.fit_transform(X, y, groups=groups)
        return self

    @_fit_context(prefer_skip_nested_validation=False)
    def fit_transform(
        self, X: Any, y: Any = None, *, groups: Any = None
    ) -> NDArray[np.float64]:
        """Fit as :meth:`fit`, and compare the same rows, each in a space without it.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), default=None
        groups : array-like of shape (n_samples,), default=None

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Not what ``transform`` gives of the rows once they are known.
        """
        self._check_parts(partial(check_transformer, self))
        check_settings(self)
        table, present = self._read_fit(X)
        check_consistent_length(np.empty(len(present)), y, groups)
        belong = read_belonging(y, self.pos_label, len(present))
        clones = self._clones()
        with fit_task(self, len(clones) + 1, X, y) as task:
            cells = distinct_cells(table, self._positions, present)
            firsts = np.column_stack([each.first for each in cells.values()])
            results = self._calls(
                fit_describe,
                table,
                self._positions,
                firsts,
                lambda name, _: (None, clones[name], task.subtask(f"describe {name}")),
            )
            fitted = dict(zip(clones, (part for part, _ in results), strict=True))
            self.parts_ = self._fitted_parts(fitted)
            blocks, cells = valid_cells(cells, [block for _, block in results])
            self._n_block_features = {name: b.shape[1] for name, b in blocks.items()}
            self._count({n: int((c.codes >= 0).sum()) for n, c in cells.items()})
            with task.subtask("relate"), single_threaded():
                check_belonging(self, belong, cells)
                folds = left_out_folds(items_of(cells, belong, groups), self.cv)
                values = compare_held_out(
                    self, blocks, cells, belong, folds, shrinkages(self, list(blocks))
                )
        self.mean_, self.scale_ = moments(values)
        return self._standardised(values)

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Compare the modalities of each row.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Standardised; 0 where a row lacks one of two modalities.

        Raises
        ------
        ValueError
            If a column of fit isn't in X.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        table, positions, present = self._read(X)
        cells = distinct_cells(table, positions, present)
        fitted = {name: part for name, part, _ in self.parts_}
        found = self._calls(
            describe,
            table,
            positions,
            np.column_stack([each.first for each in cells.values()]),
            lambda name, _: (fitted[name], self._n_block_features[name]),
        )
        blocks, cells = valid_cells(cells, found)
        with single_threaded():
            mapped = {
                name: prepare(scorer(blocks[name]), "cosine")
                if blocks[name].shape[0]
                else np.empty_like(self._known[name][:0])
                for name, scorer in self.scorers_.items()
            }
            values = agreements(mapped, self._known, cells, self.nearest)
        return self._standardised(values)

    def _standardised(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.nan_to_num((values - self.mean_) / self.scale_, copy=False)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the features: "text__image__similarity" and so on.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of shape (n_features,), object
        """
        check_is_fitted(self)
        return np.array(agreement_names(list(self.scorers_)), object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
