"""Judge parts that learn from y by rows that they weren't fitted on."""

from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags

from mmclassic._execution import NO_TASK, rows_within
from mmclassic.fusion._blocks import describe, fit_describe, fit_scaler, lacking_rows
from mmclassic.fusion._calls import Call, quietly, run_calls
from mmclassic.fusion._common_size import projection_of
from mmclassic.fusion._folds import inner_folds
from mmclassic.fusion._part_models import Source
from mmclassic.fusion._tables import select

__all__ = ["HeldOut", "hold_out", "split", "uses_y"]

N_FOLDS = 5

Floats = NDArray[np.float64]


def uses_y(part: Any) -> bool:
    """Tell whether a transformer, or a part of it, learns from y.

    One says so by ``target_tags.required`` of its ``__sklearn_tags__``, by a ``fit``
    whose y has no default, or by a ``score_func`` to select by. The steps of a
    Pipeline, the members of a FeatureUnion and the estimator inside another are asked
    too. A frozen one learns nothing.
    """
    if isinstance(part, FrozenEstimator):
        return False
    inner = part.get_params().values() if hasattr(part, "get_params") else ()
    return any(_requires_y(one) for one in (part, *inner))


def _requires_y(one: Any) -> bool:
    if isinstance(one, type) or not hasattr(one, "fit"):
        return False
    if hasattr(one, "__sklearn_tags__") and get_tags(one).target_tags.required:
        return True
    if hasattr(one, "score_func"):  # SelectKBest, whose tags leave it open
        return True
    try:
        y = signature(one.fit).parameters.get("y")
    except (TypeError, ValueError):  # of compiled code
        return False
    return y is not None and y.default is y.empty


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Kernels of parts that learn from y, of rows that these weren't fitted on.

    Parameters
    ----------
    folds : ndarray of int, shape (n_samples,)
        In which fold a row is held out; -1 for none. Only rows of one fold are
        described by the same fit, so that they can be compared.
    kernels : dict of int to list of (rows, kernel)
        By the place of the modality: of each fold the positions of its rows, and their
        centred kernel.
    """

    folds: NDArray[np.intp]
    kernels: dict[int, list[tuple[NDArray[np.intp], Floats]]]

    def place(self, modality: int) -> tuple[Floats, NDArray[np.bool_]]:
        """Return a modality's kernel of all rows, 0 elsewhere, and which rows it has.

        Returns
        -------
        kernel : ndarray of shape (n_samples, n_samples)
        described : ndarray of bool, shape (n_samples,)
        """
        n_rows = len(self.folds)
        whole, described = np.zeros((n_rows, n_rows)), np.zeros(n_rows, dtype=bool)
        for rows, kernel in self.kernels[modality]:
            whole[np.ix_(rows, rows)] = kernel
            described[rows] = True
        return whole, described

    def replace(
        self, kernels: list[Floats], present: NDArray[np.bool_]
    ) -> tuple[list[Floats], NDArray[np.bool_]]:
        """Return kernels and which rows they hold, those held out in their places."""
        kernels, present = list(kernels), present.copy()
        for m in self.kernels:
            kernels[m], present[:, m] = self.place(m)
        return kernels, present

    def apart(self) -> NDArray[np.bool_]:
        """Return which pairs of rows no fit describes: ndarray (n_rows, n_rows)."""
        return np.asarray(self.folds[:, None] != self.folds)


def split(
    y: NDArray[Any], groups: NDArray[Any] | None, *, classifier: bool
) -> tuple[list[tuple[NDArray[np.bool_], NDArray[np.bool_]]], NDArray[np.intp]]:
    """Return masks of the training and the test rows of folds, and each row's fold."""
    folds = inner_folds(
        N_FOLDS,
        y,
        groups,
        classifier=classifier,
        otherwise="Give more rows, or weights that aren't learned, as weights=None.",
    )
    place = np.full(len(y), -1, dtype=np.intp)
    for fold, (_, test) in enumerate(folds):
        place[test] = fold
    return [(place != fold, place == fold) for fold in range(len(folds))], place


