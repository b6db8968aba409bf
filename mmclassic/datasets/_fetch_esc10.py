"""Fetches ESC-10, environmental sounds of ten classes, as a table of recordings."""

import os
from typing import Any

from sklearn.utils._param_validation import validate_params

from mmclassic.datasets._origin import Origin, ensure_files, find_data_home
from mmclassic.datasets._table import make_bunch, read_offline_copy

__all__ = ["fetch_esc10"]

_ORIGIN = Origin(
    name="esc10",
    repository="karolpiczak/ESC-50",
    commit="33c8ce9eb2cf0b1c2f8bcf322eb349b6be34dbb6",
    folder="audio",
)
_COLUMNS = ("audio", "label", "fold")
# ESC-10's own names, by the number that ends a file's name in ESC-50.
_CLASSES = {
    0: "dog_bark",
    1: "rooster",
    10: "rain",
    11: "sea_waves",
    12: "fire_crackling",
    20: "baby_cry",
    21: "person_sneeze",
    38: "clock_tick",
    40: "helicopter",
    41: "chainsaw",
}
_DESCR = """\
ESC-10: Dataset for Environmental Sound Classification

400 clips of 5 s at 44.1 kHz, 40 of each of ten classes, in the authors' five folds. The
subset of ESC-50 that its authors tag as ESC-10.

Licence: Creative Commons Attribution 3.0 (CC BY 3.0); the LICENSE file of the
repository karolpiczak/ESC-50 attributes each clip.
Cite: K. J. Piczak. ESC: Dataset for Environmental Sound Classification. ACM
Multimedia, 2015. DOI: 10.1145/2733373.2806390
"""


@validate_params(
    {
        "data_home": [str, os.PathLike, None],
        "download_if_missing": ["boolean"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_esc10(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Any:
    """Load ESC-10, fetching it where it isn't yet (646 MB, of which 176 MB are kept).

    400 environmental sounds of ten classes [1]_. The WAV files come from the archive of
    a pinned commit of the authors' repository of ESC-50, which is removed after its 400
    files of ESC-10 are taken out. Each must match its MD5 as published in the index of
    the library soundata; the authors publish none. Files that are there already are
    checked, not fetched again.

    Parameters
    ----------
    data_home : path or None, default=None
        Where downloads are kept, in a folder ``esc10``. By default the folder that the
        environment variable ``MMCLASSIC_HOME`` names, or else ``~/mmclassic_data``.
        Without a ``data_home``, a copy at ``esc10/items.csv`` in the folder that
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

        data : DataFrame of shape (400, 1)
            The column ``audio``: paths of WAV files (of what an offline copy holds).
        target : Series of shape (400,)
            Names of the classes.
        frame : DataFrame of shape (400, 3)
            Columns ``audio``, ``label`` and ``fold`` (int, 1 to 5, the authors' own).
        feature_names : list of str
            The columns of ``data``.
        target_names : list of str
            The names of the classes, sorted.
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
    .. [1] K. J. Piczak. ESC: Dataset for Environmental Sound Classification. ACM
       Multimedia, 2015. DOI: 10.1145/2733373.2806390

    Examples
    --------
    >>> from mmclassic.datasets import fetch_esc10
    >>> sounds = fetch_esc10()  # doctest: +SKIP
    >>> sounds.frame["fold"].value_counts().to_dict()  # doctest: +SKIP
    {1: 80, 2: 80, 3: 80, 4: 80, 5: 80}
    """
    frame = read_offline_copy(_ORIGIN.name, _COLUMNS) if data_home is None else None
    if frame is None:
        frame = _fetch_frame(data_home, download_if_missing)
    return make_bunch(frame, sorted(_CLASSES.values()), _DESCR, return_X_y)


def _fetch_frame(
    data_home: str | os.PathLike[str] | None, download_if_missing: bool
) -> Any:
    import pandas as pd

    folder = find_data_home(data_home) / _ORIGIN.name
    rows = []
    for path in ensure_files(_ORIGIN, folder, download_if_missing):
        fold, _, _, number = path.stem.split("-")
        rows.append((str(path), _CLASSES[int(number)], int(fold)))
    return pd.DataFrame(rows, columns=list(_COLUMNS))
