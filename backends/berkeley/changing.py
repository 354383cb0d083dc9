"""What of a Berkeley DB hash file a rewrite would lose: such a file is read, and not changed."""

from __future__ import annotations

from .hash import HashReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.backends.reader import Reader

# DB_HASH_DUP and DB_HASH_DUPSORT of dbinc/db_page.h.
_DUPLICATES = 0x01 | 0x04
_WRITTEN_VERSION = 9


def lost_by_rewriting(reader: Reader) -> str:
    """Return what of a file that was read to its end is in no fresh one, or ""."""
    if not isinstance(reader, HashReader):
        return "it has partitions, files of their own that a rewrite would orphan"
    meta = reader.meta
    losses = (
        (meta.flags & _DUPLICATES, "it allows several values of a key (duplicates)"),
        (meta.version > _WRITTEN_VERSION, f"its version {meta.version} knows more than ours"),
        (meta.checksummed, "its pages have checksums"),
        (not reader.buckets.hashed, "its program has a hash function of its own"),
        (reader.pages.logged, "newer records may be in the log files of its environment"),
    )
    return next((loss for there, loss in losses if there), "")
