"""Name the features that an EarlyFusion gives."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.fusion._columns import as_list

__all__ = ["feature_names"]


def feature_names(fusion: Any) -> NDArray[np.object_]:
    """Return the names of the features of a fitted EarlyFusion.

    Parameters
    ----------
    fusion : fitted EarlyFusion

    Returns
    -------
    ndarray of shape (n_features,), object

    Raises
    ------
    ValueError
        If two are equal, without the parts' names in front.
    """
    parts = {name: part for name, part, _ in fusion.parts_}
    names: list[str] = []
    if fusion.method == "concatenate":
        for (name, positions), width in zip(
            fusion._positions.items(), fusion._widths, strict=True
        ):
            columns = _column_names(fusion, as_list(positions))
            n_features = fusion._n_block_features[name]
            own = _names_of(parts[name], columns, n_features)
            if fusion.projection is not None:
                own = _projected_names(fusion, own, width)
            verbose = fusion.verbose_feature_names_out
            names += [f"{name}__{each}" for each in own] if verbose else own
    else:
        names += [f"{fusion.method}{i}" for i in range(fusion._width)]
    if fusion.missing == "indicator":
        names += [f"{name}__missing" for name in fusion._positions]
    twice = [name for name, count in Counter(names).most_common(5) if count > 1]
    if twice:
        raise ValueError(
            f"Output feature names: {twice} are not unique. Please set "
            "verbose_feature_names_out=True to add prefixes to feature names"
        )
    return np.array(names, dtype=object)


def _column_names(fusion: Any, positions: list[int]) -> NDArray[np.object_]:
    seen = getattr(fusion, "feature_names_in_", None)
    names = [f"x{p}" if seen is None else seen[p] for p in positions]
    return np.array(names, dtype=object)


def _names_of(part: Any, columns: NDArray[np.object_], n_features: int) -> list[str]:
    """Return a part's own names, or numbers where it has none for each feature."""
    try:
        names = list(map(str, part.get_feature_names_out(columns)))
    except (AttributeError, ValueError):  # a step of a Pipeline may have none
        names = []
    return names if len(names) == n_features else list(map(str, range(n_features)))


def _projected_names(fusion: Any, names: list[str], width: int) -> list[str]:
    """Return names of what a block of named features was reduced to."""
    if fusion.projection == "pca" and len(names) <= fusion.n_components:
        return names
    return [f"{fusion.projection}{i}" for i in range(width)]
