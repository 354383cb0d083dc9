"""What keeps projects that are right by themselves from loading beside each other."""

from __future__ import annotations

from plugreg.plugins.hosts.links.conflicts import conflicts_among
from plugreg.plugins.hosts.order import in_load_order, told_of_circle

from .problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plugreg import Project


def about_duplicates(there: Sequence[Project]) -> Iterator[Problem]:
    """Yield the projects that have an entry point which another one has, too."""
    owners: dict[tuple[str, str], list[str]] = {}
    for project in there:
        for entry in project.entry_points:
            owners.setdefault((entry.group, entry.name), []).append(project.name)
    for (group, name), (first, *others) in owners.items():
        for other in others:
            yield Problem(
                "entry-point-twice",
                f"its entry point {name} of {group} is also one of {first}: a host takes one",
                f"`plugreg disable {other}` or `plugreg disable {first}`",
                project=other,
            )


def about_modules(there: Sequence[Project]) -> Iterator[Problem]:
    """Yield the projects whose code hosts leave out, such as one with a module of another's name.

    Args:
        there: Those that are on and can work here.
    """
    try:
        conflicts = conflicts_among(in_load_order(there))
    except OSError:  # no temporary folder, or code that cannot be read: a load says so by itself
        return
    for name, reason in conflicts.items():
        yield Problem(
            "module-conflict",
            f"hosts leave it out: {reason}",
            f"`plugreg disable {name}`, or give the module another name",
            project=name,
        )


def about_circles(enabled: Sequence[Project]) -> Iterator[Problem]:
    """Yield the circles of projects that are to load before each other."""
    circles: list[list[str]] = []
    in_load_order(enabled, circles)
    for names in circles:
        message, hint = told_of_circle(names)
        yield Problem("order-circle", message, hint, project=names[0])
