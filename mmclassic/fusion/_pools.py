"""Pool the modalities' probabilities, those that a row has, into one."""

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "align",
    "evidence",
    "log_prior",
    "mean_pool",
    "median_pool",
    "pool",
    "softmax",
    "vote_pool",
    "votes",
]

# Least probability: what a part of few rows, a forest say, calls impossible isn't.
FLOOR = 1e-3
LEAD = 0.1  # how far on from a tie with the mean's class a vote goes, of what is left

Floats = NDArray[np.float64]


def align(
    probabilities: Floats,
    part_classes: NDArray,
    classes: NDArray,
    prior: Floats,
) -> Floats:
    """Return a part's probabilities of all classes.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_part_classes)
    part_classes : ndarray of shape (n_part_classes,)
        Those that the part's training rows held.
    classes : ndarray of shape (n_classes,)
    prior : ndarray of shape (n_classes,)
        Each class's share of the training rows. What a part never saw gets its
        prior: the part knows nothing against it.

    Returns
    -------
    ndarray of shape (n_rows, n_classes)
    """
    known = np.isin(classes, part_classes)
    aligned = np.tile(prior, (len(probabilities), 1))
    places = np.searchsorted(classes, part_classes)
    aligned[:, places] = probabilities * prior[known].sum()
    return aligned


def evidence(probabilities: Floats, there: NDArray, prior: Floats) -> Floats:
    """Return log(p / prior) of each class, 0 where a row lacks the modality.

    Parameters
    ----------
    probabilities : ndarray of shape (n_modalities, n_samples, n_classes)
    there : ndarray of bool, shape (n_modalities, n_samples)
    prior : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_modalities, n_samples, n_classes)
    """
    logs = np.log(np.maximum(probabilities, FLOOR)) - log_prior(prior)
    return np.where(there[..., None], logs, 0.0)


def log_prior(prior: Floats) -> Floats:
    """Return the log of the classes' prior, floored as the probabilities are."""
    return np.log(np.maximum(prior, FLOOR))


def pool(
    probabilities: Floats,
    there: NDArray,
    weights: Floats,
    prior: Floats,
    method: str,
) -> Floats:
    """Return one probability of each class and row.

    Parameters
    ----------
    probabilities : ndarray of shape (n_modalities, n_samples, n_classes)
        Of any value where a row lacks the modality.
    there : ndarray of bool, shape (n_modalities, n_samples)
    weights : ndarray of shape (n_modalities,)
    prior : ndarray of shape (n_classes,)
        What a row with no modality gets.
    method : {"mean", "product", "max", "median", "vote"}

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
    """
    if method == "product":
        # log p = log prior + sum of w (log p_m - log prior): what a row lacks adds
        # nothing, and the prior isn't counted once a modality.
        logits = np.einsum("m,mnc->nc", weights, evidence(probabilities, there, prior))
        return softmax(logits + log_prior(prior))
    if method == "max":
        pooled = np.where(there[..., None], probabilities, 0.0).max(axis=0)
    elif method == "median":
        pooled = median_pool(probabilities, there)
    elif method == "vote":
        pooled = vote_pool(probabilities, there, weights)
    else:
        pooled = mean_pool(probabilities, there, weights)
    pooled[~there.any(axis=0)] = prior
    return pooled / pooled.sum(axis=1, keepdims=True)


def votes(probabilities: Floats) -> Floats:
    """Return 1 for each part's most probable class and 0 for the others."""
    n_classes = probabilities.shape[-1]
    return np.eye(n_classes)[probabilities.argmax(axis=-1)]


def mean_pool(values: Floats, there: NDArray, weights: Floats) -> Floats:
    """Return the weighted mean over the modalities that each row has.

    Parameters
    ----------
    values : ndarray of shape (n_modalities, n_samples, ...)
    there : ndarray of bool, shape (n_modalities, n_samples)
    weights : ndarray of shape (n_modalities,)

    Returns
    -------
    ndarray of shape (n_samples, ...)
        NaN for a row that has none.
    """
    shares = _shares(there, weights)
    held = np.where(there.reshape(there.shape + (1,) * (values.ndim - 2)), values, 0.0)
    pooled = np.einsum("mn,mn...->n...", shares, held)
    pooled[~there.any(axis=0)] = np.nan
    return pooled


def median_pool(probabilities: Floats, there: NDArray) -> Floats:
    """Return each class's median over the modalities that each row has.

    Parameters
    ----------
    probabilities : ndarray of shape (n_modalities, n_samples, n_classes)
    there : ndarray of bool, shape (n_modalities, n_samples)

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Their mean where every median is 0, as of parts each sure of another class.
    """
    some = there.any(axis=0)
    held = np.where(there[:, some, None], probabilities[:, some], np.nan)
    medians = np.nanmedian(held, axis=0)
    nothing = ~medians.any(axis=1)
    medians[nothing] = np.nanmean(held[:, nothing], axis=0)
    pooled = np.zeros(probabilities.shape[1:])
    pooled[some] = medians
    return pooled


def vote_pool(probabilities: Floats, there: NDArray, weights: Floats) -> Floats:
    """Return the mean probability, moved to the shares of votes until these decide.

    Shares alone are far too sure: of two parts that agree one class would have all.
    The class of most votes leads, of several the one of the greatest mean.

    Parameters
    ----------
    probabilities : ndarray of shape (n_modalities, n_samples, n_classes)
    there : ndarray of bool, shape (n_modalities, n_samples)
    weights : ndarray of shape (n_modalities,)

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        NaN for a row that has none.
    """
    means = mean_pool(probabilities, there, weights)
    shares = mean_pool(votes(probabilities), there, weights)
    most = shares >= shares.max(axis=1, keepdims=True) - 1e-9
    first = np.where(most, means, -1.0).argmax(axis=1)[:, None]
    ahead = means - np.take_along_axis(means, first, axis=1)
    behind = np.take_along_axis(shares, first, axis=1) - shares
    # As far as a class is as likely as the first: (1 - way) * ahead = way * behind.
    outvoted = (ahead > 0) & ~most
    ways = np.where(outvoted, ahead / np.where(outvoted, ahead + behind, 1.0), 0.0)
    way = ways.max(axis=1, keepdims=True)
    return means + (way + LEAD * (1 - way)) * (shares - means)


def _shares(there: NDArray, weights: Floats) -> Floats:
    """Return each modality's share of each row; equal ones where all weigh 0."""
    shares = weights[:, None] * there
    idle = shares.sum(axis=0) == 0
    shares[:, idle] = there[:, idle]
    return shares / np.maximum(shares.sum(axis=0), 1e-300)


def softmax(logits: Floats) -> Floats:
    """Return exp(logits) with rows that sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
