"""Which of the catalogs' projects a host gets: those of its group that are on, in order."""

from __future__ import annotations

import os

from plugreg import CatalogError, FlavourError, Project
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.catalog_view import CatalogView, open_view
from plugreg.locations import USER, is_named, present_catalogs
from plugreg.names import normalize_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Registry
    from plugreg.backends import PlugregError, RecordUnreadable, SchemaTooNew
    from plugreg.layered import LayeredView

SWITCH_OFF = "PLUGREG_DISABLE"
_ALL = "all"


class Selection:
    """What a catalog holds for one group, or for all hosts.

    Attributes:
        group: The host's entry-point group, "" for all.
        path: The catalog's path, of several layers the nearest one's.
        paths: Those of all layers that could be read.
        homes: Of several layers: name to the path of the catalog that a project is seen in.
        prefix: The virtual environment that is meant, "" for none; None is this process's own.
        on: The projects to load, in load order.
        libraries: The projects that those need, and that are no plug-ins of the host.
        off: The projects that are switched off, each with the reason and the fix.
        refused: The projects that are on and cannot work here, each with the reason and the fix.
        gone: The projects that are on and nowhere any more, each with the reason and the fix.
        unreadable: The errors of records that cannot be read; any could be for this group.
        error: Why nothing could be read at all, or None.
        unread: The errors of layers that could not be read while others could.
        warnings: What the user should know of the catalog.
        ended: What ended earlier starts of this environment while it was imported, a line each.
    """

    def __init__(self, group: str) -> None:
        self.group = group
        self.path = ""
        self.paths: list[str] = []
        self.homes: dict[str, str] | None = None
        self.prefix: str | None = None
        self.on: list[Project] = []
        self.libraries: list[Project] = []
        self.off: list[tuple[Project, str, str]] = []
        self.refused: list[tuple[Project, str, str]] = []
        self.gone: list[tuple[Project, str, str]] = []
        self.unreadable: list[RecordUnreadable | SchemaTooNew] = []
        self.error: CatalogError | FlavourError | None = None
        self.unread: list[PlugregError] = []
        self.warnings: list[str] = []
        self.ended: list[str] = []
        given = os.environ.get(SWITCH_OFF, "")
        self._switched_off = {normalize_name(name.strip()) for name in given.split(",") if given}

    @property
    def is_all_off(self) -> bool:
        """Whether the user asks for a host without any, whatever the catalog says."""
        return _ALL in self._switched_off

    @property
    def hindrances(self) -> list[PlugregError]:
        """The errors of what could not be read: of all, or of some layers."""
        return [*([self.error] if self.error is not None else []), *self.unread]

    def refuse(self, project: Project, reason: str, fix: str, *, gone: bool = False) -> None:
        """Leave a project out that is on."""
        (self.gone if gone else self.refused).append((project, reason, fix))

    def _sort_in(self, found: Project | RecordUnreadable | SchemaTooNew) -> None:
        if not isinstance(found, Project):
            self.unreadable.append(found)
        elif not found.enabled:
            self.off.append((found, "disabled", f"plugreg enable {found.name}"))
        elif self._switched_off and self._is_switched_off(found):
            self.off.append((found, f"switched off by {SWITCH_OFF}", f"unset {SWITCH_OFF}"))
        else:
            self.on.append(found)

    def _is_switched_off(self, project: Project) -> bool:
        entries = project.entry_points_of(self.group) if self.group else project.entry_points
        own = {normalize_name(entry.name) for entry in entries}
        return bool(self._switched_off & {_ALL, project.name, *own})


def select(
    group: str,
    catalog: str | os.PathLike[str] | Registry | None = None,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    prefix: str | None = None,
) -> Selection:
    """Return what the catalog holds for a group, "" for all; if it cannot be read: `error`.

    Where no catalog is named, that is the one that is there, or what several layers hold.

    Args:
        group: The host's entry-point group.
        catalog: A path or an open registry.
        timeout_s: How long to wait for a catalog that is locked, in seconds.
        prefix: The virtual environment that is meant, "" for none; None is that of this process.
    """
    selection = Selection(group)
    selection.prefix = prefix
    try:
        if isinstance(catalog, CatalogView):
            _read(selection, catalog)
        elif not is_named(catalog) and [one for one, _ in present_catalogs(prefix)] != [USER]:
            _read_layers(selection, timeout_s)
        else:
            with open_view(catalog, timeout_s=timeout_s) as view:
                _read(selection, view)
    except (CatalogError, FlavourError) as error:
        selection.error = error
    if any(map(_is_placed, selection.on)):  # else they are in order: catalogs scan by name
        _put_in_order(selection)
    return selection


def _is_placed(project: Project) -> bool:
    """Tell whether something is said of when a project loads."""
    record = project._record
    return bool(record["priority"] or record["before"] or record["after"])


def _put_in_order(selection: Selection) -> None:
    from .order import in_load_order, told_of_circle

    circles: list[list[str]] = []
    selection.on = in_load_order(selection.on, circles)
    selection.warnings += ["; ".join(told_of_circle(names)) for names in circles]


def _read(selection: Selection, view: CatalogView) -> None:
    selection.path = view.path
    selection.paths = view.paths
    selection.warnings = view.warnings
    for found in view.scan(selection.group):
        selection._sort_in(found)


def _read_layers(selection: Selection, timeout_s: float) -> None:
    from plugreg.layered import LayeredView

    with LayeredView.open(selection.prefix, timeout_s=timeout_s) as view:
        selection.path, selection.paths, selection.warnings = view.path, view.paths, view.warnings
        selection.homes = {}
        for layer, found in view.scan_layers(selection.group):
            selection._sort_in(found)
            if isinstance(found, Project):
                selection.homes[found.name] = layer.path
        _note_failures(selection, view)


def _note_failures(selection: Selection, view: LayeredView) -> None:
    """Note which layers could not be read; where that is all of them, nothing could be."""
    failed = view.failed
    readable = [layer for layer in view.layers if layer.path not in failed]
    if view.errors and not readable:
        selection.error, *selection.unread = view.errors  # type: ignore[assignment]
    else:
        selection.unread = view.errors


def is_gone(project: Project) -> bool:
    """Tell whether the code of a project that is not installed is no longer where it was."""
    record = project._record
    root = record["root"]
    if not root:
        return False
    modules = record["modules"].values() or ("",)
    return not any(os.path.exists(f"{root}/{path}") for path in modules)


def why_gone(project: Project) -> tuple[str, str]:
    """Return the reason and the fix where `is_gone`; an archive that is there is unpacked again."""
    name, root = project.name, project.root
    left = f"nothing of it is left in {root}" if os.path.isdir(root) else f"{root} does not exist"
    fix = f"plugreg add it from where it is now, or plugreg remove {name}"
    if os.path.isfile(project.source.location):
        fix = f"plugreg refresh {name} unpacks it again"
    return f"its code is gone: {left}", fix
