"""Take a fitted model apart, so that its rows are described once and then paired."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion import LateFusionClassifier, LateFusionRegressor
from mmclassic.fusion._blocks import as_block, lacking_rows
from mmclassic.fusion._calls import Call, run_calls
from mmclassic.fusion._fusion import Fusion
from mmclassic.fusion._late_fit import predict_parts
from mmclassic.fusion._part_models import predict_part
from mmclassic.inspection._answers import Answers, KeptBlock, KeptPrediction
from mmclassic.inspection._kinds import without_caches

__all__ = ["Model", "Rows", "take_apart"]

WANTED = (
    "a fitted Pipeline of make_multimodal_pipeline, a late or kernel fusion, or a "
    "search such as GridSearchCV over one of them"
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table, of which each modality is described already.

    Parameters
    ----------
    outputs : dict of str to {ndarray, sparse matrix}
        What each modality's part gives of the rows that have it: a block of an early
        fusion, predictions of a late one.
    places : ndarray of shape (n_samples, n_modalities), float64
        Where in the outputs each row's is; NaN where the row lacks the modality.
    """

    outputs: dict[str, Any]
    places: NDArray[np.float64]


class Model:
    """A fitted model as a fusion, and what stands before and after it.

    Parameters
    ----------
    whole : estimator
        As the caller gave it.
    before : list of transformers
    fusion : fitted fusion
    after : fitted estimator or None
        None where the fusion itself decides.
    """

    def __init__(self, whole: Any, before: list[Any], fusion: Any, after: Any) -> None:
        self.whole = whole
        self.before = before
        self.fusion = fusion
        self.after = after
        self.names: list[str] = list(fusion._positions)
        self._uncached: dict[str, Any] = {}
        # Other fusions take blocks of features from their parts.
        self.is_late = isinstance(fusion, LateFusionClassifier | LateFusionRegressor)

    @property
    def final(self) -> Any:
        """What decides: the fusion, or what comes after it."""
        return self.fusion if self.after is None else self.after

    def table(self, X: Any) -> Any:
        """Return X as the fusion receives it."""
        for step in self.before:
            X = step.transform(X)
        return X

    def describe(self, X: Any) -> Rows:
        """Return the rows of X, each modality described once.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, as the whole model takes

        Returns
        -------
        Rows

        Raises
        ------
        MediaError
            If a part can't read an item, naming its row in X.
        """
        X = self.table(X)
        if self.is_late:
            return self._predicted(X)
        table, positions, present = self.fusion._read(X)
        fitted = {name: part for name, part, _ in self.fusion.parts_}
        blocks = self.fusion._calls(
            _block, table, positions, present, lambda name, rows: (fitted[name],)
        )
        outputs, places = {}, np.full(present.shape, np.nan)
        for k, (name, block) in enumerate(zip(self.names, blocks, strict=True)):
            if block is None:
                continue
            rows = np.flatnonzero(present[:, k])
            kept = ~lacking_rows(block)  # an invalid item counts as missing
            outputs[name] = block[np.flatnonzero(kept)]
            places[rows[kept], k] = np.arange(kept.sum())
        return Rows(outputs, places)

    def _predicted(self, X: Any) -> Rows:
        n_samples, predictions = predict_parts(self.fusion, X)
        outputs, places = {}, np.full((n_samples, len(self.names)), np.nan)
        for k, name in enumerate(self.names):
            values, rows = predictions[name]
            if values is not None:
                outputs[name] = values
                places[rows, k] = np.arange(len(rows))
        return Rows(outputs, places)

    def positions(self, table: Any) -> dict[str, Any]:
        """Return where each modality's columns are in a table, as the fusion takes."""
        return self.fusion._read(table)[1]

    def describe_cells(self, name: str, cells: Any) -> tuple[Any, NDArray[np.bool_]]:
        """Return a modality's output of cells that are all there, and keep nothing.

        Parameters
        ----------
        name : str
        cells : column of n cells, or table of n rows

        Returns
        -------
        output : {ndarray, sparse matrix} or None
            Of the cells that are valid.
        kept : ndarray of bool, shape (n,)
            Which they are.
        """
        part = self.uncached(name)
        rows = np.ones(len(cells), dtype=bool)
        function = predict_part if self.is_late else _block
        call = Call(function, (cells, part), rows, self.fusion._note(name))
        (given,) = run_calls([call])
        if self.is_late:
            values, lacking = given
            return values, ~lacking
        kept = ~lacking_rows(given)
        return given[np.flatnonzero(kept)], kept

    def uncached(self, name: str) -> Any:
        """Return a modality's fitted part, or a copy that keeps nothing on disk."""
        if name not in self._uncached:
            fitted = {name: part for name, part, _ in self.fusion.parts_}
            self._uncached[name] = without_caches(fitted[name])
        return self._uncached[name]

    def over(self, outputs: dict[str, Any]) -> Any:
        """Return an estimator like the model, of tables of places in outputs.

        Parameters
        ----------
        outputs : dict of str to {ndarray, sparse matrix}
            As in Rows; a modality that is never there may be left out.

        Returns
        -------
        estimator
            Its X has a column a modality.
        """
        fusion = copy(self.fusion)
        # A part alone among the columns, whatever columns it shares with others.
        fusion._positions = {name: k for k, name in enumerate(self.names)}
        fusion.n_features_in_ = len(self.names)
        vars(fusion).pop("feature_names_in_", None)
        kept = KeptPrediction if self.is_late else KeptBlock
        fusion.parts_ = [
            (name, kept(part, outputs[name]), k) if name in outputs else (name, part, k)
            for k, (name, part, _) in enumerate(
                part for part in fusion.parts_ if part[0] in self.names
            )
        ]
        if self.after is None:
            return fusion
        return Pipeline([("fusion", fusion), ("after", self.after)])

    def answers(self, outputs: dict[str, Any], places: NDArray[np.float64]) -> Answers:
        """Return an estimator that gives the model's answers to those places."""
        return Answers(self.over(outputs), places)

    def check_takes_missing(self, remedy: str) -> None:
        """Raise if the model refuses rows that lack a modality."""
        if getattr(self.fusion, "missing", None) == "error":
            raise ValueError(
                f"{type(self.fusion).__name__} with missing='error' answers to no row "
                f"that lacks a modality. {remedy}"
            )


