"""The errors of plugreg: one tree, owned by the ground floor because every floor raises them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def restore_or_salvage(path: str) -> str:
    """Return what to do with a database that is cut or damaged, by the path that opens it."""
    return f"restore it from a backup, or {salvage_of(path)}"


def salvage_of(path: str, options: str = "") -> str:
    """Return the command that takes what is whole of a database, as a shell is given it."""
    from shlex import quote  # a host's start has no damage

    return f"`plugreg migrate {quote(path)}{options} --salvage` takes what is whole"


class PlugregError(Exception):
    """An error that plugreg explains.

    Attributes:
        message: What went wrong and with which thing, one line.
        hint: What to do next, or "".
        code: A stable word for programs, such as "catalog-locked".
        details: The things that the message names (path, name, flavour), as plain data.
    """

    code = "error"

    def __init__(
        self, message: str, *, hint: str = "", code: str | None = None, **details: object
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: dict[str, Any] = details
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class CatalogError(PlugregError):
    """A catalog, or any store, that cannot be used as asked."""

    code = "catalog"


class CatalogNotFound(CatalogError, FileNotFoundError):
    """No database stands under that name; `except dbm.error` catches it, too."""

    code = "catalog-not-found"


class CatalogLocked(CatalogError):
    """Another process holds the database, and waiting did not help."""

    code = "catalog-locked"


class CatalogReadOnly(CatalogError):
    """The database, its folder, or the way it was opened does not allow writing."""

    code = "catalog-read-only"


class CatalogCorrupt(CatalogError):
    """The bytes of the database break the rules of its format."""

    code = "catalog-corrupt"


class SchemaTooNew(CatalogError):
    """A catalog or a record was written by a later plugreg."""

    code = "schema-too-new"


class RecordUnreadable(CatalogError):
    """One record is damaged or is not a project; the others are not affected."""

    code = "record-unreadable"


class UnsafeRecord(RecordUnreadable):
    """One record holds more than plain data: reading it could have run code."""

    code = "record-unsafe"


class FlavourError(PlugregError):
    """A flavour that is unknown, not available here, or not what a file has."""

    code = "flavour"


class FlavourUnknown(FlavourError):
    """No flavour has that name."""

    code = "flavour-unknown"


class FlavourUnavailable(FlavourError):
    """The flavour is known, but this interpreter cannot do that with it."""

    code = "flavour-unavailable"


class FlavourWarning(UserWarning):
    """A flavour of another package does not work; all others do."""


class NotADatabase(FlavourError):
    """The file is something else than a DBM database; it was not touched."""

    code = "not-a-database"


class SourceError(PlugregError):
    """What `add` was given cannot be read as a project."""

    code = "source"


class ProjectNotFound(PlugregError, KeyError):
    """The catalog has no project of that name."""

    code = "project-not-found"
