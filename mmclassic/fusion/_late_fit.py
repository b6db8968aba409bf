"""Fit the parts of a late fusion, and predict rows held out of the fit."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from mmclassic.exceptions import InvalidItemWarning
from mmclassic.fusion._calls import Call, run_calls
from mmclassic.fusion._folds import inner_folds
from mmclassic.fusion._part_models import (
    Source,
    describe_once,
    fit_part,
    predict_part,
    takes_weights,
)

__all__ = ["HeldOut", "Targets", "fit_parts", "hold_out", "predict_parts"]


@dataclass(frozen=True, slots=True)
class Targets:
    """What is known of each row besides X.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
    sample_weight : ndarray of shape (n_samples,) or None
    groups : ndarray of shape (n_samples,) or None
    classifier : bool
    """

    y: NDArray[Any]
    sample_weight: NDArray[Any] | None
    groups: NDArray[Any] | None
    classifier: bool

    @classmethod
    def read(
        cls,
        fusion: Any,
        table: Any,
        y: Any,
        sample_weight: Any,
        groups: Any,
        *,
        classifier: bool,
    ) -> "Targets":
        """Return what fit received, checked.

        Raises
        ------
        ValueError
            If it is of another length than X, or a part takes no sample_weight.
        """
        if y is None:
            raise ValueError(
                f"{type(fusion).__name__} requires y to be passed, but the target y "
                "is None."
            )
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y", estimator_name=type(fusion).__name__)
        check_consistent_length(np.empty(table.shape[0]), y, sample_weight, groups)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(
                sample_weight, np.empty((len(y), 1)), ensure_non_negative=True
            )
            for name, part, _ in fusion._active():
                if not takes_weights(part):
                    raise ValueError(
                        f"The part {name!r} of {type(fusion).__name__} ends in an "
                        "estimator whose fit takes no sample_weight. Choose another "
                        "estimator, or pass no sample_weight."
                    )
        groups = None if groups is None else column_or_1d(groups)
        if not classifier:
            y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        return cls(y, sample_weight, groups, classifier)

    def of(self, rows: NDArray[np.bool_]) -> tuple[Any, ...]:
        """Return y, sample_weight and groups of some rows, and the kind."""
        weights, groups = self.sample_weight, self.groups
        return (
            self.y[rows],
            None if weights is None else weights[rows],
            None if groups is None else groups[rows],
            self.classifier,
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a part predicts of the test rows of one inner fold.

    Parameters
    ----------
    name : str
    fold : int
    part : fitted estimator
    values : ndarray of shape (n_rows, ...)
    rows : ndarray of int, shape (n_rows,)
        Positions in X.
    """

    name: str
    fold: int
    part: Any
    values: NDArray[Any]
    rows: NDArray[np.intp]


def fit_parts(
    fusion: Any, table: Any, present: NDArray[np.bool_], targets: Targets
) -> tuple[dict[str, Any], dict[str, Source]]:
    """Fit each part on the rows that have it.

    Parameters
    ----------
    fusion : late fusion
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    present : ndarray of bool, shape (n_samples, n_modalities)
    targets : Targets

    Returns
    -------
    parts : dict of str to fitted estimator
    sources : dict of str to Source
        What they were fitted on.
    """
    parts = {name: part for name, part, _ in fusion._active()}
    described = fusion._calls(
        describe_once,
        table,
        fusion._positions,
        present,
        lambda name, rows: (parts[name], rows, fusion.refit_features),
    )
    sources = dict(zip(parts, described, strict=True))
    every = np.ones(len(targets.y), dtype=bool)
    fits = run_calls(
        [_fit_call(fusion, name, sources[name], targets, every) for name in parts],
        fusion.n_jobs,
    )
    fusion._count({name: n for name, (_, n) in zip(parts, fits, strict=True)})
    fitted = {
        name: sources[name].whole(part)
        for name, (part, _) in zip(parts, fits, strict=True)
    }
    return fitted, sources


def _fit_call(
    fusion: Any, name: str, source: Source, targets: Targets, rows: NDArray[np.bool_]
) -> Call:
    cells, chosen = source.take(rows)
    arguments = (cells, source.estimator, *targets.of(chosen))
    return Call(fit_part, arguments, chosen, fusion._note(name))


def hold_out(
    fusion: Any, sources: dict[str, Source], targets: Targets
) -> list[HeldOut]:
    """Return what each part, fitted on an inner fold's training rows, predicts.

    Parameters
    ----------
    fusion : late fusion
    sources : dict of str to Source
    targets : Targets

    Returns
    -------
    list of HeldOut
        One a fold and part; none where a fold's rows lack the modality.
    """
    y, groups = targets.y, targets.groups
    folds = inner_folds(fusion.cv, y, groups, classifier=targets.classifier)
    pairs = [(fold, name) for fold in range(len(folds)) for name in sources]
    masks = [(_mask(train, len(y)), _mask(test, len(y))) for train, test in folds]
    with warnings.catch_warnings():
        # The fit on all rows has warned of the same items.
        warnings.simplefilter("ignore", InvalidItemWarning)
        fits = run_calls(
            [
                _fit_call(fusion, name, sources[name], targets, masks[fold][0])
                for fold, name in pairs
            ],
            fusion.n_jobs,
        )
        fitted = [
            (fold, name, part)
            for (fold, name), (part, _) in zip(pairs, fits, strict=True)
            if part is not None and (masks[fold][1] & sources[name].rows).any()
        ]
        calls = []
        for fold, name, part in fitted:
            cells, chosen = sources[name].take(masks[fold][1])
            call = Call(predict_part, (cells, part), chosen, fusion._note(name))
            calls.append(call)
        predictions = run_calls(calls, fusion.n_jobs)
    held = []
    for (fold, name, part), call, (values, lacking) in zip(
        fitted, calls, predictions, strict=True
    ):
        if values is not None:
            rows = np.flatnonzero(call.rows)[~lacking]
            held.append(HeldOut(name, fold, part, values, rows))
    return held


def _mask(rows: NDArray[Any], n_samples: int) -> NDArray[np.bool_]:
    mask = np.zeros(n_samples, dtype=bool)
    mask[rows] = True
    return mask


def predict_parts(fusion: Any, X: Any) -> tuple[int, dict[str, tuple[Any, Any]]]:
    """Return what each fitted part predicts of the rows that have it.

    Parameters
    ----------
    fusion : fitted late fusion
    X : DataFrame, 2-D array or list of rows

    Returns
    -------
    n_samples : int
    predictions : dict of str to (values, rows)
        Arrays of shape (n_rows, ...) and of positions in X; None and no position of
        a modality that no row has.
    """
    table, positions, present = fusion._read(X)
    fitted = {name: part for name, part, _ in fusion.parts_}
    results = fusion._calls(
        predict_part, table, positions, present, lambda name, rows: (fitted[name],)
    )
    predictions = {
        name: (values, np.flatnonzero(rows)[~lacking])
        for name, (values, lacking), rows in zip(
            positions, results, present.T, strict=True
        )
    }
    return len(present), predictions
