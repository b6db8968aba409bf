"""Fusion: named parts over the columns of a table, and which rows have them."""

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.validation import check_is_fitted, validate_data

from mmclassic.fusion._calls import Call, run_calls
from mmclassic.fusion._columns import Column, as_list, column_positions, find_columns
from mmclassic.fusion._tables import as_table, column_names, n_rows, presence, select

__all__ = ["Fusion"]


class Fusion(CallbackSupportMixin, _BaseComposition):
    """Base of the fusions: parameters, parts, columns and presence.

    A subclass takes ``parts``, ``weights`` and ``n_jobs`` in its ``__init__``.
    """

    parts: list[tuple[str, Any, Column]]
    weights: Any
    n_jobs: int | None
    n_features_in_: int
    modality_counts_: dict[str, int]

    # The parts as pairs, which is what _BaseComposition reads and writes.
    @property
    def _named_parts(self) -> Any:
        try:
            return [(name, part) for name, part, _ in self.parts]
        except (TypeError, ValueError):
            return self.parts

    @_named_parts.setter
    def _named_parts(self, pairs: Any) -> None:
        try:
            self.parts = [
                (name, part, column)
                for (name, part), (_, _, column) in zip(pairs, self.parts, strict=True)
            ]
        except (TypeError, ValueError):
            self.parts = pairs

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, those of the parts and the weights included.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include ``<name>`` and ``<name>__<param>`` of each part, and
            ``weights__<name>`` unless the weights are learned or an array.

        Returns
        -------
        dict of str to object
        """
        params = self._get_params("_named_parts", deep=deep)
        pairs = self._named_parts
        if deep and isinstance(self.weights, dict | None) and _are_pairs(pairs):
            weights = self.weights or {}
            params |= {f"weights__{name}": weights.get(name, 1.0) for name, _ in pairs}
        return params

    def set_params(self, **params: Any) -> "Fusion":
        """Set parameters, those of the parts and the weights included.

        Parameters
        ----------
        **params : object
            Names as in :meth:`get_params`; ``<name>="drop"`` leaves a part out.

        Returns
        -------
        self
        """
        weights = {
            key.removeprefix("weights__"): params.pop(key)
            for key in list(params)
            if key.startswith("weights__")
        }
        self._set_params("_named_parts", **params)
        if weights:
            self._set_weights(weights)
        return self

    def _set_weights(self, weights: dict[str, float]) -> None:
        if not isinstance(self.weights, dict | None):
            raise ValueError(
                f"'weights__{next(iter(weights))}' needs weights=None or a dict. Got "
                f"weights={self.weights!r} instead."
            )
        self.weights = {**(self.weights or {}), **weights}
        self._check_weight_names()

    def _check_weight_names(self) -> None:
        if not isinstance(self.weights, dict):
            return
        unknown = [name for name in self.weights if name not in dict(self._named_parts)]
        if unknown:
            raise ValueError(
                f"The 'weights' parameter of {type(self).__name__} names {unknown[0]!r}"
                f", which is no part. The parts: {self._part_names()}."
            )
        for name, weight in self.weights.items():
            if not isinstance(weight, Real) or not 0 <= float(weight) < np.inf:
                raise ValueError(
                    f"The weight of {name!r} must be a number in the range [0, inf). "
                    f"Got {weight!r} instead."
                )

    def _given_weights(self, used: bool) -> NDArray[np.float64] | None:
        """Return the weights that need no learning, None if they do."""
        n_active = len(self._active())
        if not used or self.weights is None:
            return np.ones(n_active)
        if isinstance(self.weights, str):
            return np.ones(1) if n_active == 1 else None
        return self._weight_array()

    def _weight_array(self) -> NDArray[np.float64]:
        """Return the weights of the parts in use, of a dict or an array of them."""
        active = [name for name, _, _ in self._active()]
        if isinstance(self.weights, dict):
            return np.array([self.weights.get(name, 1.0) for name in active], float)
        weights = np.asarray(self.weights, dtype=float)
        if weights.shape != (len(self.parts),) or not (weights >= 0).all():
            raise ValueError(
                f"The 'weights' parameter of {type(self).__name__} must hold one "
                f"number in the range [0, inf) for each of {len(self.parts)} parts. "
                f"Got {self.weights!r} instead."
            )
        names = [name for name, _ in self._named_parts]
        return weights[[names.index(name) for name in active]]

    def _part_names(self) -> str:
        return ", ".join(repr(name) for name, _ in self._named_parts)

    def _active(self) -> list[tuple[str, Any, Column]]:
        return [part for part in self.parts if not _is_drop(part[1])]

    def _estimators(self) -> list[Any]:
        """Return the parts in use that are estimators, before they are checked."""
        try:
            found = [part for _, part, _ in self.parts]
        except (TypeError, ValueError):
            return []
        return [part for part in found if hasattr(part, "__sklearn_tags__")]

    def _check_parts(self, check: Callable[[str, Any], None]) -> None:
        """Raise if parts aren't triples of unique names and estimators."""
        for part in self.parts:
            if not isinstance(part, tuple | list) or len(part) != 3:
                raise ValueError(
                    "Each of 'parts' must be a (name, estimator, column) triple. Got "
                    f"{part!r} instead."
                )
        self._validate_names([name for name, _, _ in self.parts])
        self._check_estimators_are_instances([part for _, part, _ in self.parts])
        active = self._active()
        if not active:
            raise ValueError(
                f"The 'parts' parameter of {type(self).__name__} must hold at least "
                "one part that isn't 'drop'."
            )
        for name, part, _ in active:
            check(name, part)
        self._check_weight_names()

    def _read_fit(self, X: Any) -> tuple[Any, NDArray[np.bool_]]:
        """Return the table to fit on and which rows have which modality."""
        table = as_table(X)
        if n_rows(table) == 0:
            raise ValueError(
                f"Found array with 0 sample(s) (shape={tuple(table.shape)}) while a "
                f"minimum of 1 is required by {type(self).__name__}."
            )
        validate_data(self, X=table, skip_check_array=True)
        names = column_names(table)
        self._positions = {
            name: column_positions(column, names, self.n_features_in_, name)
            for name, _, column in self._active()
        }
        present = self._presence(table, self._positions)
        counts = present.sum(axis=0).tolist()
        self._count(dict(zip(self._positions, counts, strict=True)))
        return table, present

    def _count(self, counts: dict[str, int]) -> None:
        """Keep how many rows have each modality; raise where there are none."""
        self.modality_counts_ = counts
        for name, _, column in self._active():
            if self.modality_counts_[name] == 0:
                raise ValueError(
                    f"No row of X has the modality {name!r} (column {column!r}). Fill "
                    f"the column, or leave the part out: set_params({name}='drop')."
                )

    def _read(self, X: Any) -> tuple[Any, dict[str, Any], NDArray[np.bool_]]:
        """Return the table, the parts' columns in it and the presence."""
        check_is_fitted(self)
        table = as_table(X)
        positions = find_columns(self, self._positions, table)
        return table, positions, self._presence(table, positions)

    def _presence(self, table: Any, positions: dict[str, Any]) -> NDArray[np.bool_]:
        return np.column_stack(
            [presence(table, as_list(columns)) for columns in positions.values()]
        )

    def modality_presence(self, X: Any) -> NDArray[np.bool_]:
        """Return which rows of X have which modality.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows
            As in :meth:`fit`.

        Returns
        -------
        ndarray of bool, shape (n_samples, n_modalities)
            A column for each part that isn't "drop", in the order of ``parts``. True
            where any of the part's cells holds something.
        """
        return self._read(X)[2]

    def _calls(
        self,
        function: Callable[..., Any],
        table: Any,
        positions: dict[str, Any],
        present: NDArray[np.bool_],
        arguments: Callable[[str, NDArray[np.bool_]], tuple[Any, ...]],
    ) -> list[Any]:
        """Return function(part's rows of the table, *arguments) for each part."""
        calls = [
            Call(
                function,
                (select(table, columns, rows), *arguments(name, rows)),
                rows,
                self._note(name),
            )
            for (name, columns), rows in zip(positions.items(), present.T, strict=True)
        ]
        return run_calls(calls, self.n_jobs)

    def _note(self, name: str) -> str:
        columns = {name: column for name, _, column in self.parts}
        return f"In the part {name!r} (column {columns[name]!r}) of " + (
            type(self).__name__ + "."
        )

    def _clones(self) -> dict[str, Any]:
        return {name: clone(part) for name, part, _ in self._active()}

    def _fitted_parts(self, fitted: dict[str, Any]) -> list[tuple[str, Any, Column]]:
        return [
            (name, fitted.get(name, "drop"), column) for name, _, column in self.parts
        ]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags


def _are_pairs(pairs: Any) -> bool:
    return isinstance(pairs, list) and all(
        isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs
    )


def _is_drop(part: Any) -> bool:
    return isinstance(part, str) and part == "drop"
