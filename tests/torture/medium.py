"""A disk whose power is cut: what of the recorded calls it may hold afterwards.

Until a file was synced, any of its writes may be lost or torn at sectors of 512 bytes, and its size
be that of before or after. Until a folder was synced, any of its names may be as before, or, on a
file system with a journal, all those from some moment on.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

_SECTOR = 512
_HEAD = struct.Struct("=cqqIII")


class Call(NamedTuple):
    """One call in the log of the shim, or one mark."""

    kind: str
    descriptor: int
    at: int
    one: str
    two: str
    data: bytes


def calls_in(log: bytes) -> Iterator[Call]:
    """Yield the calls of a log in their order."""
    position = 0
    while position < len(log):
        kind, descriptor, at, *sizes = _HEAD.unpack_from(log, position)
        position += _HEAD.size
        parts = []
        for size in sizes:
            parts.append(log[position : position + size])
            position += size
        yield Call(
            kind.decode(), descriptor, at, os.fsdecode(parts[0]), os.fsdecode(parts[1]), parts[2]
        )


class _File:
    """What a file holds now, what it held when it was synced, and its changes since."""

    def __init__(self) -> None:
        self.now = b""
        self.synced = b""
        self.unsynced: list[tuple[int, bytes | None]] = []

    def change(self, at: int, data: bytes | None) -> None:
        self.now = _written(self.now, at, data)
        self.unsynced.append((at, data))

    def sync(self) -> None:
        self.synced, self.unsynced = self.now, []

    def after_cut(self, chance: random.Random) -> bytes:
        fate = chance.choice(("nothing", "all", "torn", "torn"))
        if fate != "torn":
            return self.now if fate == "all" else self.synced
        content = self.synced
        for at, data in self.unsynced:
            if data is None:
                content = _written(content, at, None) if chance.random() < 0.5 else content
                continue
            if chance.random() < 0.5:  # the size is on the medium, the data are not yet
                content = content.ljust(at + len(data), b"\0")
            for start, piece in _sectors(at, data):
                if chance.random() < 0.5:
                    content = _written(content, start, piece)
        return content


def _written(content: bytes, at: int, data: bytes | None) -> bytes:
    if data is None:
        return content[:at].ljust(at, b"\0")
    return content[:at].ljust(at, b"\0") + data + content[at + len(data) :]


def _sectors(at: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        size = _SECTOR - (at + position) % _SECTOR
        yield at + position, data[position : position + size]
        position += size


class Medium:
    """One folder on a disk, to which recorded calls are done."""

    def __init__(self) -> None:
        self._names: dict[str, _File] = {}
        self._synced: dict[str, _File] = {}
        self._unsynced: list[dict[str, _File | None]] = []
        self._open: dict[int, _File | None] = {}

    def do(self, call: Call) -> None:
        """Do one call."""
        if call.kind in "OD":
            self._open[call.descriptor] = None if call.kind == "D" else self._opened(call)
        elif call.kind == "C":
            del self._open[call.descriptor]
        elif call.kind == "S":
            self._sync(self._open[call.descriptor])
        elif call.kind in "WT":
            file = self._open[call.descriptor]
            assert file is not None
            file.change(call.at, call.data if call.kind == "W" else None)
        elif call.kind in "RLU":
            self._rename(call)

    def _opened(self, call: Call) -> _File:
        if call.one not in self._names:
            self._name({call.one: _File()})
        file = self._names[call.one]
        if call.at and file.now:
            file.change(0, None)
        return file

    def _sync(self, file: _File | None) -> None:
        if file is not None:
            file.sync()
        else:
            self._synced, self._unsynced = dict(self._names), []

    def _rename(self, call: Call) -> None:
        if call.kind == "U":
            self._name({call.one: None})
        elif call.kind == "L":
            self._name({call.two: self._names[call.one]})
        else:
            self._name({call.one: None, call.two: self._names[call.one]})

    def _name(self, change: dict[str, _File | None]) -> None:
        self._names = _named(self._names, change)
        self._unsynced.append(change)

    def cut(self, folder: Path, chance: random.Random) -> None:
        """Write into `folder` what the disk may hold if the power is cut now."""
        if chance.random() < 0.5:  # in the order of a journal
            kept = self._unsynced[: chance.randint(0, len(self._unsynced))]
        else:
            kept = [change for change in self._unsynced if chance.random() < 0.5]
        names = self._synced
        for change in kept:
            names = _named(names, change)
        contents: dict[int, bytes] = {}
        for path, file in names.items():
            content = contents.setdefault(id(file), file.after_cut(chance))
            (folder / os.path.basename(path)).write_bytes(content)


def _named(names: dict[str, _File], change: dict[str, _File | None]) -> dict[str, _File]:
    after = {**names, **change}
    return {name: file for name, file in after.items() if file is not None}
