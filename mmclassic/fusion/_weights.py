"""Learn one weight a modality from predictions of rows held out of the fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mmclassic.fusion._pools import evidence, log_prior, mean_pool, pool, softmax

__all__ = ["learn_class_weights", "learn_value_weights"]

# What a weight's squared distance from its centre costs, in rows' worth of log-loss.
# A product of calibrated and independent parts has weights of 1. Held-out rows ask
# for weights too far from those that each part has alone, because their parts were
# fitted on fewer rows and look-alikes err together: over nine choices of parts on the
# stamps, 20 to 200 do equally well and 5 errs on 1 row more of 150. For a mean 5 to 100
# do equally well there, and on scenes 5 to 50; but it takes a sure part that is wrong
# for what it is only if the centre does, as these costs keep it from equal weights.
PENALTY = 50.0
PENALTY_ALONE = 20.0
PENALTY_OF_VALUES = 1.0
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

    Their squared distance from a center is penalised: for a product the weight at
    which each modality alone is calibrated, 0 for one that knows its training rows by
    heart; for a mean at most 1 of that, and 0 for a modality that a vote would drop.
    A vote's are 0 or 1: others would break ties that the mean breaks better. On these
    rows neither the log-loss nor the accuracy is worse than that of equal weights.

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
    costs = sample_weight / sample_weight.mean()
    truth = np.eye(len(prior))[y]

    def scores(weights: Floats) -> tuple[float, ...]:
        pooled = pool(probabilities, there, weights, prior, method)
        chances = np.maximum((pooled * truth).sum(axis=1), 1e-300)
        return float(-costs @ np.log(chances)), float(costs @ (pooled.argmax(1) != y))

    equal = np.ones(len(probabilities))
    if method == "vote":
        return _without_harm(equal, scores)
    center = _calibrating_weights(probabilities, there, truth, costs, prior)
    if method == "mean":
        # Over 1 is for sureness, which has its own number here, the last.
        center = np.minimum(center, 1.0) * _without_harm(equal, scores)
        objective = _mean_objective(probabilities, there, truth, costs)
        found = _penalised(objective, np.append(center, 1.0), PENALTY, LEAST)
        return _no_worse(found[:-1], scores)
    objective = _product_objective(probabilities, there, truth, costs, prior)
    return _no_worse(_penalised(objective, center, PENALTY, 0.0), scores)


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

    found = _penalised(objective, np.ones(len(values)), PENALTY_OF_VALUES, LEAST)
    return _no_worse(found, lambda w: (objective(w)[0],))


def _calibrating_weights(
    probabilities: Floats,
    there: NDArray[np.bool_],
    truth: Floats,
    costs: Floats,
    prior: Floats,
) -> Floats:
    """Return the weight in a product of each modality that were alone in it."""
    found = []
    for i in range(len(probabilities)):
        part = slice(i, i + 1)
        objective = _product_objective(
            probabilities[part], there[part], truth, costs, prior
        )
        found.append(_penalised(objective, np.ones(1), PENALTY_ALONE, 0.0)[0])
    return np.array(found)


def _product_objective(
    probabilities: Floats,
    there: NDArray[np.bool_],
    truth: Floats,
    costs: Floats,
    prior: Floats,
) -> Objective:
    logs = evidence(probabilities, there, prior)

    def objective(weights: Floats) -> tuple[float, Floats]:
        pooled = softmax(np.einsum("m,mnc->nc", weights, logs) + log_prior(prior))
        chances = np.maximum((pooled * truth).sum(axis=1), 1e-300)
        errors = (pooled - truth) * costs[:, None]
        return float(-costs @ np.log(chances)), np.einsum("nc,mnc->m", errors, logs)

    return objective


def _mean_objective(
    probabilities: Floats, there: NDArray[np.bool_], truth: Floats, costs: Floats
) -> Objective:
    """Return the log-loss of softmax(sharpness * log(mean)), of weights and sharpness.

    A mean of calibrated probabilities is less sure than it is right (Ranjan & Gneiting
    2010, doi:10.1111/j.1467-9868.2009.00726.x). Without the sharpness, which changes
    no decision, the weights would go to the surest part to make up for it.
    """
    some = there.any(axis=0)
    there, truth, costs = there[:, some], truth[some], costs[some]
    held = np.maximum(probabilities[:, some], 1e-9) * there[..., None]

    def objective(x: Floats) -> tuple[float, Floats]:
        weights, sharpness = x[:-1], x[-1]
        sums = np.einsum("m,mnc->nc", weights, held)
        logs = np.log(sums / (weights @ there)[:, None])
        pooled = softmax(sharpness * logs)
        chances = np.maximum((pooled * truth).sum(axis=1), 1e-300)
        errors = (pooled - truth) * costs[:, None]
        slopes = sharpness * np.einsum("nc,mnc->m", errors / sums, held)
        return float(-costs @ np.log(chances)), np.append(slopes, np.sum(errors * logs))

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


def _without_harm(
    weights: Floats, scores: Callable[[Floats], tuple[float, ...]]
) -> Floats:
    """Return the weights with 0 for the parts without which no score is worse.

    One by one, that without which the first score is least; one stays.
    """
    least = scores(weights)
    while weights.sum() > 1:
        fewer = [weights * (np.arange(len(weights)) != i) for i in weights.nonzero()[0]]
        reached = [scores(each) for each in fewer]
        harmless = [i for i, each in enumerate(reached) if _is_no_worse(each, least)]
        if not harmless:
            break
        best = min(harmless, key=reached.__getitem__)
        weights, least = fewer[best], reached[best]
    return weights


def _is_no_worse(scores: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return all(a <= b for a, b in zip(scores, others, strict=True))


def _no_worse(found: Floats, scores: Callable[[Floats], tuple[float, ...]]) -> Floats:
    """Return what is nearest to found, on the way to equal weights, and no worse."""
    equal = np.ones(len(found))
    worst = scores(equal)
    for step in np.linspace(1.0, 0.0, 21)[:-1]:
        weights = step * found + (1 - step) * equal
        if _is_no_worse(scores(weights), worst):
            return np.asarray(weights)
    return equal
