"""LocalEncoder: a column of items, by way of local descriptors, to a row each."""

from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._base import CACHE_CONSTRAINTS, ItemTransformer
from mmclassic._execution import (
    NO_TASK,
    Cache,
    Column,
    Remembered,
    Task,
    fit_task,
    map_rows,
    n_item_tasks,
    one_warning,
    rows_within,
    single_threaded,
)
from mmclassic._kernels.pyramid import check_grids, parse_pyramid, region_names
from mmclassic._local_features import LocalFeatures
from mmclassic.encoding._cells import (
    Encode,
    check_descriptor,
    check_pyramid_weights,
    check_sample,
)
from mmclassic.encoding._remembering import (
    digests_of,
    fit_descriptor,
    keep_rows,
    learn_once,
    read_cells,
    remembered_encoder,
)
from mmclassic.encoding._sampling import (
    Described,
    describe_sample,
    draw_descriptors,
    spread_order,
)
from mmclassic.encoding._workers import cell_encoder, describer, execution

__all__ = ["LocalEncoder"]


class LocalEncoder(CallbackSupportMixin, TransformerMixin, BaseEstimator):
    """Base of the encoders, which differ in what they make of a set of descriptors.

    A subclass gives ``_fit_descriptors``, ``_encoding`` and
    ``_region_feature_names``. ``_encoding`` returns a function that is shipped to the
    workers, so it holds arrays rather than the estimator.
    """

    _parameter_constraints: dict[str, Any] = {
        "descriptor": [HasMethods(["fit", "describe"]), StrOptions({"precomputed"})],
        "pyramid": [str, tuple, list],
        "pyramid_weights": [None, "array-like"],
        "max_descriptors": [Interval(Integral, 1, None, closed="left")],
        "max_bytes": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "cache": CACHE_CONSTRAINTS,
        "random_state": ["random_state"],
    }
    descriptor: Any
    pyramid: str | Sequence[str]
    pyramid_weights: Sequence[float] | None = None
    # An encoder that learns nothing but the length of a descriptor has no such
    # parameters: the first item that holds one will do.
    max_descriptors: int = 1
    max_bytes: int = 1
    n_jobs: int | None
    cache: Cache = None
    random_state: Any = 0

    def _fit_descriptors(
        self, sample: LocalFeatures, random_state: np.random.RandomState
    ) -> None:
        """Learn from descriptors of shape (n, d), float32, drawn from the sample."""
        raise NotImplementedError

    def _encoding(self) -> Encode:
        """Return a function of (features, regions) to rows, (n_regions, n)."""
        raise NotImplementedError

    def _region_feature_names(self) -> list[str]:
        """Return the names of the features of one region."""
        raise NotImplementedError

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "LocalEncoder":
        """Learn from a sample of the items, spread evenly over X.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column. Missing cells are left out.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If X holds no descriptors, or fewer than there is to learn from them.
        MediaError
            If an item is invalid, naming its row.
        """
        with one_warning():
            column = self._read_fit(X)
            n_tasks = self._learns + n_item_tasks(len(column)) + 1
            with fit_task(self, n_tasks, X, y) as task:
                learn = partial(self._fit, X, column, task)
                if learn_once(self, column, learn) is None:
                    self._fit_descriptor(X, task)
        return self

    @with_callbacks
    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Fit, and return the rows of ``transform``, each item described once.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column.
        y : ignored

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32
            Equal, bit by bit, to ``fit(X).transform(X)``.
        """
        with one_warning():
            column = self._read_fit(X)
            n_tasks = self._learns + 2 * n_item_tasks(len(column)) + 1
            with fit_task(self, n_tasks, X, y) as task:
                learn = partial(self._fit_encode, X, column, task)
                rows = learn_once(self, column, learn)
                if rows is None:
                    self._fit_descriptor(X, task)
                    rows = self._encode(column, task)
            return rows

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Return one row of features an item.

        Parameters
        ----------
        X : column of n_samples cells
            List, array, Series, or DataFrame of one column.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32
            Region after region of the pyramid. Zeros for a blank item, NaN for a
            missing one.

        Raises
        ------
        MediaError
            If an item is invalid, naming its row.
        """
        check_is_fitted(self)
        return self._encode(read_cells(self, X))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the features: encoder, grid, region and its feature.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of shape (n_features,), object
            Such as "bagofwords_2x2_3_word12".
        """
        check_is_fitted(self)
        encoder = type(self).__name__.lower()
        names = [
            f"{encoder}_{region}_{feature}"
            for region in region_names(parse_pyramid(self.pyramid))
            for feature in self._region_feature_names()
        ]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags

    @property
    def _n_features_out(self) -> int:
        n_regions = len(region_names(parse_pyramid(self.pyramid)))
        return n_regions * len(self._region_feature_names())

    def _read_fit(self, X: Any) -> Column:
        """Check the parameters, and return X as a column."""
        check_descriptor(self.descriptor, type(self).__name__)
        self._validate_params()
        check_pyramid_weights(self)
        return read_cells(self, X)

    def _fit(self, X: Any, column: Column, task: Task) -> Described:
        """Fit, and return what was described of the column."""
        random_state = check_random_state(self.random_state)
        self._fit_descriptor(X, task)
        present = np.flatnonzero(column.present())
        order = present[spread_order(len(present), random_state)]
        with task.items("describe sample", len(order), n_item_tasks(len(column))):
            described = describe_sample(
                describer(self),
                column,
                order,
                max_bytes=self.max_bytes,
                **execution(self),
            )
        kept = check_sample(described, len(column), type(self).__name__)
        self.n_descriptor_features_ = kept[0].descriptors.shape[1]
        self.n_position_axes_ = kept[0].positions.shape[1]
        check_grids(parse_pyramid(self.pyramid), self.n_position_axes_)
        sample = draw_descriptors(kept, self.max_descriptors, random_state)
        with task.subtask("learn"), single_threaded():
            self._fit_descriptors(sample, random_state)
        return described

    def _fit_descriptor(self, X: Any, task: Task) -> None:
        if isinstance(self.descriptor, str):
            self.descriptor_: Any = "precomputed"
            return
        descriptor = clone(self.descriptor)
        own = task.subtask("fit descriptor") if self._learns else NO_TASK
        with own.fitting(descriptor):
            self.descriptor_ = fit_descriptor(self, descriptor, X)

    @property
    def _learns(self) -> bool:
        """Whether the descriptor learns something, which is a task of its own."""
        return not isinstance(self.descriptor, str | ItemTransformer)

    def _fit_encode(self, X: Any, column: Column, task: Task) -> NDArray[np.float32]:
        """Fit, and encode first what was described, then the other items."""
        digests = digests_of(self, column)
        described = self._fit(X, column, task)
        rows = np.full((len(column), self._n_features_out), np.nan, dtype=np.float32)
        sampled = np.fromiter(described, dtype=np.intp, count=len(described))
        kept = Column([described.pop(row) for row in sampled.tolist()])
        others = np.setdiff1d(np.flatnonzero(column.present()), sampled)
        n_present, n_tasks = len(sampled) + len(others), n_item_tasks(len(column))
        with task.items("encode", n_present, n_tasks):
            self._encode_rows(rows, sampled, kept, self._cell_encoder(None))
            encode = self._remembered_encoder()
            valid = [features is not None for features in kept.cells]
            del kept
            keep_rows(encode, column, digests, sampled[valid], rows)
            self._encode_rows(rows, others, column.take(others), encode)
        return rows

    def _encode_rows(
        self,
        rows: NDArray[np.float32],
        positions: NDArray[np.intp],
        column: Column,
        encode: Callable[[Any], NDArray[np.float32]],
    ) -> None:
        with rows_within(positions):
            map_rows(encode, column, rows, positions=positions, **execution(self))

    def _encode(self, column: Column, task: Task = NO_TASK) -> NDArray[np.float32]:
        rows = np.empty((len(column), self._n_features_out), dtype=np.float32)
        with task.items("encode", len(column), n_item_tasks(len(column))):
            map_rows(self._remembered_encoder(), column, rows, **execution(self))
        return rows

    def _remembered_encoder(self) -> Remembered:
        describe = describer(self)
        return remembered_encoder(self, self._cell_encoder(describe), describe)

    def _cell_encoder(
        self, describe: Callable[[Any], LocalFeatures] | None
    ) -> Callable[[Any], NDArray[np.float32]]:
        return cell_encoder(self, describe)
