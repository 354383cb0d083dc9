"""Which catalogs a command is about: the one that is named, one layer, or all layers."""

from __future__ import annotations

import os
from typing import NamedTuple

from plugreg import Registry
from plugreg.locations import (
    LAYERS,
    VARIABLE,
    is_named,
    layer_catalogs,
    locate_catalog,
    make_layer_folder,
)
from plugreg.unpacked import home_for
from plugreg.writing_layer import is_there, path_for_new, path_of_layer, path_to_change

from .result import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugreg import PlugregError, Project
    from plugreg.backends import RecordUnreadable, SchemaTooNew
    from plugreg.catalog_view import CatalogView, ProjectsView
    from plugreg.layered import LayeredView


class Catalogs(NamedTuple):
    """The catalogs that are meant.

    Attributes:
        named: The path of the one that --catalog or PLUGREG_CATALOG names, None for layers.
        layer: The layer that --layer names, "" for all.
        prefix: The virtual environment that is meant, "" for none; None is plugreg's own.
        timeout_s: How long to wait for each that another process has locked, in seconds.
    """

    named: str | None
    layer: str
    prefix: str | None
    timeout_s: float

    def look(self) -> ProjectsView:
        """Open them to be read; what hinders some layers is in `errors_of` the view.

        Raises:
            PlugregError: The one that is named cannot be read, or of all layers none can.
        """
        if self.named is not None:
            return Registry.open(self.named, read_only=True, timeout_s=self.timeout_s)
        view = self.look_into_layers(self.layer)
        if view.errors and not view.layers:
            raise view.errors[0]
        return view

    def look_into_layers(self, only: str = "") -> LayeredView:
        """Open all layers to be read, or one of them."""
        from plugreg.layered import LayeredView

        return LayeredView.open(self.prefix, only=only, timeout_s=self.timeout_s)

    def unread_layers(self) -> list[str]:
        """Return what hinders layers, a line each; a catalog that is named has none beside it."""
        if self.named is not None:
            return []
        with self.look_into_layers() as view:
            return list(map(str, view.errors))

    @property
    def one(self) -> str | None:
        """The path of the one catalog that is meant, None for all layers."""
        if self.named is None and not self.layer:
            return None
        return self.named or path_of_layer(self.layer, self.prefix)

    @property
    def path_for_new(self) -> str:
        """The path of the catalog that new projects go to."""
        if self.named is not None:
            return locate_catalog(self.named)[0]
        return path_of_layer(self.layer, self.prefix) if self.layer else path_for_new(self.prefix)

    @property
    def home_for_new(self) -> str:
        """The folder below which the code of archives is unpacked, "" for the user's.

        A layer's is that of its catalog, where its readers can read it, also where it is named.
        """
        return home_for(self.path_for_new, self.prefix)

    def open(self, path: str, *, read_only: bool = False) -> Registry:
        """Open one of them to be changed, and make it where it is missing; or only to be read."""
        if self.named is None and not read_only and not os.path.exists(path):
            make_layer_folder(path)
        return Registry.open(path, read_only=read_only, timeout_s=self.timeout_s)

    def place(self, path: str) -> dict[str, object]:
        """Return what an object says of the catalog that it is from: its layer and its path."""
        return {"layer": self.layer_of(path), "catalog": path}

    def layer_of(self, path: str) -> str | None:
        """Return the layer that a catalog is, None where one was named."""
        if self.named is not None:
            return None
        return next((name for name, known in layer_catalogs(self.prefix) if known == path), None)

    @property
    def tables_tell_layers(self) -> bool:
        """Whether a table has a column for the layer: where there is more than the user's."""
        if self.named is not None:
            return False
        others = [path for name, path in layer_catalogs(self.prefix) if name != "user"]
        return any(map(is_there, others))

    def paths(self) -> list[str]:
        """Return the paths of all that are meant, whether they are there or not."""
        if self.named is not None:
            return [locate_catalog(self.named)[0]]
        return [path for name, path in layer_catalogs(self.prefix) if self.layer in ("", name)]


