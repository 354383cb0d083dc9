"""A new pair of dumb files from all its records. Layout: see `index`."""

from __future__ import annotations

from plugreg.backends.limits import key_twice

from .index import BLOCK, index_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def fill(files: tuple[str, ...], path: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Write the records over the two files, that of the values and the index; their number.

    Memory grows with the keys, as it does for who opens the pair. Nothing is synced.

    Raises:
        CatalogError: A key comes twice; `path` is named.
    """
    values, index = files
    seen = set[bytes]()
    end = 0
    with open(values, "wb") as data, open(index, "wb") as lines:
        for key, value in records:
            if key in seen:
                raise key_twice(key, path)
            seen.add(key)
            data.write(bytes(-end % BLOCK))
            position = end + -end % BLOCK
            data.write(value)
            lines.write(index_line(key, (position, len(value))))
            end = position + len(value)
    return len(seen)
