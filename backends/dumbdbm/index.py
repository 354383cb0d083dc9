"""The text index of a dumb pair, `NAME.dir`: where the value of each key lies in `NAME.dat`.

Layout (Lib/dbm/dumb.py of CPython): Latin-1 text, a line `'key', (position, size)` for each key, a
later line winning over an earlier one. `NAME.bak` is the index before the last commit.
"""

from __future__ import annotations

import os
import re

from plugreg.backends.errors import CatalogCorrupt, NotADatabase, restore_or_salvage, salvage_of
from plugreg.backends.footprint import unreadable
from plugreg.backends.regular import open_regular

BLOCK = 512
# What `repr` escapes in a text of Latin-1 characters.
_ESCAPED = rb"""\\(?:x[0-9a-fA-F]{2}|[\\'"nrt])"""
_ESCAPE = re.compile(_ESCAPED)
_PLAIN = {rb"\n": b"\n", rb"\r": b"\r", rb"\t": b"\t"}
# A quoted key, then position and size. `repr` escapes newlines, so a line is a record.
LINE = re.compile(
    rb"""('(?:[^'\\\n]|%(escape)s)*+'|"(?:[^"\\\n]|%(escape)s)*+")"""
    rb""", \((\d{1,18}), (\d{1,18})\)\r?+\n?+""" % {b"escape": _ESCAPED}
)
Index = dict[bytes, tuple[int, int]]


def read_index(path: str) -> Index:
    """Return where each value lies, from `path`.dir: key to (position, size in bytes).

    Raises:
        NotADatabase: There is no .dir (an interrupted commit of CPython leaves only the .bak).
        CatalogCorrupt: A line breaks the form; the line is named.
    """
    try:
        with open(path + ".dir", "rb", opener=open_regular) as file:
            text = file.read()
    except FileNotFoundError as error:
        raise NotADatabase(
            f"{path}.dir is missing: a writer was interrupted between two steps",
            hint=f"copy {path}.bak to {path}.dir to have the state before that write",
            path=path,
        ) from error
    except OSError as error:
        raise unreadable(error, path + ".dir") from error
    index: Index = {}
    number = position = 0
    while position < len(text):
        number += 1
        match = LINE.match(text, position)
        if match is None:
            raise CatalogCorrupt(
                f"{path}.dir is damaged in line {number}",
                hint=older_index(path),
                path=path,
            )
        quoted, at, size = match.groups()
        position = match.end()
        index[unquoted(quoted)] = (int(at), int(size))
    return index


def older_index(path: str) -> str:
    """Return what to do where an index is damaged: there may be the one before it."""
    if not os.path.exists(path + ".bak"):
        return f"there is no {path}.bak: {restore_or_salvage(path)}"
    return f"compare it with {path}.bak, of before the last commit, or {salvage_of(path)}"


def unquoted(quoted: bytes) -> bytes:
    """Return the key that a quoted one in a matched line stands for."""
    if b"\\" not in quoted:
        return quoted[1:-1]
    return _ESCAPE.sub(_unescaped, quoted[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    if escape.startswith(rb"\x"):
        return bytes.fromhex(escape[2:].decode())
    return _PLAIN.get(escape, escape[1:])


def index_line(key: bytes, place: tuple[int, int]) -> bytes:
    """Return the line of the .dir for a key whose value is at `place`: (position, size)."""
    return f"{key.decode('latin-1')!r}, {place}\n".encode("latin-1")


def write_index(path: str, index: Index) -> None:
    """Put a whole new `path`.dir in the place of the old one, durably."""
    from plugreg.backends.fresh import replacement

    with replacement(path + ".dir") as beside, open(beside, "wb") as file:
        file.writelines(index_line(key, place) for key, place in index.items())
