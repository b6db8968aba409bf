"""ItemTransformer: a column of cells to one row of features each, without state."""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks

from mmclassic._execution import (
    Cache,
    Column,
    FeatureCache,
    Libraries,
    Remembered,
    as_cache,
    fit_task,
    map_rows,
    n_item_tasks,
    read_column,
    remembered,
    without_callbacks,
)
from mmclassic._local_features import LocalFeatures
from mmclassic.exceptions import MediaError
from mmclassic.media import describe_cell

__all__ = ["CACHE_CONSTRAINTS", "Describer", "ItemTransformer", "mean_and_std"]

CACHE_CONSTRAINTS: list[Any] = [None, str, os.PathLike, FeatureCache]


class ItemTransformer(CallbackSupportMixin, TransformerMixin, BaseEstimator):
    """Base of the stateless descriptors, which differ in what an item is.

    A subclass gives ``_load``, ``_describe`` and ``_n_descriptor_features``, and its
    ``__init__`` takes ``invalid``, ``n_jobs`` and ``cache``. Where the number of
    descriptors is fixed it gives ``_vectorize`` and ``_feature_names`` too.
    """

    _parameter_constraints: dict[str, Any]
    _libraries = Libraries(("numpy", "scipy", "cv2", "soundfile", "soxr"))
    invalid: str
    n_jobs: int | None
    cache: Cache = None

    def _load(self, cell: Any) -> Any:
        """Return the item that a cell stands for: an array, a text."""
        raise NotImplementedError

    def _describe(self, item: Any) -> LocalFeatures:
        """Return the item's local descriptors."""
        raise NotImplementedError

    def _finish(self, features: LocalFeatures) -> LocalFeatures:
        """Return the descriptors after a last step that costs more to keep than do."""
        return features

    @property
    def _n_descriptor_features(self) -> int:
        """Length of one local descriptor."""
        raise NotImplementedError

    def _vectorize(self, features: LocalFeatures) -> NDArray[np.float32]:
        """Return the item's row of ``transform``."""
        return mean_and_std(features.descriptors)

    def _feature_names(self) -> list[str]:
        """Return the names of the columns of ``transform``."""
        name = type(self).__name__.lower()
        return [
            f"{name}_{statistic}{i}"
            for statistic in ("mean", "std")
            for i in range(self._n_descriptor_features)
        ]

    @property
    def _n_features(self) -> int:
        """Length of a row of ``transform``."""
        return len(self._feature_names())

    def describe(self, item: Any) -> LocalFeatures:
        """Return the local descriptors of one item.

        Parameters
        ----------
        item : cell
            Anything that one cell of a table may hold, except a missing value.

        Returns
        -------
        LocalFeatures
            ``descriptors`` of shape (n, d) and their ``positions`` in [0, 1].

        Raises
        ------
        MediaError
            If the item can't be read or described.
        """
        self._validate_params()
        try:
            return self._describe_cell(item)
        except MediaError as error:
            error.subject = error.subject or describe_cell(item)
            raise

    def _describe_cell(self, cell: Any) -> LocalFeatures:
        return self._finish(self._load_and_describe(cell))

    def _load_and_describe(self, cell: Any) -> LocalFeatures:
        return self._describe(self._load(cell))

    def _describer(self, cache: FeatureCache | None = None) -> "Describer":
        """Return ``_describe_cell`` for workers, where descriptors may be kept.

        The cache of what asks is taken if there is none of its own.
        """
        identity = ("describe", self._identity())
        cache = as_cache(self.cache) or cache
        describe = Remembered(self._load_and_describe, identity, cache=cache)
        return Describer(describe, self._finish)

    def _identity(self) -> tuple[Any, ...]:
        """Return what an item's descriptors depend on."""
        parameters = self.get_params(deep=False)
        for name in ("cache", "invalid", "n_jobs"):
            parameters.pop(name, None)
        return type(self), parameters, self._libraries

    def _transform_cell(self, cell: Any) -> NDArray[np.float32]:
        return self._vectorize(self._describe_cell(cell))

    def _transformer(self) -> Callable[[Any], NDArray[np.float32]]:
        """Return the function of a cell to its row, for workers."""
        return self._transform_cell

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "ItemTransformer":
        """Check the parameters and the form of X; nothing is learned.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column.
        y : ignored

        Returns
        -------
        self
        """
        self._validate_params()
        read_column(X)
        with fit_task(self, 0, X, y):
            return self

    @with_callbacks
    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Return the rows of ``transform``, of which callbacks are told as of a fit.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column.
        y : ignored

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32
        """
        self._validate_params()
        column = read_column(X)
        n_tasks = n_item_tasks(len(column))
        with fit_task(self, n_tasks, X, y) as task:
            with task.items("describe", len(column), n_tasks):
                return self._transform(column)

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Return one row of features an item.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32
            Zeros for a blank item, NaN for a missing one.

        Raises
        ------
        MediaError
            If an item is invalid, naming its row, and ``invalid="error"``.
        """
        self._validate_params()
        return self._transform(read_column(X))

    def _transform(self, column: Column) -> NDArray[np.float32]:
        rows = np.empty((len(column), self._n_features), dtype=np.float32)
        map_rows(
            remembered(
                without_callbacks(self)._transformer(),
                ("transform", self._identity()),
                as_cache(self.cache),
            ),
            column,
            rows,
            n_jobs=self.n_jobs,
            invalid=self.invalid,  # type: ignore[arg-type]
        )
        return rows

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the features.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of shape (n_features,), object
        """
        return np.array(self._feature_names(), dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False  # the tag that says: stateless
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags


class Describer:
    """A function of a cell to its descriptors, of which the costly step is kept.

    Parameters
    ----------
    describe : Remembered
    finish : callable
        Of LocalFeatures.
    """

    def __init__(
        self, describe: Remembered, finish: Callable[[LocalFeatures], LocalFeatures]
    ) -> None:
        self.describe = describe
        self.finish = finish

    def __call__(self, cell: Any) -> LocalFeatures:
        return self.finish(self.describe(cell))

    def working_at(self, cells: Sequence[Any]) -> AbstractContextManager[None]:
        """Return the context of calls for each of several cells, in one thread."""
        return self.describe.working_at(cells)


def mean_and_std(descriptors: NDArray[Any]) -> NDArray[np.float32]:
    """Return mean and standard deviation over a set, zeros if it is empty.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)

    Returns
    -------
    ndarray of shape (2 * d,), float32
    """
    n, d = descriptors.shape
    if n == 0:
        return np.zeros(2 * d, dtype=np.float32)
    mean = descriptors.mean(axis=0, dtype=np.float64)
    std = descriptors.std(axis=0, dtype=np.float64)
    return np.concatenate([mean, std]).astype(np.float32)
