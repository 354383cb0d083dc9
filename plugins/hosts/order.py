"""In which order projects load: by priority, then name, as far as `before` and `after` allow.

pluggy calls the hooks of the last loaded first, so the highest priority is called first. A hook
that is marked `tryfirst` is called before all that are not, one marked `trylast` after them,
whatever the order. Among those of one mark, and among wrappers, the order decides again; only among
those marked `trylast` the last loaded is called last.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import Project


def in_load_order(
    projects: Iterable[Project], circles: list[list[str]] | None = None
) -> list[Project]:
    """Return the projects as they load: lowest priority first, then by name.

    A project waits for those that its `after` names, and for those whose `before` names it,
    whatever their priorities. Names of projects that are not among these are ignored, and so is a
    project's own. Where projects wait for each other in a circle, the first of them by priority and
    name does not wait for the others.

    Args:
        projects: In any order; the same ones always load in the same.
        circles: Gets the names in each circle that was broken, the one that did not wait first,
            each waiting for the next.
    """
    ordered = sorted(projects, key=lambda project: (project.priority, project.name))
    if not any(project._record["before"] or project._record["after"] for project in ordered):
        return ordered
    known = {project.name: project for project in ordered}
    broken = [] if circles is None else circles
    return [known[name] for name in _constrained(list(known), _waits(ordered, known), broken)]


def told_of_circle(names: list[str]) -> tuple[str, str]:
    """Return what a circle is, of those that `in_load_order` names, and the fix."""
    way = ", which waits for ".join([*names, names[0]])
    fix = "`plugreg set NAME --before '' --after ''` mends it"
    return f"{way}: {names[0]} goes first", fix


def _waits(ordered: list[Project], known: dict[str, Project]) -> dict[str, set[str]]:
    """Return for each name the names that it waits for."""
    waits = {project.name: known.keys() & project.after for project in ordered}
    for project in ordered:
        for later in known.keys() & project.before:
            waits[later].add(project.name)
    for name, others in waits.items():
        others.discard(name)
    return waits


def _constrained(
    names: list[str], waits: dict[str, set[str]], circles: list[list[str]]
) -> list[str]:
    """Return the names so that each comes behind those it waits for; `waits` is used up."""
    result: list[str] = []
    waiting = dict.fromkeys(names)  # a set that keeps its order
    while waiting:
        ready = next((name for name in waiting if waiting.keys().isdisjoint(waits[name])), None)
        if ready is None:
            circle = _circle(waiting, waits)
            circles.append(circle)
            waits[circle[0]].difference_update(circle)
            continue
        del waiting[ready]
        result.append(ready)
    return result


def _circle(waiting: dict[str, None], waits: dict[str, set[str]]) -> list[str]:
    """Return a circle of names, each waiting for the next, from the one that is first in order."""
    place = {name: number for number, name in enumerate(waiting)}
    name, way = next(iter(waiting)), []
    while name not in way:
        way.append(name)
        name = min((other for other in waits[name] if other in place), key=place.__getitem__)
    circle = way[way.index(name) :]
    start = circle.index(min(circle, key=place.__getitem__))
    return circle[start:] + circle[:start]
