"""Decide one output of a late fusion by what all classifiers say of it together."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.fusion._answers import Answer
from mmclassic.fusion._calibration import ScoreCalibrator
from mmclassic.fusion._outputs import Output
from mmclassic.fusion._pools import align, pool
from mmclassic.fusion._probabilities import (
    HeldAnswer,
    calibrate,
    held_out_probabilities,
    to_probabilities,
)
from mmclassic.fusion._stacking import fit_final, stack
from mmclassic.fusion._weights import learn_class_weights

__all__ = ["Combination", "fit_combination"]


@dataclass(slots=True)
class Combination:
    """How the classifiers of a late fusion decide one output together.

    Parameters
    ----------
    method : str
    classes : ndarray of shape (n_classes,)
    prior : ndarray of shape (n_classes,)
    weights : ndarray of shape (n_modalities,)
    calibrators : dict of str to ScoreCalibrator
    final : fitted classifier or None
        Of "stacking".
    """

    method: str
    classes: NDArray[Any]
    prior: NDArray[np.float64]
    weights: NDArray[np.float64]
    calibrators: dict[str, ScoreCalibrator] = field(default_factory=dict)
    final: Any = None

    def probabilities(
        self, answers: dict[str, Answer | None], there: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        answers : dict of str to Answer, or to None
            What each part gives of the rows that have it; None of no row.
        there : ndarray of bool, shape (n_modalities, n_samples)
            Which rows these are.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The prior for a row of no part.
        """
        probabilities = np.zeros((*there.shape, len(self.classes)))
        for i, (name, answer) in enumerate(answers.items()):
            if answer is not None:
                probabilities[i, there[i]] = to_probabilities(
                    answer, self.calibrators.get(name), self.classes, self.prior
                )
        if self.final is None:
            return pool(probabilities, there, self.weights, self.prior, self.method)
        stacked = self.final.predict_proba(stack(probabilities, there, self.prior))
        fused = align(stacked, self.final.classes_, self.classes, self.prior)
        fused[~there.any(axis=0)] = self.prior
        return fused


def fit_combination(
    fusion: Any,
    held: list[HeldAnswer],
    unscaled: list[str],
    output: Output,
    costs: NDArray[Any],
    given: NDArray[np.float64] | None,
    weighted: bool,
) -> Combination:
    """Learn how the parts of a LateFusionClassifier decide one output.

    Parameters
    ----------
    fusion : LateFusionClassifier
    held : list of HeldAnswer
    unscaled : list of str
        The parts that give scores to calibrate.
    output : Output
    costs : ndarray of shape (n_samples,)
        The rows' weights.
    given : ndarray of shape (n_modalities,) or None
        Weights that need no learning.
    weighted : bool
        Whether the user gave the rows weights.

    Returns
    -------
    Combination
    """
    classes, codes, prior = output.classes, output.codes, output.prior
    names = list(fusion._positions)
    known = np.ones(len(names)) if given is None else given
    combination = Combination(fusion.method, classes, prior, known)
    for name in unscaled:
        scores = [one for one in held if one.name == name]
        combination.calibrators[name] = calibrate(scores, output, costs)
    if len(classes) < 2 or (given is not None and fusion.method != "stacking"):
        return combination
    probabilities, there = held_out_probabilities(held, names, output, costs)
    some = there.any(axis=0)
    probabilities, there = probabilities[:, some], there[:, some]
    codes, costs = codes[some], costs[some]
    if fusion.method == "stacking":
        combination.final = fit_final(
            fusion.final_estimator,
            probabilities,
            there,
            classes[codes],
            costs if weighted else None,
            prior,
        )
    if given is None:
        combination.weights = learn_class_weights(
            probabilities, there, codes, costs, prior, fusion.method
        )
    return combination
