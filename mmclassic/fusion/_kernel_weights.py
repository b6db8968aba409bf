"""Learn one weight a kernel from the training rows' kernels and their classes."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from mmclassic.fusion._cross_fitted import HeldOut

__all__ = [
    "LEAST",
    "align_kernels",
    "align_to",
    "coordinates_of",
    "of_classes",
    "to_shares",
    "trust",
]

# The least learned weight, of equal ones: a row that has only this modality is still
# decided by it, not by the classes' priors.
LEAST = 1e-3

Floats = NDArray[np.float64]


def align_kernels(
    kernels: list[Floats],
    present: NDArray[np.bool_],
    codes: NDArray[np.intp],
    sample_weight: Floats,
    groups: NDArray[np.intp] | None = None,
    held_out: HeldOut | None = None,
) -> Floats:
    """Return the weights of the sum of kernels that is most like the classes' own.

    Parameters
    ----------
    kernels : list of ndarrays of shape (n_rows, n_rows)
        Centred; zeros where a row lacks the modality.
    present : ndarray of bool, shape (n_rows, n_modalities)
    codes : ndarray of int, shape (n_rows,) or (n_rows, n_outputs)
    sample_weight : ndarray of shape (n_rows,)
    groups : ndarray of int, shape (n_rows,), or None
    held_out : HeldOut or None

    Returns
    -------
    ndarray of shape (n_modalities,)
        As of ``align_to``.
    """
    shares = sample_weight / sample_weight.sum()
    targets = coordinates_of(codes, shares)
    return align_to(kernels, present, targets, shares, groups, held_out)


def coordinates_of(codes: NDArray[np.intp], shares: Floats) -> Floats:
    """Return centred coordinates by which rows of one class, of any output, are alike.

    Parameters
    ----------
    codes : ndarray of int, shape (n_rows,) or (n_rows, n_outputs)
    shares : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows, n_targets)
    """
    if codes.ndim == 1:
        return of_classes(np.eye(codes.max() + 1)[codes], shares)
    return np.hstack([_of_output(column, shares) for column in codes.T])


def _of_output(codes: NDArray[np.intp], shares: Floats) -> Floats:
    """Return an output's coordinates, of a kernel as large as that of any other."""
    coordinates = of_classes(np.eye(codes.max() + 1)[codes], shares)
    return coordinates / max(int(codes.max()), 1) ** 0.25


def of_classes(members: Floats, shares: Floats) -> Floats:
    """Return coordinates of rows by which those of one class are alike.

    Parameters
    ----------
    members : ndarray of shape (n_rows, n_classes)
        1 where a row is of a class, else 0.
    shares : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows, n_classes)
        Centred. All pairs of a class weigh as much as those of any other, whatever
        its rows.
    """
    totals = shares @ members
    scaled = members / np.sqrt(np.where(totals > 0, totals, 1.0))
    return np.asarray(scaled - shares @ scaled)


def align_to(
    kernels: list[Floats],
    present: NDArray[np.bool_],
    targets: Floats,
    shares: Floats,
    groups: NDArray[np.intp] | None = None,
    held_out: HeldOut | None = None,
) -> Floats:
    """Return the weights of the sum of kernels that is most like that of targets.

    The weights v >= 0 minimise v M v - 2 v a: a_m is the likeness of kernel m to the
    targets', M_ml that of two kernels, as means over pairs of two different rows. A row
    is like itself by any kernel; with these pairs, kernels of few features would be
    favoured over those in which all rows lie far apart, as those of texts.

    Parameters
    ----------
    kernels : list of ndarrays of shape (n_rows, n_rows)
        Centred; zeros where a row lacks the modality.
    present : ndarray of bool, shape (n_rows, n_modalities)
        Pairs are those of rows that both have the modality, or both of two.
    targets : ndarray of shape (n_rows, n_targets)
        Centred; their kernel is that of their inner products.
    shares : ndarray of shape (n_rows,)
        They sum to 1.
    groups : ndarray of int, shape (n_rows,), or None
        Pairs are those of rows of two groups: look-alikes are no evidence either.
    held_out : HeldOut or None
        Kernels of parts that learn from y take their place, by pairs of rows of one
        fold. Their weights shrink by ``trust``.

    Returns
    -------
    ndarray of shape (n_modalities,)
        They sum to 1; equal where no kernel tells anything.

    References
    ----------
    Cortes, Mohri & Rostamizadeh, "Algorithms for learning kernels based on centered
    alignment" (2012), section 3.2.
    Song et al., "Feature selection via dependence maximization" (2012), section 2.3:
    without the pairs of a row with itself.
    """
    wanted = targets @ targets.T
    groups = np.arange(len(shares)) if groups is None else groups
    related = groups[:, None] == groups
    m = len(kernels)
    shrink, unknown = np.ones(m), related
    held = held_out.kernels if held_out is not None else {}
    if held_out is not None:
        shrink = trust(kernels, present, targets, shares, groups, held_out)
        kernels, present = held_out.replace(kernels, present)
        unknown = related | held_out.apart()
    relevance, likeness = np.zeros(m), np.zeros((m, m))
    for i in range(m):
        own = np.where(present[:, i], shares, 0.0)
        apart = unknown if i in held else related
        relevance[i] = _mean_product(kernels[i], wanted, own, apart)
        for j in range(i, m):
            both = np.where(present[:, j], own, 0.0)
            apart = unknown if i in held or j in held else related
            likeness[i, j] = _mean_product(kernels[i], kernels[j], both, apart)
            likeness[j, i] = likeness[i, j]
    return to_shares(_solve(likeness, relevance) * shrink)


