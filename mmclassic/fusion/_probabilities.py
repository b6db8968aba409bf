"""Turn what the parts of a late fusion give into probabilities of all classes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from mmclassic.fusion._answers import Answer, output_of, split
from mmclassic.fusion._calibration import ScoreCalibrator, class_scores
from mmclassic.fusion._late_fit import HeldOut
from mmclassic.fusion._outputs import Output
from mmclassic.fusion._pools import align, softmax

__all__ = [
    "HeldAnswer",
    "calibrate",
    "check_classifier",
    "held_answers",
    "held_out_probabilities",
    "to_probabilities",
]


def check_classifier(name: str, part: Any) -> None:
    """Raise a TypeError if a part can't give probabilities or scores."""
    if not is_classifier(part):
        raise TypeError(
            f"The part {name!r} of LateFusionClassifier must be a classifier or 'drop'."
            f" Got {part!r} instead."
        )
    if output_of(part) == "predict":
        raise TypeError(
            f"The part {name!r} of LateFusionClassifier must have predict_proba or "
            f"decision_function. {part!r} has neither."
        )


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """What a part gives of one output of the test rows of an inner fold.

    Parameters
    ----------
    name : str
    answer : Answer
    rows : ndarray of int, shape (n_rows,)
        Positions in X.
    """

    name: str
    answer: Answer
    rows: NDArray[np.intp]


def held_answers(held: list[HeldOut], outputs: list[Output]) -> list[list[HeldAnswer]]:
    """Return what the parts give of rows held out, a list an output."""
    classes = [output.classes for output in outputs]
    split_up = [(one, split(one.values, one.part, classes)) for one in held]
    return [
        [HeldAnswer(one.name, answers[k], one.rows) for one, answers in split_up]
        for k in range(len(outputs))
    ]


def calibrate(
    held: list[HeldAnswer], output: Output, costs: NDArray[Any]
) -> ScoreCalibrator:
    """Return a calibrator of one part's scores, fitted on rows held out.

    Parameters
    ----------
    held : list of HeldAnswer
        Of one part.
    output : Output
    costs : ndarray of shape (n_samples,)
        The rows' weights.

    Returns
    -------
    ScoreCalibrator
        One that says how frequent each class is, if no fold gave scores.
    """
    classes, codes = output.classes, output.codes
    # A part whose rows were of one class gave probabilities, and tells nothing.
    held = [one for one in held if one.answer.scores]
    if not held:
        nothing = np.zeros((len(codes), len(classes)))
        return ScoreCalibrator().fit(nothing, codes, costs)
    answers = [one.answer for one in held]
    scores = [class_scores(each.values, each.classes, classes) for each in answers]
    rows = np.concatenate([one.rows for one in held])
    return ScoreCalibrator().fit(np.concatenate(scores), codes[rows], costs[rows])


def to_probabilities(
    answer: Answer,
    calibrator: ScoreCalibrator | None,
    classes: NDArray[Any],
    prior: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the probabilities of all classes out of what a part gives.

    Parameters
    ----------
    answer : Answer
        Probabilities, or scores to calibrate.
    calibrator : ScoreCalibrator or None
        None for a part of probabilities, and for scores of which the highest counts.
    classes : ndarray of shape (n_classes,)
    prior : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_rows, n_classes)
    """
    if not answer.scores:
        return align(answer.values, answer.classes, classes, prior)
    scores = class_scores(answer.values, answer.classes, classes)
    return softmax(scores) if calibrator is None else calibrator(scores)


def held_out_probabilities(
    held: list[HeldAnswer], names: list[str], output: Output, costs: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what each part says of each row by models that didn't see the row.

    Parameters
    ----------
    held : list of HeldAnswer
    names : list of str
        The parts, in order.
    output : Output
    costs : ndarray of shape (n_samples,)

    Returns
    -------
    probabilities : ndarray of shape (n_modalities, n_samples, n_classes)
    there : ndarray of bool, shape (n_modalities, n_samples)
        Which of them there are.
    """
    there = np.zeros((len(names), len(output.codes)), dtype=bool)
    probabilities = np.zeros((*there.shape, len(output.classes)))
    for one in held:
        calibrator = None
        if one.answer.scores:
            # Fitted on the other folds' rows: this one's labels stay unseen.
            others = [h for h in held if h.name == one.name and h is not one]
            calibrator = calibrate(others, output, costs)
        place = names.index(one.name), one.rows
        probabilities[place] = to_probabilities(
            one.answer, calibrator, output.classes, output.prior
        )
        there[place] = True
    return probabilities, there
