"""Requirements as PEP 508 spells them; those of extras are not the project's own."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier

from plugreg import SourceError
from plugreg.names import normalize_name
from plugreg.plugins.standards import requirement_of, specifiers_of

from .text import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .table import Table

_OF_AN_EXTRA = re.compile(r"\bextra\b")


def own_requirements(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements in one spelling; text that is none is kept as it is."""
    return tuple(found for text in texts if (found := _spelt(text)))


def checked_requirements(texts: Iterable[str], field: str, origin: str) -> tuple[str, ...]:
    """Return the requirements in one spelling.

    Raises:
        SourceError: One is no requirement (code "source-invalid"); field and origin name the place.
    """
    texts = list(texts)
    for text in texts:
        try:
            requirement_of(text)
        except InvalidRequirement as error:
            raise _invalid(origin, field, text, "is no requirement of PEP 508") from error
    return own_requirements(texts)


def checked_specifiers(text: str, field: str, origin: str) -> str:
    """Return a set of version specifiers such as ">=3.11,<4", as written.

    Raises:
        SourceError: It is none (code "source-invalid").
    """
    try:
        specifiers_of(text)
    except InvalidSpecifier as error:
        raise _invalid(origin, field, text, "is no version specifier of PEP 440") from error
    return text


def hosts_in(document: Table) -> dict[str, str]:
    """Return what `[tool.plugreg] hosts` says: a host's normalised name to versions.

    Raises:
        SourceError: A value is no set of version specifiers (code "source-invalid").
    """
    table = document.table("tool.plugreg")
    return {
        normalize_name(name): checked_specifiers(versions, table.named("hosts"), table.origin)
        for name, versions in table.text_map("hosts").items()
    }


def _spelt(text: str) -> str:
    try:
        requirement = requirement_of(text)
    except InvalidRequirement:
        return text
    if requirement.marker is not None and _OF_AN_EXTRA.search(str(requirement.marker)):
        return ""
    return str(requirement)


def _invalid(origin: str, field: str, text: str, fault: str) -> SourceError:
    return SourceError(
        f"{origin}: `{field}`: {shown(text)} {fault}",
        hint="correct it in the project",
        code="source-invalid",
        path=origin,
        field=field,
    )
