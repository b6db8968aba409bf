"""Rows of a table to coordinates of each modality, and to an index of them."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import single_threaded
from mmclassic.fusion._blocks import as_block, check_finite, lacking_rows
from mmclassic.fusion._calls import Call, run_calls
from mmclassic.fusion._columns import as_list, find_columns
from mmclassic.fusion._tables import as_table, column_names, n_rows, presence, select
from mmclassic.retrieval._hubs import hub_terms
from mmclassic.retrieval._maps import map_block
from mmclassic.retrieval._queries import read_queries, refuse_lacking, warn_of_blank
from mmclassic.retrieval._search import FaissSearch, nearest, prepare, row_distances

__all__ = [
    "Mapped",
    "make_index",
    "map_queries",
    "map_table",
    "paired",
    "prepared",
    "search_index",
    "side_by_side",
]

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
# Rows that can be found, their vectors, and what is taken off the distances to queries
# of each modality where hubs are corrected.
Indexed = tuple[NDArray[np.intp], Vectors, dict[str, Vectors]]


@dataclass(frozen=True, slots=True)
class Mapped:
    """Coordinates of a table's rows by one modality.

    Parameters
    ----------
    rows : ndarray of int, shape (n_present,)
        Which rows have it, rising.
    values : ndarray of shape (n_present, n_coordinates)
    """

    rows: NDArray[np.intp]
    values: Floats


def map_table(retriever: Any, X: Any, *, whole: bool) -> tuple[dict[str, Mapped], int]:
    """Return the coordinates of a table's rows by each modality, and their number.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
    whole : bool
        Whether the columns of every modality must be there; otherwise of one at least.

    Returns
    -------
    dict of str to Mapped
        Without modalities whose columns aren't there.
    int
    """
    table = as_table(X)
    positions = _positions(retriever, table, whole)
    present = {name: presence(table, as_list(at)) for name, at in positions.items()}
    calls = [
        _call(retriever, name, select(table, at, present[name]), present[name])
        for name, at in positions.items()
    ]
    results = run_calls(calls, retriever.n_jobs)
    mapped = {}
    for (name, having), (values, lacking, _) in zip(
        present.items(), results, strict=True
    ):
        mapped[name] = Mapped(np.flatnonzero(having)[~lacking], values)
    return mapped, n_rows(table)


def _positions(retriever: Any, table: Any, whole: bool) -> dict[str, Any]:
    """Return where the columns of the modalities are in a table."""
    names = column_names(table)
    seen = getattr(retriever, "feature_names_in_", None)
    if whole or names is None or seen is None:
        return find_columns(retriever, retriever._positions, table)
    known = list(names)
    there = {
        name: [known.index(seen[p]) for p in as_list(at)]
        for name, at in retriever._positions.items()
        if all(seen[p] in known for p in as_list(at))
    }
    if not there:
        raise ValueError(
            "X has the columns of no modality. CrossModalRetriever was fitted on "
            f"{', '.join(map(repr, seen))}."
        )
    return {
        name: at if isinstance(retriever._positions[name], list) else at[0]
        for name, at in there.items()
    }


def map_queries(retriever: Any, queries: Any, modality: str) -> NDArray[np.float32]:
    """Return what queries of one modality are compared by.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    queries : column of n_queries cells, or table
    modality : str

    Returns
    -------
    ndarray of shape (n_queries, n_coordinates), float32

    Raises
    ------
    ValueError
        If one is missing, or invalid where its part takes that for missing.

    Warns
    -----
    UserWarning
        If a query holds nothing that its part knows.
    """
    cells = read_queries(retriever, queries, modality)
    rows = np.ones(len(cells), dtype=bool)
    call = _call(retriever, modality, cells, rows)
    ((values, lacking, blank),) = run_calls([call], retriever.n_jobs)
    refuse_lacking(lacking, modality)
    warn_of_blank(blank, modality)
    return prepared(retriever, values, modality)


def _call(retriever: Any, name: str, cells: Any, rows: NDArray[np.bool_]) -> Call:
    fitted = {name: part for name, part, _ in retriever.parts_}
    arguments = cells, fitted[name], retriever.scorers_[name], retriever.method
    return Call(_describe_and_map, arguments, rows, retriever._note(name))


def _describe_and_map(
    cells: Any, part: Any, scorer: Any, method: str
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return coordinates of the rows not lacking, which lack, and which are blank."""
    if len(cells) == 0:  # most transformers refuse no rows
        none = np.zeros(0, dtype=bool)
        return np.empty((0, len(scorer.constant))), none, none
    block = as_block(part.transform(cells))
    check_finite(block)
    lacking = lacking_rows(block)
    blank = np.asarray((block != 0).sum(axis=1)).ravel() == 0
    return map_block(block[~lacking], scorer, method), lacking, blank