def chosen(
    catalog: str | None,
    layer: str = "",
    timeout_s: float = 0.0,
    python: str = "",
    *,
    prefix: str | None = None,
) -> Catalogs:
    """Return the catalogs that the options of a command mean.

    Args:
        catalog: What --catalog says.
        layer: What --layer says.
        timeout_s: How long to wait for each that another process has locked, in seconds.
        python: What --python says.
        prefix: The virtual environment that is meant where there is no --python: "" is none, None
            plugreg's own.

    Raises:
        UsageError: They contradict each other, or there is no such layer.
        SourceError: There is no such environment (code "environment-not-found").
        PlugregError: --layer means that of an environment, and there is none.
    """
    if layer and layer not in LAYERS:
        raise UsageError(f"no layer `{layer}`", hint=f"choose one of {', '.join(LAYERS)}")
    if layer and catalog is not None:
        raise UsageError("--layer and --catalog each name a catalog", hint="give one of them")
    if python:
        from plugreg.plugins.environments import prefix_of

        prefix = prefix_of(python)
    named = None
    if layer:
        path_of_layer(layer, prefix)  # which raises where there is none
    elif is_named(catalog):
        named = locate_catalog(catalog)[0]
    return Catalogs(named, layer, prefix, timeout_s)


def chosen_to_look(catalog: str | None, layer: str, timeout_s: float, python: str) -> Catalogs:
    """Return what `chosen` does, for a command to which --python says nothing but the layer.

    Raises:
        UsageError: A catalog is named, too; and see `chosen`.
    """
    if python and catalog is not None:
        raise UsageError("--python and --catalog each name a catalog", hint="give one of them")
    if python and not layer and is_named(catalog):
        raise UsageError(
            f"--python is for layers, and {VARIABLE} names the one catalog to use",
            hint=f"unset {VARIABLE}, or say --layer environment",
        )
    return chosen(catalog, layer, timeout_s, python)


def errors_of(view: ProjectsView) -> list[PlugregError]:
    """Return the list of what hinders some layers, which may grow while projects are read."""
    found: list[PlugregError] = getattr(view, "errors", [])
    return found


def catalogs_in(view: ProjectsView) -> list[CatalogView]:
    """Return the open catalogs of a view, the nearest first."""
    from plugreg.layered import LayeredView

    if isinstance(view, LayeredView):
        return [layer.registry for layer in view.layers]
    assert isinstance(view, Registry)
    return [view]


def scan_places(
    view: ProjectsView, group: str = ""
) -> Iterator[tuple[str, Project | RecordUnreadable | SchemaTooNew]]:
    """Yield every project, or the error of its record, with the path of the catalog it is in."""
    from plugreg.layered import LayeredView

    if isinstance(view, LayeredView):
        return ((layer.path, found) for layer, found in view.scan_layers(group))
    return ((view.path, found) for found in view.scan(group))


def catalog_to_change(view: ProjectsView, name: str) -> CatalogView:
    """Return the catalog that a known project is seen in, and that may be written.

    Raises:
        ProjectNotFound: There is none of that name.
        CatalogReadOnly: This user may not write its layer.
    """
    from plugreg.layered import LayeredView

    if isinstance(view, LayeredView):
        path, _ = path_to_change(view, name)
        return next(layer.registry for layer in view.layers if layer.path == path)
    assert isinstance(view, Registry)
    return view


def catalog_of(view: ProjectsView, name: str) -> CatalogView | None:
    """Return the catalog that a project is seen in, None where there is none of that name."""
    from plugreg.layered import LayeredView

    if not isinstance(view, LayeredView):
        assert isinstance(view, Registry)
        return view if name in view else None
    having = view.layers_of(name)
    return having[0].registry if having else None
