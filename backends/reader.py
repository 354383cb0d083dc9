"""Stores that read a format with plugreg's own code, on any machine, and never write it."""

from __future__ import annotations

from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Reader(Store):
    """A read-only store over a file that is read with `os.pread`, page by page.

    A format writes `records` and, where its layout finds a key without a scan, `_fetch`; for the
    others the keys are indexed once, at the first look-up.

    Attributes:
        warnings: What a reader of the records should know, such as newer ones in a log; one line
            each, filled by the time the records have been read.
        losses: What the last salvage could not get, one line each; known at its end.
        may_repeat: Whether the file may hold several values of one key.
        says_repeats: Whether `may_repeat` is what the file says, and not only what its format can.
        sorts_repeated: Whether it keeps the values of a key sorted, as Berkeley DB does on demand.
        method: What Berkeley DB calls the way it finds records: "hash", "btree" or "recno".
    """

    losses: tuple[str, ...] | list[str] = ()
    may_repeat = False
    says_repeats = False
    sorts_repeated = False
    method = "btree"

    def __init__(self, flavour: str, path: str) -> None:
        super().__init__(flavour, path, read_only=True)
        self.warnings: list[str] = []
        self._index: dict[bytes, bytes] | None = None

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the order of the file, duplicates included.

        Streams: memory does not grow with the file.

        Raises:
            CatalogCorrupt: The bytes break a rule of the format; the place is named.
        """
        raise NotImplementedError

    def latest(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every key once, with the value that a look-up finds, in the order of the file.

        For formats that hold one value for each key; streams as `records` does.
        """
        return self.records()

    def record_count(self) -> int | None:
        """Return how many records there are, where the format tells without reading them.

        Raises:
            CatalogCorrupt: What tells it breaks a rule of the format.
        """
        return None

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every record that is whole, whatever else is damaged; never an invented one.

        What was lost, and why, is in `losses` when it has ended.
        """
        yield from self.records()

    def _indexed(self) -> dict[bytes, bytes]:
        if self._index is None:
            index: dict[bytes, bytes] = {}
            for key, value in self.records():
                index.setdefault(key, value)  # of duplicates, the first is what a look-up finds
            self._index = index
        return self._index

    def _fetch(self, key: bytes) -> bytes | None:
        self._require_open()
        return self._indexed().get(key)

    def _keys(self) -> Iterator[bytes]:
        return iter(self._indexed())

    def _count(self) -> int:
        return len(self._indexed())
