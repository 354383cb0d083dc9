"""What one file says of a project, how several complete each other, and the project of it all."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from packaging.version import InvalidVersion

from plugreg import EntryPoint, PlugregError, Project, SourceError
from plugreg.plugins.standards import version_of

from .text import cleaned, require_clean, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugreg import Source


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a project so far; None means that nothing was said, not that there is none.

    Attributes:
        origin: The file that says it, for messages.
        name: The name, as the project spells it.
        version: The version as written.
        summary: The one-line description.
        entry_points: All entry points.
        requires_python: The versions of Python as PEP 440 says them, "" for any.
        dependencies: The requirements as PEP 508 spells them, without those of extras.
    """

    origin: str
    name: str | None = None
    version: str | None = None
    summary: str | None = None
    entry_points: tuple[EntryPoint, ...] | None = None
    requires_python: str | None = None
    dependencies: tuple[str, ...] | None = None

    def has_gaps(self) -> bool:
        """Tell whether anything is left open."""
        return any(getattr(self, field.name) is None for field in fields(self))

    def completed_by(self, other: Facts) -> Facts:
        """Return these facts, and those of `other` where nothing was said here."""
        said = {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        return replace(other, **{**said, "origin": self.origin or other.origin})


def make_project(
    facts: Facts,
    source: Source,
    *,
    root: str = "",
    modules: Mapping[str, str] | None = None,
    fingerprint: str = "",
    hosts: Mapping[str, str] | None = None,
) -> Project:
    """Return the project that the facts describe, every part of it checked.

    Raises:
        SourceError: Something required is missing or invalid; the code says what ("name-invalid",
            "version-invalid", "source-invalid").
    """
    name = checked_name(facts.name, facts.origin)
    try:
        return Project(
            name=name,
            version=checked_version(facts.version, facts.origin),
            summary=cleaned(facts.summary or ""),
            source=source,
            entry_points=checked_entry_points(facts.entry_points or (), facts.origin),
            requires_python=cleaned(facts.requires_python or "") or None,
            dependencies=[cleaned(dependency) for dependency in facts.dependencies or ()],
            hosts=hosts,
            root=root,
            modules=modules,
            fingerprint=fingerprint,
        )
    except PlugregError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            f"{facts.origin}: {error.message}", hint=error.hint, code=error.code, path=facts.origin
        ) from error


def checked_name(name: str | None, origin: str) -> str:
    """Return the project's name; `Project` itself refuses what PEP 508 does not allow."""
    if name is not None:
        return name.strip()
    raise SourceError(
        f"{origin}: the project has no name",
        hint="give it one in its metadata",
        code="name-invalid",
        path=origin,
        field="name",
    )


def checked_version(version: str | None, origin: str) -> str:
    """Return the version in the one spelling of PEP 440.

    Raises:
        SourceError: There is none, or it is no version (code "version-invalid").
    """
    try:
        return str(version_of(version or ""))
    except InvalidVersion as error:
        said = f"version {shown(version)} is not one" if version else "the project has no version"
        raise SourceError(
            f"{origin}: {said}",
            hint="write it as PEP 440 says, such as 1.2.0",
            code="version-invalid",
            path=origin,
            field="version",
        ) from error


def checked_entry_points(entries: tuple[EntryPoint, ...], origin: str) -> list[EntryPoint]:
    """Return the entry points; refuse names that no host could show or find again."""
    return [_checked_entry_point(entry, origin) for entry in entries]


def _checked_entry_point(entry: EntryPoint, origin: str) -> EntryPoint:
    group = require_clean(entry.group, "entry-point group", origin)
    name = require_clean(entry.name, f"entry point of {group}", origin)
    value = require_clean(entry.value, f"entry point {name!r} of {group}", origin)
    if ":" in group:
        raise SourceError(
            f"{origin}: entry-point group {shown(group)} has a colon",
            hint="a group is letters, digits, '.', '-' and '_'",
            code="source-invalid",
            path=origin,
            field="entry-points",
        )
    return EntryPoint(group, name, value)
