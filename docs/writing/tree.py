"""The package's syntax trees: what its code says of itself without being run."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import plugreg

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Tests for others to inherit raise nothing of plugreg's, and the check's program runs elsewhere.
_LEFT_OUT = ("backends/testing.py",)


@cache
def modules() -> tuple[ast.Module, ...]:
    """Return the tree of each module of the package."""
    return tuple(
        _with_values(ast.parse(path.read_text(encoding="utf-8"), str(path)))
        for folder in _folders()
        for path in sorted(folder.rglob("*.py"))
        if not path.as_posix().endswith(_LEFT_OUT)
    )


def nodes() -> Iterator[ast.AST]:
    """Yield every node of every module."""
    for module in modules():
        yield from ast.walk(module)


def _folders() -> set[Path]:
    """Return the folders of the floors, wherever this kind of installation has them."""
    from plugreg import backends, cli, plugins

    found = [Path(str(floor.__file__)).parent for floor in (plugreg, backends, cli, plugins)]
    return {one for one in found if not any(other in one.parents for other in found)}


def value_of(node: ast.AST) -> ast.AST:
    """Return what a name stands for, where the module says so above it; else the node itself."""
    found = getattr(node, "stands_for", None)
    return node if found is None else value_of(found)


def text_of(node: ast.AST | None) -> str:
    """Return a text as it is written, with names in capitals for what is put in, or ""."""
    value = None if node is None else value_of(node)
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.JoinedStr):
        return "".join(map(text_of, value.values))
    if isinstance(value, ast.FormattedValue):
        return _named(value.value)
    if isinstance(value, ast.IfExp):
        return " or: ".join(filter(None, (text_of(value.body), text_of(value.orelse))))
    return ""


def _with_values(module: ast.Module) -> ast.Module:
    """Tell each name of a module what was given to it last, above."""
    given: dict[str, list[ast.Assign]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given.setdefault(node.targets[0].id, []).append(node)
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            above = [one for one in given.get(node.id, ()) if (one.end_lineno or 0) < node.lineno]
            if above:
                node.stands_for = max(above, key=lambda one: one.lineno).value  # type: ignore[attr-defined]
    return module


def _named(node: ast.AST) -> str:
    """Return what an expression stands for, in capitals: `self.path` is PATH."""
    value = value_of(node)
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_").upper()
    if isinstance(node, ast.Name):
        return node.id.upper()
    if isinstance(node, ast.Call) and node.args:
        return _named(node.args[0])
    if isinstance(node, (ast.Call, ast.Subscript)):
        return _named(node.func if isinstance(node, ast.Call) else node.value)
    return "..."
