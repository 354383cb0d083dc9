"""The codes of the errors, each with its class and what is said, from where they are raised."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache

from .tree import nodes, text_of, value_of
from .words import as_text

ROOT = "PlugregError"


def write() -> str:
    """Return a section of each code, sorted."""
    told = codes()
    return "\n".join(_section(code, told[code]) for code in sorted(told))


def codes() -> dict[str, dict[str, set[str]]]:
    """Return for each code its classes, and what each says: "message; hint", one or more."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    own = _codes_of_classes()
    for name, code in own.items():
        found[code].setdefault(name, set())  # told even where nobody raises it here
    for node in nodes():
        if isinstance(node, ast.Call) and _name(node.func) in own:
            name = _name(node.func)
            for code in _given(node) or [own[name]]:
                found[code][name].add(_said(node))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            for code in _assigned(node):
                found[code].setdefault(ROOT, set())  # the class is that of the error at hand
    return found


@cache
def documented_classes() -> dict[str, str]:
    """Return the docstring of each class of errors."""
    return {node.name: ast.get_docstring(node) or "" for node in _classes()}


def _section(code: str, classes: dict[str, set[str]]) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(classes))
    said = sorted({text for texts in classes.values() for text in texts if text.strip("; ")})
    lines = [f"## `{code}`\n", names + "\n"]
    docs = documented_classes()
    lines += [as_text(docs[name]) + "\n" for name, of in _codes_of_classes().items() if of == code]
    lines += [f"- {as_text(text)}" for text in said]
    return "\n".join([*lines, ""])


@cache
def _classes() -> tuple[ast.ClassDef, ...]:
    """Return the classes that come from the root, in whichever module, parents first."""
    known, classes = {ROOT}, []
    left = [node for node in nodes() if isinstance(node, ast.ClassDef)]
    while found := [node for node in left if node.name in known or known & set(_bases(node))]:
        classes += found
        known |= {node.name for node in found}
        left = [node for node in left if node not in found]
    return tuple(classes)


def _bases(node: ast.ClassDef) -> list[str]:
    return [_name(base) for base in node.bases]


@cache
def _codes_of_classes() -> dict[str, str]:
    """Return the code of each class, which is its parent's where it has none of its own."""
    found: dict[str, str] = {}
    for node in _classes():
        own = [
            code for each in node.body if isinstance(each, ast.Assign) for code in _assigned(each)
        ]
        inherited = [found[base] for base in _bases(node) if base in found]
        found[node.name] = (own or inherited)[0]
    return found


def _assigned(node: ast.Assign) -> list[str]:
    return _texts(node.value) if _name(node.targets[0]) == "code" else []


def _given(node: ast.Call) -> list[str]:
    values = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
    return [text for value in values for text in _texts(value)]


def _texts(node: ast.AST) -> list[str]:
    """Return the texts that an expression can be: one, or either of two; none that is made up."""
    value = value_of(node)
    if isinstance(value, ast.IfExp):
        return _texts(value.body) + _texts(value.orelse)
    return [value.value] if isinstance(value, ast.Constant) and isinstance(value.value, str) else []


def _said(node: ast.Call) -> str:
    hint = next((word.value for word in node.keywords if word.arg == "hint"), None)
    message = text_of(node.args[0]) if node.args else ""
    return "; ".join(filter(None, (message, text_of(hint)))) if message else ""


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", "")
