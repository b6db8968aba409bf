"""Learn how the classifiers of a late fusion decide together, from rows held out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from mmclassic.fusion._late_fit import HeldOut
from mmclassic.fusion._pools import evidence
from mmclassic.fusion._probabilities import calibrate, held_out_probabilities
from mmclassic.fusion._weights import learn_class_weights

__all__ = ["fit_combination", "stacked_evidence"]


def fit_combination(
    fusion: Any,
    held: list[HeldOut],
    unscaled: list[str],
    codes: NDArray[np.intp],
    costs: NDArray[Any],
    given: NDArray[np.float64] | None,
    weighted: bool,
) -> None:
    """Set a LateFusionClassifier's calibrators, weights and final estimator.

    Parameters
    ----------
    fusion : LateFusionClassifier
        Its parts fitted.
    held : list of HeldOut
    unscaled : list of str
        The parts that give scores to calibrate.
    codes : ndarray of int, shape (n_samples,)
        Positions of the rows' classes.
    costs : ndarray of shape (n_samples,)
        The rows' weights.
    given : ndarray of shape (n_modalities,) or None
        Weights that need no learning.
    weighted : bool
        Whether the user gave the rows weights.
    """
    classes, prior = fusion.classes_, fusion.class_prior_
    for name in unscaled:
        scores = [h for h in held if h.name == name]
        fusion.calibrators_[name] = calibrate(scores, codes, costs, classes)
    names = list(fusion._positions)
    probabilities, there = held_out_probabilities(
        held, names, codes, costs, classes, prior
    )
    some = there.any(axis=0)
    probabilities, there = probabilities[:, some], there[:, some]
    codes, costs = codes[some], costs[some]
    if fusion.method == "stacking":
        final = (
            LogisticRegression(C=0.1, max_iter=1000)
            if fusion.final_estimator is None
            else clone(fusion.final_estimator)
        )
        features = stacked_evidence(fusion, probabilities, there)
        weights = {"sample_weight": costs} if weighted else {}
        fusion.final_estimator_ = final.fit(features, classes[codes], **weights)
    if given is None:
        given = learn_class_weights(
            probabilities, there, codes, costs, prior, fusion.method
        )
    fusion.weights_ = given


def stacked_evidence(
    fusion: Any, probabilities: NDArray[np.float64], there: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return a row's features: each part's evidence, and what is missing."""
    logs = evidence(probabilities, there, fusion.class_prior_)
    return np.hstack([*logs, ~there.T])
