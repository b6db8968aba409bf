"""FeatureUnion: scikit-learn's, which tells callbacks what its transformers do."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.pipeline import FeatureUnion as _FeatureUnion

from mmclassic._execution import fit_task

__all__ = ["FeatureUnion"]


class FeatureUnion(CallbackSupportMixin, _FeatureUnion):
    """Join the features of several transformers, and tell callbacks of their fits.

    Its parameters and attributes are scikit-learn's.

    Examples
    --------
    >>> from mmclassic._feature_union import FeatureUnion
    >>> from sklearn.preprocessing import MaxAbsScaler, StandardScaler
    >>> union = FeatureUnion([("a", StandardScaler()), ("b", MaxAbsScaler())])
    >>> union.fit_transform([[1.0], [2.0]]).tolist()
    [[-1.0, 0.5], [1.0, 1.0]]
    """

    @with_callbacks
    def fit(self, X: Any, y: Any = None, **fit_params: Any) -> "FeatureUnion":
        """Fit each transformer; see :class:`sklearn.pipeline.FeatureUnion`."""
        return super().fit(X, y, **fit_params)

    @with_callbacks
    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit and join; see :class:`sklearn.pipeline.FeatureUnion`."""
        return super().fit_transform(X, y, **params)

    # What scikit-learn's fit and fit_transform call, for all transformers together.
    def _parallel_func(
        self, X: Any, y: Any, func: Callable[..., Any], routed_params: Any
    ) -> Any:
        names = [name for name, _, _ in self._iter()]
        with fit_task(self, len(names), X, y) as task:
            params = {
                name: {**routed_params[name], "task": task.subtask(name)}
                for name in names
            }
            return super()._parallel_func(X, y, partial(_as_task, func), params)


def _as_task(
    func: Callable[..., Any], transformer: Any, *args: Any, params: Any, **kwargs: Any
) -> Any:
    with params["task"].fitting(transformer):
        return func(transformer, *args, params=params, **kwargs)
