"""FeatureUnion: scikit-learn's, which tells callbacks what its transformers do."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.pipeline import FeatureUnion as _FeatureUnion

from mmclassic._execution import fit_task

__all__ = ["FeatureUnion"]


class FeatureUnion(CallbackSupportMixin, _FeatureUnion):
    """Join the features of several transformers, and tell callbacks of their fits.

    Its parameters and attributes are scikit-learn's. Only with ``n_jobs=None`` do
    transformers come in order whatever ``joblib.parallel_config`` says: it is their
    items that are shared out, and only so do workers know the rows of invalid ones.

    Examples
    --------
    >>> from mmclassic._feature_union import FeatureUnion
    >>> from sklearn.preprocessing import MaxAbsScaler, StandardScaler
    >>> union = FeatureUnion([("a", StandardScaler()), ("b", MaxAbsScaler())])
    >>> union.fit_transform([[1.0], [2.0]]).tolist()
    [[-1.0, 0.5], [1.0, 1.0]]
    """

    transformer_list: Any

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
            func = partial(_as_task, func)
            if self.n_jobs is not None:
                return super()._parallel_func(X, y, func, params)
            self.transformer_list = list(self.transformer_list)
            self._validate_transformers()
            self._validate_transformer_weights()
            told = {"message_clsname": "FeatureUnion", "message": None}
            return [
                func(transformer, X, y, weight, **told, params=params[name])
                for name, transformer, weight in self._iter()
            ]

    def transform(self, X: Any, **params: Any) -> Any:
        """Join the features; see :class:`sklearn.pipeline.FeatureUnion`."""
        if self.n_jobs is not None or params:
            return super().transform(X, **params)
        blocks = []
        for _, transformer, weight in self._iter():
            block = transformer.transform(X)
            blocks.append(block if weight is None else block * weight)
        return self._hstack(blocks) if blocks else np.zeros((len(X), 0))


def _as_task(
    func: Callable[..., Any], transformer: Any, *args: Any, params: Any, **kwargs: Any
) -> Any:
    with params["task"].fitting(transformer):
        return func(transformer, *args, params=params, **kwargs)
