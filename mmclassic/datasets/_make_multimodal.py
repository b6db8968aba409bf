"""Makes a table of sentences, pictures and sounds that only together tell the class."""

import os
from collections.abc import Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from mmclassic.datasets._drawing import draw_picture
from mmclassic.datasets._sentences import CLASS_NAMES, write_sentence
from mmclassic.datasets._sounds import SAMPLE_RATE, synthesise_clip
from mmclassic.datasets._write import write_folder
from mmclassic.media import Waveform

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["make_multimodal"]

_COLUMNS = ("text", "image", "audio")
_MAKERS = (write_sentence, draw_picture, synthesise_clip)
_DESCR = """\
Made by mmclassic.datasets.make_multimodal.

{n_samples} rows of {n_classes} classes. Columns: text (a sentence), image (RGB,
128 x 128) and audio (0.8 s at 16 kHz). Every cell shows two things. In a clear cell
both are of the row's class. In an ambiguous one, as each cell is with probability
{ambiguity:g}, one is of another class, a different one for each cell of a row where
there are classes enough. At least one cell of each row is clear.
"""


@validate_params(
    {
        "n_samples": [Interval(Integral, 1, None, closed="left")],
        "n_classes": [Interval(Integral, 2, len(CLASS_NAMES), closed="both")],
        "ambiguity": [Interval(Real, 0, 1, closed="both")],
        "missing": [Interval(Real, 0, 1, closed="both"), Mapping],
        "folder": [str, os.PathLike, None],
        "return_X_y": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_multimodal(
    n_samples: int = 300,
    *,
    n_classes: int = 4,
    ambiguity: float = 0.6,
    missing: float | Mapping[str, float] = 0.0,
    folder: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> Any:
    """Make rows of a sentence, a picture and a sound that tell the class together.

    Every cell shows two things: two phrases, two objects, two events. In a clear cell
    both belong to the row's class. In an ambiguous cell one belongs to another class,
    a different one for each modality where there are classes enough, and nothing tells
    which of the two is meant. One modality alone is therefore right in about 74 % of
    the rows at best, by default, while all of them together decide nearly every row, by
    concatenation as well as by a product of probabilities.

    Parameters
    ----------
    n_samples : int, default=300
        Number of rows. The classes are as even as it allows, in random order.
    n_classes : int, default=4
        Number of classes, from 2 to 8.
    ambiguity : float, default=0.6
        Probability, in [0, 1], that a cell is ambiguous. Where all three of a row would
        be, one at random is made clear.
    missing : float or dict, default=0.0
        Share, in [0, 1], of the cells removed from each column at random, rounded down
        to whole cells, or one share a column, ``{"audio": 0.5}``. A row always keeps
        at least one cell, so the shares may sum to 2 at most. Removing cells changes no
        other cell.
    folder : path or None, default=None
        Where to write ``images/000123.png``, ``audio/000123.wav`` and ``items.csv``,
        whose paths are relative to it; it is made if it is not there. Files of these
        names are replaced, others are left alone. Nothing is replaced before
        everything is written.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same rows, and the same bytes on disk, in every call.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the attributes:

        data : DataFrame of shape (n_samples, 3)
            Columns ``text`` (str), ``image`` and ``audio``: uint8 RGB arrays of shape
            (128, 128, 3) and :class:`~mmclassic.media.Waveform` of 0.8 s at 16 kHz, or
            paths where ``folder`` is given. ``None`` where a cell is missing.
        target : Series of shape (n_samples,)
            Names of the classes.
        frame : DataFrame of shape (n_samples, 4)
            ``data`` and the target, as the column ``label``.
        feature_names : list of str
            The columns of ``data``.
        target_names : list of str
            The names of all ``n_classes`` classes.
        DESCR : str
            What the rows are.

    (data, target) : tuple if ``return_X_y`` is True
        The first two of these.

    Raises
    ------
    ValueError
        If a parameter is out of its range, ``missing`` names an unknown column or would
        empty a row, or ``folder`` is a file.

    References
    ----------
    .. [1] T. Baltrusaitis, C. Ahuja and L.-P. Morency. Multimodal Machine Learning: A
       Survey and Taxonomy. IEEE TPAMI 41(2), 2019. DOI: 10.1109/TPAMI.2018.2798607

    Examples
    --------
    >>> from mmclassic.datasets import make_multimodal
    >>> X, y = make_multimodal(50, return_X_y=True, random_state=0)
    >>> X.columns.tolist(), y.nunique()
    (['text', 'image', 'audio'], 4)
    >>> X["image"][0].shape, X["audio"][0].sample_rate
    ((128, 128, 3), 16000)
    """
    shares = _check_missing(missing)
    seed = check_random_state(random_state).randint(2**31)
    labels = _stream(seed, 0).permutation(np.arange(n_samples) % n_classes)
    absent = _draw_missing(shares, n_samples, _stream(seed, 1))
    shown = [
        _draw_shown(label, n_classes, ambiguity, _stream(seed, 2, row))
        for row, label in enumerate(labels)
    ]
    columns = {name: np.full(n_samples, None, dtype=object) for name in _COLUMNS}
    for column, (name, make) in enumerate(zip(_COLUMNS, _MAKERS, strict=True)):
        for row in np.flatnonzero(~absent[:, column]):
            rng = _stream(seed, 3, int(row), column)
            columns[name][row] = make(shown[row][column], rng)

    names = np.array(CLASS_NAMES[:n_classes], dtype=object)
    columns["label"] = names[labels]
    if folder is None:
        columns["audio"] = _wrap_clips(columns["audio"])
    else:
        columns = write_folder(Path(folder), columns, SAMPLE_RATE)
    description = _DESCR.format(
        n_samples=n_samples, n_classes=n_classes, ambiguity=ambiguity
    )
    return _bunch(columns, names.tolist(), description, return_X_y)


def _stream(seed: int, *key: int) -> np.random.Generator:
    """Return a generator of its own for each cell, so that no cell shifts another."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _draw_shown(
    label: int, n_classes: int, ambiguity: float, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return the pair of classes that each cell of one row shows."""
    ambiguous = rng.random(len(_COLUMNS)) < ambiguity
    if ambiguous.all():
        ambiguous[rng.integers(len(_COLUMNS))] = False
    others = rng.permutation(np.delete(np.arange(n_classes), label))
    return [
        (int(label), int(others[column % len(others)] if unclear else label))
        for column, unclear in enumerate(ambiguous)
    ]


def _check_missing(missing: float | Mapping[str, float]) -> np.ndarray:
    """Return the share of missing cells of each column, checked."""
    if not isinstance(missing, Mapping):
        missing = dict.fromkeys(_COLUMNS, missing)
    unknown = [name for name in missing if name not in _COLUMNS]
    if unknown:
        raise ValueError(
            "The 'missing' parameter of make_multimodal must have keys among "
            f"{list(_COLUMNS)}. Got {unknown} instead."
        )
    for name, share in missing.items():
        if isinstance(share, bool) or not (
            isinstance(share, Real) and 0 <= share <= 1  # also refuses NaN
        ):
            raise ValueError(
                "The 'missing' parameter of make_multimodal must have floats in the "
                f"range [0.0, 1.0]. Got {share!r} for {name!r} instead."
            )
    shares = np.array([missing.get(name, 0.0) for name in _COLUMNS], dtype=float)
    if shares.sum() > len(_COLUMNS) - 1:
        raise ValueError(
            "The 'missing' parameter of make_multimodal must leave each row at least "
            "one of its cells: the shares must sum to 2 at most. "
            f"Got {shares.sum():g} instead."
        )
    return shares


def _draw_missing(
    shares: np.ndarray, n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Return which cells are missing, bool of shape (n_samples, 3)."""
    # Rounded down, the counts still sum to at most two a row.
    counts = np.floor(shares * n_samples + 1e-9).astype(int)
    absent = np.column_stack(
        [rng.permutation(np.arange(n_samples) < count) for count in counts]
    )
    for row in np.flatnonzero(absent.all(axis=1)):
        # A row without cells means that another has two: that one gives this one back.
        giver = rng.choice(np.flatnonzero(absent.sum(axis=1) < absent.shape[1] - 1))
        column = rng.choice(np.flatnonzero(~absent[giver]))
        absent[row, column], absent[giver, column] = False, True
    return absent


def _wrap_clips(clips: np.ndarray) -> np.ndarray:
    wrapped = np.full(len(clips), None, dtype=object)
    for row, clip in enumerate(clips):
        if clip is not None:
            # The same floats as decoding the 16-bit file gives.
            wrapped[row] = Waveform(clip / np.float32(32_768), SAMPLE_RATE)
    return wrapped


def _bunch(
    columns: dict[str, np.ndarray],
    target_names: list[str],
    description: str,
    return_X_y: bool,
) -> "Bunch | tuple[pd.DataFrame, pd.Series]":
    import pandas as pd

    frame = pd.DataFrame(
        {name: pd.Series(c, dtype=object) for name, c in columns.items()}
    )
    data, target = frame[list(_COLUMNS)], frame["label"]
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        feature_names=list(_COLUMNS),
        target_names=target_names,
        DESCR=description,
    )
