"""Descriptors to a mixture of diagonal Gaussians, and to the moments of its parts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._kernels.blocks import padded_blocks

__all__ = ["DiagonalMixture", "Moments", "fit_mixture", "posterior_moments"]

TINY = np.finfo(np.float32).tiny


@dataclass(frozen=True, slots=True)
class DiagonalMixture:
    """A mixture of Gaussians with diagonal covariances.

    Parameters
    ----------
    weights : ndarray of shape (n_components,), float64
    means : ndarray of shape (n_components, d), float64
    variances : ndarray of shape (n_components, d), float64
    """

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    variances: NDArray[np.float64]

    def linear_form(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return A (2 * d, n_components) and b: log w_k p_k(x) is [x * x, x] A + b."""
        precisions = 1 / self.variances
        projection = np.concatenate([-0.5 * precisions, self.means * precisions], 1).T
        offset = np.log(np.maximum(self.weights, TINY)) - 0.5 * (
            np.log(2 * np.pi * self.variances) + self.means**2 * precisions
        ).sum(axis=1)
        return (
            np.ascontiguousarray(projection, dtype=np.float32),
            offset.astype(np.float32),
        )


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over descriptors, each weighted by the posterior of a component.

    Parameters
    ----------
    counts : ndarray of shape (..., n_components), float64
        Sums of the posteriors.
    squares, sums : ndarrays of shape (..., n_components, d), float64
        Sums of x * x and of x.
    """

    counts: NDArray[np.float64]
    squares: NDArray[np.float64]
    sums: NDArray[np.float64]


def posterior_moments(
    descriptors: NDArray[Any],
    projection: NDArray[np.float32],
    offset: NDArray[np.float32],
    order: NDArray[np.intp] | None = None,
) -> tuple[Moments, float]:
    """Return the moments of each component, and the sum of log-likelihoods.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d)
    projection, offset : ndarrays
        Of ``DiagonalMixture.linear_form``.
    order : ndarray of shape (m,), intp, or None
        Which descriptors; all of them if None.

    Returns
    -------
    moments : Moments
    log_likelihood : float
    """
    n_components, d = len(offset), len(projection) // 2
    counts = np.zeros(n_components)
    sums = np.zeros((n_components, 2 * d))
    log_likelihood = 0.0
    for _, n, block in padded_blocks(descriptors, order):
        powers = np.concatenate([block * block, block], axis=1)
        posterior = powers @ projection
        posterior += offset
        peak = posterior.max(axis=1, keepdims=True)
        posterior -= peak
        np.exp(posterior, out=posterior)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        posterior[n:] = 0
        counts += posterior.sum(axis=0)
        sums += posterior.T @ powers
        log_likelihood += float((peak[:n] + np.log(total[:n])).sum(dtype=np.float64))
    return Moments(counts, sums[:, :d], sums[:, d:]), log_likelihood


def fit_mixture(
    descriptors: NDArray[np.float32],
    labels: NDArray[np.integer[Any]],
    n_components: int,
    *,
    max_iter: int,
    tol: float = 1e-3,
) -> tuple[DiagonalMixture, int]:
    """Return the mixture that expectation maximisation reaches from hard labels.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32
        Best centred: squares are summed in float32 within a block.
    labels : ndarray of shape (n,), int
        The component that each starts in, as k-means gives it.
    n_components : int
    max_iter : int
        Iterations at most.
    tol : float
        Stop when the mean log-likelihood gains less.

    Returns
    -------
    mixture : DiagonalMixture
    n_iter : int
    """
    n, d = descriptors.shape
    spread = descriptors.var(axis=0, dtype=np.float64)
    # A component that shrinks onto equal descriptors would reach infinite likelihood.
    floor = np.maximum(1e-4 * spread, 1e-10)
    start = DiagonalMixture(
        np.full(n_components, 1 / n_components),
        np.zeros((n_components, d)),
        np.tile(spread + floor, (n_components, 1)),
    )
    mixture = _maximize(_hard_moments(descriptors, labels, n_components), start, floor)
    previous = -np.inf
    n_iter = 0
    while n_iter < max_iter:
        moments, log_likelihood = posterior_moments(descriptors, *mixture.linear_form())
        mixture = _maximize(moments, mixture, floor)
        n_iter += 1
        if log_likelihood / n - previous < tol:
            break
        previous = log_likelihood / n
    return mixture, n_iter


def _hard_moments(
    descriptors: NDArray[np.float32], labels: NDArray[Any], n_components: int
) -> Moments:
    squares = np.zeros((n_components, descriptors.shape[1]))
    sums = np.zeros_like(squares)
    for k in range(n_components):
        members = descriptors[labels == k].astype(np.float64)
        squares[k] = (members * members).sum(axis=0)
        sums[k] = members.sum(axis=0)
    counts = np.bincount(labels, minlength=n_components).astype(np.float64)
    return Moments(counts, squares, sums)


def _maximize(
    moments: Moments, previous: DiagonalMixture, floor: NDArray[np.float64]
) -> DiagonalMixture:
    """Return the mixture of these moments; starved components stay as they were."""
    counts = moments.counts[:, np.newaxis]
    fed = counts > 1e-3
    divisor = np.where(fed, counts, 1)
    means = np.where(fed, moments.sums / divisor, previous.means)
    variances = np.where(fed, moments.squares / divisor - means**2, previous.variances)
    weights = moments.counts / moments.counts.sum()
    return DiagonalMixture(weights, means, np.maximum(variances, floor))
