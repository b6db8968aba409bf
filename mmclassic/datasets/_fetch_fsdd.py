"""Fetches the Free Spoken Digit Dataset as a table of recordings."""

import os
from typing import Any

from sklearn.utils._param_validation import validate_params

from mmclassic.datasets._origin import Origin, ensure_files, find_data_home
from mmclassic.datasets._table import make_bunch, read_offline_copy

__all__ = ["fetch_fsdd"]

_ORIGIN = Origin(
    name="fsdd",
    repository="Jakobovski/free-spoken-digit-dataset",
    commit="1306d2c6da002dfb2fd1f113d8596d801648a085",
    folder="recordings",
)
_COLUMNS = ("audio", "label", "speaker", "take", "split")
_N_TEST_TAKES = 5  # takes 0 to 4 are the official test set
_DESCR = """\
Free Spoken Digit Dataset (FSDD)

3000 recordings of the English digits zero to nine: 6 speakers, 50 takes of each, WAV
files at 8 kHz, trimmed. Takes 0 to 4 are the official test set.

Licence: Creative Commons Attribution-ShareAlike 4.0 International (CC BY-SA 4.0).
Cite: Z. Jackson, C. Souza, J. Flaks, Y. Pan, H. Nicolas and A. Thite.
Jakobovski/free-spoken-digit-dataset. Zenodo, 2018. DOI: 10.5281/zenodo.1342401
"""


@validate_params(
    {
        "data_home": [str, os.PathLike, None],
        "download_if_missing": ["boolean"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_fsdd(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Any:
    """Load the Free Spoken Digit Dataset, fetching it where it isn't yet (some 20 MB).

    3000 recordings at 8 kHz of ten digits by six speakers. The files come from one
    archive of a pinned commit of the authors' repository [1]_, and each must match its
    SHA-256; files that are there already are checked, not fetched again.

    Parameters
    ----------
    data_home : path or None, default=None
        Where downloads are kept, in a folder ``fsdd``. By default the folder that the
        environment variable ``MMCLASSIC_HOME`` names, or else ``~/mmclassic_data``.
        Without a ``data_home``, a copy at ``fsdd/items.csv`` in the folder that
        ``MMCLASSIC_DATA`` names is used first, as it is; its columns are those of
        ``frame``.
    download_if_missing : bool, default=True
        Whether to fetch what is not there, or to raise an OSError.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the attributes:

        data : DataFrame of shape (3000, 1)
            The column ``audio``: paths of WAV files.
        target : Series of shape (3000,)
            The digits, int.
        frame : DataFrame of shape (3000, 5)
            Columns ``audio``, ``label``, ``speaker``, ``take`` (int, 0 to 49) and
            ``split`` ("train" or "test").
        feature_names : list of str
            The columns of ``data``.
        target_names : list of str
            The digits as text.
        DESCR : str
            Origin, licence and citation.

    (data, target) : tuple if ``return_X_y`` is True
        The first two of these.

    Raises
    ------
    OSError
        If the files are not there and can't be fetched, or don't match.

    References
    ----------
    .. [1] Z. Jackson et al. Jakobovski/free-spoken-digit-dataset. Zenodo, 2018.
       DOI: 10.5281/zenodo.1342401

    Examples
    --------
    >>> from mmclassic.datasets import fetch_fsdd
    >>> digits = fetch_fsdd()  # doctest: +SKIP
    >>> digits.frame["split"].value_counts().to_dict()  # doctest: +SKIP
    {'train': 2700, 'test': 300}
    """
    frame = read_offline_copy(_ORIGIN.name, _COLUMNS) if data_home is None else None
    if frame is None:
        frame = _fetch_frame(data_home, download_if_missing)
    return make_bunch(frame, [str(digit) for digit in range(10)], _DESCR, return_X_y)


def _fetch_frame(
    data_home: str | os.PathLike[str] | None, download_if_missing: bool
) -> Any:
    import pandas as pd

    folder = find_data_home(data_home) / _ORIGIN.name
    rows = []
    for path in ensure_files(_ORIGIN, folder, download_if_missing):
        digit, speaker, take = path.stem.split("_")
        split = "test" if int(take) < _N_TEST_TAKES else "train"
        rows.append((str(path), int(digit), speaker, int(take), split))
    return pd.DataFrame(rows, columns=list(_COLUMNS))
