"""Find a part's columns in a table, by name or by position."""

from typing import Any

import numpy as np

from mmclassic.fusion._tables import column_names

__all__ = ["Column", "as_list", "column_positions", "find_columns"]

Column = str | int | list[str] | list[int]


def as_list(positions: int | list[int]) -> list[int]:
    """Return one position or several as a list."""
    return [positions] if isinstance(positions, int) else positions


def column_positions(
    column: Column, names: list[Any] | None, n_columns: int, part: str
) -> int | list[int]:
    """Return where a part's columns are in X.

    Parameters
    ----------
    column : str, int or list of them
    names : list or None
        The names of the columns of X, where it has any.
    n_columns : int
    part : str
        The part's name, for errors.

    Returns
    -------
    int or list of int
        An int for a single str or int.

    Raises
    ------
    ValueError
        If a column isn't in X.
    """
    if isinstance(column, str | int | np.integer) and not isinstance(column, bool):
        return _position(column, names, n_columns, part)
    if isinstance(column, list | tuple) and column:
        return [_position(each, names, n_columns, part) for each in column]
    raise ValueError(
        f"The column of the part {part!r} must be a str, an int or a list of them. "
        f"Got {column!r} instead."
    )


def _position(column: Any, names: list[Any] | None, n_columns: int, part: str) -> int:
    if isinstance(column, str):
        if names is None:
            raise ValueError(
                f"The part {part!r} names the column {column!r}, but X has no names. "
                "Pass a DataFrame, or give the column's position as an int."
            )
        if column not in names:
            raise ValueError(
                f"The column {column!r} of the part {part!r} isn't in X. Its columns: "
                f"{', '.join(map(repr, names))}."
            )
        return names.index(column)
    if not -n_columns <= column < n_columns:
        raise ValueError(
            f"The column {column!r} of the part {part!r} isn't in X, which has "
            f"{n_columns} columns."
        )
    return int(column) % n_columns


def find_columns(
    fusion: Any, fitted: dict[str, Any], table: Any
) -> dict[str, int | list[int]]:
    """Return where the parts' columns are in another table than that of fit.

    Parameters
    ----------
    fusion : fitted fusion
        Its ``n_features_in_``, and ``feature_names_in_`` if it was fitted on names.
    fitted : dict of str to int or list of int
        Where the columns were in fit.
    table : DataFrame or ndarray of shape (n_samples, n_columns)

    Returns
    -------
    dict of str to int or list of int

    Raises
    ------
    ValueError
        If a column is absent.
    """
    names = column_names(table)
    seen = getattr(fusion, "feature_names_in_", None)
    if names is None or seen is None:
        if table.shape[1] != fusion.n_features_in_:
            raise ValueError(
                f"X has {table.shape[1]} features, but {type(fusion).__name__} is "
                f"expecting {fusion.n_features_in_} features as input."
            )
        return fitted
    wanted = {name: [seen[p] for p in as_list(at)] for name, at in fitted.items()}
    absent = [c for columns in wanted.values() for c in columns if c not in names]
    if absent:
        raise ValueError(
            f"columns are missing: {', '.join(map(repr, dict.fromkeys(absent)))}. "
            "Each column of fit must be there; one of None where no row has it."
        )
    return {
        name: [names.index(column) for column in columns]
        if isinstance(fitted[name], list)
        else names.index(columns[0])
        for name, columns in wanted.items()
    }
