"""The `[project]` table of `pyproject.toml` (PEP 621)."""

from __future__ import annotations

from plugreg import EntryPoint, SourceError

from .facts import Facts
from .requirements import checked_requirements, checked_specifiers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .table import Table

SCRIPTS = {"scripts": "console_scripts", "gui-scripts": "gui_scripts"}
_ENTRY_FIELDS = ("scripts", "gui-scripts", "entry-points")
# What a project cannot be recorded without, and the keys of the table that say it.
_FIELDS = {
    "version": ("version",),
    "entry_points": _ENTRY_FIELDS,
    "requires_python": ("requires-python",),
    "dependencies": ("dependencies",),
}


def read_pep621(project: Table) -> Facts:
    """Return what the table says; a field that it declares dynamic is left open.

    Raises:
        SourceError: A field is missing, has the wrong type, or is both given and dynamic.
    """
    dynamic = _dynamic(project)
    open_fields = _open_fields(dynamic)
    return Facts(
        project.origin,
        name=_required(project, "name"),
        version=None if "version" in dynamic else _required(project, "version"),
        summary=None if "description" in dynamic else project.text("description") or "",
        requires_python=None if "requires_python" in open_fields else _requires_python(project),
        dependencies=None if "dependencies" in open_fields else _dependencies(project),
        entry_points=None if "entry_points" in open_fields else tuple(entry_points(project)),
    )


def entry_points(project: Table) -> Iterator[EntryPoint]:
    """Yield the entry points of the table: the groups, then the scripts."""
    groups = project.table("entry-points")
    for group in groups.values:
        for name, value in groups.text_map(group).items():
            yield EntryPoint(group, name, value)
    for key, group in SCRIPTS.items():
        for name, value in project.text_map(key).items():
            yield EntryPoint(group, name, value)


def require_complete(facts: Facts, project: Table, backend: str) -> None:
    """Check that nothing a record needs is still open.

    Raises:
        SourceError: A dynamic field could not be found without running the build backend (code
            "source-dynamic").
    """
    dynamic = _dynamic(project)
    for field, keys in _FIELDS.items():
        missing = [key for key in keys if key in dynamic]
        if getattr(facts, field) is None and missing:
            raise SourceError(
                f"{project.origin} declares `{missing[0]}` dynamic",
                hint=f"pass --build to ask {backend}",
                code="source-dynamic",
                path=project.origin,
                field=missing[0],
            )


def _dynamic(project: Table) -> list[str]:
    dynamic = project.texts("dynamic") or []
    for key in dynamic:
        if key == "name" or key in project:
            fault = "can never be" if key == "name" else "is given, and is also"
            raise SourceError(
                f"{project.origin}: `{project.named(key)}` {fault} dynamic",
                hint=f"take `{key}` out of `{project.named('dynamic')}`",
                code="source-invalid",
                path=project.origin,
                field=project.named(key),
            )
    return dynamic


def _open_fields(dynamic: list[str]) -> set[str]:
    return {field for field, keys in _FIELDS.items() if any(key in dynamic for key in keys)}


def _required(project: Table, key: str) -> str:
    value = project.text(key)
    if value is not None:
        return value
    also = " nor declared dynamic" if key == "version" else ""
    raise SourceError(
        f"{project.origin}: `{project.named(key)}` is not given{also}",
        hint=f"add `{key}` to the [project] table",
        code=f"{key}-invalid",
        path=project.origin,
        field=project.named(key),
    )


def _requires_python(project: Table) -> str:
    text = project.text("requires-python") or ""
    return checked_specifiers(text, project.named("requires-python"), project.origin)


def _dependencies(project: Table) -> tuple[str, ...]:
    texts = project.texts("dependencies") or []
    return checked_requirements(texts, project.named("dependencies"), project.origin)
