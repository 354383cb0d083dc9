"""A store whose every commit writes a whole fresh file and renames it over the old one.

For formats that are changed in place only at the risk of all of it: a kill or a power cut finds the
file of before or the file of after. Live databases are small: 1,000 records take a few milliseconds
beside the sync.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress

from .errors import FlavourUnavailable, PlugregError
from .limits import beyond_limits
from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .flavour import Flavour
    from .locking import WriterLock
    from .reader import Reader

    # Writes the records over the file at the first path; errors name the second, and the flavour.
    Fill = Callable[[str, str, str, Iterable[tuple[bytes, bytes]]], int]


class RewrittenStore(Store):
    """A writable store over one file that is read by the format's own reader.

    A transaction's changes are in memory until its end; outside of one, each change rewrites the
    file. Who has the old file open reads it on, whole. A change that fails leaves file and store as
    they were.

    Attributes:
        misfit: Why a record cannot be kept, or ""; a stricter flavour may set its own.
    """

    def __init__(
        self,
        flavour: Flavour,
        path: str,
        *,
        file: str,
        lock: WriterLock,
        connect: Callable[[str], Reader],
        fill: Fill,
    ) -> None:
        """Read `file` through `connect`, which takes the format's own lock, if it has one."""
        super().__init__(flavour.name, path, read_only=False)
        self.misfit = flavour.misfit
        self._file = file
        self._lock = lock
        self._connect = connect
        self._fill = fill
        self._changes: dict[bytes, bytes | None] = {}
        self._reader = connect(file)

    def share(self) -> None:
        """Let any thread use the store, one at a time."""
        super().share()
        self._reader.share()

    def require_changeable(self, refusal: Callable[[Reader], str]) -> None:
        """Read all of the file, so that no damaged one is ever rewritten, and ask for a refusal.

        Raises:
            CatalogCorrupt: It is damaged.
            FlavourUnavailable: `refusal` says what of it would be lost.
        """
        deque(self._reader.records(), maxlen=0)
        reason = refusal(self._reader)
        if reason:
            raise FlavourUnavailable(
                f"{self.path} can be read, but not changed: {reason}",
                hint="migrate it to a new file, and change that one",
                path=self.path,
                flavour=self.flavour,
            )

    def _fetch(self, key: bytes) -> bytes | None:
        self._require_open()
        if key in self._changes:
            return self._changes[key]
        return self._reader._fetch(key)

    def _keys(self) -> Iterator[bytes]:
        """Yield the keys of this moment: a change replaces what they are read from."""
        kept = [key for key in self._reader._keys() if key not in self._changes]
        kept += [key for key, value in self._changes.items() if value is not None]
        return iter(kept)

    def _count(self) -> int:
        return sum(1 for _ in self._keys()) if self._changes else self._reader._count()

    def _put(self, key: bytes, value: bytes) -> None:
        reason = self.misfit(key, value)
        if reason:
            raise beyond_limits([(key, reason)], self.path, self.flavour)
        self._change(key, value)

    def _erase(self, key: bytes) -> bool:
        if self._fetch(key) is None:
            return False
        self._change(key, None)
        return True

    def _change(self, key: bytes, value: bytes | None) -> None:
        self._changes[key] = value
        if not self._depth:
            self._commit()

    def _begin(self) -> None:
        self._changes = {}

    def _commit(self) -> None:
        changes, self._changes = self._changes, {}
        if changes:
            self._rewrite(changes)

    def _roll_back(self) -> None:
        self._changes = {}

    def _rewrite(self, changes: dict[bytes, bytes | None]) -> None:
        from .fresh import replacement

        fresh: Reader | None = None
        try:
            with replacement(self._file) as beside:
                self._fill(beside, self.path, self.flavour, self._merged(changes))
                made = os.stat(beside)
                # The format's lock is on the new file before that has the name.
                fresh = self._connect(beside)
        finally:  # even then it may have the name already
            if fresh is not None:
                self._change_over(fresh, made)

    def _change_over(self, fresh: Reader, made: os.stat_result) -> None:
        """Read the new file from now on, if it has the name; under that name where it opens."""
        if os.path.samestat(os.stat(self._file), made):
            with suppress(PlugregError):
                fresh, reader = self._connect(self._file), fresh
                reader.close()
            fresh, self._reader = self._reader, fresh
            if self._owner is None:
                self._reader.share()
        fresh.close()

    def _merged(self, changes: dict[bytes, bytes | None]) -> Iterator[tuple[bytes, bytes]]:
        rest = dict(changes)
        for key, value in self._reader.latest():
            if key not in rest:
                yield key, value
            elif (changed := rest.pop(key)) is not None:
                yield key, changed
        for key, added in rest.items():
            if added is not None:
                yield key, added

    def _close(self) -> None:
        try:
            self._reader.close()
        finally:
            self._lock.release()


def open_rewritten(
    flavour: Flavour,
    path: str,
    *,
    suffix: str = "",
    connect: Callable[[str], Reader],
    fill: Fill,
    timeout_s: float,
    refusal: Callable[[Reader], str] = lambda _: "",
) -> RewrittenStore:
    """Open for changing the database whose one file with records is `path` + `suffix`.

    plugreg's lock is held until the store is closed: what it reads, no other writer replaces.

    Args:
        flavour: What the store says to be.
        path: The name that programs open, absolute.
        suffix: What the format adds to it.
        connect: Opens a reader over the file that it is given, behind the format's own lock.
        fill: Writes a fresh file.
        timeout_s: How long to wait for plugreg's lock.
        refusal: Says what of a whole file a rewrite would lose, or "".

    Raises:
        CatalogLocked: Another writer has it open.
        CatalogReadOnly: The file or its folder may not be written.
        CatalogCorrupt: The file is damaged.
        FlavourUnavailable: A rewrite would lose something.
    """
    from . import durable
    from .locking import WriterLock

    file = os.path.realpath(path + suffix)  # a symlink stays one, and all its names have one lock
    path = file.removesuffix(suffix)
    durable.require_writable(path, file, os.path.dirname(file))
    lock = WriterLock(path, timeout_s=timeout_s)
    try:
        store = RewrittenStore(flavour, path, file=file, lock=lock, connect=connect, fill=fill)
    except BaseException:
        lock.release()
        raise
    try:
        store.require_changeable(refusal)
    except BaseException:
        store.close()
        raise
    return store
