"""ScoreCalibrator: the scores of a classifier to probabilities."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mmclassic.fusion._pools import softmax

__all__ = ["ScoreCalibrator", "class_scores"]

Floats = NDArray[np.float64]


def class_scores(
    decisions: Floats, part_classes: NDArray, classes: NDArray
) -> NDArray[np.float64]:
    """Return one score a class from what ``decision_function`` gave.

    Parameters
    ----------
    decisions : ndarray of shape (n_rows,) or (n_rows, n_part_classes)
    part_classes : ndarray of shape (n_part_classes,)
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_rows, n_classes)
        A class that the part never saw gets the row's mean: nothing for or against.

    Raises
    ------
    ValueError
        If there isn't one score a class, as in SVC's one against one.
    """
    if decisions.ndim == 1:
        decisions = np.column_stack([-decisions, decisions])
    if decisions.shape[1] != len(part_classes):
        raise ValueError(
            f"decision_function gave {decisions.shape[1]} scores for "
            f"{len(part_classes)} classes. Set decision_function_shape='ovr'."
        )
    scores = np.tile(decisions.mean(axis=1)[:, None], (1, len(classes)))
    scores[:, np.searchsorted(classes, part_classes)] = decisions
    return scores


class ScoreCalibrator:
    """Map scores to softmax(scale * scores + offsets), fitted on rows held out.

    Platt's sigmoid for two classes; for more, one scale instead of one a class, so
    that few rows suffice.

    Attributes
    ----------
    scale : float
    offsets : ndarray of shape (n_classes,)

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines" (1999).
    Guo et al., "On calibration of modern neural networks" (2017), section 4.2.
    """

    scale: float
    offsets: Floats

    def fit(
        self, scores: Floats, y: NDArray[np.intp], weights: Floats
    ) -> "ScoreCalibrator":
        """Minimise the log-loss.

        Parameters
        ----------
        scores : ndarray of shape (n_rows, n_classes)
        y : ndarray of int, shape (n_rows,)
            Positions of the classes.
        weights : ndarray of shape (n_rows,)

        Returns
        -------
        self
        """
        n_rows, n_classes = scores.shape
        size = float(np.abs(scores).mean()) or 1.0
        scores = scores / size
        weights = weights / weights.sum()
        # Platt's smoothed targets: else separable scores would take an endless scale.
        targets = np.eye(n_classes)[y]
        counts = targets.sum(axis=0)
        targets = (targets * n_rows + counts / n_rows * n_classes) / (
            n_rows + n_classes
        )

        def loss(x: Floats) -> tuple[float, Floats]:
            probabilities = softmax(x[0] * scores + x[1:])
            logs = np.log(np.maximum(probabilities, 1e-300))
            value = -weights @ (targets * logs).sum(axis=1)
            errors = (probabilities - targets) * weights[:, None]
            return value, np.r_[np.sum(errors * scores), errors.sum(axis=0)]

        start = np.r_[1.0, np.zeros(n_classes)]
        bounds = [(0, None)] + [(None, None)] * n_classes
        best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
        self.scale, self.offsets = float(best[0] / size), best[1:]
        return self

    def __call__(self, scores: Floats) -> Floats:
        """Return probabilities of shape (n_rows, n_classes)."""
        return softmax(self.scale * scores + self.offsets)
