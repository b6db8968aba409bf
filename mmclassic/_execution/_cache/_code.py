"""A class or function of the user's own to what it would do: the code that is loaded.

A file alone would not tell: it may be edited after the import, and the code of a script
or notebook reaches worker processes without its file.
"""

import dis
import sys
import sysconfig
from collections.abc import Callable, Iterator
from functools import cache, cached_property, partial, partialmethod
from importlib import import_module
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from mmclassic._execution._cache._content import content_digest

__all__ = ["UnknownError", "loaded_code", "version_of"]

# Of a class: what Python and scikit-learn keep there for themselves.
SKIPPED = {"_parameter_constraints", "_sklearn_auto_wrap_output_keys", "_abc_impl"}
PLAIN = (type(None), bool, int, float, str, bytes, tuple, frozenset)
WRAPPERS = (staticmethod, classmethod, MethodType)
PARTIAL = (partial, partialmethod)
CODE = (FunctionType, WRAPPERS, PARTIAL, property, cached_property)


class UnknownError(Exception):
    """Something has no lasting identity."""


def loaded_code(definition: Any, content: Callable[[Any], list[bytes]]) -> list[bytes]:
    """Return what a class or function is made of, and all that it calls by name.

    Parameters
    ----------
    definition : type or function
    content : callable
        Of a value that is neither, as a parameter's default; may raise UnknownError.

    Returns
    -------
    list of bytes

    Raises
    ------
    UnknownError
        If it holds what has no lasting identity.
    """
    return list(_Reader(content).read(definition))


class _Reader:
    """Reads definitions, each once, in an order that is equal in every process."""

    def __init__(self, content: Callable[[Any], list[bytes]]) -> None:
        self.content = content
        self.seen: set[int] = set()

    def read(self, value: Any, *, constant: bool = True) -> Iterator[bytes]:
        """Yield what a value is.

        ``constant`` tells that what is in a list or dict counts: a module's global may
        be changed by what runs, and is known by the module's file.
        """
        if isinstance(value, ModuleType):
            yield from _module(value.__name__)
        elif isinstance(value, type | FunctionType):
            yield from self._definition(value)
        elif isinstance(value, WRAPPERS):
            yield from self.read(value.__func__)
        elif isinstance(value, property):
            for function in (value.fget, value.fset, value.fdel):
                yield from self.read(function)
        elif isinstance(value, cached_property):
            yield from self.read(value.func)
        elif isinstance(value, PARTIAL):
            yield from self.read(value.func)
            yield from self.content((value.args, value.keywords))
        elif hasattr(value, "__wrapped__"):  # as functools.cache leaves it
            yield from self.read(value.__wrapped__)
        elif callable(value) and type(value).__module__ in ("builtins", "numpy"):
            yield f"{type(value).__name__} {value.__name__}".encode()  # compiled
        elif constant or isinstance(value, PLAIN):
            yield from self.content(value)

    def _definition(self, value: Any) -> Iterator[bytes]:
        yield f"{value.__module__}.{value.__qualname__}".encode()
        if id(value) in self.seen or not _is_own(value):
            return
        self.seen.add(id(value))
        yield from _module(value.__module__)
        if _is_installed(value.__module__):
            return
        read = self._class if isinstance(value, type) else self._function
        yield from read(value)

    def _class(self, value: type) -> Iterator[bytes]:
        for base in value.__mro__[1:]:
            yield from self._definition(base)
        for name, held in sorted(vars(value).items()):
            is_code = isinstance(held, CODE) or hasattr(held, "__wrapped__")
            if name in SKIPPED or (name.startswith("__") and not is_code):
                continue
            of_library = type(held).__module__.partition(".")[0]
            if hasattr(held, "__get__") and of_library in ("sklearn", "builtins"):
                if not is_code:  # a slot, or a request of metadata
                    continue
            yield name.encode()
            yield from self.read(held)

    def _function(self, value: FunctionType) -> Iterator[bytes]:
        yield from self._code(value.__code__)
        for default in (*(value.__defaults__ or ()), value.__kwdefaults__):
            yield from self.read(default)
        for cell in value.__closure__ or ():
            yield from self.read(cell.cell_contents)
        in_script = value.__module__ == "__main__"
        for name in sorted(_globals(value.__code__) & value.__globals__.keys()):
            yield name.encode()
            yield from self.read(value.__globals__[name], constant=in_script)

    def _code(self, code: CodeType) -> Iterator[bytes]:
        yield code.co_code
        yield repr((code.co_names, code.co_varnames, code.co_freevars)).encode()
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self._code(constant)
            elif isinstance(constant, frozenset):
                yield repr(sorted(map(repr, constant))).encode()
            else:
                yield f"{type(constant).__name__} {constant!r}".encode()


def _is_own(definition: Any) -> bool:
    """Tell whether a definition is from outside of mmclassic and scikit-learn."""
    package = (definition.__module__ or "builtins").partition(".")[0]
    return package not in ("mmclassic", "sklearn", "builtins")


@cache
def version_of(library: str) -> str:
    """Return the version of a library, by its own name or that of its package.

    Parameters
    ----------
    library : str
    """
    if library == "cv2":  # of several packages that give it
        return str(import_module("cv2").__version__)
    try:
        return version(library)
    except PackageNotFoundError:
        pass
    found = packages_distributions().get(library)
    return version(found[0]) if found else "none"


def _module(name: str) -> list[bytes]:
    """Return what is known of a module: a library's version, or its file's content.

    A script's or notebook's file is not there where workers run it.
    """
    package = name.partition(".")[0]
    if package == "__main__":
        return []
    if package in sys.stdlib_module_names:
        return [repr(sys.version_info[:2]).encode()]
    if _is_installed(name):
        return [f"{package} {version_of(package)}".encode()]
    content = content_digest(Path(getattr(sys.modules.get(name), "__file__", "") or ""))
    return [] if content is None else [content]


@cache
def _is_installed(name: str) -> bool:
    """Tell whether a module is Python's own or was installed beside it."""
    package = name.partition(".")[0]
    if package == "__main__":  # in a worker process that is another
        return False
    if package in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(name), "__file__", None)
    places = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    return file is not None and any(Path(file).is_relative_to(p) for p in places if p)


def _globals(code: CodeType) -> set[str]:
    """Return the names of globals that code, and code inside it, asks for."""
    own = {
        each.argval for each in dis.get_instructions(code) if "GLOBAL" in each.opname
    }
    nested = (each for each in code.co_consts if isinstance(each, CodeType))
    return own.union(*map(_globals, nested))
