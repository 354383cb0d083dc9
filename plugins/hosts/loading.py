"""One call that loads a host's plug-ins: `load_setuptools_entrypoints`, from a catalog."""

from __future__ import annotations

import sys
from time import perf_counter

from plugreg import PlugregError
from plugreg.backends import DEFAULT_TIMEOUT_S
from plugreg.catalog_view import CatalogView
from plugreg.starts import ImportRecord

from .admission import admit, place_of_start, places_of_layers
from .distinfo import ProjectDistribution
from .importing import fix_of, give_back_path, homes_of, load_object, reason_of
from .overlay import overlay_or_reasons
from .report import LoadReport, note_left_out, outcome_of
from .selection import Selection, select

# Where a manager keeps the names that a load has blocked, so that the next one can tell.
_BLOCKED = "_plugreg_blocked"
# How many modules an overlay has at least, where a shortcut to them costs less than it spares.
_SHORTCUT_PAYS_AFTER = 16

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import NoReturn

    import pluggy

    from plugreg import EntryPoint, Project, Registry

    from .overlay import Overlay
    from .report import Outcome
    from .shortcut import Shortcut


def load(
    pm: pluggy.PluginManager,
    group: str | None = None,
    catalog: str | os.PathLike[str] | Registry | None = None,
    *,
    strict: bool = False,
    installed: bool = False,
    verify: bool = False,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> LoadReport:
    """Load the plug-ins of a catalog that are switched on into a pluggy host; returns what it did.

    Plug-ins get the names that `load_setuptools_entrypoints` gives them, show in
    `list_plugin_distinfo()`, and are skipped where the host has blocked the name. The names of
    those that are not loaded are blocked, so that a host which still scans the installed
    distributions afterwards does not load them either; a name that a loaded project provides is
    not.

    A project whose source changed is read again first. One that cannot work here (with this Python,
    this version of the host, or without what it needs) is skipped before its code is imported.

    Args:
        pm: The host's plug-in manager.
        group: The host's entry-point group; None takes the manager's project name.
        catalog: A path or an open registry; None takes PLUGREG_CATALOG, else what the catalogs of
            the environment, the user and the site hold. One that does not exist yet is empty.
        strict: Raise at the first plug-in that fails, as the host was without plugreg; not where
            PLUGREG_DISABLE is `all`.
        timeout_s: How long to wait for a catalog that another process has locked, in seconds.
        installed: First take up newly installed distributions of the group into the catalog.
        verify: Read all code first, and skip what is not as it was when it was added or refreshed.

    Returns:
        The report; a plug-in's fault, its exit included, is in there and never raised.

    Raises:
        PlugregError: Only with `strict`: a plug-in failed, or the catalog could not be read.
        KeyboardInterrupt: The user's, passed on.
    """
    group = group or pm.project_name
    report = LoadReport(group)
    trouble = None
    if installed:
        from .installed import try_to_take_up

        trouble = try_to_take_up(group, catalog, timeout_s=timeout_s)
    selection = select(group, catalog, timeout_s=timeout_s)
    selection.error = selection.error or trouble
    opened = catalog if isinstance(catalog, CatalogView) else None
    place = place_of_start(selection, opened)
    admit(selection, (group, pm.project_name), opened, verify=verify)
    _Loading(pm, report, selection, place, strict=strict).run()
    _tell(pm, report)
    return report


def _tell(pm: pluggy.PluginManager, report: LoadReport) -> None:
    """Hand the report to those of the host's plug-ins that want it: see the hook's specification.

    It is looked up among the host's own hooks, so that a start without any of them pays nothing.
    """
    hook = getattr(pm.hook, "plugreg_load_reported", None)
    if hook is None:
        return
    try:
        hook(report=report)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plug-in that is told must not end the host
        from plugreg.plugins.outsiders import plugins_behind

        named = " or ".join(plugins_behind(hook, error))
        report.warnings.append(f"plugreg_load_reported of {named} failed: {reason_of(error)}")


def _raise(outcome: Outcome) -> NoReturn:
    """Raise what a host without plugreg would have met; a record's own error as it is."""
    if outcome.error is not None and not outcome.plugin:
        raise outcome.error
    raise PlugregError(
        f"plug-in {outcome.plugin} of {outcome.project} {outcome.version}: {outcome.reason}",
        hint=outcome.fix,
        code="plugin-failed",
        project=outcome.project,
        plugin=outcome.plugin,
    ) from outcome.error


class _Loading:
    """One load under way."""

    def __init__(
        self,
        pm: pluggy.PluginManager,
        report: LoadReport,
        selection: Selection,
        place: str,
        *,
        strict: bool,
    ) -> None:
        self.pm = pm
        self.report = report
        self.selection = selection
        self.strict = strict and not selection.is_all_off  # safe mode starts the host
        self._place = ""
        self._record = ImportRecord(place)
        self._places = places_of_layers(selection) if place else {}
        self._providers: dict[str, str] = {}
        self._shortcut: Shortcut | None = None
        from pluggy._manager import DistFacade  # type: ignore[attr-defined]

        self._facade = DistFacade

    def run(self) -> None:
        try:
            self._run()
        finally:
            self._record.end()
            if self._shortcut is not None:
                self._shortcut.leave()

    def _run(self) -> None:
        self._unblock_what_an_earlier_load_blocked()
        note_left_out(self.report, self.selection)
        if self.strict:
            self._require_that_none_failed()
        linked = [*self.selection.on, *self.selection.libraries]
        overlay = overlay_or_reasons(linked, self.selection.path)
        overlay.enter()
        self._take_shortcut(overlay)
        self._place = overlay.place
        for project in self.selection.on:
            conflict = overlay.conflicts.get(project.name)
            for entry in project.entry_points_of(self.selection.group):
                if conflict is not None:
                    fix = overlay.fix_for(project.name)
                    self._fail(outcome_of(project, entry, conflict, fix))
                else:
                    self._load(project, entry)
        self._block_what_is_not_loaded()

    def _take_shortcut(self, overlay: Overlay) -> None:
        """Find the overlay's modules sooner, where they are so many that it pays."""
        if overlay.memo.count(" ") < _SHORTCUT_PAYS_AFTER:
            return
        from .shortcut import Shortcut

        self._shortcut = Shortcut(overlay)
        self._shortcut.enter()

    def _load(self, project: Project, entry: EntryPoint) -> None:
        if self.pm.is_blocked(entry.name):
            self._skip(project, entry, "the host has blocked the name", "ask the host's settings")
            return
        if self.pm.has_plugin(entry.name):
            self._skip(project, entry, *self._duplicate(project, entry))
            return
        began, path = perf_counter(), [*sys.path]
        self._record.note(project.name, entry.name, self._places.get(project.name, ""))
        try:
            plugin = load_object(entry.value, homes_of(entry.value, project, self._place))
            self.pm.register(plugin, name=entry.name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - SystemExit and pytest's outcomes are a plug-in's fault, too
            spent_ms = (perf_counter() - began) * 1000
            self._undo(entry)
            reason, fix = reason_of(error), fix_of(error, project, entry.value)
            self._fail(outcome_of(project, entry, reason, fix, milliseconds=spent_ms, error=error))
        else:
            self._providers[entry.name] = project.name
            self._announce(plugin, project)
            spent_ms = (perf_counter() - began) * 1000
            self.report.loaded.append(outcome_of(project, entry, milliseconds=spent_ms))
        if give_back_path(path):
            taken = f"{entry.name} took from sys.path what others need: it is back"
            self.report.warnings.append(taken)

    def _duplicate(self, project: Project, entry: EntryPoint) -> tuple[str, str]:
        """Return whose plug-in has the name already, and the fix."""
        other = self._providers.get(entry.name)
        if other is None:
            return "the host has a plug-in of that name", "disable one of the two"
        from .left_out import duplicate

        return duplicate(project.name, other)

    def _undo(self, entry: EntryPoint) -> None:
        """Take back what `register` did before a hook of the plug-in was found not to fit."""
        if self.pm.has_plugin(entry.name):
            self.pm.unregister(name=entry.name)

    def _announce(self, plugin: object, project: Project) -> None:
        facade = self._facade(ProjectDistribution(project))  # type: ignore[arg-type]
        self.pm._plugin_distinfo.append((plugin, facade))  # type: ignore[arg-type]

    def _fail(self, outcome: Outcome) -> None:
        self.report.failed.append(outcome)
        if self.strict:
            _raise(outcome)

    def _skip(self, project: Project, entry: EntryPoint, reason: str, fix: str) -> None:
        self.report.skipped.append(outcome_of(project, entry, reason, fix))

    def _require_that_none_failed(self) -> None:
        if self.report.catalog_error is not None:
            raise self.report.catalog_error
        for outcome in self.report.failed[:1]:
            _raise(outcome)

    def _block_what_is_not_loaded(self) -> None:
        for name in {outcome.plugin for outcome in self.report.failed + self.report.skipped}:
            # What the host has is a loaded project's or its own; what it blocks, it blocks.
            if name and not self.pm.has_plugin(name) and not self.pm.is_blocked(name):
                self.pm.set_blocked(name)
                vars(self.pm).setdefault(_BLOCKED, set()).add(name)

    def _unblock_what_an_earlier_load_blocked(self) -> None:
        """Give a plug-in that was mended or switched on meanwhile another chance."""
        for name in vars(self.pm).pop(_BLOCKED, ()):
            self.pm.unblock(name)
