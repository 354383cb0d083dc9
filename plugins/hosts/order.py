"""In which order projects load: by priority, then name, as far as `before` and `after` allow."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import Project


def in_load_order(projects: Iterable[Project]) -> list[Project]:
    """Return the projects as they load: lowest priority first, then by name.

    A project waits for those that its `after` names, and for those whose `before` names it. Names
    of projects that are not among these are ignored. In a cycle the first by priority and name goes
    first. pluggy calls the hooks of the last loaded first, so the highest priority is called first.
    """
    ordered = sorted(projects, key=lambda project: (project.priority, project.name))
    if not any(project._record["before"] or project._record["after"] for project in ordered):
        return ordered
    return _constrained(ordered)


def _constrained(ordered: list[Project]) -> list[Project]:
    names = {project.name for project in ordered}
    waits_for = {project.name: set(project.after) & names for project in ordered}
    for project in ordered:
        for later in set(project.before) & names:
            waits_for[later].add(project.name)
    result: list[Project] = []
    waiting = list(ordered)
    while waiting:
        done = {project.name for project in result}
        ready = (project for project in waiting if waits_for[project.name] <= done)
        chosen = next(ready, waiting[0])
        waiting.remove(chosen)
        result.append(chosen)
    return result