def side_by_side(mapped: dict[str, Mapped], n_samples: int) -> Floats:
    """Return the coordinates of all modalities, NaN where a row lacks one.

    Parameters
    ----------
    mapped : dict of str to Mapped
    n_samples : int

    Returns
    -------
    ndarray of shape (n_samples, n_modalities * n_coordinates)
    """
    blocks = []
    for each in mapped.values():
        block = np.full((n_samples, each.values.shape[1]), np.nan)
        block[each.rows] = each.values
        blocks.append(block)
    return np.hstack(blocks)


def prepared(retriever: Any, values: Floats, modality: str) -> NDArray[np.float32]:
    """Return coordinates in the form in which they are compared.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    values : ndarray of shape (n_rows, n_coordinates)
    modality : str

    Returns
    -------
    ndarray of shape (n_rows, n_coordinates), float32
    """
    return prepare(values, retriever._metric(), retriever._means[modality])


def make_index(retriever: Any, mapped: dict[str, Mapped]) -> dict[str, Indexed]:
    """Return the rows that can be found, and their vectors, of each modality.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    mapped : dict of str to Mapped

    Returns
    -------
    dict of str to (ndarray of int, ndarray of float32, dict)
    """
    index = {}
    for name, each in mapped.items():
        vectors = prepared(retriever, each.values, name)
        terms = {
            source: hub_terms(
                vectors, known, retriever.n_hub_neighbors, retriever._metric()
            )
            for source, known in retriever._known.items()
            if retriever.n_hub_neighbors
        }
        index[name] = each.rows, vectors, terms
    return index


def search_index(
    retriever: Any,
    indexed: Indexed,
    vectors: NDArray[np.float32],
    directions: tuple[str, str],
    n_neighbors: int,
    *,
    exact: bool = False,
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return distances and rows of the nearest that are indexed by a modality.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    indexed : (ndarray of int, ndarray of float32, dict)
        Rows that have the target, their vectors, and what :func:`hub_terms` gave.
    vectors : ndarray of shape (n_queries, n_coordinates), float32
    directions : (str, str)
        The queries' modality, and the target.
    n_neighbors : int
    exact : bool, default=False
        Whether to look at every row, whatever the retriever's search.

    Returns
    -------
    distances : ndarray of shape (n_queries, n_neighbors), float32
    rows : ndarray of shape (n_queries, n_neighbors)
    """
    rows, known, every = indexed
    terms = every.get(directions[0])
    metric = retriever._metric()
    with single_threaded():
        if exact or retriever.search == "exact":
            distances, found = nearest(vectors, known, n_neighbors, metric, terms)
        else:
            made = retriever._searches
            if directions not in made:
                made[directions] = FaissSearch(known, metric, terms)
            distances, found = made[directions](vectors, n_neighbors)
    return distances, rows[found]


def paired(
    retriever: Any, mapped: dict[str, Mapped], n_samples: int
) -> NDArray[np.float32]:
    """Return the distance of each row's coordinates by each two modalities.

    Parameters
    ----------
    retriever : fitted CrossModalRetriever
    mapped : dict of str to Mapped
    n_samples : int

    Returns
    -------
    ndarray of shape (n_samples, n_pairs), float32
    """
    vectors = [
        (each.rows, prepared(retriever, each.values, name))
        for name, each in mapped.items()
    ]
    columns = []
    for (rows_a, a), (rows_b, b) in combinations(vectors, 2):
        both, at_a, at_b = np.intersect1d(rows_a, rows_b, True, return_indices=True)
        column = np.full(n_samples, np.nan, dtype=np.float32)
        column[both] = row_distances(a[at_a], b[at_b], retriever._metric())
        columns.append(column)
    return np.column_stack(columns)
