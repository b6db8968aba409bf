"""Visit every object that a model holds, with the path that leads to it."""

from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

__all__ = ["walk"]

LEAVES = (str, bytes, int, float, bool, type, ModuleType, np.generic, type(None))


def walk(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield ``(path, object)`` for root and all that it holds, each object once.

    Parameters
    ----------
    root : object
        A model: attributes, dicts, sequences, sets and object arrays are entered.

    Yields
    ------
    path : str
        Such as ``model.steps[0][1].tokenizer``.
    value : object
    """
    seen: set[int] = set()
    # The references keep every visited object alive, so that no id is used twice.
    alive = []
    stack = [("model", root)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, LEAVES) or id(value) in seen:
            continue
        seen.add(id(value))
        alive.append(value)
        yield path, value
        stack += _children(path, value)


def _children(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"{path}[{key!r}]", item) for key, item in value.items()]
    if isinstance(value, list | tuple | set | frozenset):
        return [(f"{path}[{i}]", item) for i, item in enumerate(value)]
    if isinstance(value, np.ndarray):
        if value.dtype != object:
            return []
        return [(f"{path}[{i}]", item) for i, item in enumerate(value.ravel())]
    if isinstance(value, FunctionType | BuiltinFunctionType):
        return []
    attributes = getattr(value, "__dict__", {})
    return [(f"{path}.{name}", item) for name, item in attributes.items()]
