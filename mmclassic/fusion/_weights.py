"""Learn one weight a modality from predictions of rows held out of the fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mmclassic.fusion._pools import evidence, log_prior, mean_pool, pool, softmax, votes

__all__ = ["learn_class_weights", "learn_value_weights"]

# What a weight's squared distance from its centre costs, in rows' worth of log-loss.
# A product of calibrated and independent parts has weights of 1. Held-out rows ask
# for weights too far from those that each part has alone, because their parts were
# fitted on fewer rows and look-alikes err together: over nine choices of parts on the
# stamps, 20 to 200 do equally well and 5 errs on 1 row more of 150.
PENALTY = {"product": 50.0, "mean": 1.0, "vote": 1.0}
PENALTY_ALONE = 20.0
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

    Their squared distance from 1 is penalised; for a product that from the weight
    at which each modality alone is calibrated, 0 for one that knows its training
    rows by heart. On these rows neither the log-loss nor the accuracy is worse than
    that of equal weights.

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
    center = np.ones(len(probabilities))
    if method == "product":
        objective = _product_objective(probabilities, there, y, costs, prior)
        for i in range(len(center)):
            part = slice(i, i + 1)
            alone = _product_objective(
                probabilities[part], there[part], y, costs, prior
            )
            center[part] = _penalised(alone, np.ones(1), PENALTY_ALONE, least)
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

    found = _penalised(objective, center, PENALTY[method], least)
    return _no_worse(found, scores)


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

    found = _penalised(objective, np.ones(len(values)), PENALTY["mean"], LEAST)
    return _no_worse(found, lambda w: (objective(w)[0],))


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


def _penalised(
    objective: Objective, center: Floats, penalty: float, least: float
) -> Floats:
    """Return the weights of least loss and squared distance from a center."""

    def total(weights: Floats) -> tuple[float, Floats]:
        loss, slope = objective(weights)
        away = weights - center
        return loss + penalty * float(away @ away), slope + 2 * penalty * away

    bounds: Any = [(least, None)] * len(center)
    start = np.maximum(center, least)
    found = minimize(total, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)


def _no_worse(found: Floats, scores: Callable[[Floats], tuple[float, ...]]) -> Floats:
    """Return what is nearest to found, on the way to equal weights, and no worse."""
    equal = np.ones(len(found))
    worst = scores(equal)
    for step in np.linspace(1.0, 0.0, 21)[:-1]:
        weights = step * found + (1 - step) * equal
        if all(a <= b for a, b in zip(scores(weights), worst, strict=True)):
            return np.asarray(weights)
    return equal
