"""A class and its parameters to the digest of what a result depends on."""

import sys
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from mmclassic import __version__
from mmclassic._execution._cache._content import DIGEST_SIZE, content_digest

__all__ = ["Libraries", "identity_digest"]

# Whose files a change of the code can show in.
STAGES = ("_kernels", "media", "text", "image", "audio", "encoding")


class Libraries(tuple[str, ...]):
    """Names of libraries whose versions a result depends on."""


def identity_digest(identity: Any) -> bytes | None:
    """Return a digest that is equal in every process for equal identities.

    Parameters
    ----------
    identity : object
        Nested tuples, lists and dicts of numbers, texts, arrays, classes, functions,
        estimators and `Libraries`. A class or function from outside of mmclassic
        counts with the file that defines it.

    Returns
    -------
    bytes or None
        None where something has no lasting identity, as a lambda.
    """
    digest = blake2b(_code(), digest_size=DIGEST_SIZE)
    try:
        for part in _parts_of(identity):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    except _UnknownError:
        return None
    return digest.digest()


class _UnknownError(Exception):
    """Something has no lasting identity."""


def _parts_of(value: Any) -> list[bytes]:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Libraries):
        return [f"{name} {_version(name)}".encode() for name in value]
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return [f"{type(value).__name__} {value!r}".encode()]
    if isinstance(value, tuple | list):
        return [b"sequence", *_flat(value), b"end"]
    if isinstance(value, Mapping):
        pairs = sorted((*_parts_of(key), *_parts_of(value[key])) for key in value)
        return [b"mapping", *(part for pair in pairs for part in pair), b"end"]
    if isinstance(value, np.ndarray):
        content = content_digest(value)
        if content is None:
            raise _UnknownError
        return [content]
    if isinstance(value, type):
        foreign = [base for base in value.__mro__ if not _is_known(base)]
        return [_name(value), *(_source(base.__module__) for base in foreign)]
    if isinstance(value, FunctionType):
        source = [] if _is_known(value) else [_source(value.__module__)]
        return [_name(value), *source]
    if hasattr(value, "_identity"):
        return _parts_of(value._identity())
    if hasattr(value, "get_params"):
        return _parts_of((type(value), value.get_params(deep=False)))
    raise _UnknownError


def _flat(values: Any) -> list[bytes]:
    return [part for value in values for part in _parts_of(value)]


def _name(definition: Any) -> bytes:
    if "<" in definition.__qualname__:  # a lambda, or defined inside a function
        raise _UnknownError
    return f"{definition.__module__}.{definition.__qualname__}".encode()


def _is_known(definition: Any) -> bool:
    package = definition.__module__.partition(".")[0]
    return package in ("mmclassic", "sklearn", "builtins")


@cache
def _source(module: str) -> bytes:
    path = getattr(sys.modules.get(module), "__file__", None)
    content = path and content_digest(path)
    if not content:  # typed in, as in a notebook: it may change at any time
        raise _UnknownError
    return content


@cache
def _version(library: str) -> str:
    if library == "cv2":  # of several packages that give it
        return str(import_module("cv2").__version__)
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


@cache
def _code() -> bytes:
    """Return mmclassic's version and a digest of what describes and encodes."""
    root = Path(__file__).parents[2]
    files = [root / "_base.py", root / "_local_features.py"]
    for stage in STAGES:
        files += (root / stage).rglob("*.py")
    digest = blake2b(__version__.encode(), digest_size=DIGEST_SIZE)
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.digest()
