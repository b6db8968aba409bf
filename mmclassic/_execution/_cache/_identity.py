"""A class and its parameters to the digest of what a result depends on."""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from mmclassic import __version__
from mmclassic._execution._cache._code import (
    UnknownError,
    loaded_code,
    version_of,
)
from mmclassic._execution._cache._content import DIGEST_SIZE, content_digest

__all__ = ["Libraries", "identity_digest"]

# Whose files a change of the code can show in.
STAGES = (
    "_kernels",
    "media",
    "text",
    "image",
    "audio",
    "video",
    "encoding",
    "transcription",
)


class Libraries(tuple[str, ...]):
    """Names of libraries whose versions a result depends on."""


def identity_digest(identity: Any) -> bytes | None:
    """Return a digest that is equal in every process for equal identities.

    Parameters
    ----------
    identity : object
        Nested tuples, lists and dicts of numbers, texts, arrays, classes, functions,
        estimators and `Libraries`. A class or function from outside of mmclassic
        counts with its code as it is loaded. An estimator in another's parameters
        counts with what it learned.

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
    except (UnknownError, RecursionError):  # the latter: it holds itself
        return None
    return digest.digest()


def _parts_of(value: Any) -> list[bytes]:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Libraries):
        return [f"{name} {version_of(name)}".encode() for name in value]
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return [f"{type(value).__name__} {value!r}".encode()]
    if isinstance(value, tuple | list):
        return [b"sequence", *_flat(value), b"end"]
    if isinstance(value, set | frozenset):
        return [
            b"set",
            *(part for parts in sorted(map(_parts_of, value)) for part in parts),
        ]
    if isinstance(value, Mapping):
        pairs = sorted((*_parts_of(key), *_parts_of(value[key])) for key in value)
        return [b"mapping", *(part for pair in pairs for part in pair), b"end"]
    if isinstance(value, np.ndarray):
        content = content_digest(value)
        if content is None:
            raise UnknownError
        return [content]
    if isinstance(value, type | FunctionType):
        if "<" in value.__qualname__:  # a lambda, or defined inside a function
            raise UnknownError
        return [b"definition", *loaded_code(value, _parts_of), b"end"]
    if hasattr(value, "_identity"):
        return _parts_of(value._identity())
    if hasattr(value, "get_params"):
        return _parts_of((type(value), value.get_params(deep=False), _learned(value)))
    raise UnknownError


def _flat(values: Any) -> list[bytes]:
    return [part for value in values for part in _parts_of(value)]


def _learned(estimator: Any) -> dict[str, Any]:
    return {
        name: held
        for name, held in vars(estimator).items()
        if name.endswith("_") and not name.startswith("__")
    }


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
