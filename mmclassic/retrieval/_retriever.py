"""CrossModalRetriever: an item of one modality to the nearest items of another."""

from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._execution import fit_task, single_threaded
from mmclassic.fusion._blocks import check_transformer, fit_describe, without_lacking
from mmclassic.fusion._fusion import Column, Fusion
from mmclassic.fusion._row_kernel import KERNELS
from mmclassic.retrieval._checks import (
    check_blocks,
    check_hubs,
    check_settings,
    read_classes,
)
from mmclassic.retrieval._hubs import some_of
from mmclassic.retrieval._index import Mapped, map_table, prepared, side_by_side
from mmclassic.retrieval._maps import learn_maps, map_block
from mmclassic.retrieval._search import METRICS
from mmclassic.retrieval._searcher import Searcher

__all__ = ["CrossModalRetriever"]


class CrossModalRetriever(Searcher, TransformerMixin, Fusion):
    """Find items of one modality by an item of another: photos by a sentence.

    Each part describes its column; a kernel says how alike two rows are by it, and its
    principal axes are mapped to a space that the modalities have in common. There an
    item of any modality has neighbours of any other.

    Parameters
    ----------
    parts : list of (name, transformer, column)
        Two at least, as in :class:`mmclassic.fusion.EarlyFusion`. The transformer
        "drop" leaves the part out.
    method : {"correlation", "semantic", "both"}, default="correlation"
        The common space [1]_. "correlation": axes on which a row has alike coordinates
        by each modality, by regularised canonical correlation analysis. "semantic":
        the probabilities of the classes, by logistic regression; needs y. "both": the
        probabilities of the classes, given the coordinates on those axes.
    metric : {"auto", "cosine", "nc", "centered", "l1"}, default="auto"
        1 minus the cosine of two rows' coordinates; the same with the mean of the
        training rows taken off first (normalised correlation); or with each row's own
        mean taken off (centred correlation); or the sum of absolute differences.
        "auto" is "cosine" for "correlation" and "centered" for probabilities.
    kernels : str, callable or dict of them, default="auto"
        As in :class:`mmclassic.fusion.KernelFusionClassifier`.
    n_components : int, default=128
        Axes that correlate, at most.
    shrinkage : float or dict of str to float, default=0.7
        From 0, where few rows agree by chance, to 1, where only axes of much variance
        count. Of a dict ``{name: shrinkage}`` a part not named has 0.7.
    power : float, default=1.0
        A component is multiplied by this power of how far the modalities agree on it.
    C : float, default=1.0
        Of the logistic regression.
    n_hub_neighbors : int, default=0
        An item that is near to most queries is found too often: a hub. Half its mean
        distance to so many of the nearest training rows' items of the query's modality
        is taken off [2]_; distances may be negative then. 0 takes nothing off.
    max_axes : int, default=1000
        Principal axes that a kernel is reduced to.
    max_rows : int, default=3000
        Training rows that these axes are found from, evenly spaced among more.
    search : {"exact", "faiss"}, default="exact"
        "faiss" looks into an eighth of a large index only, and finds 99 of 100 of the
        ten nearest of 100,000 rows in an eighth of the time where some coordinates
        vary more than others, 62 where none does. It needs
        ``pip install "mmclassic[faiss]"``.
    n_jobs : int or None, default=None
        Parts at a time, as joblib's.

    Attributes
    ----------
    parts_ : list of (name, fitted transformer, column)
        "drop" for a part left out.
    scorers_ : dict of str to PartScorer
        What gives each part's rows their coordinates, or logits of the classes.
    agreements_ : ndarray of shape (n_components,)
        How far the modalities agree on each axis, unless "semantic".
    classes_ : ndarray of shape (n_classes,)
        Unless "correlation".
    indexed_ : dict of str to int
        How many rows with each modality can be found.
    modality_counts_ : dict of str to int
        How many training rows have each modality.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where all are strings.

    See Also
    --------
    ranking_scores : Scores of neighbours by which of them are right.

    Notes
    -----
    A row may lack modalities: it takes part in what concerns those that it has, and
    isn't found as a neighbour by the others. Fitting takes 8 bytes *
    ``max_rows`` ** 2 * 3, and the cube of ``max_rows`` of operations.

    References
    ----------
    .. [1] Rasiwasia et al., "A new approach to cross-modal multimedia retrieval"
       (2010). :doi:`10.1145/1873951.1873987`
    .. [2] Conneau et al., "Word translation without parallel data" (2018), eq. 3.
       :arxiv:`1710.04087`

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmclassic.retrieval import CrossModalRetriever
    >>> from mmclassic.text import TfidfVectorizer
    >>> X = pd.DataFrame({"title": ["red cup", "blue cup", "red hat", "blue hat"] * 3,
    ...                   "height": [1.0, 1.2, 8.0, 9.0] * 3,
    ...                   "redness": [9.0, 1.0, 9.5, 1.3] * 3})
    >>> retriever = CrossModalRetriever(
    ...     [("text", TfidfVectorizer(), "title"),
    ...      ("looks", StandardScaler(), ["height", "redness"])], n_components=2)
    >>> distances, rows = retriever.fit(X).kneighbors(
    ...     ["a red hat"], modality="text", n_neighbors=1)
    >>> X["title"][rows[0, 0]]
    'red hat'
    """

    _parameter_constraints = {
        "parts": [list],
        "method": [StrOptions({"correlation", "semantic", "both"})],
        "metric": [StrOptions({"auto", *METRICS})],
        "kernels": [StrOptions({"auto", *KERNELS}), callable, dict],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "shrinkage": [Interval(Real, 0, 1, closed="both"), dict],
        "power": [Interval(Real, 0, None, closed="left")],
        "C": [Interval(Real, 0, None, closed="neither")],
        "n_hub_neighbors": [Interval(Integral, 0, None, closed="left")],
        "max_axes": [Interval(Integral, 1, None, closed="left")],
        "max_rows": [Interval(Integral, 2, None, closed="left")],
        "search": [StrOptions({"exact", "faiss"})],
        "n_jobs": [Integral, None],
    }
    weights: Any = "none"  # which no part of a search has

    def __init__(
        self,
        parts: list[tuple[str, Any, Column]],
        *,
        method: str = "correlation",
        metric: str = "auto",
        kernels: Any = "auto",
        n_components: int = 128,
        shrinkage: float | dict[str, float] = 0.7,
        power: float = 1.0,
        C: float = 1.0,
        n_hub_neighbors: int = 0,
        max_axes: int = 1000,
        max_rows: int = 3000,
        search: str = "exact",
        n_jobs: int | None = None,
    ) -> None:
        self.parts = parts
        self.method = method
        self.metric = metric
        self.kernels = kernels
        self.n_components = n_components
        self.shrinkage = shrinkage
        self.power = power
        self.C = C
        self.n_hub_neighbors = n_hub_neighbors
        self.max_axes = max_axes
        self.max_rows = max_rows
        self.search = search
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> "CrossModalRetriever":
        """Fit the parts and the common space, and index the rows.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
            What goes together is in one row.
        y : array-like of shape (n_samples,), default=None
            Classes; passed to the parts too.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If no row has some modality, there are fewer than two, or y is needed and
            isn't there.
        """
        self.fit_transform(X, y)
        return self

    @_fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float64]:
        """Fit as :meth:`fit`, and return the coordinates of the same rows.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), default=None

        Returns
        -------
        ndarray of shape (n_samples, n_modalities * n_coordinates)
        """
        self._check_parts(partial(check_transformer, self))
        check_settings(self)
        check_hubs(self)
        table, present = self._read_fit(X)
        y, codes = read_classes(self, table, y)
        clones = self._clones()
        with fit_task(self, len(clones) + 1, X, y) as task:
            results = self._calls(
                fit_describe,
                table,
                self._positions,
                present,
                lambda name, rows: (
                    None if y is None else y[rows],
                    clones[name],
                    task.subtask(f"describe {name}"),
                ),
            )
            fitted = dict(zip(clones, (part for part, _ in results), strict=True))
            self.parts_ = self._fitted_parts(fitted)
            found = without_lacking([block for _, block in results], present)
            blocks = dict(zip(clones, found, strict=True))
            check_blocks(self, blocks, present)
            self._count(dict(zip(clones, present.sum(axis=0).tolist(), strict=True)))
            with task.subtask("relate"), single_threaded():
                self.scorers_ = learn_maps(self, blocks, present, codes)
                mapped = {
                    name: Mapped(
                        np.flatnonzero(rows),
                        map_block(blocks[name], self.scorers_[name], self.method),
                    )
                    for name, rows in zip(blocks, present.T, strict=True)
                }
        self._means = {name: own.values.mean(axis=0) for name, own in mapped.items()}
        self._known = {
            name: some_of(prepared(self, own.values, name))
            for name, own in mapped.items()
            if self.n_hub_neighbors
        }
        self._set_index(mapped)
        return side_by_side(mapped, len(present))

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the coordinates in the common space, of each modality in turn.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_modalities * n_coordinates)
            NaN where a row lacks a modality.
        """
        check_is_fitted(self)
        return side_by_side(*map_table(self, X, whole=True))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the coordinates: "image__0", or "image__<class>".

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of shape (n_features,), object
        """
        check_is_fitted(self)
        of_classes = self.method != "correlation"
        own = self.classes_ if of_classes else range(len(self.agreements_))
        return np.array([f"{n}__{i}" for n in self.scorers_ for i in own], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
