"""A store in memory: what a database that does not exist yet reads as."""

from __future__ import annotations

from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class MemoryStore(Store):
    """An empty store that cannot be written, under the name of a missing database."""

    def __init__(self, path: str) -> None:
        super().__init__("memory", path, read_only=True)

    def _fetch(self, key: bytes) -> bytes | None:
        del key
        return None

    def _keys(self) -> Iterator[bytes]:
        return iter(())

    def _count(self) -> int:
        return 0

    def _close(self) -> None:
        pass
