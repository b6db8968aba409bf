"""EasyMKL: one weight a kernel by how far it parts the classes' rows."""

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from mmclassic.fusion._kernel_weights import to_shares

__all__ = ["easy_mkl"]

# EasyMKL's lambda, of the largest margin at 0 and of the distance of the classes'
# means at 1: on the stamps and Scene-15, .01 to .3 do equally well, .5 less so.
EASY_LAMBDA = 0.1

Floats = NDArray[np.float64]


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
    return to_shares(totals)


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
