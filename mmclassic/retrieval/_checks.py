"""Refuse what a retriever can't be fitted to or asked, with what would do."""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, column_or_1d

from mmclassic._execution import original_row, rows_within
from mmclassic.fusion._blocks import check_finite
from mmclassic.fusion._row_kernel import check_kernels
from mmclassic.fusion._tables import n_rows
from mmclassic.media import is_missing

__all__ = [
    "SHRINKAGE",
    "check_blocks",
    "check_hubs",
    "check_n_neighbors",
    "check_settings",
    "check_shared",
    "check_target",
    "read_belonging",
    "read_classes",
    "shrinkages",
]

SHRINKAGE = 0.7  # of a part that a dict doesn't name


def check_settings(retriever: Any) -> None:
    """Raise if a retriever has fewer than two parts, or kernels of none.

    Parameters
    ----------
    retriever : CrossModalRetriever or CrossModalMatcher
    """
    own = type(retriever).__name__
    names = [name for name, _, _ in retriever._active()]
    if len(names) < 2:
        raise ValueError(
            f"{own} compares modalities, so 'parts' must hold at least two that aren't "
            f"'drop'. Got only {names[0]!r}."
        )
    every = [name for name, _, _ in retriever.parts]
    check_kernels(retriever.kernels, every, own)
    if isinstance(retriever.shrinkage, dict):
        for name, share in retriever.shrinkage.items():
            if name not in every:
                raise ValueError(
                    f"The 'shrinkage' parameter of {own} names {name!r}, which is "
                    "no part. The parts: "
                    f"{', '.join(map(repr, every))}."
                )
            if not isinstance(share, Real) or not 0 <= float(share) <= 1:
                raise ValueError(
                    f"The shrinkage of {name!r} must be a number in the range [0, 1]. "
                    f"Got {share!r} instead."
                )


def check_hubs(retriever: Any) -> None:
    """Raise if hubs can't be corrected in the retriever's search.

    Parameters
    ----------
    retriever : CrossModalRetriever
    """
    search = retriever.search, retriever.metric
    if retriever.n_hub_neighbors and search == ("faiss", "l1"):
        raise ValueError(
            "search='faiss' with metric='l1' needs n_hub_neighbors=0. Got "
            f"{retriever.n_hub_neighbors}. Choose search='exact', or another metric."
        )


def check_blocks(
    retriever: Any, blocks: dict[str, Any], present: NDArray[np.bool_]
) -> None:
    """Raise if a part gave NaN or infinity of an item, naming its row.

    Parameters
    ----------
    retriever : CrossModalRetriever
    blocks : dict of str to {ndarray, sparse matrix} of shape (n_present, n_features)
    present : ndarray of bool, shape (n_samples, n_modalities)
    """
    for (name, block), rows in zip(blocks.items(), present.T, strict=True):
        try:
            with rows_within(rows):
                check_finite(block)
        except ValueError as error:
            error.add_note(retriever._note(name))
            raise


def check_shared(names: list[str], present: NDArray[np.bool_]) -> None:
    """Raise if a modality has no two rows in common with another.

    Parameters
    ----------
    names : list of str
    present : ndarray of bool, shape (n_samples, n_modalities)
    """
    for i, name in enumerate(names):
        others = np.delete(present, i, axis=1)
        shared = int((others & present[:, [i]]).sum(axis=0).max())
        if shared < 2:
            raise ValueError(
                "What correlates is learned from rows that have two modalities. "
                f"{name!r} shares {shared} row(s) with any other, and needs 2 at "
                "least. Pass rows that hold what goes together, or choose "
                "method='semantic'."
            )


def shrinkages(retriever: Any, names: list[str]) -> list[float]:
    """Return the shrinkage of each part.

    Parameters
    ----------
    retriever : CrossModalRetriever
    names : list of str

    Returns
    -------
    list of float
    """
    given = retriever.shrinkage
    if isinstance(given, dict):
        return [float(given.get(name, SHRINKAGE)) for name in names]
    return [float(given)] * len(names)


