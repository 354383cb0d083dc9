"""Which catalog each project goes to that `add` has read, and its unpacked code with it."""

from __future__ import annotations

import os

from plugreg import PlugregError
from plugreg.locations import LAYERS, layer_catalogs
from plugreg.unpacked import discard, home_of
from plugreg.writing_layer import path_to_change

from .batch import told_of_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from plugreg import Project
    from plugreg.layered import Layer, LayeredView

    from .catalogs import Catalogs


def place_projects(
    catalogs: Catalogs,
    projects: Iterable[Project],
    errors: list[PlugregError],
    warnings: list[str],
    how: Mapping[str, Any],
) -> dict[str, list[Project]]:
    """Return the paths of the catalogs that projects go to, each with its projects.

    One that a farther layer has gets the switches that it has there.

    Args:
        catalogs: What the command is about.
        projects: What was read.
        errors: Gets those of projects that go nowhere.
        warnings: Gets a line for each project that hides one of another layer, or is hidden.
        how: What the projects were read with.
    """
    if catalogs.named is not None:
        whole = list(projects)
        return {catalogs.named: whole} if whole else {}
    placed: dict[str, list[Project]] = {}
    with catalogs.look_into_layers() as view:
        for project in projects:
            try:
                path = _path(catalogs, view, project.name)
                farther = _farther(catalogs, view, project.name, path)
                placed_here = _at_home(project, path, how)
                placed.setdefault(path, []).append(_switched_as_in(farther, placed_here))
            except PlugregError as error:
                errors.append(error)
            else:
                warnings += _hidden(catalogs, view, project.name, path)
                warnings += [told_of_copy(project.name, farther, path)] if farther else []
        warnings.extend(map(str, view.errors))
    return placed


def _path(catalogs: Catalogs, view: LayeredView, name: str) -> str:
    if catalogs.layer or not view.layers_of(name):
        return catalogs.path_for_new
    return path_to_change(view, name, prefix=catalogs.prefix, copying=True)[0]


def _farther(catalogs: Catalogs, view: LayeredView, name: str, path: str) -> Layer | None:
    """Return the layer in which a project is seen until a record in the nearer `path` hides it."""
    seen = next(iter(view.layers_of(name)), None)
    paths = [known for _, known in layer_catalogs(catalogs.prefix)]
    return seen if seen and paths.index(path) < paths.index(seen.path) else None


def _switched_as_in(layer: Layer | None, project: Project) -> Project:
    """Return the project with the switches of the record that it hides; its digest is its own."""
    if layer is None:
        return project
    try:
        known = layer.registry[project.name]
    except PlugregError:  # damaged: what it said is not known
        return project
    from plugreg.plugins.hosts.renewal import with_switches_of

    return with_switches_of(known, project)


def _at_home(project: Project, path: str, how: Mapping[str, Any]) -> Project:
    """Return the project with its unpacked code, if it has any, where the catalog's readers can."""
    home = home_of(project.root)
    if home in ("", os.path.dirname(path)):
        return project
    from plugreg.plugins import read_project

    again = read_project(project.source.location, home=os.path.dirname(path), **how)
    discard(project.root)
    return again


def _hidden(catalogs: Catalogs, view: LayeredView, name: str, path: str) -> list[str]:
    """Return a warning where a project is recorded and another of its name is seen."""
    seen = next(iter(view.layers_of(name)), None)
    own = catalogs.layer_of(path)
    if seen is None or own is None or LAYERS.index(seen.name) >= LAYERS.index(own):
        return []
    return [f"the {seen.name} layer, {seen.path}, has a {name} of its own, which hides this one"]
