"""extract_features: a long table of items to a parquet file of their features."""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmclassic._execution import Cache, as_cache, treat_as_missing
from mmclassic.exceptions import MediaError
from mmclassic.extraction._chunk import Chunk
from mmclassic.extraction._dask import describe_on_cluster
from mmclassic.extraction._folder import claimed_folder
from mmclassic.extraction._here import describe_here
from mmclassic.extraction._parts import Part, make_parts, run_identity
from mmclassic.extraction._table import import_arrow, keep_columns, write_table
from mmclassic.fusion._columns import as_list
from mmclassic.fusion._tables import presence, select

__all__ = ["extract_features"]

N_ROWS_EACH = 32  # of a chunk: what a worker does at once, and what a kill may cost it


class Extraction(NamedTuple):
    """What was written.

    Parameters
    ----------
    path : Path
    n_rows : int
        Of the table.
    n_described : int
        Rows that were described in this run; the others are of one that was stopped.
    n_features : dict of str to int
        A part each; 0 where no row has it.
    """

    path: Path
    n_rows: int
    n_described: int
    n_features: dict[str, int]


def extract_features(
    X: Any,
    path: str | os.PathLike[str],
    parts: Sequence[tuple[str, Any, Any]] | None = None,
    *,
    image: Any = None,
    audio: Any = None,
    keep: Sequence[str] | None = None,
    invalid: Literal["error", "missing"] = "error",
    cache: Cache = None,
    row_group_size: int = 1024,
    n_jobs: int | None = None,
    dask: Any = None,
    progress: Callable[[int], None] | None = None,
) -> Extraction:
    """Describe every row of a table once, into a parquet file of one row an item.

    Parameters
    ----------
    X : pandas or polars DataFrame of shape (n_samples, n_columns)
        One row an item. ``.to_pandas()`` makes one of a table of pyarrow's.
    path : str or path-like
        The file to write, ``.parquet``. One that is there is replaced at the end.
    parts : list of (name, transformer, column) triples, default=None
        As the fusions take. A transformer learns nothing (``HOG()``,
        ``StatisticsPooling(MFCC())``) or is fitted (a `FisherVector`, a pipeline of
        `TfidfVectorizer` and ``TruncatedSVD``).
    image, audio : column, list of columns or dict, default=None
        Columns to describe by what learns nothing: pictures by their outline, colours
        and texture (2420 features), sounds by statistics of their cepstra. Named as
        in `mmclassic.make_multimodal_pipeline`; ``{name: column}`` names otherwise.
    keep : list of columns, default=None
        Columns to write too. None is all of plain values, or vectors, except those
        whose name a part takes: texts, labels, groups, paths.
    invalid : {"error", "missing"}, default="error"
        Whether an item that can't be described stops with its row named, or counts as
        missing, with one warning that names the rows. In place of the transformers'
        own.
    cache : str, path-like, `FeatureCache` or None, default=None
        Folder that keeps what is computed of each item.
    row_group_size : int, default=1024
        Rows that a reader of the file takes at once.
    n_jobs : int or None, default=None
        Workers, as joblib's. Unless ``joblib.parallel_config`` names a backend, long
        work goes to processes.
    dask : str, `distributed.Client` or None, default=None
        Address of the scheduler of a Dask cluster, whose workers describe; they must
        find the files by the same absolute paths. `n_jobs` means nothing then.
    progress : callable or None, default=None
        Called with the number of rows that have just been done.

    Returns
    -------
    Extraction
        A named tuple of ``path``, ``n_rows``, ``n_described`` and ``n_features``.

    Raises
    ------
    ValueError
        If no part is given, a column isn't in X, or a transformer isn't fitted.
    MediaError
        If an item is invalid, naming its row, and ``invalid="error"``.
    FileExistsError
        If another process writes the same file.
    ConnectionError
        If the cluster can't be reached, or is lost.
    OSError
        If the file can't be written, as on a full disk.

    See Also
    --------
    mmclassic.make_multimodal_pipeline : Takes the columns of features as ``vectors=``.

    Notes
    -----
    A column of features holds lists of float32, null where the row lacks the modality;
    ``pandas.read_parquet`` and ``polars.read_parquet`` read it, and the fusions take
    what they read; what ``pyarrow.parquet.read_table`` reads, after ``.to_pandas()``.
    The file's metadata, under ``mmclassic``, tells as JSON how each part was made and
    its features' names.
    An index is not kept; ``reset_index()`` makes it a column.

    Chunks of 32 rows that are finished wait in the folder ``<path>.parts``. A run that
    was stopped, or killed at any instant, goes on from there when it is started again;
    a chunk is described again if the bytes of one of its files changed, and all are if
    the transformers, the code or the libraries did. Only a few chunks are in memory.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> from mmclassic.extraction import extract_features
    >>> data = make_multimodal(40, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "features.parquet"
    ...     done = extract_features(data.frame, path, image="image", audio="audio")
    ...     features = pd.read_parquet(path)
    >>> done.n_features
    {'image': 2420, 'audio': 660}
    >>> list(features)
    ['text', 'label', 'image', 'audio']
    >>> model = make_multimodal_pipeline(
    ...     text="text", vectors=["image", "audio"], random_state=0
    ... )
    >>> model.fit(features, data.target).predict(features[:2]).shape
    (2,)
    """
    path = _check_path(path)
    _check_settings(X, invalid, row_group_size, n_jobs)
    import_arrow()
    columns = {"image": image, "audio": audio}
    cache = as_cache(cache, "extract_features")
    made = make_parts(X, parts, columns, invalid=invalid, cache=cache)
    kept = keep_columns(X, keep, made)
    starts = range(0, len(X), N_ROWS_EACH)
    with claimed_folder(path) as folder:
        folder.begin(run_identity(made), N_ROWS_EACH)
        known = partial(folder.known, invalid=invalid)
        chunks = _chunks(X, made, starts, known, absolute=dask is not None)
        results = (
            describe_here(chunks, len(starts), made, folder, n_jobs)
            if dask is None
            else describe_on_cluster(chunks, made, folder, dask)
        )
        n_described = 0
        warned: dict[tuple[type[Warning], str], None] = {}
        with closing(results):
            for described in results:
                warned |= dict.fromkeys(described.warned)
                n_described += 0 if described.is_known else described.n_rows
                if progress is not None:
                    progress(described.n_rows)
        with folder.whole(path) as beside:
            n_features, errors = write_table(
                beside, kept, made, folder, starts, row_group_size
            )
    for category, message in warned:
        warnings.warn(message, category, stacklevel=2)
    if errors:
        treat_as_missing([MediaError(*error) for error in errors])
    return Extraction(path, len(X), n_described, n_features)


