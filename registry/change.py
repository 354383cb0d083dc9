"""One change of a catalog: when, who, which command, and the projects before and after."""

from __future__ import annotations

from .project import Project
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # What a catalog holds under a name: a project, the bytes of a record that cannot be read, or
    # nothing.
    Held = Project | bytes | None


# The command of a change that a host's start has made of its own accord: a source had changed.
READ_AGAIN = "read again"


class Difference(Value):
    """What a change did to one project.

    Attributes:
        name: The project's key in the catalog.
        before: The project, None where it was not there, or the bytes of an unreadable record.
        after: The same, after the change.
    """

    __slots__ = ("name", "before", "after")  # noqa: RUF023 - the order of the constructor
    name: str
    before: Held
    after: Held

    def __init__(self, name: str, before: Held, after: Held) -> None:
        self._set(name, before, after)

    @property
    def kind(self) -> str:
        """What was done: "added", "removed", "enabled", "disabled", "set" or "updated"."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        fields = set(self.fields)
        if fields and fields <= _SWITCHES:
            if fields != {"enabled"}:
                return "set"
            return (
                "enabled" if isinstance(self.after, Project) and self.after.enabled else "disabled"
            )
        return "updated"

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """The fields that differ, each before and after; when it was changed is not among them."""
        if not (isinstance(self.before, Project) and isinstance(self.after, Project)):
            return {}
        old, new = self.before.to_record(), self.after.to_record()
        return {
            field: (old[field], new[field])
            for field in old
            if field != "updated_at" and old[field] != new[field]
        }


class Change(Value):
    """One change of a catalog: a command, a call of the registry, or a batch of them.

    Attributes:
        number: Its number; the next change has the next one.
        at: When, UTC, as "2026-01-31T12:00:00Z".
        by: The name of the user.
        command: The words of the command line, or the registry's method.
        undoes: The number of the change that it took back, or 0.
        redoes: The number of the change that it did again, or 0.
        differences: What it did, one project each.
        microseconds: How long after `at` it began; 0 in entries that do not tell.
    """

    __slots__ = (  # noqa: RUF023 - the order of the constructor
        "number",
        "at",
        "by",
        "command",
        "undoes",
        "redoes",
        "differences",
        "microseconds",
    )
    number: int
    at: str
    by: str
    command: str
    undoes: int
    redoes: int
    differences: tuple[Difference, ...]
    microseconds: int

    def __init__(  # noqa: PLR0917 - copies and pickles are made of all parts, in their order
        self,
        number: int,
        at: str,
        by: str,
        command: str,
        undoes: int = 0,
        redoes: int = 0,
        differences: tuple[Difference, ...] = (),
        microseconds: int = 0,
    ) -> None:
        self._set(number, at, by, command, undoes, redoes, differences, microseconds)

    @property
    def moment(self) -> tuple[str, int]:
        """When it began, to be compared with that of changes of other catalogs."""
        return self.at, self.microseconds

    @property
    def names(self) -> tuple[str, ...]:
        """The projects that it changed."""
        return tuple(difference.name for difference in self.differences)

    @property
    def original(self) -> int:
        """The number of the change that it took back or did again; of any other its own."""
        return self.undoes or self.redoes or self.number

    def only(self, name: str) -> Change:
        """Return the change as if it had concerned this project only."""
        return self._with(tuple(each for each in self.differences if each.name == name))

    def followed_by(self, later: Change) -> Change:
        """Return this part of a change and a later one as one."""
        both = {each.name: each for each in self.differences}
        for each in later.differences:
            first = both.get(each.name, each)
            both[each.name] = Difference(each.name, first.before, each.after)
        return self._with(tuple(both.values()))

    def _with(self, differences: tuple[Difference, ...]) -> Change:
        return Change(
            self.number, self.at, self.by, self.command,
            self.undoes, self.redoes, differences, self.microseconds,
        )  # fmt: skip


_SWITCHES = {"enabled", "priority", "tags", "before", "after"}


def held_as(record: object) -> Held:
    """Return what a history's entry says that was held.

    Raises:
        PlugregError: It is a record of a later plugreg, or none.
    """
    return record if record is None or type(record) is bytes else Project.from_record(record)
