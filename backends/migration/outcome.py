"""What a migration did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration did; of a dry run, what it would do.

    Attributes:
        source: Where the records came from, absolute.
        dest: The name by which programs open the new database, absolute.
        from_flavour: What the source is.
        to_flavour: What the new database is; `ndbm` is told by what it is here.
        records: How many records the new database has.
        size_bytes: The bytes of their keys and values.
        verified: Whether it was read back and compared.
        backup: The name by which the old database opens now, or None where none was kept.
        skipped: What was left out and why, one line each.
        warnings: What else to know, one line each.
        dry_run: True where nothing was written.
        resumed: True where an earlier call, interrupted, had done all or some of it: this one
            finished what was left.
        unchanged: True where the source was of that flavour already, and nothing was asked for
            that would change it: nothing was written.
    """

    source: str
    dest: str
    from_flavour: str
    to_flavour: str
    records: int
    size_bytes: int
    verified: bool
    backup: str | None
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    dry_run: bool = False
    resumed: bool = False
    unchanged: bool = False

    def warned(self, *lines: str) -> Migration:
        """Return it with more warnings; empty lines are none."""
        return replace(self, warnings=(*self.warnings, *filter(None, lines)))

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Migration:
        """Return the outcome that was written down as plain data."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in plain.items()
        }
        return cls(**fields)
