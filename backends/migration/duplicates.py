"""Keys that have several values: Berkeley DB and cdb keep them, no target does."""

from __future__ import annotations

from hashlib import blake2b

from plugreg.backends.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Record = tuple[bytes, bytes]

CHOICES = ("first", "last")


class DuplicateKeys(CatalogError):
    """Some keys have several values, and nobody said which of them to keep."""

    code = "duplicate-keys"


def kept(read: Callable[[], Iterable[Record]], choice: str) -> Iterator[Record]:
    """Yield the records with one value for each key: its first, or its last.

    `read` is called twice for the last. Memory grows by about 100 bytes for each key.
    """
    if choice == "first":
        seen: set[bytes] = set()
        for key, value in read():
            mark = _mark(key)
            if mark not in seen:
                seen.add(mark)
                yield key, value
        return
    last = {_mark(key): number for number, (key, _) in enumerate(read())}
    for number, (key, value) in enumerate(read()):
        if last[_mark(key)] == number:
            yield key, value


def any_repeated(records: Iterable[Record]) -> bool:
    """Tell whether a key comes twice; stops where it does."""
    seen: set[bytes] = set()
    for key, _ in records:
        mark = _mark(key)
        if mark in seen:
            return True
        seen.add(mark)
    return False


def require_no_duplicates(records: Iterable[Record], path: str) -> None:
    """Do nothing where each key comes once.

    Raises:
        DuplicateKeys: Some keys have several values; how many is told.
    """
    seen: set[bytes] = set()
    repeated: set[bytes] = set()
    example, values = b"", 0
    for key, _ in records:
        mark = _mark(key)
        if mark in seen:
            example = example or key
            repeated.add(mark)
            values += 1
        seen.add(mark)
    if not repeated:  # two spellings of a key that the new format takes for one
        return
    raise DuplicateKeys(
        f"{path}: {len(repeated):,} of {len(seen):,} keys have more than one value"
        f" ({values:,} more), such as {example[:40]!r}",
        hint='choose which to keep: "first" (what a look-up finds) or "last"; nothing was changed',
        path=path,
        keys=len(repeated),
    )


def _mark(key: bytes) -> bytes:
    return blake2b(key, digest_size=16).digest()