def _check_path(path: str | os.PathLike[str]) -> Path:
    path = Path(path).absolute()
    if path.suffix != ".parquet":
        raise ValueError(f"{str(path)!r} must end in .parquet.")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"The folder of {str(path)!r} does not exist. Make it first."
        )
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder. Give a file's name.")
    return path


def _check_settings(
    X: Any, invalid: str, row_group_size: int, n_jobs: int | None
) -> None:
    if not (hasattr(X, "iloc") or hasattr(X, "get_columns")) or not hasattr(
        X, "columns"
    ):
        raise TypeError(
            f"X must be a pandas or polars DataFrame. Got {type(X).__name__} instead."
        )
    if len(X) == 0:
        raise ValueError("X holds no rows.")
    if invalid not in ("error", "missing"):
        raise ValueError(
            "The 'invalid' parameter of extract_features must be among 'error', "
            f"'missing'. Got {invalid!r} instead."
        )
    if not isinstance(row_group_size, Integral) or row_group_size < 1:
        raise ValueError(
            "The 'row_group_size' parameter of extract_features must be an int in the "
            f"range [1, inf). Got {row_group_size!r} instead."
        )
    if n_jobs is not None and (not isinstance(n_jobs, Integral) or n_jobs == 0):
        raise ValueError(
            "The 'n_jobs' parameter of extract_features must be an int other than 0, "
            f"or None. Got {n_jobs!r} instead."
        )


def _chunks(
    X: Any,
    parts: Sequence[Part],
    starts: Sequence[int],
    known: Callable[[int], str],
    *,
    absolute: bool,
) -> Iterator[Chunk]:
    for start in starts:
        stop = start + N_ROWS_EACH
        rows = X.iloc[start:stop] if hasattr(X, "iloc") else X[start:stop]
        present = [presence(rows, as_list(part.positions)) for part in parts]
        cells = [
            _cells(rows, part, present_, absolute)
            for part, present_ in zip(parts, present, strict=True)
        ]
        yield Chunk(start, len(rows), cells, present, known(start))


def _cells(rows: Any, part: Part, present: NDArray[np.bool_], absolute: bool) -> Any:
    """Return a part's cells, their paths as other computers find them if wished."""
    cells = select(rows, part.positions, present)
    if not (absolute and part.of_files and isinstance(part.positions, int)):
        return cells
    import pandas as pd

    index = getattr(cells, "index", None)
    return pd.Series([_absolute(cell) for cell in cells], index=index, dtype=object)


def _absolute(cell: Any) -> Any:
    if isinstance(cell, str | os.PathLike):
        return os.path.abspath(cell)
    if isinstance(cell, Mapping) and isinstance(cell.get("path"), str):
        return {**cell, "path": os.path.abspath(cell["path"])}
    return cell
