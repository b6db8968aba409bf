"""Learn one weight a kernel from the training rows' kernels and their classes."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from sklearn.svm import SVC

__all__ = ["align_kernels", "align_to", "easy_mkl", "of_classes"]

# EasyMKL's lambda, of the largest margin at 0 and of the distance of the classes'
# means at 1: on the stamps and Scene-15, .01 to .3 do equally well, .5 less so.
EASY_LAMBDA = 0.1

Floats = NDArray[np.float64]


def align_kernels(
    kernels: list[Floats],
    present: NDArray[np.bool_],
    codes: NDArray[np.intp],
    sample_weight: Floats,
    groups: NDArray[np.intp] | None = None,
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

    Returns
    -------
    ndarray of shape (n_modalities,)
        As of ``align_to``.
    """
    shares = sample_weight / sample_weight.sum()
    if codes.ndim == 1:
        targets = of_classes(np.eye(codes.max() + 1)[codes], shares)
    else:
        targets = np.hstack([_of_output(column, shares) for column in codes.T])
    return align_to(kernels, present, targets, shares, groups)


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
    relevance, likeness = np.zeros(m), np.zeros((m, m))
    for i in range(m):
        own = np.where(present[:, i], shares, 0.0)
        relevance[i] = _mean_product(kernels[i], wanted, own, related)
        for j in range(i, m):
            both = np.where(present[:, j], own, 0.0)
            likeness[i, j] = _mean_product(kernels[i], kernels[j], both, related)
            likeness[j, i] = likeness[i, j]
    return _to_shares(_solve(likeness, relevance))


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


def easy_mkl(
    kernels: list[Floats],
    present: NDArray[np.bool_],
    together: Floats,
    codes: NDArray[np.intp],
    sample_weight: Floats,
) -> Floats:
    """Return weights by how far the kernels part each class from the others.

    For each class, EasyMKL finds two points, one among the class' rows and one among
    the others, that are close by all kernels together; a kernel's weight is the squared
    distance of the two by it. The weights are the means over the classes. Where all
    rows lie far apart whatever their class, a kernel keeps some weight.

    Parameters
    ----------
    kernels : list of ndarrays of shape (n_rows, n_rows)
        Centred; zeros where a row lacks the modality.
    present : ndarray of bool, shape (n_rows, n_modalities)
        The points are of rows that have every modality, if each class has two: by a
        part of the kernels, rows that lack one are near others for that alone.
    together : ndarray of shape (n_rows, n_rows)
        The kernel of all, equally weighted.
    codes : ndarray of int, shape (n_rows,)
    sample_weight : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_modalities,)
        They sum to 1; equal where no kernel tells anything.

    References
    ----------
    Aiolli & Donini, "EasyMKL: a scalable multiple kernel learning algorithm" (2015),
    doi:10.1016/j.neucom.2014.11.078.
    """
    some = _rows_to_part(present, codes, sample_weight > 0)
    codes, together = codes[some], together[np.ix_(some, some)]
    kernels = [kernel[np.ix_(some, some)] for kernel in kernels]
    # A row that weighs twice may stand for two, whose halves of its share cost half.
    system = (1 - EASY_LAMBDA) * together + np.diag(EASY_LAMBDA / sample_weight[some])
    totals = np.zeros(len(kernels))
    found = np.unique(codes)
    for code in found[1:] if len(found) < 3 else found:
        signs = np.where(codes == code, 1.0, -1.0)
        parts = signs * _nearest_points(system, signs)
        distances = [max(float(parts @ kernel @ parts), 0.0) for kernel in kernels]
        totals += np.array(distances) / max(sum(distances), 1e-300)
    return _to_shares(totals)


def _rows_to_part(
    present: NDArray[np.bool_], codes: NDArray[np.intp], weigh: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return the rows that have every modality, or all rows if a class has too few."""
    weigh = weigh & present.any(axis=1)
    complete = weigh & present.all(axis=1)
    fewest = np.bincount(codes[complete], minlength=codes.max() + 1)
    enough = (fewest >= 2) | (np.bincount(codes[weigh], minlength=len(fewest)) < 2)
    if enough.all() and len(np.unique(codes[complete])) > 1:
        return np.flatnonzero(complete)
    return np.flatnonzero(weigh)


def _nearest_points(system: Floats, signs: Floats) -> Floats:
    """Return the shares of the rows in the nearest points of two classes' hulls.

    They are a hard-margin support vector machine's multipliers, each class' divided by
    their sum.
    """
    svm = SVC(kernel="precomputed", C=1e9, tol=1e-4).fit(system, signs)
    parts = np.zeros(len(signs))
    parts[svm.support_] = np.abs(svm.dual_coef_[0])
    return parts / (parts.sum() / 2)


def _to_shares(weights: Floats) -> Floats:
    total = weights.sum()
    if not total > 0:
        return np.full(len(weights), 1 / len(weights))
    return np.asarray(weights / total)
