"""What the package's faces promise, as directives for Sphinx's autodoc: every name of `__all__`."""

from __future__ import annotations

import inspect
from importlib import import_module

# What is inherited from these is Python's to explain.
_FOREIGN = "object, Exception, BaseException, tuple, list, Shelf, MutableMapping, Mapping"
_TITLES = {"class": "Classes", "function": "Functions", "exception": "Errors", "data": "Constants"}


def write(face: str) -> str:
    """Return a section for each kind of thing of a face, without what the face above it has."""
    kinds = names_by_kind(face)
    return "\n".join(
        f"## {title}\n\n{''.join(_directive(face, kind, name) for name in kinds[kind])}"
        for kind, title in _TITLES.items()
        if kinds[kind]
    )


def names_by_kind(face: str) -> dict[str, list[str]]:
    """Return the names that a page of a face explains, under "class", "function" and so on."""
    module = import_module(face)
    found: dict[str, list[str]] = {kind: [] for kind in _TITLES}
    for name in module.__all__:
        if face == "plugreg" or name not in import_module("plugreg").__all__:
            found[_kind(getattr(module, name))].append(name)
    return found


def _kind(thing: object) -> str:
    if isinstance(thing, type):
        return "exception" if issubclass(thing, Exception) else "class"
    return "function" if inspect.isfunction(thing) else "data"


def _directive(face: str, kind: str, name: str) -> str:
    options = f"   :inherited-members: {_FOREIGN}\n" if kind == "class" else ""
    if kind == "exception":
        options = "   :no-inherited-members:\n"
    return f"```{{eval-rst}}\n.. auto{kind}:: {face}.{name}\n{options}```\n\n"
