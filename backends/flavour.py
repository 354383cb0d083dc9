"""What a flavour says of itself: a format that a store can have."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .footprint import Footprint
    from .store import Store


class Flavour:
    """One DBM format: how to recognise its files, open them, make them, and what it guarantees.

    Attributes:
        name: The fixed word for the format, such as "sqlite3".
        title: One line for people.
        guarantees: What its stores promise (durability, concurrency, limits), one line.
        pinned: True for the flavour that plugreg creates when nobody names one.
    """

    name = ""
    title = ""
    guarantees = ""
    pinned = False

    def unreadable_here(self) -> str:
        """Return why this Python cannot read the format, or ""."""
        return ""

    def unwritable_here(self) -> str:
        """Return why this Python cannot write the format, or ""."""
        return self.unreadable_here()

    def opens(self, name: str) -> bool:
        """Tell whether asking for this flavour accepts a database identified as `name`."""
        return name == self.name

    def recognise(self, found: Footprint) -> str | None:
        """Return the evidence that the files have this format, or None.

        Looks at bytes and names only, changes nothing, and never guesses.
        """
        raise NotImplementedError

    def files(self, path: str) -> tuple[str, ...]:
        """Return every file that a database opened as `path` can consist of, existing or not."""
        raise NotImplementedError

    def open(self, path: str, *, read_only: bool, timeout_s: float) -> Store:
        """Open the database that programs know as `path`.

        Raises:
            CatalogError: It is locked, corrupt, or may not be written.
        """
        raise NotImplementedError

    def open_damaged(self, path: str) -> Store:
        """Open for reading what may be damaged; a Reader's `salvage` has what is whole.

        Raises:
            CatalogError: Nothing of it can be read.
        """
        return self.open(path, read_only=True, timeout_s=0.0)

    def count(self, path: str) -> int | None:
        """Return the number of records, duplicates included, or None where finding it takes long.

        Called with files that `recognise` knows, and changes nothing. Never wrong: what a header
        says counts only where no writer, however it ended, leaves it stale. By default, a database
        of up to a megabyte is read, and of a bigger one `Reader.record_count` is asked.

        Raises:
            PlugregError: It is damaged, locked, or cannot be read.
        """
        from .counting import count_cheaply

        return count_cheaply(self, path)

    def create(self, path: str) -> None:
        """Make an empty database, whole on disk before it gets the name `path`.

        Raises:
            FileExistsError: The name is taken.
        """
        raise NotImplementedError
