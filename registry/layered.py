"""Several catalogs read as one: the layers that count where nobody names a catalog.

They are those of the virtual environment, of the user, and of the machine, the nearest first. What
a nearer layer says of a name hides what the others say of it: the whole record, also where it is
switched off or cannot be read. A layer that cannot be read is told of, and the others go on.
"""

from __future__ import annotations

from heapq import merge

from plugreg.backends import (
    DEFAULT_TIMEOUT_S,
    CatalogError,
    FlavourError,
    NotADatabase,
    RecordUnreadable,
)

from .catalog_view import CatalogView, ProjectsView, open_view
from .locations import USER, layer_catalogs, present_catalogs
from .names import normalize_name
from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from plugreg.backends import PlugregError, SchemaTooNew

    Found = Project | RecordUnreadable | SchemaTooNew

_WAY_OUT = "mend it, move it away, or ask whoever may"


class Layer:
    """One catalog that is open to be read.

    Attributes:
        name: The layer: "environment", "user" or "site".
        path: The catalog's absolute path.
        registry: The catalog.
    """

    __slots__ = ("name", "path", "registry")

    def __init__(self, name: str, registry: CatalogView) -> None:
        self.name = name
        self.path = registry.path
        self.registry = registry


class LayeredView(ProjectsView):
    """The projects of all layers, to be read. A context manager.

    Attributes:
        layers: The catalogs that are there and can be read, the nearest first.
        errors: What hinders the others, one a catalog: its message names the layer, and so do its
            details. It may grow while projects are read.
    """

    def __init__(self, layers: Sequence[Layer], errors: list[PlugregError], path: str) -> None:
        """Use `open` instead."""
        self.layers = layers
        self.errors = errors
        self.path = layers[0].path if layers else path
        self.paths = [layer.path for layer in layers] or [path]
        self._merged = _Merged(layers, errors)
        super().__init__(self._merged)

    @classmethod
    def open(
        cls, prefix: str | None = None, *, only: str = "", timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> Self:
        """Open the catalogs of all layers that are there; what hinders one is in `errors`.

        Args:
            prefix: The folder of the virtual environment that is meant, "" for none; None is this
                process's own.
            only: The one layer that is meant, "" for all.
            timeout_s: How long to wait for each that another process has locked, in seconds.
        """
        layers: list[Layer] = []
        errors: list[PlugregError] = []
        for name, path in present_catalogs(prefix):
            if only not in ("", name):
                continue
            try:
                registry = open_view(path, timeout_s=timeout_s)
            except (CatalogError, FlavourError) as error:
                errors.append(error_of_layer(error, name))
                continue
            if registry.flavour == "memory":  # the folder is there, and no catalog in it
                registry.close()
            else:
                layers.append(Layer(name, registry))
        mine = [path for name, path in layer_catalogs(prefix) if name == (only or USER)]
        return cls(layers, errors, mine[0] if mine else "")

    @property
    def failed(self) -> set[str]:
        """The paths of those of `layers` whose damage showed while projects were read."""
        return self._merged.failed

    def scan_layers(self, group: str = "") -> Iterator[tuple[Layer, Found]]:
        """Yield every project as `scan` does, each with the layer that it is seen in."""
        for layer, found in self._merged.scan_layers(group):
            if not group or not isinstance(found, Project) or found.is_for(group):
                yield layer, found

    def places(self) -> Iterator[tuple[str, Layer]]:
        """Yield the name of every project, readable or not, and the layer that it is seen in."""
        return ((_name_of(found), layer) for layer, found in self.scan_layers())

    def layers_of(self, name: str) -> list[Layer]:
        """Return the layers that have a record of that name; it is seen in the first of them.

        Also one that is listed so and is called as no project can be.
        """
        having = self._merged.having
        return (
            having(name)
            or having(normalize_name(name))
            or [layer for layer in self.layers if name in layer.registry._catalog.names()]
        )

    def close(self) -> None:
        """Close all catalogs."""
        for layer in self.layers:
            layer.registry.close()


class _Merged:
    """The catalogs of layers as one mapping from normalised name to project."""

    def __init__(self, layers: Sequence[Layer], errors: list[PlugregError]) -> None:
        self._layers = layers
        self._errors = errors
        self.failed: set[str] = set()

    def having(self, name: str) -> list[Layer]:
        return [layer for layer in self._layers if self._has(layer, name)]

    def __getitem__(self, name: str) -> Project:
        for layer in self._layers:
            if self._has(layer, name):
                return layer.registry._catalog[name]
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        return any(self._has(layer, name) for layer in self._layers)

    def __len__(self) -> int:
        return len(self.names())

    def names(self) -> list[str]:
        found: set[str] = set()
        for layer in self._layers:
            try:
                found.update(layer.registry._catalog.names())
            except (CatalogError, FlavourError) as error:
                self._fail(layer, error)
        return sorted(found)

    def scan(self, group: str = "") -> Iterator[Found]:
        return (found for _, found in self.scan_layers(group))

    def scan_layers(self, group: str) -> Iterator[tuple[Layer, Found]]:
        scans = [self._scan(number, group) for number in range(len(self._layers))]
        for name, number, found in merge(*scans, key=lambda item: item[:2]):
            if not any(self._has(nearer, name) for nearer in self._layers[:number]):
                yield self._layers[number], found

    def _scan(self, number: int, group: str) -> Iterator[tuple[str, int, Found]]:
        """Yield what one layer has, sorted by name; damage of its file ends only that."""
        layer = self._layers[number]
        try:
            for found in layer.registry._catalog.scan(group):
                yield _name_of(found), number, found
        except (CatalogError, FlavourError) as error:
            self._fail(layer, error)

    def _has(self, layer: Layer, name: str) -> bool:
        try:
            return name in layer.registry._catalog
        except (CatalogError, FlavourError) as error:
            self._fail(layer, error)
            return False

    def _fail(self, layer: Layer, error: PlugregError) -> None:
        if layer.path not in self.failed:
            self.failed.add(layer.path)
            self._errors.append(error_of_layer(error, layer.name))


def _name_of(found: Found) -> str:
    return found.name if isinstance(found, Project) else str(found.details["name"])


def error_of_layer(error: PlugregError, layer: str) -> PlugregError:
    """Return an error of a layer's catalog that says which layer it is, and what to do about it."""
    if "layer" not in error.details:
        error.details["layer"] = layer
        error.message = f"the {layer} layer is left out: {error.message}"
        if not error.hint or isinstance(error, NotADatabase):  # which only says what was not done
            error.hint = "; ".join(filter(None, [error.hint, _WAY_OUT]))
    return error
