"""Save a fitted model to one file, and load it without running code from it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile

from sklearn.base import BaseEstimator
from skops import io
from skops.io.exceptions import UnsupportedTypeException, UntrustedTypesFoundException

from mmclassic._files import written_whole
from mmclassic.persistence._checks import check_model
from mmclassic.persistence._trusted import TRUSTED
from mmclassic.persistence._walk import walk

__all__ = ["load", "save"]

# Callbacks watch one fit; a metadata request holds its estimator, a circle that the
# format can't write. Neither changes a prediction.
LEFT_OUT = ("_skl_callbacks", "_parent_callback_ctx", "_metadata_request")


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a model to a file that `load` reads back with equal predictions.

    Parameters
    ----------
    model : estimator
        Any part of mmclassic or scikit-learn, fitted or not. Callbacks, metadata
        requests (``set_fit_request``) and caches (``cache=``) are left out.
    path : str or path-like
        Where to write, ``model.skops`` by custom. An older file is replaced only
        once the new one is complete.

    Raises
    ------
    ValueError
        If the model holds a lambda or a nested function, which no file can name, or
        an object that the format can't hold.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.svm import SVC
    >>> from mmclassic.persistence import load, save
    >>> with TemporaryDirectory() as folder:
    ...     save(SVC(C=3.0), f"{folder}/model.skops")
    ...     load(f"{folder}/model.skops")
    SVC(C=3.0)
    """
    path = Path(path)
    _refuse_local_functions(model)
    try:
        with _lightened(model):
            content = io.dumps(model, compression=ZIP_DEFLATED)
    except (UnsupportedTypeException, TypeError) as error:
        raise ValueError(f"The model can't be saved: {error}") from error
    with written_whole(path) as beside:
        beside.write_bytes(content)


def load(path: str | os.PathLike[str], trusted: Sequence[str] = ()) -> Any:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : str or path-like
        The file.
    trusted : sequence of str, default=()
        Exact names of further types and functions that the file may use, such as
        ``"my_package.my_tokenizer"``: read their code before you name them.

    Returns
    -------
    estimator

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no model or is damaged, or names a type that is not trusted.
        Nothing of the file is run before that is known.

    See Also
    --------
    save : Write the file, with an example.
    """
    if isinstance(trusted, str):
        raise ValueError("trusted must be a list of names. Got one str instead.")
    try:
        model = io.load(Path(path), trusted=[*TRUSTED, *trusted])
    except UntrustedTypesFoundException as error:
        unknown = set(io.get_untrusted_types(file=Path(path))) - {*TRUSTED, *trusted}
        raise ValueError(
            f"{str(path)!r} asks for what is not trusted: "
            f"{', '.join(sorted(unknown))}. If you wrote the file and know these "
            "names, pass them as trusted=[...]; else don't load it."
        ) from error
    except BadZipFile as error:
        raise ValueError(
            f"{str(path)!r} is not a model file, or is damaged: {error}. "
            "Write it again with mmclassic.persistence.save."
        ) from error
    except KeyError as error:
        raise ValueError(
            f"{str(path)!r} is not a model file: it lacks {error}."
        ) from error
    check_model(model)
    return model


def _refuse_local_functions(model: Any) -> None:
    for path, value in walk(model):
        name = getattr(value, "__qualname__", "")
        if isinstance(value, FunctionType) and "<" in name:
            kind = "lambda" if "<lambda>" in name else "nested"
            raise ValueError(
                f"The model can't be saved: {path} is the {kind} function {name!r}, "
                "which a file can't name. Define it with def at the top of a module, "
                "and load with trusted=['module.function']."
            )


@contextmanager
def _lightened(model: Any) -> Iterator[None]:
    """Take what is left out from the model for the time of the context."""
    taken = [
        (value.__dict__, name, value.__dict__.pop(name))
        for _, value in list(walk(model))
        for name in LEFT_OUT
        if name in getattr(value, "__dict__", ())
    ]
    for _, value in list(walk(model)):
        # A cache is a folder of this machine, and changes no prediction.
        if takes_cache(value) and value.cache is not None:
            taken.append((value.__dict__, "cache", value.cache))
            value.cache = None
    try:
        yield
    finally:
        for attributes, name, attribute in taken:
            attributes[name] = attribute


def takes_cache(value: Any) -> bool:
    """Tell whether a value is an estimator of ours, or made of one, with a cache."""
    packages = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    is_ours = isinstance(value, BaseEstimator) and "mmclassic" in packages
    return is_ours and hasattr(value, "cache")