def _block(column: Any, part: Any) -> Any:
    """Return the block of a fitted part's cells, None of no cell."""
    return as_block(part.transform(column)) if len(column) else None


def take_apart(model: Any) -> Model:
    """Return a fitted model as its fusion, and what stands before and after it.

    Parameters
    ----------
    model : fitted estimator
        A fusion that decides, a Pipeline with a fusion among its steps, or a search
        over one.

    Returns
    -------
    Model

    Raises
    ------
    TypeError
        If there is no fusion in it, or nothing that decides.
    NotFittedError
        If it isn't fitted.
    """
    whole, before, after = model, [], None
    if isinstance(model, BaseSearchCV):
        check_is_fitted(model)
        if not hasattr(model, "best_estimator_"):
            raise TypeError(
                f"{type(model).__name__} keeps no model with refit=False. Fit it with "
                "refit=True, or pass a fitted Pipeline."
            )
        model = model.best_estimator_
    if isinstance(model, Pipeline):
        steps = [step for _, step in model.steps if step not in (None, "passthrough")]
        at = next((i for i, s in enumerate(steps) if isinstance(s, Fusion)), None)
        if at is not None:
            before, model, rest = steps[:at], steps[at], steps[at + 1 :]
            if len(rest) == 1:
                after = rest[0]
            elif rest:
                after = Pipeline([(f"step{i}", step) for i, step in enumerate(rest)])
    if not isinstance(model, Fusion):
        raise TypeError(
            f"model must be {WANTED}. Got {type(whole).__name__} instead. Pass the "
            "fitted Pipeline itself if it is inside; a model without modalities is one "
            "for sklearn.inspection.permutation_importance."
        )
    check_is_fitted(model)
    if not hasattr(model if after is None else after, "predict"):
        raise TypeError(
            f"{type(model).__name__} gives features and decides nothing: pass a fitted "
            "Pipeline of it and a classifier or regressor."
        )
    return Model(whole, before, model, after)
