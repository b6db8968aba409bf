"""EarlyFusion: a table to one block of features, each modality's part scaled."""

from functools import partial
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from mmclassic._execution import fit_task
from mmclassic.fusion._block_weights import check_weights
from mmclassic.fusion._blocks import (
    check_transformer,
    describe,
    fit_describe,
    without_lacking,
)
from mmclassic.fusion._feature_names import feature_names
from mmclassic.fusion._fusion import Column, Fusion
from mmclassic.fusion._joining import fit_join, join_blocks, scale_blocks

__all__ = ["EarlyFusion"]


class EarlyFusion(TransformerMixin, Fusion):
    """Fuse modalities into one block of features for any classifier.

    Each part describes its column; its block is scaled by a :class:`BlockScaler`, so
    that none drowns another, weighted, and joined with the others. A part is fitted
    on the rows that have its modality.

    Parameters
    ----------
    parts : list of (name, transformer, column)
        A column is a str, the name of a DataFrame's column, or an int, its position:
        the transformer then gets a Series, or an array of one dimension. With a list
        of them it gets a DataFrame, or an array of two. The transformer "drop"
        leaves the part out.
    method : {"concatenate", "sum", "product", "bilinear"}, default="concatenate"
        How to join the blocks. "sum" and "product" are elementwise; "product" is that
        of 1 + each value, so that features alone count beside their products [2]_.
        "bilinear" gives every feature, and every product of features of several
        blocks; a sketch of 8192 features where these would be more.
    scaling : {"norm", "center", "standard", "rows"} or None, default="norm"
        As in :class:`BlockScaler`. None leaves the blocks as they are.
    weights : dict of str to float, "alignment" or None, default=None
        What to multiply a part's block by, 1 for a part not named. Each is a
        parameter too, ``weights__<name>``, for a grid search. "alignment" learns them
        from y, so that rows of one class, with like labels or of like numbers (y of
        floats) come to lie together [1]_. A part that learns from y is judged by rows
        of 5 inner folds, for which it is fitted anew.
    missing : {"mean", "zero", "indicator", "nan", "error"}, default="mean"
        What a row gets in the place of a modality that it lacks. "mean": the mean of
        the training rows that have it, of a sparse block the largest values. "zero":
        zeros. "indicator": as "mean", and one more feature a modality, 1 where it is
        missing. "nan": NaN, for a classifier that takes them; the result is dense.
        "error": nothing; a ValueError names the row.
    projection : {"pca", "cca"} or None, default=None
        How to reduce blocks to ``n_components`` features. "pca": those of more by PCA,
        sparse ones by TruncatedSVD. "cca": all, to axes on which rows lie alike by each
        modality (regularised multiset canonical correlation analysis). None: "cca" for
        "sum" and "product", else no reduction.
    n_components : int, default=64
        Width of the reduced blocks; zeros fill narrower ones for "sum" and "product".
    shrinkage : float, default=0.9
        Of "cca", from 0, where few rows agree by chance, to 1, where only features of
        much variance count.
    sparse_threshold : float, default=0.3
        Where some blocks are sparse and others dense, the result is sparse if this
        share of the values or less isn't 0.
    n_jobs : int or None, default=None
        Parts at a time, as joblib's.
    random_state : int, RandomState instance or None, default=None
        For PCA, TruncatedSVD and the sketch of "bilinear".
    verbose_feature_names_out : bool, default=True
        Whether names of features begin with the part's: "title__kettle".

    Attributes
    ----------
    parts_ : list of (name, fitted transformer, column)
        "drop" for a part left out.
    scalers_ : dict of str to Pipeline
        What each part's block is brought to its size by.
    weights_ : dict of str to float
        What each part's block is multiplied by.
    modality_counts_ : dict of str to int
        How many training rows have each modality.
    sparse_output_ : bool
        Whether ``transform`` gives a sparse matrix.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where they are all strings.

    See Also
    --------
    LateFusionClassifier : One classifier a modality.

    Notes
    -----
    An item that its transformer gives as NaN throughout, which the descriptors here
    do with ``invalid="missing"``, counts as missing. A row that lacks every modality
    gets what ``missing`` says for each.

    A transformer learns from y if its tags say ``target_tags.required``, its ``fit``
    takes a y without a default, or a step or an estimator inside it does so.

    References
    ----------
    .. [1] Cortes, Mohri & Rostamizadeh, "Algorithms for learning kernels based on
       centered alignment", JMLR 13, 2012: of the kernel that the joined blocks make.
    .. [2] Kim et al., "Hadamard product for low-rank bilinear pooling", ICLR 2017.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmclassic.fusion import EarlyFusion
    >>> X = pd.DataFrame({"title": ["red kettle", None, "blue cup"],
    ...                   "height": [2.0, 3.0, 1.0]})
    >>> fusion = EarlyFusion([("title", TfidfVectorizer(), "title"),
    ...                       ("size", StandardScaler(), ["height"])])
    >>> fusion.fit_transform(X).shape
    (3, 5)
    >>> print(*fusion.get_feature_names_out())
    title__blue title__cup title__kettle title__red size__height
    >>> fusion.modality_presence(X).tolist()
    [[True, True], [False, True], [True, True]]
    """

    _parameter_constraints = {
        "parts": [list],
        "method": [StrOptions({"concatenate", "sum", "product", "bilinear"})],
        "scaling": [StrOptions({"norm", "center", "standard", "rows"}), None],
        "weights": [StrOptions({"alignment"}), dict, None],
        "missing": [StrOptions({"zero", "mean", "indicator", "nan", "error"})],
        "projection": [StrOptions({"pca", "cca"}), None],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "shrinkage": [Interval(Real, 0, 1, closed="both")],
        "sparse_threshold": [Interval(Real, 0, 1, closed="both")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose_feature_names_out": ["boolean"],
    }

    def __init__(
        self,
        parts: list[tuple[str, Any, Column]],
        *,
        method: str = "concatenate",
        scaling: str | None = "norm",
        weights: dict[str, float] | Literal["alignment"] | None = None,
        missing: str = "mean",
        projection: str | None = None,
        n_components: int = 64,
        shrinkage: float = 0.9,
        sparse_threshold: float = 0.3,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose_feature_names_out: bool = True,
    ) -> None:
        self.parts = parts
        self.method = method
        self.scaling = scaling
        self.weights = weights
        self.missing = missing
        self.projection = projection
        self.n_components = n_components
        self.shrinkage = shrinkage
        self.sparse_threshold = sparse_threshold
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose_feature_names_out = verbose_feature_names_out

    def fit(self, X: Any, y: Any = None) -> "EarlyFusion":
        """Fit each part on the rows that have its modality.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            For ``weights="alignment"``, and passed to the parts.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If no row has some modality, a part's column isn't in X, or y is None and
            the weights are to be learned from it.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        self.fit_transform(X, y)
        return self

    @_fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit as :meth:`fit`, and return the fused block of the same rows.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), default=None

        Returns
        -------
        {ndarray, sparse matrix} of shape (n_samples, n_features)
        """
        self._check_parts(partial(check_transformer, self))
        check_weights(self, y)
        table, present = self._read_fit(X)
        clones = self._clones()
        check_consistent_length(np.empty(table.shape[0]), y)
        y = y.toarray() if sparse.issparse(y) else y if y is None else np.asarray(y)
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
            with task.subtask("join"):
                fitted = dict(zip(clones, (part for part, _ in results), strict=True))
                self.parts_ = self._fitted_parts(fitted)
                blocks = without_lacking([block for _, block in results], present)
                self._count(
                    dict(zip(clones, present.sum(axis=0).tolist(), strict=True))
                )
                return fit_join(self, table, blocks, present, y)

    def transform(self, X: Any) -> Any:
        """Return the fused block.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
            Of a DataFrame the columns are found by name, in any order.

        Returns
        -------
        {ndarray, sparse matrix} of shape (n_samples, n_features)
            As wide as its training block, whatever X lacks.

        Raises
        ------
        ValueError
            If a column of fit isn't in X, or a modality is missing and
            ``missing="error"``.
        MediaError
            If a part can't read an item, naming its row in X.
        """
        table, positions, present = self._read(X)
        fitted = {name: part for name, part, _ in self.parts_}
        blocks = self._calls(
            describe,
            table,
            positions,
            present,
            lambda name, rows: (fitted[name], self._n_block_features[name]),
        )
        blocks = without_lacking(blocks, present)
        return join_blocks(self, scale_blocks(self, blocks), present)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the features.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of shape (n_features,), object
            "title__kettle": the part's name and its feature's; "title__pca0" of a
            projection; "sum0" and so on of methods; "title__missing" of an indicator.
        """
        check_is_fitted(self)
        return feature_names(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
