"""The `[tool.poetry]` table of `pyproject.toml`."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from plugreg import EntryPoint

from .facts import Facts
from .poetry_constraints import to_python_marker, to_specifiers
from .requirements import own_requirements
from .table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def read_poetry(poetry: Table) -> Facts:
    """Return what the table says; where it has no dependencies, that they are left open.

    Raises:
        SourceError: A field has the wrong type (code "source-invalid").
    """
    dependencies = poetry.table("dependencies")
    listed = "dependencies" in poetry
    return Facts(
        poetry.origin,
        name=poetry.text("name"),
        version=poetry.text("version"),
        summary=poetry.text("description"),
        entry_points=tuple(_entry_points(poetry)) or None,
        requires_python=_requires_python(dependencies) if listed else None,
        dependencies=own_requirements(_requirements(dependencies)) if listed else None,
    )


def _entry_points(poetry: Table) -> Iterator[EntryPoint]:
    plugins = poetry.table("plugins")
    for group in plugins.values:
        for name, value in plugins.text_map(group).items():
            yield EntryPoint(group, name, value)
    scripts = poetry.table("scripts")
    for name, value in scripts.values.items():
        if isinstance(value, dict):
            script = scripts.child(name)
            target = script.text("reference") or script.text("callable") or ""
            if script.text("type") in (None, "console"):  # others are files to copy
                yield EntryPoint("console_scripts", name, target)
        else:
            yield EntryPoint("console_scripts", name, scripts.text(name) or "")


def _requires_python(dependencies: Table) -> str:
    value = dependencies.values.get("python")
    return to_specifiers(value) if isinstance(value, str) else ""


def _requirements(dependencies: Table) -> Iterator[str]:
    for name, value in dependencies.values.items():
        if canonicalize_name(name) == "python":
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield f"{name}{to_specifiers(one)}"
            elif not isinstance(one, dict):
                raise dependencies.misfit(name, one, "text or a table")
            elif not one.get("optional"):
                yield _requirement(name, Table(one, dependencies.named(name), dependencies.origin))


def _requirement(name: str, table: Table) -> str:
    extras = ",".join(table.texts("extras") or ())
    named = f"{name}[{extras}]" if extras else name
    target = _url(table)
    spelt = (
        f"{named} @ {target}" if target else f"{named}{to_specifiers(table.text('version') or '')}"
    )
    python = to_python_marker(table.text("python") or "")
    markers = [marker for marker in (table.text("markers"), python) if marker]
    joined = markers[0] if len(markers) == 1 else " and ".join(f"({marker})" for marker in markers)
    return f"{spelt} ; {joined}" if joined else spelt


def _url(table: Table) -> str:
    values: dict[str, Any] = table.values
    if "git" in values:
        revision = next((values[key] for key in ("rev", "tag", "branch") if key in values), "")
        return f"git+{values['git']}{'@' if revision else ''}{revision}"
    return table.text("url") or ""
