"""Prints all that the libraries which know of installed projects say; run in the hosts' Python."""

from __future__ import annotations

import importlib
import json
import platform

import pluggy
from stevedore import ExtensionManager, _cache

OF_STEVEDORE = ("bandit.formatters", "bandit.plugins", "cliff.formatter.list", "flake8.extension")
OF_PLUGGY = ("datasette", "llm", "pytest11", "tox")


def library_views(name: str) -> dict[str, object]:
    """Return what one library of metadata says."""
    metadata = importlib.import_module(name)
    found = {each.metadata["Name"]: each for each in metadata.distributions()}
    known = metadata.entry_points()
    points = [each for group in known.groups for each in known.select(group=group)]
    return {
        f"versions {name}": sorted([each, one.version] for each, one in found.items()),
        f"by name {name}": sorted([each, metadata.version(each)] for each in found),
        f"entry points {name}": sorted(
            [each, point.group, point.name, point.value]
            for each in found
            for point in metadata.distribution(each).entry_points
        ),
        f"groups {name}": sorted([each.group, each.name, each.value] for each in points),
        f"modules {name}": sorted([each.module, each.attr or "", *each.extras] for each in points),
        f"metadata {name}": {
            each: [one.read_text("METADATA"), one.read_text("entry_points.txt"), one.requires]
            for each, one in found.items()
        },
        f"files {name}": {each: code_of(one) for each, one in found.items()},
        f"packages {name}": {
            top: sorted(names) for top, names in metadata.packages_distributions().items()
        },
    }


def code_of(found) -> list[str]:
    """Return the files that can be imported, or lie beside what can, and whether they exist."""
    files = [each for each in found.files or () if each.suffix != ".pyc"]
    return sorted(
        f"{each} {each.locate().exists()}"
        for each in files
        if ".." not in each.parts and not each.parts[0].endswith((".dist-info", ".data"))
    )


def stevedore_view() -> list[list[str]]:
    """Return all groups as its cache has them, and some as a manager that imports them does."""
    groups = importlib.import_module("importlib.metadata").entry_points().groups
    rows = [[g, e.name, e.value] for g in groups for e in _cache.get_group_all(g)]
    for group in OF_STEVEDORE:
        manager = ExtensionManager(group, invoke_on_load=False)
        rows += [["listed", each.name, each.value] for each in manager.list_entry_points()]
        rows += [["loaded", e.name, e.entry_point_target, e.plugin.__qualname__] for e in manager]
    return sorted(rows)


def pluggy_view() -> list[list[str]]:
    """Return what managers list that have loaded all that there is for their hosts."""
    rows = []
    for group in OF_PLUGGY:
        manager = pluggy.PluginManager(group)
        manager.load_setuptools_entrypoints(group)
        names = {id(plugin): name for name, plugin in manager.list_name_plugin()}
        rows += [
            [group, names[id(plugin)], dist.project_name, dist.version]
            for plugin, dist in manager.list_plugin_distinfo()
        ]
    return sorted(rows)


if __name__ == "__main__":
    views = {"python": platform.python_version()}
    for library in ("importlib.metadata", "importlib_metadata"):
        views.update(library_views(library))
    views["stevedore"] = stevedore_view()
    views["pluggy"] = pluggy_view()
    print(json.dumps(views))
