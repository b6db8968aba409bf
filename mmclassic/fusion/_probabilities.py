"""Turn what the parts of a late fusion give into probabilities of all classes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from mmclassic.fusion._calibration import ScoreCalibrator, class_scores
from mmclassic.fusion._late_fit import HeldOut
from mmclassic.fusion._part_models import output_of
from mmclassic.fusion._pools import align, softmax

__all__ = [
    "calibrate",
    "check_classifier",
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


def calibrate(
    held: list[HeldOut],
    codes: NDArray[np.intp],
    costs: NDArray[Any],
    classes: NDArray[Any],
) -> ScoreCalibrator:
    """Return a calibrator of one part's scores, fitted on rows held out.

    Parameters
    ----------
    held : list of HeldOut
        Of one part.
    codes : ndarray of int, shape (n_samples,)
        Positions of the rows' classes.
    costs : ndarray of shape (n_samples,)
        The rows' weights.
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    ScoreCalibrator
        One that says how frequent each class is, if no fold gave scores.
    """
    # A part whose rows were of one class gave probabilities, and tells nothing.
    held = [h for h in held if output_of(h.part) != "predict_proba"]
    if not held:
        nothing = np.zeros((len(codes), len(classes)))
        return ScoreCalibrator().fit(nothing, codes, costs)
    scores = [class_scores(h.values, h.part.classes_, classes) for h in held]
    rows = np.concatenate([h.rows for h in held])
    return ScoreCalibrator().fit(np.concatenate(scores), codes[rows], costs[rows])


def to_probabilities(
    values: NDArray[Any],
    part: Any,
    calibrator: ScoreCalibrator | None,
    classes: NDArray[Any],
    prior: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the probabilities of all classes out of what a part gives.

    Parameters
    ----------
    values : ndarray of shape (n_rows,) or (n_rows, n_part_classes)
        Probabilities, or scores to calibrate.
    part : fitted classifier
    calibrator : ScoreCalibrator or None
        None for a part of probabilities, and for scores of which the highest counts.
    classes : ndarray of shape (n_classes,)
    prior : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_rows, n_classes)
    """
    if output_of(part) == "predict_proba":
        return align(values, part.classes_, classes, prior)
    scores = class_scores(values, part.classes_, classes)
    return softmax(scores) if calibrator is None else calibrator(scores)


def held_out_probabilities(
    held: list[HeldOut],
    names: list[str],
    codes: NDArray[np.intp],
    costs: NDArray[Any],
    classes: NDArray[Any],
    prior: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what each part says of each row by models that didn't see the row.

    Parameters
    ----------
    held : list of HeldOut
    names : list of str
        The parts, in order.
    codes : ndarray of int, shape (n_samples,)
    costs : ndarray of shape (n_samples,)
    classes : ndarray of shape (n_classes,)
    prior : ndarray of shape (n_classes,)

    Returns
    -------
    probabilities : ndarray of shape (n_modalities, n_samples, n_classes)
    there : ndarray of bool, shape (n_modalities, n_samples)
        Which of them there are.
    """
    there = np.zeros((len(names), len(codes)), dtype=bool)
    probabilities = np.zeros((*there.shape, len(classes)))
    for one in held:
        calibrator = None
        if output_of(one.part) != "predict_proba":
            # Fitted on the other folds' rows: this one's labels stay unseen.
            others = [h for h in held if h.name == one.name and h is not one]
            calibrator = calibrate(others, codes, costs, classes)
        place = names.index(one.name), one.rows
        probabilities[place] = to_probabilities(
            one.values, one.part, calibrator, classes, prior
        )
        there[place] = True
    return probabilities, there
