"""The one number of a model's answer that an explanation is about."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from mmclassic.inspection._answers import Answers
from mmclassic.inspection._take_apart import Model

__all__ = ["Target", "choose_output", "target_of"]

OUTPUTS = ("auto", "log_odds", "probability", "decision", "value")
# Odds of what is called impossible are infinite; those of one in a thousand billion
# tell as much.
FLOOR = 1e-12


class Target:
    """Which number of each row's answer is explained.

    Parameters
    ----------
    output : {"log_odds", "probability", "decision", "value"}
    classes : ndarray of shape (n_samples,) or None
        Position of each row's explained class; None for a regressor.
    """

    def __init__(self, output: str, classes: NDArray[np.intp] | None) -> None:
        self.output = output
        self.classes = classes

    def values(self, answers: Answers) -> NDArray[np.float64]:
        """Return that number of every row of the answers' table."""
        rows = np.arange(len(answers.table))
        if self.classes is None:
            return np.asarray(answers.predict(rows), dtype=np.float64)
        if self.output == "decision":
            scores = answers.decision_function(rows)
            if scores.ndim == 1:  # of two classes: the second's score
                return np.where(self.classes == 1, scores, -scores)
            return np.asarray(scores[rows, self.classes], dtype=np.float64)
        chances = answers.predict_proba(rows)
        own = chances[rows, self.classes].astype(np.float64)
        if self.output == "probability":
            return own
        # The others' sum, which 1 - own would round away.
        others = chances.sum(axis=1) - own
        close = others < 1e-3
        rest = chances[close].astype(np.float64)
        rest[np.arange(len(rest)), self.classes[close]] = 0.0
        others[close] = rest.sum(axis=1)
        return np.log(np.maximum(own, FLOOR)) - np.log(np.maximum(others, FLOOR))

    def tiled(self, n_times: int) -> "Target":
        """Return the target of the rows, so many times one after the other."""
        if self.classes is None:
            return self
        return Target(self.output, np.tile(self.classes, n_times))

    def repeated(self, row: int, n_rows: int) -> "Target":
        """Return the target of one row, for several tables' rows like it."""
        if self.classes is None:
            return self
        return Target(self.output, np.full(n_rows, self.classes[row]))


def choose_output(parted: Model, output: str) -> str:
    """Return the output that a model has, of the one that was asked for.

    Parameters
    ----------
    parted : Model
    output : {"auto", "log_odds", "probability", "decision", "value"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the model has no such output.
    """
    if output not in OUTPUTS:
        raise ValueError(
            f"The 'output' parameter must be among {', '.join(map(repr, OUTPUTS))}. "
            f"Got {output!r} instead."
        )
    final = parted.final
    if isinstance(getattr(final, "classes_", None), list):
        raise ValueError(
            f"This {type(final).__name__} answers several targets a row; one answer a "
            "row can be explained. Fit a model a target."
        )
    if not is_classifier(final):
        has = {"value"}
    else:
        has = {"log_odds", "probability"} if hasattr(final, "predict_proba") else set()
        has |= {"decision"} if hasattr(final, "decision_function") else set()
    if output == "auto":
        return next((o for o in ("log_odds", "decision", "value") if o in has), "none")
    if output not in has:
        raise ValueError(
            f"output={output!r} is not what this {type(final).__name__} gives. Choose "
            f"output='auto', or {' or '.join(map(repr, sorted(has)))}."
        )
    return output


def target_of(parted: Model, answers: Answers, output: str, target: Any) -> Target:
    """Return what is explained of each row.

    Parameters
    ----------
    parted : Model
    answers : Answers
        To the rows with all that they have.
    output : str
        As chosen by choose_output.
    target : object
        None for each row's predicted class, a class for all rows, or an array of one
        a row.

    Returns
    -------
    Target

    Raises
    ------
    ValueError
        If a target is no class of the model.
    """
    if not is_classifier(parted.final):
        if target is not None:
            raise ValueError("target= names a class; a regressor's answer has none.")
        if answers.predict(np.arange(len(answers.table))).ndim > 1:
            raise ValueError(
                f"This {type(parted.final).__name__} answers several values a row; one "
                "answer a row can be explained. Fit a model a value."
            )
        return Target(output, None)
    if output == "none":
        raise ValueError(
            f"{type(parted.final).__name__} has neither predict_proba nor "
            "decision_function, so there is nothing to explain. Choose another."
        )
    rows = np.arange(len(answers.table))
    classes = answers.classes_
    wanted = answers.predict(rows) if target is None else np.asarray(target)
    if wanted.ndim > 1:
        raise ValueError(
            f"target= is a class or one a row. Got shape {wanted.shape} instead."
        )
    wanted = np.broadcast_to(wanted, len(rows))
    unknown = ~np.isin(wanted, classes)
    if unknown.any():
        (first,) = wanted[unknown].tolist()[:1]
        raise ValueError(
            f"target={first!r} is no class of the model. Its classes: "
            f"{', '.join(map(repr, classes.tolist()[:20]))}."
        )
    return Target(output, np.searchsorted(classes, wanted))
