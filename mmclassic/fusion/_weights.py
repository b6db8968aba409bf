"""Learn one weight a modality from predictions of rows held out of the fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mmclassic.fusion._pools import evidence, log_prior, mean_pool, pool, softmax, votes

__all__ = ["learn_class_weights", "learn_value_weights"]

# What a weight's squared distance from 1 costs, in rows' worth of log-loss. On inner
# folds of the stamps a product's held-out loss differs by 0.01 from 1 to 10.
PENALTY = {"product": 5.0, "mean": 1.0, "vote": 1.0}
LEAST = 1e-6  # of a mean's weight: where it stands alone its share is still 1

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]


def learn_class_weights(
    probabilities: Floats,
    there: NDArray[np.bool_],
    y: NDArray[np.intp],
    sample_weight: Floats,
    prior: Floats,
    method: str,
) -> Floats:
    """Return the weights of a pool of probabilities that minimise its log-loss.

    Their squared distance from 1 is penalised. On these rows neither the log-loss
    nor the accuracy is worse than that of equal weights.

    Parameters
    ----------
    probabilities : ndarray of shape (n_modalities, n_samples, n_classes)
        Of models that weren't fitted on the row.
    there : ndarray of bool, shape (n_modalities, n_samples)
    y : ndarray of int, shape (n_samples,)
        Positions of the classes.
    sample_weight : ndarray of shape (n_samples,)
    prior : ndarray of shape (n_classes,)
    method : {"mean", "product", "vote"}

    Returns
    -------
    ndarray of shape (n_modalities,)
    """
    rows = np.arange(len(y))
    costs = sample_weight / sample_weight.mean()
    least = 0.0
    if method == "product":
        objective = _product_objective(probabilities, there, y, costs, prior)
    else:
        least = LEAST
        values = probabilities
        if method == "vote":  # smoothed, or one wrong vote would cost infinitely
            values = 0.8 * votes(probabilities) + 0.2 * probabilities
        objective = _mean_objective(values[:, rows, y], there, costs)

    def scores(weights: Floats) -> tuple[float, ...]:
        pooled = pool(probabilities, there, weights, prior, method)
        wrong = pooled.argmax(axis=1) != y
        return objective(weights)[0], float(costs @ wrong)

    return _minimise(objective, scores, len(probabilities), least, PENALTY[method])


def learn_value_weights(
    values: Floats, there: NDArray[np.bool_], y: Floats, sample_weight: Floats
) -> Floats:
    """Return the weights of a mean of values that minimise its squared error.

    Parameters
    ----------
    values : ndarray of shape (n_modalities, n_samples)
        Of models that weren't fitted on the row.
    there : ndarray of bool, shape (n_modalities, n_samples)
    y : ndarray of shape (n_samples,)
    sample_weight : ndarray of shape (n_samples,)

    Returns
    -------
    ndarray of shape (n_modalities,)
        Their squared error on these rows isn't above that of equal weights.
    """
    some = there.any(axis=0)
    values, there, y = values[:, some], there[:, some], y[some]
    costs = sample_weight[some] / sample_weight.mean()
    spread = float(np.var(y)) or 1.0

    def objective(weights: Floats) -> tuple[float, Floats]:
        errors = mean_pool(values, there, weights) - y
        shares = there / (weights @ there)
        held = np.where(there, values, 0.0)
        slopes = shares * (held - mean_pool(values, there, weights))
        loss = costs @ errors**2 / (2 * spread)
        return float(loss), slopes @ (costs * errors) / spread

    return _minimise(
        objective, lambda w: (objective(w)[0],), len(values), LEAST, PENALTY["mean"]
    )


def _product_objective(
    probabilities: Floats,
    there: NDArray[np.bool_],
    y: NDArray[np.intp],
    costs: Floats,
    prior: Floats,
) -> Objective:
    logs = evidence(probabilities, there, prior)
    truth = np.eye(len(prior))[y]

    def objective(weights: Floats) -> tuple[float, Floats]:
        pooled = softmax(np.einsum("m,mnc->nc", weights, logs) + log_prior(prior))
        chances = np.maximum((pooled * truth).sum(axis=1), 1e-300)
        errors = (pooled - truth) * costs[:, None]
        return float(-costs @ np.log(chances)), np.einsum("nc,mnc->m", errors, logs)

    return objective


def _mean_objective(
    chances: Floats, there: NDArray[np.bool_], costs: Floats
) -> Objective:
    some = there.any(axis=0)
    there, costs = there[:, some], costs[some]
    held = np.where(there, np.maximum(chances[:, some], 1e-9), 0.0)

    def objective(weights: Floats) -> tuple[float, Floats]:
        above, below = weights @ held, weights @ there
        loss = -costs @ np.log(above / below)
        return float(loss), (there / below - held / above) @ costs

    return objective


def _minimise(
    objective: Objective,
    scores: Callable[[Floats], tuple[float, ...]],
    n_modalities: int,
    least: float,
    penalty: float,
) -> Floats:
    """Return penalised weights at which no score is above that of equal weights."""
    equal = np.ones(n_modalities)

    def penalised(weights: Floats) -> tuple[float, Floats]:
        loss, slope = objective(weights)
        away = weights - equal
        return loss + penalty * float(away @ away), slope + 2 * penalty * away

    bounds: Any = [(least, None)] * n_modalities
    found = minimize(penalised, equal, jac=True, method="L-BFGS-B", bounds=bounds).x
    worst = scores(equal)
    for step in np.linspace(1.0, 0.0, 21)[:-1]:
        weights = step * found + (1 - step) * equal
        if all(a <= b for a, b in zip(scores(weights), worst, strict=True)):
            return np.asarray(weights)
    return equal