def read_classes(
    retriever: Any, table: Any, y: Any
) -> tuple[NDArray[Any] | None, NDArray[np.intp] | None]:
    """Return y as an array, and as numbers of classes if the method needs them.

    Parameters
    ----------
    retriever : CrossModalRetriever
        Gets ``classes_``.
    table : DataFrame or ndarray of shape (n_samples, n_columns)
    y : array-like of shape (n_samples,) or None

    Returns
    -------
    y : ndarray of shape (n_samples,) or None
    codes : ndarray of int, shape (n_samples,) or None
    """
    method = retriever.method
    if y is None:
        if method != "correlation":
            raise ValueError(
                f"CrossModalRetriever with method={method!r} requires y to be passed, "
                "but the target y is None. Pass classes, or choose "
                "method='correlation'."
            )
        return None, None
    check_consistent_length(np.empty(n_rows(table)), y)
    y = np.asarray(y)
    if method == "correlation":
        return y, None
    y = column_or_1d(y)
    _check_known(y)
    check_classification_targets(y)
    retriever.classes_, codes = np.unique(y, return_inverse=True)
    if len(retriever.classes_) < 2:
        (only,) = retriever.classes_.tolist()
        raise ValueError(f"y must hold at least two classes. Got only {only!r}.")
    return y, codes


def read_belonging(y: Any, pos_label: Any, n_samples: int) -> NDArray[np.bool_]:
    """Return which rows hold what belongs together.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or None
        None if all do.
    pos_label : object
        The y of those that do.
    n_samples : int

    Returns
    -------
    ndarray of bool, shape (n_samples,)
    """
    if y is None:
        return np.ones(n_samples, dtype=bool)
    return np.asarray(column_or_1d(y, warn=True) == pos_label)


def _check_known(y: NDArray[Any]) -> None:
    """Raise if a row has no class."""
    missing = [row for row, label in enumerate(y) if is_missing(label)]
    if missing:
        row = original_row(missing[0])
        raise ValueError(
            f"y has no class of row {row}, and of {len(missing)} rows in all. Drop "
            "them, or choose method='correlation', which needs none."
        )


def check_target(retriever: Any, modality: str, target: str | None) -> str:
    """Return the modality to look at in the index.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    modality : str
        Of the queries.
    target : str or None

    Returns
    -------
    str
    """
    names = list(retriever.scorers_)
    for what, name in (("modality", modality), ("target", target or modality)):
        if name not in names:
            raise ValueError(
                f"The {what!r} of a query must be a modality that CrossModalRetriever "
                f"was fitted on: {', '.join(map(repr, names))}. Got {name!r} instead."
            )
    if target is not None:
        return target
    others = [name for name in names if name != modality]
    if len(others) > 1:
        raise ValueError(
            f"Name the 'target' of a query by {modality!r}: one of "
            f"{', '.join(map(repr, others))}."
        )
    return others[0]


def check_n_neighbors(retriever: Any, target: str, n_neighbors: int | None) -> int:
    """Return how many neighbours to find, all of them for None.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    target : str
    n_neighbors : int or None

    Returns
    -------
    int
    """
    n_indexed = retriever.indexed_.get(target, 0)
    if n_indexed == 0:
        raise ValueError(
            f"No indexed row has the modality {target!r}, so none can be found by it. "
            "Call index with rows that have it."
        )
    if n_neighbors is None:
        return n_indexed
    if not isinstance(n_neighbors, int | np.integer) or n_neighbors < 1:
        raise ValueError(
            "The 'n_neighbors' parameter of kneighbors must be an int in the range "
            f"[1, inf) or None. Got {n_neighbors!r} instead."
        )
    if n_neighbors > n_indexed:
        raise ValueError(
            f"Expected n_neighbors <= n_indexed, but n_neighbors = {n_neighbors}, "
            f"n_indexed = {n_indexed}: the rows with the modality {target!r}. "
            "n_neighbors=None finds them all."
        )
    return int(n_neighbors)
