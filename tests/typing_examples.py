"""Typical code of users, checked by mypy --strict: the public types are what they say they are."""

from __future__ import annotations

from collections.abc import MutableMapping

import pluggy

from plugreg import (
    EntryPoint,
    Project,
    ProjectNotFound,
    Registry,
    Source,
    backends,
    open_shelf,
    plugins,
)
from plugreg.backends import RecordUnreadable


def operate(path: str) -> list[str]:
    """Use the registry."""
    with Registry.open(path) as registry:
        project: Project = registry.add(plugins.read_project("./my-plugin"))
        changed: Project = registry.set(project.name, priority=5, tags=["web"])
        with registry.batch():
            registry.disable(changed.name)
        found: Project | None = registry.get("other")
        try:
            registry["other"]
        except ProjectNotFound as error:
            print(error.hint)
        undone: int = registry.undo().undoes
        restored: Project = registry.restore(changed.name, undone)
        for change in registry.history(restored.name):
            if not isinstance(change, RecordUnreadable):
                print(change.at, change.by, [each.fields for each in change.differences])
        counts: dict[str, int] = registry.map_reduce(_groups, max)
        print(counts, *registry.select(group="datasette", tags=["web"]))
        return [each.name for each in registry if found is None or each.enabled]


def _groups(project: Project) -> list[tuple[str, int]]:
    return [(group, project.priority) for group in project.groups]


def host() -> None:
    """Load plug-ins."""
    report = plugins.load(pluggy.PluginManager("myhost"), strict=False)
    for outcome in report.failed:
        print(outcome.plugin, outcome.reason, outcome.fix, outcome.milliseconds)
    found: plugins.Discovery = plugins.discover("myhost", installed=True)
    loaded: list[object] = [entry.load() for entry in found]
    print(loaded, [outcome.reason for outcome in found.report.skipped])


def build(name: str) -> Project:
    """Make a project by hand."""
    entry = EntryPoint("myhost", "thing", "thing.hooks")
    source = Source("directory", "/src/thing")
    return Project(name=name, version="1.0", source=source, entry_points=[entry]).replace(
        priority=1
    )


def store(path: str) -> int:
    """Use a store and a shelf."""
    with backends.open(path, mode="c") as opened:
        mapping: MutableMapping[bytes, bytes] = opened
        with opened.transaction():
            mapping[b"key"] = b"value"
    with open_shelf(path, "r") as shelf:
        length: int = len(shelf)
    identification: backends.Identification = backends.identify(path)
    records: int | None = identification.records
    return length + len(identification.evidence) + (records or 0)
