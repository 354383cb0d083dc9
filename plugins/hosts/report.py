"""What a load did: which plug-ins are in, which are not, why not, and what to do about it."""

from __future__ import annotations

from plugreg.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugreg import EntryPoint, PlugregError, Project

    from .selection import Selection


class Outcome(Value):
    """What became of one plug-in.

    Attributes:
        project: The project's normalised name.
        plugin: The plug-in's name in the host, "" where a whole project could not be read.
        version: The project's version, "" where it could not be read.
        reason: Why it is not loaded, one line; "" for a loaded one.
        fix: What to do about it, one line; "" for a loaded one.
        milliseconds: How long importing and registering took.
        error: The exception behind a failure, with its traceback, or None.
    """

    __slots__ = ("error", "fix", "milliseconds", "plugin", "project", "reason", "version")
    project: str
    plugin: str
    version: str
    reason: str
    fix: str
    milliseconds: float
    error: BaseException | None

    def __init__(
        self,
        project: str,
        plugin: str = "",
        version: str = "",
        *,
        reason: str = "",
        fix: str = "",
        milliseconds: float = 0.0,
        error: BaseException | None = None,
    ) -> None:
        self._set(error, fix, milliseconds, plugin, project, reason, version)

    def __reduce__(self) -> tuple[object, ...]:
        parts = {slot: getattr(self, slot) for slot in self.__slots__ if slot != "error"}
        return (_outcome, (parts,))

    def __str__(self) -> str:
        from plugreg.printable import safe

        name = self.plugin or self.project
        of = f" of {self.project} {self.version}".rstrip() if self.plugin else ""
        why = f": {self.reason}; {self.fix}" if self.reason else f" ({self.milliseconds:.1f} ms)"
        return safe(f"{name}{of}{why}")


def _outcome(parts: dict[str, str]) -> Outcome:
    """Rebuild an outcome without its exception, which may hold what cannot be pickled."""
    return Outcome(**parts)  # type: ignore[arg-type]


class LoadReport:
    """What one `load` did, in the order in which it did it.

    Attributes:
        group: The host's entry-point group.
        loaded: Plug-ins that are registered now.
        failed: Plug-ins that should be and are not: their own fault, or their record's.
        skipped: Plug-ins that were left out on purpose: switched off, blocked, or already there.
        catalog_error: Why the catalog, or one of several layers, could not be read at all, or None.
        warnings: What the user should know of the catalog, such as that others can change it.
    """

    def __init__(self, group: str) -> None:
        self.group = group
        self.loaded: list[Outcome] = []
        self.failed: list[Outcome] = []
        self.skipped: list[Outcome] = []
        self.catalog_error: PlugregError | None = None
        self.warnings: list[str] = []

    def __str__(self) -> str:
        from plugreg.printable import safe

        counts = f"{len(self.loaded)} loaded, {len(self.failed)} failed"
        lines = [f"{self.group}: {counts}, {len(self.skipped)} skipped"]
        if self.catalog_error is not None:
            lines.append(f"  catalog  {self.catalog_error}")
        lines += [f"  warning  {warning}" for warning in self.warnings]
        for word, outcomes in (
            ("loaded", self.loaded),
            ("failed", self.failed),
            ("skipped", self.skipped),
        ):
            lines += _lines(word, outcomes)
        return "\n".join(map(safe, lines))

    def __repr__(self) -> str:
        return f"<LoadReport {str(self).splitlines()[0]}>"


def outcome_of(
    project: Project,
    entry: EntryPoint,
    reason: str = "",
    fix: str = "",
    *,
    milliseconds: float = 0.0,
    error: BaseException | None = None,
) -> Outcome:
    """Return what became of one plug-in of a project."""
    return Outcome(
        project.name,
        entry.name,
        project.version,
        reason=reason,
        fix=fix,
        milliseconds=milliseconds,
        error=error,
    )


def note_left_out(report: LoadReport, selection: Selection) -> None:
    """Add what a selection leaves out to a report, and what cannot be read; each with the reason.

    What cannot be linked, or has a name that is taken, shows only later.
    """
    errors = selection.hindrances
    report.warnings += selection.warnings
    for error in errors[:1]:
        report.catalog_error = error
    report.warnings += map(str, errors[1:])
    for unreadable in selection.unreadable:
        name = str(unreadable.details.get("name", ""))
        reason, fix = unreadable.message, unreadable.hint
        report.failed.append(Outcome(name, reason=reason, fix=fix, error=unreadable))
    report.skipped += _outcomes(selection.off + selection.refused, selection.group)
    report.failed += _outcomes(selection.gone, selection.group)


def _outcomes(left_out: Iterable[tuple[Project, str, str]], group: str) -> list[Outcome]:
    return [
        outcome_of(project, entry, reason, fix)
        for project, reason, fix in left_out
        for entry in project.entry_points_of(group)
    ]


def _lines(word: str, outcomes: Iterable[Outcome]) -> list[str]:
    return [f"  {word:8} {outcome}" for outcome in outcomes]
