"""What a flavour says of itself: a format that a store can have."""

from __future__ import annotations

from .errors import FlavourError, FlavourUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .footprint import Footprint
    from .store import Store


class Flavour:
    """One DBM format: how to recognise its files, open them, make them, and what it guarantees.

    Attributes:
        name: The fixed word for the format, such as "sqlite3".
        title: One line for people.
        guarantees: What its stores promise (durability, concurrency, limits), one line.
        pinned: True for the flavour that plugreg creates when nobody names one.
        bytes_held_per_record: How much memory `write_fresh` takes for each record, about, beside
            a fixed amount; 0 where it does not grow.
        writer_lock: Whether plugreg's own lock beside it lets one writer in at a time.
    """

    name = ""
    title = ""
    guarantees = ""
    pinned = False
    bytes_held_per_record = 0
    writer_lock = False

    def unreadable_here(self) -> str:
        """Return why this Python cannot read the format, or ""."""
        return ""

    def unwritable_here(self) -> str:
        """Return why no database of this format can be made here, or ""."""
        return self.unreadable_here()

    def unchangeable_here(self) -> str:
        """Return why the records of an existing database cannot be changed here, or ""."""
        return self.unwritable_here()

    def misfit(self, key: bytes, value: bytes) -> str:
        """Return why a record is beyond the limits of the format, or ""."""
        del key, value
        return ""

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

    def open_one(self, path: str, database: str) -> Store:
        """Open for reading the database of that name, in a file that may hold several.

        Raises:
            FlavourError: There is none of that name.
        """
        del database
        raise FlavourError(
            f"{path} is {self.name}, which is one database without a name",
            hint="leave its name out",
            code="database-unknown",
            path=path,
        )

    def hold(self, path: str, *, timeout_s: float) -> Store:
        """Open for reading, and keep other writers out as far as the format's own locks can.

        Raises:
            CatalogLocked: Another process writes it.
            CatalogReadOnly: The format's lock takes the right to write.
        """
        return self.open(path, read_only=True, timeout_s=timeout_s)

    def known_as(self, path: str) -> str:
        """Return the name by which programs open the database at `path`."""
        return path

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
        self.write_fresh(path, ())

    def write_fresh(self, path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
        """Make a new database of all the records, which are streamed; the number of them.

        `path` is the name that programs open; a pair adds its suffixes. Everything is built beside
        and synced first: after any error, one of the records' own included, nothing stands under
        the name.

        Raises:
            FileExistsError: The name is taken, or that of one of the files of a pair.
            CatalogError: Records are beyond the format's limits ("records-do-not-fit", which names
                up to five of them), a key comes twice ("key-twice"), or the files cannot be
                written ("catalog-storage").
            FlavourUnavailable: No database of this format can be made here.
        """
        del records
        raise FlavourUnavailable(
            f"{path}: {self.name}: {self.unwritable_here()}",
            hint="choose another flavour",
            path=path,
            flavour=self.name,
        )
