"""Which projects are meant: by group, switch, tags, state, kind, requirement, and text."""

from __future__ import annotations

import re

from .fingerprint import state_of
from .names import normalize_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .project import Project


class Criteria:
    """A question that each project answers with yes or no; what is not given does not count.

    Attributes:
        any: Whether every project fits.
    """

    def __init__(
        self,
        *,
        group: str = "",
        enabled: bool | None = None,
        tags: Iterable[str] = (),
        state: str = "",
        kind: str = "",
        requires: str = "",
        match: str = "",
    ) -> None:
        """See `Registry.select`."""
        wanted_tags = frozenset(tags)
        text, required = match.casefold(), normalize_name(requires)
        # In the order of what they cost.
        tests: list[tuple[object, Callable[[Project], bool]]] = [
            (enabled is not None, lambda project: project.enabled is enabled),
            (group, lambda project: project.is_for(group)),
            (wanted_tags, lambda project: wanted_tags.issubset(project.tags)),
            (kind, lambda project: project.source.kind == kind),
            (required, lambda project: required in map(_required_name, project.dependencies)),
            (text, lambda project: any(text in each.casefold() for each in _texts(project))),
            (state, lambda project: state_of(project) == state),
        ]
        self._tests = [test for given, test in tests if given]
        self.any = not self._tests

    def fits(self, project: Project) -> bool:
        """Tell whether a project is meant."""
        return all(test(project) for test in self._tests)


def _required_name(requirement: str) -> str:
    """Return the distribution that a requirement names (PEP 508), normalised."""
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return normalize_name(found[1]) if found else ""


def _texts(project: Project) -> Iterable[str]:
    yield project.name
    yield project.display_name
    yield project.summary
    yield project.source.location
    yield from project.tags
    yield from project.modules
    for entry in project.entry_points:
        yield from (entry.group, entry.name, entry.value)