def hold_out(
    fusion: Any,
    table: Any,
    present: NDArray[np.bool_],
    y: NDArray[Any],
    *,
    kept: NDArray[np.intp],
    classifier: bool,
) -> HeldOut | None:
    """Return the kernels of an early fusion's parts that learn from y.

    A block on its way through a fold gets the scale of the fold's training rows, and
    of "cca", which takes the blocks of all parts, no axes.

    Parameters
    ----------
    fusion : EarlyFusion
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    present : ndarray of bool, shape (n_samples, n_modalities)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    kept : ndarray of int, shape (n_kept,)
        Of these rows the result holds the kernels. The parts are fitted on others too.
    classifier : bool
        Whether to stratify by y.

    Returns
    -------
    HeldOut or None
        None if no part learns from y, or there is one part.
    """
    parts = [(name, part) for name, part, _ in fusion._active()]
    learning = [m for m, (_, part) in enumerate(parts) if uses_y(part)]
    if not learning or len(parts) < 2:
        return None
    masks, folds = split(y, None, classifier=classifier)
    wanted = np.zeros(len(y), dtype=bool)
    wanted[kept] = True
    place = np.cumsum(wanted) - 1
    every = np.ones(len(y), dtype=bool)
    found: dict[int, list[tuple[NDArray[np.intp], Floats]]] = {}
    for m in learning:
        name, part = parts[m]
        cells = select(table, fusion._positions[name], present[:, m])
        source = Source(cells, present[:, m], part)
        calls = [
            Call(
                _of_fold,
                (fusion, source, y, train, test & wanted),
                every,
                fusion._note(name),
            )
            for train, test in masks
        ]
        with quietly():
            each = run_calls(calls, fusion.n_jobs)
        found[m] = [(place[rows], kernel) for rows, kernel in each]
    return HeldOut(folds[kept], found)


def _of_fold(
    fusion: Any,
    source: Source,
    y: NDArray[Any],
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], Floats]:
    """Return the test rows of a fold that have the part, and their centred kernel."""
    cells, known = source.take(train)
    others, unknown = source.take(test)
    if len(np.unique(y[known], axis=0)) < 2 or not unknown.any():
        return np.empty(0, dtype=np.intp), np.empty((0, 0))
    with rows_within(known):
        part, block = fit_describe(cells, y[known], clone(source.estimator), NO_TASK)
    with rows_within(unknown):
        other = describe(others, part, block.shape[1])
    block = block[~lacking_rows(block)]
    lacking = lacking_rows(other)
    rows = np.flatnonzero(unknown)[~lacking]
    limit = fusion.n_components if projection_of(fusion) == "pca" else None
    scaler = fit_scaler(block, fusion.scaling, limit, fusion.random_state)
    block, other = scaler.transform(block), scaler.transform(other[~lacking])
    mean = _mean(block)
    kernel, size = _about(other, mean), _size(block, mean)
    own = float(np.diagonal(kernel).mean()) if len(rows) else 0.0
    # The final block is of its training rows' size, whatever that of others.
    return rows, kernel * (size / own if own > 1e-12 * size else 1.0)


def _filled(block: Any, fill: Any = 0.0) -> Any:
    """Return a block as floats of 64 bits, without NaN."""
    block = block.astype(np.float64)
    if sparse.issparse(block):
        block.data[np.isnan(block.data)] = 0.0
        return block
    return np.where(np.isnan(block), fill, block)


def _mean(block: Any) -> Floats:
    totals = np.asarray(_filled(block).sum(axis=0)).ravel()
    if sparse.issparse(block):
        return np.asarray(totals / block.shape[0])
    return np.asarray(totals / np.maximum((~np.isnan(block)).sum(axis=0), 1))


def _about(block: Any, mean: Floats) -> Floats:
    """Return the inner products of rows about a mean; NaN count as it."""
    filled = _filled(block, mean)
    if not sparse.issparse(filled):
        filled = filled - mean
        return np.asarray(filled @ filled.T)
    along = np.asarray(filled @ mean)
    products = (filled @ filled.T).toarray() - along - along[:, None]
    return np.asarray(products + mean @ mean)


def _size(block: Any, mean: Floats) -> float:
    """Return the mean squared length of rows about their mean."""
    filled = _filled(block, mean)
    square = filled.multiply(filled) if sparse.issparse(filled) else filled**2
    return float(square.sum() / block.shape[0] - mean @ mean)