def trust(
    kernels: list[Floats],
    present: NDArray[np.bool_],
    targets: Floats,
    shares: Floats,
    groups: NDArray[np.intp],
    held_out: HeldOut,
) -> Floats:
    """Return how much of its likeness to the targets each kernel keeps held out.

    A machine is fitted on the kernel of training rows, which a part that knows these by
    heart makes tell all: even a little weight would decide for it.

    Parameters
    ----------
    kernels : list of ndarrays of shape (n_rows, n_rows)
    present : ndarray of bool, shape (n_rows, n_modalities)
    targets : ndarray of shape (n_rows, n_targets)
    shares : ndarray of shape (n_rows,)
    groups : ndarray of int, shape (n_rows,)
    held_out : HeldOut

    Returns
    -------
    ndarray of shape (n_modalities,)
        From 0 to 1; 1 of a kernel that isn't in ``held_out``.
    """
    wanted = targets @ targets.T
    related = groups[:, None] == groups
    unknown = related | held_out.apart()
    found = np.ones(len(kernels))
    for m in held_out.kernels:
        own, described = held_out.place(m)
        fitted = np.where(present[:, m], shares, 0.0)
        seen = np.where(described, shares, 0.0)
        flattered = _cosine(kernels[m], wanted, fitted, related)
        honest = _cosine(own, wanted, seen, unknown)
        found[m] = np.clip(honest / max(flattered, 1e-300), 0.0, 1.0)
    return found


def _cosine(
    kernel: Floats, wanted: Floats, shares: Floats, related: NDArray[np.bool_]
) -> float:
    size = _mean_product(kernel, kernel, shares, related)
    product = _mean_product(kernel, wanted, shares, related)
    return product / max(float(np.sqrt(size)), 1e-300)


def _mean_product(
    A: Floats, B: Floats, shares: Floats, related: NDArray[np.bool_]
) -> float:
    """Return the weighted mean of A * B over the pairs of rows that aren't related."""
    products = A * B
    products[related] = 0.0
    n_pairs = shares.sum() ** 2 - shares @ related @ shares
    return float(shares @ products @ shares / max(n_pairs, 1e-300))


def _solve(M: Floats, a: Floats) -> Floats:
    """Return v >= 0 of least v M v - 2 v a."""
    # Means over different pairs need not make M positive: what is below 0 is noise.
    sizes, axes = np.linalg.eigh(M)
    kept = sizes > 1e-10 * max(sizes[-1], 1e-300)
    roots = np.sqrt(sizes[kept])
    if not len(roots):
        return np.zeros(len(a))
    found, _ = nnls(roots[:, None] * axes[:, kept].T, axes[:, kept].T @ a / roots)
    return np.asarray(found)


def to_shares(weights: Floats) -> Floats:
    """Return weights that sum to 1, equal ones where all are 0."""
    total = weights.sum()
    if not total > 0:
        return np.full(len(weights), 1 / len(weights))
    return np.asarray(weights / total)
